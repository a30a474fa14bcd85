"""Addresses of people's rights."""

from django.urls import path

from hustings.trust.rights import correct_views, import_views, views

urlpatterns = [
    path("trust/rights", views.rights, name="trust-rights"),
    path("trust/confirm", views.confirm, name="trust-confirm"),
    path("trust/export", views.export, name="trust-export"),
    path("trust/correct", correct_views.correct, name="trust-correct"),
    path("staff/corrections", correct_views.requests, name="staff-corrections"),
    path("trust/import", import_views.choose, name="trust-import"),
    path("trust/import/<str:key>", import_views.batch, name="trust-import-batch"),
    path("trust/export/<str:key>/<str:name>", views.download, name="trust-export-download"),
]
