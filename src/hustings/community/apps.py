from django.apps import AppConfig


class CommunityConfig(AppConfig):
    name = "hustings.community"
    label = "community"

    def ready(self) -> None:
        from hustings.accounts import api as accounts
        from hustings.community import api, receivers  # noqa: F401 - importing connects the receivers
        from hustings.videos import api as videos

        videos.register_follower_test(api.follows)
        videos.register_block_test(api.blocked_between)
        videos.register_counts(api.counts)
        accounts.register_unread(api.unread)
