"""Every address. Pages come last: their routes are the people's, so they catch what is left."""

from django.urls import URLPattern, URLResolver, include, path

from hustings.accounts import urls as accounts
from hustings.pages import urls as pages
from hustings.site.api import api
from hustings.videos import urls as videos

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(videos.uploads)),
    path("api/v1/", api.urls),
    path("_allauth/", include("allauth.headless.urls")),
    path("accounts/", include("allauth.urls")),
    path("media/", include(accounts.media)),
    path("media/", include(videos.media)),
    path("", include(pages)),
]
