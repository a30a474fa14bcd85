"""The log's signing key: one file, readable by its owner alone, that says which log and which cell it belongs to.

A log is known by its key. So none is ever made in the place of one that is gone: only a log without any entry, in
the database and in its folder, gets a new one.
"""

import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from hustings.lib.tlog import notes
from hustings.lib.tlog.errors import MalformedKeyError
from hustings.trust.log.errors import LogKeyMissingError, LogKeyModeError, LogKeyWrongError

_HEAD = "# The signing key of a public log. Whoever has it can sign in its name: keep it here and in one safe place.\n"


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key, and the name of the log that it signs for: the key's own name."""

    signer: notes.Signer

    @property
    def origin(self) -> str:
        return self.signer.verifier.name

    @property
    def verifier(self) -> notes.Verifier:
        return self.signer.verifier


def key_path() -> Path:
    return Path(settings.DATA) / "keys" / "log-signing-key"


def log_root() -> Path:
    """The folder that is served under `/log/`."""
    return Path(settings.DATA) / "log"


def wanted_origin() -> str:
    """The name of a new log: where it is served, without the scheme (tlog-tiles asks for that)."""
    if settings.LOG_ORIGIN:
        return str(settings.LOG_ORIGIN)
    public = urlsplit(settings.PUBLIC_URL)
    return f"{public.netloc}{public.path.rstrip('/')}/log"


def load() -> LogKey | None:
    """The key; None when there is no file. Raises LogKeyModeError, LogKeyWrongError."""
    path = key_path()
    try:
        with path.open() as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise LogKeyModeError(f"{path} has the mode {mode:04o}: others on this machine may have read it.")
            text = file.read(10_000)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise LogKeyMissingError(f"{path} cannot be read: {fault.strerror}.") from None
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    cell = next((line.removeprefix("cell: ") for line in lines if line.startswith("cell: ")), None)
    try:
        signer = notes.Signer.parse(lines[-1] if lines else "")
    except MalformedKeyError as fault:
        raise LogKeyWrongError(f"{path} holds no signing key of a log: {fault}.") from None
    if signer.verifier.type != notes.ED25519:
        raise LogKeyWrongError(f"{path} is the key of a witness, not of a log.")
    if cell != settings.CELL:
        raise LogKeyWrongError(f"{path} belongs to the cell “{cell}”; this is the cell “{settings.CELL}”.")
    if settings.LOG_ORIGIN and signer.verifier.name != settings.LOG_ORIGIN:
        raise LogKeyWrongError(
            f"{path} signs for the log “{signer.verifier.name}”, but HUSTINGS_LOG_ORIGIN is “{settings.LOG_ORIGIN}”."
        )
    return LogKey(signer)


def load_or_make(*, begun: bool) -> LogKey:
    """The key, made now when the log has not `begun`; LogKeyMissingError when it has."""
    found = load()
    if found is not None:
        return found
    if begun:
        raise LogKeyMissingError(f"The log has entries, but its signing key {key_path()} is gone.")
    return _make()


def begin_anew() -> None:
    """Throw the log's files and its key away. Only for a demonstration whose database was emptied, too."""
    shutil.rmtree(log_root(), ignore_errors=True)
    key_path().unlink(missing_ok=True)


def _make() -> LogKey:
    path = key_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        signer = notes.Signer.generate(wanted_origin())
    except MalformedKeyError as fault:
        raise LogKeyWrongError(
            f"“{wanted_origin()}” cannot be the name of a log: {fault}.", hint="Set HUSTINGS_LOG_ORIGIN."
        ) from None
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{_HEAD}cell: {settings.CELL}\n{signer.secret()}\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails where a rename would replace: of two who begin at once, one key stays.
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    made = load()
    assert made is not None, "it was linked a moment ago"
    return made
