"""Addresses of the gate's pages."""

from django.urls import path

from hustings.trust.egress import views

urlpatterns = [
    path("trust/egress", views.egress, name="trust-egress"),
    path("trust/egress.json", views.egress_json, name="trust-egress-json"),
]
