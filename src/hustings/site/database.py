"""Bringing the database to this version's form."""

import hashlib
import hmac

from django.conf import settings
from django.core.management import call_command


def prepare() -> None:
    """Migrate, and make the cache's table. Safe to run twice and at the same time as a server."""
    from hustings.trust.api import (
        announce_serving,
        hold_to_cell,
        hold_to_restored,
        log_data_map,
        log_egress_list,
        prepare_keys,
        service,
    )

    hold_to_restored()
    with service():
        hold_to_cell()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    with service():
        prepare_keys()
        log_egress_list()
        log_data_map()
        announce_serving()


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """The key of a cache row: a keyed hash, so that no address or handle can be read in the table."""
    text = f"{key_prefix}:{version}:{key}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()
