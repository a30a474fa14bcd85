"""Addresses of the log's files and pages."""

from django.urls import path

from hustings.trust.log import files, views

urlpatterns = [
    path("log/checkpoint", files.checkpoint, name="log-checkpoint"),
    path("log/vkey", files.vkey, name="log-vkey"),
    path("log/tile/<path:path>", files.tile, name="log-tile"),
    path("trust", views.index, name="trust"),
    path("trust/log", views.entries, name="trust-log"),
    path("trust/log/<int:index>", views.entry, name="trust-log-entry"),
    path("trust/log/<int:index>.tlog-proof", views.proof, name="trust-log-proof"),
    path("trust/log/<int:index>.json", views.leaf, name="trust-log-leaf"),
]
