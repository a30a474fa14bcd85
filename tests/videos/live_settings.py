"""Settings of a server and workers that a test starts: this domain's addresses alone."""

import os

os.environ.setdefault("HUSTINGS_SECRET_KEY", "only-for-tests")

from hustings.site.settings import *  # noqa: F403 - the environment had to be laid first

ROOT_URLCONF = "videos.urls"
