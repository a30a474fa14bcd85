from django.apps import AppConfig


class VideosConfig(AppConfig):
    name = "hustings.videos"
    label = "videos"
