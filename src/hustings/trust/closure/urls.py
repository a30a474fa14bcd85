"""Addresses of closing."""

from django.urls import path

from hustings.trust.closure import views

urlpatterns = [
    path("trust/close", views.close, name="trust-close"),
    path("trust/close/@<str:handle>", views.close, name="trust-close-organisation"),
    path("trust/closing/<str:secret>", views.follow, name="trust-closing"),
    path("trust/closing/<str:secret>/receipt.json", views.receipt, name="trust-closing-receipt"),
    path("trust/receipts/<str:public_id>.json", views.public_receipt, name="trust-receipt"),
]
