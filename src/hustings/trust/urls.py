"""Addresses of trust: what anyone may check, what a person sees about themselves, what staff need."""

from django.urls import URLPattern, URLResolver, include, path

from hustings.trust.access import urls as access
from hustings.trust.closure import urls as closure
from hustings.trust.datamap import urls as datamap
from hustings.trust.egress import urls as egress
from hustings.trust.log import urls as log
from hustings.trust.rights import urls as rights

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(access)),
    path("", include(closure)),
    path("", include(datamap)),
    path("", include(egress)),
    path("", include(log)),
    path("", include(rights)),
]
