from django.apps import AppConfig


class VideosConfig(AppConfig):
    name = "hustings.videos"
    label = "videos"

    def ready(self) -> None:
        from hustings.trust.api import register, register_importer
        from hustings.videos import owning, receivers  # noqa: F401 - models exist only now
        from hustings.videos.holdings import VideosHolder
        from hustings.videos.importing import ClipImporter

        register(VideosHolder())
        owning.register()
        register_importer(ClipImporter())
