from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "hustings.pages"
    label = "pages"
