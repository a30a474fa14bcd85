from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "hustings.feed"
    label = "feed"

    def ready(self) -> None:
        from hustings.feed import (
            receivers,  # noqa: F401 - importing connects the receivers
            serving,
        )
        from hustings.feed.holdings import FeedHolder
        from hustings.feed.importing import WatchImporter
        from hustings.feed.states import copy_everybodys_relations
        from hustings.trust.api import on_restored, register, register_importer, register_serving

        register(FeedHolder())
        on_restored(copy_everybodys_relations)
        register_importer(WatchImporter())
        register_serving("weights", serving.weights)
        register_serving("model", serving.model)
