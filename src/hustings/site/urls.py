"""Every address. Pages come last: their routes are the people's, so they catch what is left."""

from django.urls import URLPattern, URLResolver, include, path

from hustings.accounts import urls as accounts
from hustings.pages import urls as pages
from hustings.site.api import api
from hustings.trust import urls as trust
from hustings.videos import urls as videos

# Where a request ends before any view of ours: by name, because Django looks them up by name.
handler400 = "hustings.pages.faults.bad_request"
handler403 = "hustings.pages.faults.forbidden"
handler404 = "hustings.pages.faults.not_found"
handler500 = "hustings.pages.faults.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(videos.uploads)),
    path("api/v1/", api.urls),
    path("_allauth/", include("allauth.headless.urls")),
    path("accounts/", include("allauth.urls")),
    path("media/", include(accounts.media)),
    path("media/", include(videos.media)),
    path("", include(trust)),
    path("", include(pages)),
]
