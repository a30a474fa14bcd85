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
MOST: Final = 100_000  # clips, people or reactions of one document: each becomes a row here
MOST_WORDS: Final = 1_000
MOST_TOKENS: Final = 3_000_000  # of one document: an empty list in a list takes thirty times its bytes in memory

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
        for clip, origin in dict.fromkeys((one["clip"], one["origin"]) for one in (reactions or {}).get(name, ())):
            yield kind, {"clip": clip, "origin": origin}
    for one in (watching or [])[-MOST_WATCHED:]:
        if one["kind"] == "watch" and one["clip"]:
            yield "watch", {"clip": one["clip"], "seconds": one["seconds"]}


def _relations(relations: dict[str, Any]) -> Iterator[Found]:
    for kind, name in (("follow", "following"), ("mute", "muted"), ("block", "blocked")):
        for handle in dict.fromkeys(one["handle"] for one in relations.get(name, ())):
            yield kind, {"handle": handle}
    for word in dict.fromkeys(relations.get("muted_words", ())):
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
    raw = archive.read(path, most=DOCUMENT_MAX)
    tokens = sum(map(raw.count, (b",", b"[", b"{")))
    if tokens > MOST_TOKENS:
        faults.append(Fault(path, "too_many", {"count": tokens, "most": MOST_TOKENS}))
        return None
    try:
        value = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        faults.append(Fault(path, "json"))
        return None
    wrong = next(shapes.faults(value, shape_of(name)), None)
    if wrong is not None:
        faults.append(Fault(path, "form", {"what": wrong[:200]}))
        return None
    counted = [(len(some), MOST_WORDS if key == "muted_words" else MOST) for key, some in _lists(name, value)]
    beyond = [(count, most) for count, most in counted if count > most]
    for count, most in beyond:
        faults.append(Fault(path, "too_many", {"count": count, "most": most}))
    return None if beyond else value


def _lists(name: str, value: Any) -> Iterator[tuple[str, list[Any]]]:
    """The lists of a document of which each element would become something here."""
    if name == "clips":
        yield "", value
    elif name != "watching" and isinstance(value, dict):
        yield from ((key, some) for key, some in value.items() if isinstance(some, list))


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
