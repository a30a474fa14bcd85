"""The people's addresses. Order matters: the last line takes whatever is left."""

from django.urls import path, re_path

from hustings.pages import atom, embeds, files, notices, plain, screens

urlpatterns = [
    path("", screens.home),
    path("following", screens.following),
    path("v/<str:public_id>", screens.clip),
    path("@<str:handle>", screens.profile),
    path("@<str:handle>/feed.atom", atom.of_account),
    path("@<str:handle>/closed.note", notices.note),
    path("t/<str:tag>", screens.hashtag),
    path("t/<str:tag>/feed.atom", atom.of_hashtag),
    path("s/<str:sound_id>", screens.sound),
    re_path(r"^(?P<name>search|inbox|saved|liked|signin|signup|reset-password|confirm)$", screens.empty),
    re_path(r"^(?P<name>signup)/(?P<rest>provider)$", screens.empty),
    re_path(r"^(?P<name>reset-password|verify-email)/[^/]+$", screens.keyed),
    re_path(r"^(?P<name>upload|settings)(?:/(?P<rest>.+))?$", screens.empty),
    path("embed/<str:public_id>", embeds.embed),
    path("oembed", embeds.oembed),
    path("plain-<str:digest>.css", plain.serve),
    path("sw.js", files.service_worker),
    path("manifest.webmanifest", files.manifest),
    path("robots.txt", files.robots),
    path("favicon.ico", files.favicon),
    path(".well-known/security.txt", files.security),
    re_path(r"^(?P<path>.*)$", screens.missing),
]
