"""Addresses that are not JSON: uploads (tus) under /api/v1/, media under /media/."""

from django.urls import path

from hustings.videos import media as serving
from hustings.videos import tus

uploads = [
    path("uploads/", tus.collection, name="uploads"),
    path("uploads/<str:key>", tus.item, name="upload"),
]

media = [
    path("<str:public_id>/<str:media_key>/<str:name>", serving.serve, name="media"),
]
