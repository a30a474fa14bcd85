from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "hustings.trust.office"
    label = "office"
