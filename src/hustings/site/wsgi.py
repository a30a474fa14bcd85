"""The WSGI application that Granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")

application = get_wsgi_application()

# After Django is set up, before the first request: a server process holds the catalogue in memory.
from hustings.feed import api as feed  # noqa: E402
from hustings.trust.api import hold_to_cell, note_build, service  # noqa: E402

with service():
    hold_to_cell()
    note_build()
    feed.start()
