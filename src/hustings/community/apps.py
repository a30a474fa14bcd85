from django.apps import AppConfig


class CommunityConfig(AppConfig):
    name = "hustings.community"
    label = "community"

    def ready(self) -> None:
        from hustings.accounts import api as accounts
        from hustings.community import api, receivers  # noqa: F401 - importing connects the receivers
        from hustings.community.holdings import CommunityHolder
        from hustings.community.importing import CommunityImporter
        from hustings.community.recounting import count_anew
        from hustings.trust.api import on_restored, register, register_importer
        from hustings.videos import api as videos

        videos.register_follower_test(api.follows)
        videos.register_block_test(api.blocked_between)
        videos.register_counts(api.counts)
        accounts.register_unread(api.unread)
        accounts.register_invitation_refusal(api.blocked_between)
        register(CommunityHolder())
        on_restored(count_anew)
        register_importer(CommunityImporter())
