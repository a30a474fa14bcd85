from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "hustings.pages"
    label = "pages"

    def ready(self) -> None:
        from hustings.pages.holdings import PagesHolder
        from hustings.pages.search import keeping  # noqa: F401 - importing connects its receivers
        from hustings.trust.api import register

        register(PagesHolder())
