"""What `hustings check` looks at: configuration and health, each finding with a hint."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from hustings.lib import ffmpeg
from hustings.trust.api import closure_findings, data_map_findings, egress_faults, key_findings, log_findings

LOW_DISK = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `hint` says what to do when `bad`."""

    subject: str
    bad: bool
    message: str
    hint: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def __str__(self) -> str:
        line = f"{'WRONG' if self.bad else 'ok':>5}  {self.subject}: {self.message}"
        return f"{line}\n       {self.hint}" if self.bad and self.hint else line


def examine() -> list[Finding]:
    """Every finding, the good ones too, so that an operator sees what was looked at."""
    return [
        *_settings(),
        *_cell(),
        *_database(),
        *_keys(),
        *_log(),
        *_data_map(),
        *_closures(),
        *_ffmpeg(),
        *_folders(),
        *_client(),
    ]


def _settings() -> Iterator[Finding]:
    faults = [fault for fault in checks.run_checks() if fault.level >= checks.WARNING and not fault.is_silenced()]
    for fault in faults:
        yield Finding("settings", bad=True, message=f"{fault.id}: {fault.msg}", hint=fault.hint or "")
    if settings.SECURE and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield Finding(
            "settings",
            bad=True,
            message="the address is https, so a proxy stands before the server, but none is trusted",
            hint="Set HUSTINGS_TRUSTED_PROXIES=1, or all visitors share one address and one limit of wrong passwords.",
        )
    if not faults:
        yield Finding("settings", bad=False, message="all checks pass")


def _cell() -> Iterator[Finding]:
    try:
        faults = list(egress_faults())
    except DatabaseError:
        return  # said below
    for fault, hint in faults:
        yield Finding("cell", bad=True, message=fault, hint=hint)
    if not faults:
        yield Finding("cell", bad=False, message=f"{settings.CELL}, region {settings.REGION}; every store is in it")


def _database() -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as fault:
        yield Finding("database", bad=True, message=str(fault).strip(), hint="See HUSTINGS_DATABASE_URL.")
        return
    if waiting:
        yield Finding(
            "database",
            bad=True,
            message=f"{len(waiting)} migrations are waiting",
            hint="Run `hustings migrate`.",
        )
    else:
        yield Finding("database", bad=False, message=f"{connection.vendor}, migrated")


def _keys() -> Iterator[Finding]:
    try:
        yield from (Finding("keys", bad=one.bad, message=one.message, hint=one.hint) for one in key_findings())
    except DatabaseError:
        return  # said above already


def _log() -> Iterator[Finding]:
    try:
        yield from (Finding("log", bad=one.bad, message=one.message, hint=one.hint) for one in log_findings())
    except DatabaseError:
        return  # said above already


def _data_map() -> Iterator[Finding]:
    try:
        for bad, message, hint in data_map_findings():
            yield Finding("data map", bad=bad, message=message, hint=hint)
    except DatabaseError:
        return  # said above already


def _closures() -> Iterator[Finding]:
    try:
        yield from (Finding("closing", bad=one.bad, message=one.message, hint=one.hint) for one in closure_findings())
    except DatabaseError:
        return  # said above already


def _ffmpeg() -> Iterator[Finding]:
    try:
        tool = ffmpeg.find(settings.FFMPEG)
    except ffmpeg.NoFFmpegError as fault:
        yield Finding("ffmpeg", bad=True, message=fault.message, hint=fault.hint)
        return
    yield Finding("ffmpeg", bad=False, message=f"{tool.version}, {tool.path}")


def _folders() -> Iterator[Finding]:
    for folder in (settings.DATA, settings.MEDIA_ROOT, settings.UPLOADS_ROOT):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as fault:
            yield Finding(
                "disk",
                bad=True,
                message=f"{folder}: {fault.strerror}",
                hint="Give the server's user this folder.",
            )
            continue
        free = shutil.disk_usage(folder).free
        yield Finding(
            "disk",
            bad=free < LOW_DISK,
            message=f"{folder}: {free / 1e9:.1f} GB free",
            hint="Uploads are refused when the disk is full. Free some space or move HUSTINGS_MEDIA.",
        )


def _client() -> Iterator[Finding]:
    built = (settings.CLIENT_ROOT / ".vite" / "manifest.json").exists()
    yield Finding("client", bad=not built, message="built" if built else "not built", hint="Run `make client`.")
