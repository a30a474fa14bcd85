"""What an export of Hustings says that can be brought in again. Judged by our schemas, not by those it carries."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from hustings.lib.archives import shapes
from hustings.lib.archives.checking import MANIFEST
from hustings.lib.archives.unzipping import Fault, Unzip, refusal
from hustings.trust.rights.contents import shape_of

DOCUMENT_MAX: Final = 64 << 20
MOST_WATCHED: Final = 5_000  # the latest; what shapes a feed is recent

Found = tuple[str, dict[str, Any]]


def is_own(archive: Unzip) -> bool:
    """Whether an archive looks like one of ours."""
    return MANIFEST in archive.members and any(name.startswith("documents/") for name in archive.members)


def read(archive: Unzip) -> Iterator[Found]:
    """(kind, detail) of everything that can be brought in. BadArchiveError names every document that is not as ours."""
    faults: list[Fault] = []
    document = partial(_document, archive, faults)
    profile, clips = document("profile"), document("clips")
    relations, reactions, watching = document("relations"), document("reactions"), document("watching")
    if faults:
        raise refusal(faults)
    if profile is not None:
        yield "profile", {"name": profile["name"], "bio": profile["bio"], "preferences": profile["preferences"]}
    for clip in clips or ():
        yield from _clip(clip, archive)
    yield from _relations(relations or {})
    for kind, name in (("like", "liked"), ("save", "saved")):
        for one in (reactions or {}).get(name, ()):
            yield kind, {"clip": one["clip"], "origin": one["origin"]}
    for one in (watching or [])[-MOST_WATCHED:]:
        if one["kind"] == "watch" and one["clip"]:
            yield "watch", {"clip": one["clip"], "seconds": one["seconds"]}


def _relations(relations: dict[str, Any]) -> Iterator[Found]:
    for kind, name in (("follow", "following"), ("mute", "muted"), ("block", "blocked")):
        for one in relations.get(name, ()):
            yield kind, {"handle": one["handle"]}
    for word in relations.get("muted_words", ()):
        yield "word", {"word": word}


def _clip(clip: dict[str, Any], archive: Unzip) -> Iterator[Found]:
    if clip["state"] == "refused":
        return
    media = clip["media"]
    yield (
        "clip",
        {
            # A clip that was brought here before keeps where it first came from.
            "ref": clip["origin"] or f"hustings:{clip['id']}",
            "at": clip["origin_at"] or clip["published_at"] or clip["created_at"],
            "caption": clip["caption"],
            "language": clip["language"],
            "visibility": clip["visibility"],
            "comments": clip["allow_comments"],
            "film": media if media in archive.members else None,
            "tracks": [
                {"language": track["language"], "path": track["path"]}
                for track in clip["tracks"]
                if track["path"] in archive.members
            ],
        },
    )


def _document(archive: Unzip, faults: list[Fault], name: str) -> Any:
    path = f"documents/{name}.json"
    if path not in archive.members:
        return None
    try:
        value = json.loads(archive.read(path, most=DOCUMENT_MAX))
    except (ValueError, RecursionError):
        faults.append(Fault(path, "json"))
        return None
    wrong = next(shapes.faults(value, shape_of(name)), None)
    if wrong is not None:
        faults.append(Fault(path, "form", {"what": wrong[:200]}))
        return None
    return value
