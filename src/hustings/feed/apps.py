from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "hustings.feed"
    label = "feed"

    def ready(self) -> None:
        from hustings.feed import receivers  # noqa: F401 - importing connects the receivers
