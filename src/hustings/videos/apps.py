from django.apps import AppConfig


class VideosConfig(AppConfig):
    name = "hustings.videos"
    label = "videos"

    def ready(self) -> None:
        from hustings.videos import receivers  # noqa: F401 - models exist only now
