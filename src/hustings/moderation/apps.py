from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "hustings.moderation"
    label = "moderation"

    def ready(self) -> None:
        from hustings.moderation.holdings import ModerationHolder
        from hustings.trust.api import register

        register(ModerationHolder())
