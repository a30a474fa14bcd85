"""Addresses of the data map."""

from django.urls import path

from hustings.trust.datamap import views

urlpatterns = [
    path("trust/data", views.data, name="trust-data"),
    path("trust/data.<str:form>", views.data_form, name="trust-data-form"),
]
