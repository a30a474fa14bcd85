"""What recorded access does when a process starts."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from hustings.trust.access import counting, shells
from hustings.trust.log.panels import register_panel


def ready() -> None:
    """Say on `/trust` how often staff looked; keep the role of database shells in step with the tables."""
    register_panel("5.access", counting.panels)
    post_migrate.connect(_migrated, dispatch_uid="hustings.trust.access")


def _migrated(app_config: AppConfig, **_: object) -> None:
    # Django sends it for each app, after all of them are migrated: once is enough.
    if app_config.label == "trust":
        shells.renew()
