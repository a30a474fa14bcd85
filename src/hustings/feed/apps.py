from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "hustings.feed"
    label = "feed"
