"""The addresses of this domain alone, so that its tests need no other."""

from django.urls import include, path
from ninja import NinjaAPI

from hustings.lib.errors import HustingsError
from hustings.videos import urls as videos
from hustings.videos.views import router

api = NinjaAPI(urls_namespace="videos-tests", docs_url=None)
api.add_router("", router)


@api.exception_handler(HustingsError)
def refused(request, error):  # noqa: ANN001, ANN201 - a framework's hook
    return api.create_response(request, error.as_json(), status=error.status)


urlpatterns = [
    path("api/v1/", include(videos.uploads)),
    path("api/v1/", api.urls),
    path("media/", include(videos.media)),
]
