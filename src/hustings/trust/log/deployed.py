"""What serves, and whether the log says so: the build, the client, the model and the weights of the feed.

A feed whose rules are public is one whose running rules anybody can compare with the log. A deployment writes the
entry (`hustings migrate`, the worker's start); a server whose files are not those of the last entry says so itself,
on `/trust` and in `hustings check`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from hustings import __version__
from hustings.trust.log import reading, store
from hustings.trust.log.models import LogState
from hustings.trust.log.writing import append

PACKAGE = Path(__file__).parents[2]
NOTHING = hashlib.sha256(b"").hexdigest()  # for what a server does not have, such as a client that was not built
_NOT_SOURCE = frozenset({"__pycache__", ".DS_Store"})

Digest = Callable[[], str]
_serving: dict[str, Digest] = {}


@dataclass(frozen=True, slots=True)
class Serving:
    """One thing that serves: its SHA-256 here, and whether the log's last word on it is the same.

    `state` is `logged`, `waiting` (written, not yet published), or `missing`; `entry` the place that says so.
    """

    name: str
    digest: str
    state: str
    entry: int | None = None


def register_serving(name: str, digest: Digest) -> None:
    """Tell trust how to hash what ranks here: `weights` or `model`. Asked often, so `digest` should be cheap.

    It must hash what this process serves with, not what a later file holds.
    """
    if name not in {"weights", "model"}:
        raise ValueError(f"the log has no field for the serving of {name!r}")
    _serving[name] = digest


@cache
def build() -> str:
    """The SHA-256 over this process's own files, as they were when it was first asked for; ask at start.

    Anybody can make it from a copy of the source: docs/operate/log.md has the line of shell.
    """
    return _listing(PACKAGE, but=PACKAGE / "site" / "client")


@cache
def client() -> str:
    """The SHA-256 over the built client, in the same way."""
    root = Path(settings.CLIENT_ROOT)
    return _listing(root) if root.is_dir() else NOTHING


def note_build() -> None:
    """Remember what this process serves with, before anything can change on the disk."""
    build()
    client()
    for digest in _serving.values():
        digest()


def announce() -> list[int]:
    """Write what changed since the log's last word on it; the ids of new entries. Part of every deployment.

    Safe to run twice and by several at once: the row that the sequencer uses is locked meanwhile.
    """
    written = []
    store.state()
    with transaction.atomic():
        LogState.objects.select_for_update().get(pk=1)
        for kind, body in (("build_deployed", _build_body()), ("ranking_changed", _ranking_body())):
            if body is not None:
                written.append(append(kind, body))
    return written


def servings() -> list[Serving]:
    """Everything that serves here, and what the log says of it."""
    size = reading.published_size()
    found = []
    for kind, names in (("build_deployed", ("build", "client")), ("ranking_changed", ("model", "weights"))):
        last = reading.latest(kind)
        said = last.value if last else {}
        for name in names:
            digest = _digest(name)
            state = "missing"
            if said.get(name) == digest and last is not None:
                state = "logged" if last.index is not None and last.index < size else "waiting"
            place = last.index if last is not None and state == "logged" else None
            found.append(Serving(name, digest, state, place))
    return found


def _digest(name: str) -> str:
    if name == "build":
        return build()
    if name == "client":
        return client()
    return _serving[name]() if name in _serving else NOTHING


def _build_body() -> dict[str, Any] | None:
    last = reading.latest("build_deployed")
    said = last.value if last else {}
    if said.get("build") == build() and said.get("client") == client():
        return None
    body = {"build": build(), "client": client(), "version": __version__}
    return body | ({"previous": said["build"]} if said else {})


def _ranking_body() -> dict[str, Any] | None:
    last = reading.latest("ranking_changed")
    said = last.value if last else {}
    now = {name: _digest(name) for name in ("model", "weights")}
    changed = [name for name in now if said.get(name) != now[name]]
    if not changed:
        return None
    what = f"The {' and the '.join(changed)} changed." if said else "The ranking that this log begins with."
    return {**now, "what": what, **{f"previous_{name}": said[name] for name in now if said}}


def _listing(root: Path, but: Path | None = None) -> str:
    """The SHA-256 of what `sha256sum` prints for every file under `root`, in the byte order of their paths."""
    lines = []
    for path in root.rglob("*"):
        if not path.is_file() or _NOT_SOURCE & set(path.relative_to(root).parts) or path.suffix == ".pyc":
            continue
        if but not in path.parents:
            name = f"./{path.relative_to(root).as_posix()}"
            lines.append((name.encode(), hashlib.sha256(path.read_bytes()).hexdigest().encode()))
    return hashlib.sha256(b"".join(b"%s  %s\n" % (digest, name) for name, digest in sorted(lines))).hexdigest()
