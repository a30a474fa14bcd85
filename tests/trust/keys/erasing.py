"""Run by test_leave_no_trace.py in a process of its own: people's keys in a database that is a file; some are erased.

Prints the wrapped keys of the erased, in hex, and whether the last of them was still to be removed from the log.
"""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")

import django

django.setup()

from django.db import connection  # noqa: E402

from hustings.site.database import prepare  # noqa: E402
from hustings.trust.api import erase_key, holding, seal, service  # noqa: E402
from hustings.trust.keys.models import PersonKey  # noqa: E402
from hustings.trust.keys.people import empty_traces  # noqa: E402

with service():
    prepare()
    # In no order, as people come: pages of the table are divided again and again.
    people = [(7 * number) % 2003 + 1 for number in range(2_000)]
    for start in range(0, 2_000, 50):
        with holding(people[start : start + 50]):
            seal(people[start], "x.y", b"data")
    # Each waits its half second for the reader before it leaves the log to a later sweep.
    victims = people[:: 200 if len(sys.argv) > 1 else 20]
    wrapped = {key: bytes(PersonKey.objects.get(pk=key).wrapped).hex() for key in victims}
    if len(sys.argv) > 1:  # a reader that needs the log keeps it
        reader = connection.copy("reader")
        reader.ensure_connection()
        with reader.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT count(*) FROM trust_personkey")
            cursor.fetchone()
            for key in victims:
                erase_key(key)
            waiting = PersonKey.objects.filter(traces=True).count()
            cursor.execute("ROLLBACK")
        reader.close()
    else:
        for key in victims:
            erase_key(key)
        waiting = PersonKey.objects.filter(traces=True).count()
    empty_traces()
    left = PersonKey.objects.filter(traces=True).count()
    sys.stdout.write(json.dumps({"wrapped": list(wrapped.values()), "waiting": waiting, "left": left}))
