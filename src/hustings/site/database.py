"""Bringing the database to this version's form."""

from django.core.management import call_command


def prepare() -> None:
    """Migrate, and make the cache's table. Safe to run twice and at the same time as a server."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
