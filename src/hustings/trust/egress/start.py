"""What happens when a process loads trust: the gate shuts, and the database is asked whose it is."""

from typing import TYPE_CHECKING

from django.core.signals import request_finished, setting_changed
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from hustings.trust.egress import cells, declared, hook, reports, tally
from hustings.trust.log.panels import register_panel

if TYPE_CHECKING:
    from django.apps import AppConfig

_NAME = "hustings.trust.egress"


def ready(config: "AppConfig") -> None:
    """Called once by trust's AppConfig. Nothing can reach the network before it that does not afterwards."""
    hook.install()
    connection_created.connect(cells.examine_connection, dispatch_uid=_NAME)
    post_migrate.connect(cells.stamp_database, sender=config, dispatch_uid=_NAME)
    request_finished.connect(tally.flush_now_and_then, dispatch_uid=_NAME)
    setting_changed.connect(declared.forget, dispatch_uid=_NAME)
    register_panel("4.egress", reports.panels)
    tally.at_the_end()
