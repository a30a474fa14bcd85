"""The server of these tests: what lives in it, where its backups lie, how it is lost and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

from hustings.trust.api import restore_backup, take_backup
from hustings.trust.closure.backup.restoring import Restored
from hustings.trust.closure.backup.taking import Taken
from hustings.trust.keys import people


def quiet(what: str, done: int, whole: int) -> None:
    """Progress that nobody watches."""


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a backup holds, opened, for comparing before with after."""
    from hustings.trust.closure.backup import tables

    found = {}
    for plan in tables.plans():
        names = [name for name in plan.names if (plan.label, name) not in CHANGING]
        found[plan.label] = [
            tuple(_plain(getattr(row, name)) for name in names)
            for row in plan.model._base_manager.order_by("pk").iterator(chunk_size=500)
        ]
    return found


# Leases and times of the log's own housekeeping.
CHANGING = {
    ("trust.LogState", name)
    for name in ("holder", "lease_until", "fence", "published_at", "tidied_tiles", "fault", "fault_message")
}


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else repr(value) if isinstance(value, dict | list) else value


class Cell:
    """One server, on one machine after the other."""

    def __init__(self, tmp_path: Path, settings: Any) -> None:
        self.tmp, self.settings = tmp_path, settings
        self.backups, self.keys = tmp_path / "backups", tmp_path / "keys-elsewhere"
        self.generation = 0

    def back_up(self, **options: Any) -> Taken:
        return take_backup(str(self.backups), options.get("keys", str(self.keys)), quiet)

    def lose_everything(self) -> None:
        """Another machine: an empty database, empty folders, nothing in memory."""
        self.generation += 1
        with connection.cursor() as cursor:
            tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
            keep = {"django_content_type", "auth_permission"}
            names = [table for table in tables if table not in keep]
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA foreign_keys = OFF")
                for name in names:
                    cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608
                cursor.execute("DELETE FROM sqlite_sequence")
                cursor.execute("PRAGMA foreign_keys = ON")
            else:
                cursor.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")
        people.forget_held()
        for name, value in (("DATA", "data"), ("MEDIA_ROOT", "media"), ("UPLOADS_ROOT", "uploads")):
            folder = self.tmp / f"{value}-{self.generation}"
            folder.mkdir()
            setattr(self.settings, name, folder)

    def restore(self, **options: Any) -> Restored:
        return restore_backup(
            str(options.get("source", self.backups)),
            str(options.get("keys", self.keys)),
            options.get("snapshot"),
            options.get("log"),
            quiet,
        )
