from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hustings.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Connect what keeps allauth's tables small and sealed, as the data map says; tell trust what is held."""
        from hustings.accounts import owning, sessions, steps
        from hustings.accounts.closing import Closing
        from hustings.accounts.holdings import AccountsHolder
        from hustings.accounts.identity import Identity
        from hustings.accounts.importing import ProfileImporter
        from hustings.accounts.staff import Roles
        from hustings.trust.api import register, register_accounts, register_importer, register_people, register_staff

        sessions.connect()
        steps.connect()
        owning.register()
        register(AccountsHolder())
        register_importer(ProfileImporter())
        register_people(Identity())
        register_staff(Roles())
        register_accounts(Closing())
