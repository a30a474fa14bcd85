"""What a recorded access costs over a plain read: the 95th percentile of one less that of the other.

    python -m benchmarks.access_cost [--json] [--database postgres://…]

Both read the same two columns of one person. The recorded one asks for the role, the place, the case and
whether a second person is needed, writes and commits the entry in the ledger and in the public log,
judges the query, reads, and adds what was read. In turns, in a process and a database of its own.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time

ROUNDS, WARM = 2_000, 200
FIELDS = ("accounts.Account.created_at", "accounts.Account.closing_since")


def run(database: str = "") -> dict[str, float]:
    """`access_overhead_ms`: p95 of a recorded access less p95 of a plain read, in milliseconds.

    `database` is an empty PostgreSQL database; without it a new SQLite file, as the server uses it.
    """
    with tempfile.TemporaryDirectory(prefix="hustings-bench-") as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")}
        env |= {
            "HUSTINGS_DATA": folder,
            "HUSTINGS_SECRET_KEY": "bench",
            "DJANGO_SETTINGS_MODULE": "hustings.site.settings",
        }
        if database:
            env["HUSTINGS_DATABASE_URL"] = database
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.access_cost", "--measure"],
            env=env,
            check=True,
            capture_output=True,
            text=True,
        )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure() -> dict[str, float]:
    """In the process with its own database."""
    import django

    django.setup()
    from hustings.trust.api import service_from_here

    service_from_here()
    from hustings.site.database import prepare

    prepare()
    from hustings.accounts import api, staff
    from hustings.accounts.models import Account
    from hustings.trust.access import cases, places
    from hustings.trust.api import Place, access

    moderator, member = api.create_person("meredith"), api.create_person("sian")
    staff.give("meredith", "moderator")
    places.begin(moderator, Place("GB", "GB", "Cwm Council"))
    case = cases.start(moderator, "moderation", "For the measurement", member)

    def read() -> object:
        return Account.objects.filter(pk=member).values_list("created_at", "closing_since").get()

    def recorded() -> object:
        with access(moderator, member, purpose="moderation", case=case, fields=FIELDS):
            return read()

    times: dict[str, list[float]] = {"plain": [], "recorded": []}
    gc.disable()
    for number in range(ROUNDS + WARM):
        for name, act in (("plain", read), ("recorded", recorded)):
            begun = time.perf_counter()
            act()
            if number >= WARM:
                times[name].append(time.perf_counter() - begun)
        if number % 100 == 0:
            gc.collect()
    figures = {f"{name}_p{part}_ms": _part(taken, part) for name, taken in times.items() for part in (50, 95)}
    overhead = round(figures["recorded_p95_ms"] - figures["plain_p95_ms"], 3)
    return {"access_overhead_ms": overhead, **figures}


def _part(taken: list[float], part: int) -> float:
    return round(sorted(taken)[len(taken) * part // 100] * 1000, 3)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--database", default="", help="an empty PostgreSQL database; otherwise a new SQLite file")
    asked.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    figures = measure() if given.measure else run(given.database)
    if given.json or given.measure:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
