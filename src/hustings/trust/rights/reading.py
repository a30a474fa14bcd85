"""What is in the files that somebody brought: an export of Hustings, one of TikTok, or films alone.

Nothing here writes anything. All faults are gathered before anything is answered.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hustings.lib.archives.unzipping import Fault, Limits, Unzip, is_zip, open_zip, refusal
from hustings.trust.rights import matching, own, tiktok
from hustings.trust.rights.errors import NotAnExportError
from hustings.trust.rights.models import Import

_BLOCK: Final = 1 << 18
_ARCHIVES: Final = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


@dataclass
class Found:
    """What could be brought in, and how much could not. `unmatched` are films without a post."""

    source: str
    items: list[tuple[str, dict[str, Any]]]
    ignored: list[dict[str, Any]] = field(default_factory=list)
    unmatched: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many things of each kind the archive names, whether or not they mean something here."""
        return dict(Counter(kind for kind, _ in self.items))


def limits() -> Limits:
    """What an archive may be; its size on the disk was limited when it came."""
    return Limits()


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP, whatever it is called."""
    return is_zip(path)


def read(files: list[tuple[str, Path]], beat: Callable[[], object]) -> Found:
    """Look into what was brought. BadArchiveError with every fault; NotAnExportError when it is none of ours."""
    archives = [(name, path) for name, path in files if is_archive(path)]
    films = [name for name, path in files if matching.is_film(name) and (name, path) not in archives]
    if archives:
        with archives[0][1].open("rb") as file:
            return _archive(open_zip(file, limits(), beat), films, beat)
    for name, path in files:
        if name.lower().endswith(".json"):
            found = tiktok.read(_beating(_blocks(path), beat), name)
            if not found.is_tiktok:
                raise NotAnExportError
            return _tiktok(found, [], films)
    if films:
        return Found(Import.Source.CLIPS, [_loose(name, brought=True) for name in sorted(films)])
    raise NotAnExportError


def _archive(archive: Unzip, brought: list[str], beat: Callable[[], object]) -> Found:
    films = [name for name in archive.members if matching.is_film(name)]
    if own.is_own(archive):
        return Found(Import.Source.HUSTINGS, list(own.read(archive)))
    for name in tiktok.names_in(archive.members):
        found = tiktok.read(_beating(archive.blocks(name), beat), name)
        if found.is_tiktok:
            return _tiktok(found, films, brought)
    nested = [name for name in archive.members if name.lower().endswith(_ARCHIVES)]
    if nested:
        raise refusal([Fault(name, "nested") for name in nested])
    if films:
        return Found(Import.Source.CLIPS, [_loose(name) for name in sorted(films)])
    raise NotAnExportError


def _tiktok(found: tiktok.Found, films: list[str], brought: list[str]) -> Found:
    """Posts as clips, with the films that belong to them; likes and the rest by TikTok's numbers."""
    posts = [
        {
            "ref": f"tiktok:{post.ref}" if post.ref else "",
            "at": _iso(post.at),
            "caption": post.title,
            "visibility": post.visibility,
            "comments": post.comments,
        }
        for post in found.posts
    ]
    matched = matching.match([*films, *brought], posts)
    for name, place in matched.items():
        posts[place] |= {"film": name} | ({"loose": True} if name in brought else {})
    left = [name for name in (*films, *brought) if name not in matched]
    items = [("clip", post) for post in _distinct(posts)]
    items += [_loose(name, brought=name in brought) for name in sorted(left)]
    if found.name or found.bio:
        items.append(("profile", {"name": found.name, "bio": found.bio}))
    for kind, links in (("like", found.liked), ("save", found.saved), ("watch", found.watched)):
        refs = dict.fromkeys(link.ref for link in links if link.ref)
        items += [(kind, {"origin": f"tiktok:{ref}"}) for ref in refs]
    ignored = [
        {"group": group, "section": section, "items": count} for (group, section), count in found.ignored.most_common()
    ]
    return Found(Import.Source.TIKTOK, items, ignored, len(left))


def _distinct(posts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Exports name some posts twice; the first that has its film stands for all of that number."""
    seen: set[tuple[Any, ...]] = set()
    for post in sorted(posts, key=lambda one: "film" not in one):
        # Without a number, moment and words together are what a post is known by.
        key = (post["ref"],) if post["ref"] else (post["at"], post["caption"])
        if key not in seen or (not post["ref"] and not post["at"]):
            seen.add(key)
            yield post


def _loose(name: str, *, brought: bool = False) -> tuple[str, dict[str, Any]]:
    """A film that nothing else is known of; perhaps its name says when it was made."""
    at = matching.moment_in(name)
    return "clip", {"ref": "", "at": _iso(at), "caption": "", "film": name} | ({"loose": True} if brought else {})


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _beating(blocks: Iterable[bytes], beat: Callable[[], object]) -> Iterator[bytes]:
    for block in blocks:
        beat()
        yield block
