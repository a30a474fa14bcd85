from django.apps import AppConfig


class CommunityConfig(AppConfig):
    name = "hustings.community"
    label = "community"
