from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "hustings.site"
    label = "hustings_site"
