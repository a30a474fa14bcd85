from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hustings.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Connect what keeps allauth's tables as small as the data map says."""
        from hustings.accounts import sessions

        sessions.connect()
