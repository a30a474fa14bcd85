from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "hustings.pages"
    label = "pages"

    def ready(self) -> None:
        from hustings.pages.search import keeping  # noqa: F401 - importing connects its receivers
