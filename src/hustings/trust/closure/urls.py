"""Addresses of closing."""

from django.urls import path

from hustings.trust.closure import staff_views, views

urlpatterns = [
    path("trust/close", views.close, name="trust-close"),
    path("trust/close/@<str:handle>", views.close, name="trust-close-organisation"),
    path("trust/closing/<str:secret>", views.follow, name="trust-closing"),
    path("trust/closing/<str:secret>/receipt.json", views.receipt, name="trust-closing-receipt"),
    path("staff/closures", staff_views.closures, name="staff-closures"),
    path("trust/receipts/<str:public_id>.json", views.public_receipt, name="trust-receipt"),
]
