"""What somebody's data export of TikTok says, read as a stream: their posts, and counts of all the rest. No Django.

The file is one JSON object, `user_data_tiktok.json` (earlier `user_data.json`), of categories that hold sections
that hold lists. Names have changed over the years and between regions (`Post.Posts.VideoList` was
`Video.Videos.VideoList`, `Watch History` was `Video Browsing History`, `Likes and Favorites` was part of
`Activity`), and so has the case of items' keys; so a section is known by its own name and that of its list,
whichever category it stands in. Facts after the parsers of RLEAPP and the exports that people have described.

Where somebody was, on which device, and what advertisers were told is never read: those sections are passed over
token by token, and only counted, because how much another app took is worth knowing.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import ijson
from ijson.common import JSONError

from hustings.lib.archives.unzipping import Fault, refusal

NAMES: Final = ("user_data_tiktok.json", "user_data.json")

MOST_BYTES: Final = 512 << 20
DEPTH: Final = 40
MOST_POSTS: Final = 50_000
MOST_LINKS: Final = 500_000  # of watched, liked and saved together
MOST_TOKENS: Final = 20_000_000  # names, values and brackets: each takes its time, and the worker has others to serve
MOST_SECTIONS: Final = 1_000  # that are counted apart
LONGEST_STRING: Final = 8 << 20  # bytes; the parser holds a value whole
TEXT_MAX: Final = 4_000  # characters of one value that are kept

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
_VIDEO = re.compile(r"/(?:video|v)/(\d{15,20})(?!\d)", re.ASCII)
_EMPTY: Final = frozenset({"", "n/a", "none", "null"})


@dataclass(frozen=True, slots=True)
class Post:
    """A video that the person posted. `visibility` is None where the export does not say."""

    ref: str  # TikTok's own number of the video; "" where the link does not have it
    at: datetime | None
    title: str
    visibility: str | None
    comments: bool | None


@dataclass(frozen=True, slots=True)
class Link:
    """A video that the person watched, liked or saved, by TikTok's number."""

    ref: str
    at: datetime | None


@dataclass
class Found:
    """All that was read. `ignored` counts what was not, by (group, section)."""

    posts: list[Post] = field(default_factory=list)
    watched: list[Link] = field(default_factory=list)
    liked: list[Link] = field(default_factory=list)
    saved: list[Link] = field(default_factory=list)
    name: str = ""
    bio: str = ""
    ignored: Counter[tuple[str, str]] = field(default_factory=Counter)
    sections: int = 0

    @property
    def is_tiktok(self) -> bool:
        """Whether anything in it looked like TikTok's."""
        return bool(self.posts or self.watched or self.liked or self.saved or self.sections >= 2)


def read(blocks: Iterable[bytes], name: str = "user_data_tiktok.json") -> Found:
    """Read an export. BadArchiveError when it is not UTF-8, not JSON, too deep or too large; nothing is kept then."""
    walk = _Walk(name)
    try:
        for event, value in ijson.basic_parse(_Stream(blocks, name), use_float=True):
            walk.take(event, value)
    except UnicodeDecodeError:
        raise refusal([Fault(name, "json_encoding")]) from None
    except ValueError:
        raise refusal([Fault(name, "json")]) from None  # a number of more digits than Python reads
    except JSONError as fault:
        code = "json_encoding" if "utf8" in str(fault).lower().replace("-", "") else "json"
        raise refusal([Fault(name, code)]) from None
    return walk.found


class _Stream:
    """Blocks as the file that the parser wants, with the limits that a parser does not have."""

    def __init__(self, blocks: Iterable[bytes], name: str) -> None:
        self._blocks = iter(blocks)
        self._rest = b""
        self._size = 0
        self._name = name
        self._begun = False
        self._run = 0  # bytes since a string could last have ended

    def read(self, size: int) -> bytes:
        while len(self._rest) < size:
            block = next(self._blocks, b"")
            if not block:
                break
            self._size += len(block)
            if self._size > MOST_BYTES:
                raise refusal([Fault(self._name, "too_large", {"most": MOST_BYTES >> 20})])
            self._measure(block)
            self._rest += block
        if not self._begun and self._rest:
            self._begun = True
            self._rest = self._rest.removeprefix(codecs.BOM_UTF8)
            # The parser would say something about brackets; what is wrong is the encoding.
            if self._rest.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in self._rest[:64]:
                raise refusal([Fault(self._name, "json_encoding")])
        out, self._rest = self._rest[:size], self._rest[size:]
        return out

    def _measure(self, block: bytes) -> None:
        """Refuse one endless value, which would be in memory several times before anybody could look at it."""
        ends = b'"' in (_ESCAPED.sub(b"", block) if b"\\" in block else block)
        self._run = 0 if ends else self._run + len(block)
        if self._run > LONGEST_STRING:
            raise refusal([Fault(self._name, "too_large", {"most": LONGEST_STRING >> 20})])


def _plain(name: str) -> str:
    """A key as it is compared: letters and digits, in lower case."""
    return "".join(c for c in name.lower() if c.isalnum())


# (section, list) → which of ours. The category in which the section stands is not asked.
_LISTS: Final[dict[tuple[str, str], str]] = {
    ("posts", "videolist"): "posts",
    ("videos", "videolist"): "posts",
    ("watchhistory", "videolist"): "watched",
    ("videobrowsinghistory", "videolist"): "watched",
    ("likelist", "itemfavoritelist"): "liked",
    ("favoritevideos", "favoritevideolist"): "saved",
    ("favoritelist", "favoritevideolist"): "saved",
}
_NOTES: Final = frozenset({"app", "isfastlane", "note"})  # about the export, not about the person
_PROFILES: Final = frozenset({"profileinformation", "profileinfo"})

# Words of section or category names, in the order in which they are tried; the first that fits decides.
_GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("place", ("location", "gps")),
    ("device", ("loginhistory", "status", "device", "platforminfo")),
    ("ads", ("adinterest", "adsvisit", "adsbased", "offtiktok", "thirdparty", "instantform", "adsanddata")),
    ("messages", ("directmessage", "groupchat", "chathistory", "tako")),
    ("money", ("wallet", "income", "shop", "purchase", "donation", "fundraiser", "coin", "order", "voucher")),
    ("searches", ("search",)),
    ("people", ("follower", "following", "block", "contact", "profileview")),
    ("watching", ("watch", "live", "drama", "browsing", "activitysummary", "yourlikes")),
    ("reactions", ("favorite", "like", "repost", "share", "hashtag", "comment")),
    ("profile", ("profile", "setting", "autofill", "aimoji", "aiself")),
)


def group_of(category: str, section: str) -> str:
    """Which group a section belongs to, for counting what was not read."""
    for name in (_plain(section), _plain(category)):
        for group, words in _GROUPS:
            if any(word in name for word in words):
                return group
    return "other"


class _Walk:
    """Goes through the tokens once. Of sections that are not ours no value is ever kept."""

    def __init__(self, name: str) -> None:
        self.found = Found()
        self._name = name
        self._path: list[str | None] = []  # the keys that lead here; None for a place in a list
        self._key: str | None = None
        self._outer = 0  # how deep the outermost list is that one is in; 0 for none
        self._ours: str | None = None  # which of our lists that is
        self._group: tuple[str, str] = ("", "")  # under what its elements are counted when it is none of them
        self._item: dict[str, Any] | None = None  # what is read of one of our lists' items
        self._tokens = 0

    def take(self, event: str, value: Any) -> None:
        self._tokens += 1
        if self._tokens > MOST_TOKENS:
            raise refusal([Fault(self._name, "too_many", {"count": self._tokens, "most": MOST_TOKENS})])
        if event == "map_key":
            self._key = str(value)
        elif event in {"start_map", "start_array"}:
            self._enter(event)
        elif event in {"end_map", "end_array"}:
            self._leave()
        else:
            self._scalar(value)

    def _enter(self, event: str) -> None:
        if not self._path and event != "start_map":
            raise refusal([Fault(self._name, "json")])
        if self._is_element():
            if self._ours is None:
                self._ignore(self._group)
            elif event == "start_map":
                self._item = {}
        self._path.append(self._key)
        self._key = None
        if len(self._path) > DEPTH:
            raise refusal([Fault(self._name, "json_deep", {"most": DEPTH})])
        if len(self._path) == 2:
            self.found.sections += 1
        if event == "start_array" and not self._outer:
            self._outer = len(self._path)
            self._ours = self._list()
            self._group = self._counted_as()

    def _leave(self) -> None:
        depth = len(self._path)
        if depth == self._outer:
            self._outer = 0
        elif self._item is not None and depth == self._outer + 1:
            self._keep(str(self._ours), self._item)
            self._item = None
        self._path.pop()
        self._key = None

    def _scalar(self, value: Any) -> None:
        key, self._key = self._key, None
        if self._item is not None:
            if key is not None and len(self._path) == self._outer + 1:
                self._item[_plain(key)] = value[:TEXT_MAX] if isinstance(value, str) else value
        elif self._outer:
            if self._is_element() and self._ours is None and _said(value):
                self._ignore(self._group)
        elif key is not None and self._in_profile() and isinstance(value, str):
            self._profile(_plain(key), value[:TEXT_MAX])
        elif key is not None and _plain(key) not in _NOTES and _said(value):
            self._ignore()

    # --- Where one is

    def _is_element(self) -> bool:
        """Whether what comes now is an element of the outermost list."""
        return bool(self._outer) and len(self._path) == self._outer

    def _names(self) -> list[str]:
        return [name for name in self._path if name is not None]

    def _list(self) -> str | None:
        """Which of our lists one is in."""
        names = self._names()
        return _LISTS.get((_plain(names[-2]), _plain(names[-1]))) if len(names) >= 2 else None

    def _in_profile(self) -> bool:
        return not self._outer and any(_plain(name) in _PROFILES for name in self._names()[:3])

    def _counted_as(self) -> tuple[str, str]:
        """(group, section) for counting; the section by the file's own name."""
        names = [*self._names(), "", ""]
        category, section = names[0], names[1] or names[0]
        return group_of(category, section), section[:60]

    # --- What one does

    def _ignore(self, group: tuple[str, str] | None = None) -> None:
        """One more thing of this section that is not read. A file that invents sections has the rest counted as one."""
        counted, ignored = group or self._counted_as(), self.found.ignored
        ignored[counted if counted in ignored or len(ignored) < MOST_SECTIONS else ("other", "")] += 1

    def _profile(self, key: str, value: str) -> None:
        if not _said(value):
            return
        if key in {"displayname", "nickname", "profilename"}:
            self.found.name = self.found.name or value
        elif key in {"biodescription", "bio"}:
            self.found.bio = self.found.bio or value
        else:
            self._ignore()

    def _keep(self, which: str, item: dict[str, Any]) -> None:
        found = self.found
        if which == "posts":
            if len(found.posts) >= MOST_POSTS:
                raise refusal([Fault(self._name, "too_many", {"count": MOST_POSTS + 1, "most": MOST_POSTS})])
            found.posts.append(_post(item))
            if _said(item.get("location")):
                found.ignored["place", "Post: Location"] += 1
            return
        kept: list[Link] = getattr(found, which)
        if len(found.watched) + len(found.liked) + len(found.saved) >= MOST_LINKS:
            self._ignore()
            return
        kept.append(Link(_ref(item), _at(item)))


def _said(value: Any) -> bool:
    """Whether a value says anything: the export writes nothing in several ways."""
    return value is not None and str(value).strip().lower() not in _EMPTY


def _text(item: dict[str, Any], *names: str) -> str:
    """The first of several names under which a value may stand."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and _said(value):
            return value.strip()
    return ""


def _ref(item: dict[str, Any]) -> str:
    match = _VIDEO.search(_text(item, "link", "videolink", "url"))
    return match.group(1) if match else ""


def _at(item: dict[str, Any]) -> datetime | None:
    return date_in(_text(item, "date", "createtime", "timestamp"))


def date_in(text: str) -> datetime | None:
    """The first moment that a text names. TikTok's are UTC, also where they do not say so."""
    match = _DATE.search(text)
    if match is None:
        return None
    try:
        return datetime(*(int(part) for part in match.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]  # six numbers
    except ValueError:
        return None


_VISIBLE: Final = {
    "public": "public",
    "everyone": "public",
    "followers": "followers",
    "friends": "followers",
    "private": "private",
    "onlyme": "private",
    "onlyyou": "private",
    "selfonly": "private",
}


def _post(item: dict[str, Any]) -> Post:
    comments = _text(item, "allowcomments").lower()
    return Post(
        _ref(item),
        _at(item),
        _text(item, "title", "caption", "description", "desc"),
        _VISIBLE.get(_plain(_text(item, "whocanview", "privacy"))),
        {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}.get(comments),
    )


def names_in(members: Iterable[str]) -> Iterator[str]:
    """Which files of an archive may be the export itself, the likeliest first."""
    wanted: Callable[[str], str] = lambda name: name.rpartition("/")[2].lower()  # noqa: E731 - one expression, used twice
    listed = sorted(members)
    for name in NAMES:
        yield from (member for member in listed if wanted(member) == name)
