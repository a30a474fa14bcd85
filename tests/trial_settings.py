"""The settings that tests run with: the real ones, with a data folder and a key of the test run's own."""

import atexit
import os
import shutil
import tempfile

_data = tempfile.mkdtemp(prefix="hustings-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
# Whoever runs the tests keeps their data: nothing of theirs is read, nothing is written beside it.
for _name in list(os.environ):
    if _name.startswith("HUSTINGS_") and _name != "HUSTINGS_DATABASE_URL":
        del os.environ[_name]
os.environ["HUSTINGS_DATA"] = _data
os.environ["HUSTINGS_SECRET_KEY"] = "only-for-tests"
os.environ["HUSTINGS_EGRESS_DEVELOPMENT"] = "on"  # tests talk to servers of their own, on the loopback alone

from hustings.site.settings import *  # noqa: E402, F403 - the environment had to be laid first

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # type: ignore[attr-defined]  # noqa: F405 - a name of the settings
    # pytest-django knows Django's own backend by name alone, and would make a file for each worker of ours.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405 - as above
