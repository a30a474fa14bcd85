"""Fills a demonstration through the domains' front doors: the cast, the clips, and what an audience does with them.

Each step may be repeated. What was published under which key stands in a small file beside the clips; everything
else asks the domains whether it is there already.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from hustings.accounts import api as accounts
from hustings.community import api as community
from hustings.demo import avatars, cast
from hustings.demo.clips import CLIPS
from hustings.demo.spec import Clip, vtt
from hustings.feed import api as feed
from hustings.lib import clock
from hustings.trust.api import handle_was_closed
from hustings.videos import api as videos

WATCHABLE = frozenset({"playable", "ready"})


@dataclass(slots=True)
class Stalls:
    """Who is there: account ids of the cast by key, and of the audience."""

    ids: dict[str, int] = field(default_factory=dict)
    audience: list[int] = field(default_factory=list)


def _dice(*words: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32("/".join(words).encode()))


# --- The cast -------------------------------------------------------------------------------------------------------


def seat_cast() -> Stalls:
    """Makes the people and bodies that are missing, with pictures and marks, and lets them follow each other.

    Whoever has closed their account is missed by nobody: closed means closed here too.
    """
    known = accounts.ids_by_handle(one.handle for one in _everyone())
    stalls = Stalls({one.key: known[one.handle] for one in _everyone() if one.handle in known})
    for person in cast.PEOPLE:
        if person.key not in stalls.ids and not handle_was_closed(person.handle):
            made = accounts.create_person(
                person.handle, name=person.name, password=cast.PASSWORD, bio=person.bio, trusted=True
            )
            accounts.set_picture(made, avatars.draw(person.handle, person.name, person.inks, body=False))
            stalls.ids[person.key] = made
    for body in cast.BODIES:
        if body.key not in stalls.ids and body.owner in stalls.ids and not handle_was_closed(body.handle):
            made = accounts.create_organisation(
                stalls.ids[body.owner], body.handle, body.name, bio=body.bio, trusted=True
            )
            accounts.set_picture(made, avatars.draw(body.handle, body.name, body.inks, body=True))
            accounts.give_official_mark(made)
            stalls.ids[body.key] = made
    for person in cast.PEOPLE:
        for followed in person.follows:
            if {person.key, followed} <= stalls.ids.keys():
                community.follow(stalls.ids[person.key], stalls.ids[followed])
    return stalls


def see_off(stalls: Stalls) -> bool:
    """Forgets those of the cast whose account was closed since; whether there were any."""
    open_ = set(accounts.ids_by_handle(one.handle for one in _everyone()).values())
    left = [key for key, account in stalls.ids.items() if account not in open_]
    for key in left:
        del stalls.ids[key]
    return bool(left)


def has_left(key: str) -> bool:
    """Whether one of the cast has closed their account."""
    return any(handle_was_closed(one.handle) for one in _everyone() if one.key == key)


def _everyone() -> tuple[cast.Person | cast.Body, ...]:
    return (*cast.PEOPLE, *cast.BODIES)


def seat_audience(stalls: Stalls, size: int = cast.AUDIENCE) -> None:
    """Makes the viewers that are missing. They have no password: nobody can sign in as one of them."""
    dice = _dice("audience")
    names: dict[str, str] = {}
    while len(names) < size:
        first, last = str(dice.choice(cast.FIRST_NAMES)), str(dice.choice(cast.SURNAMES))
        names[f"{first}.{last}{int(dice.integers(2, 99))}".lower()] = f"{first} {last}"
    known = accounts.ids_by_handle(names)
    stalls.audience = [
        known[handle] if handle in known else accounts.create_person(handle, name=name)
        for handle, name in names.items()
    ]


# --- The clips ------------------------------------------------------------------------------------------------------


class Programme:
    """Which clip of the demonstration is which clip of the site, kept in a file that is replaced whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clips: dict[str, str] = json.loads(path.read_text())["clips"] if path.exists() else {}
        self.applauded: set[str] = set(json.loads(path.read_text())["applauded"]) if path.exists() else set()

    def save(self) -> None:
        aside = self.path.with_suffix(".new")
        aside.write_text(json.dumps({"clips": self.clips, "applauded": sorted(self.applauded)}, indent=1))
        aside.replace(self.path)

    def published(self, key: str) -> bool:
        return key in self.clips and videos.state_of(self.clips[key]) is not None


def publish(programme: Programme, stalls: Stalls, key: str, path: Path, sounds: dict[str, int]) -> str:
    """Hands a rendered file in as an upload's last byte would, with its details and captions; the clip's public id."""
    made = CLIPS[key]
    author = stalls.ids[made.author]
    if made.sound not in sounds:
        sounds[made.sound] = videos.create_sound(made.sound, author)
    public_id = videos.ingest_file(
        author, path, caption=made.caption, language=made.language, sound_id=sounds[made.sound], cover_time=0.0,
        published_at=went_out(made, clock.now()),
    )  # fmt: skip
    programme.clips[key] = public_id
    programme.save()
    if (video_id := videos.id_of(public_id)) is not None:
        videos.put_track(video_id, made.language, vtt(made).encode())
    return public_id


def went_out(made: Clip, now: datetime) -> datetime:
    """Some time in the last four days, so that the place looks lived in."""
    return now - timedelta(hours=float(_dice("when", made.key).uniform(0.2, 96)))


def settle_duplicate(programme: Programme, key: str) -> bool:
    """A clip refused as a duplicate was handed in just before a crash, and never noted: note the one that holds it."""
    video_id = videos.id_of(programme.clips[key])
    refusal = videos.owner_facts([video_id])[video_id].get("refusal") if video_id is not None else None
    if video_id is None or not isinstance(refusal, dict) or refusal.get("code") != "duplicate":
        return False
    programme.clips[key] = str(refusal["params"]["clip"])
    programme.save()
    videos.delete(video_id)
    return True


# --- The audience ---------------------------------------------------------------------------------------------------


def applaud(programme: Programme, stalls: Stalls, key: str) -> None:
    """Comments, follows, likes, saves and views for a clip that can be watched; the same ones whenever it is done."""
    public_id, made = programme.clips[key], CLIPS[key]
    video_id = videos.id_of(public_id)
    if video_id is None or key in programme.applauded:
        return
    dice, author = _dice("applause", key), stalls.ids[made.author]
    everyone = [account for account in (*stalls.ids.values(), *stalls.audience) if account != author]
    love = float(dice.beta(2.2, 2.6))
    if not community.counts([video_id]).get(video_id, {}).get("comments"):
        _discuss(made, video_id, author, everyone)
    viewers = _some(everyone, 0.2 + 0.4 * love, dice)
    fans = _some(viewers, 0.3 + 0.4 * love, dice)
    _watch(made, public_id, viewers, love, dice)
    for fan in fans:
        community.like(fan, video_id)
    for fan in _some(fans, 0.25, dice):
        community.save(fan, video_id)
    for fan in _some(fans, 0.3, dice):
        community.follow(fan, author)
    for _ in range(int(dice.integers(0, 4 + int(10 * love)))):
        community.share(None, video_id)
    # Those who watched without an account: nothing of them is known but how many they were.
    community.add_views({video_id: round(len(fans) * float(dice.uniform(5, 14)))})
    programme.applauded.add(key)
    programme.save()


def _some(people: Sequence[int], share: float, dice: np.random.Generator) -> list[int]:
    chosen: Iterable[int] = dice.choice(len(people), round(len(people) * min(1.0, share)), replace=False)
    return [people[int(i)] for i in chosen]


def _discuss(made: Clip, video_id: int, author: int, people: Iterable[int]) -> None:
    """A few remarks that fit the clip, and an answer or two from its author, said at times since it went out."""
    dice = _dice("discussion", made.key)
    pools = [cast.COMMENTS[topic] for topic in made.topics if topic in cast.COMMENTS]
    fitting = [remark for pool in pools for remark in pool]
    if made.language == "cy":
        fitting = list(cast.COMMENTS["welsh"])
    remarks = dict.fromkeys(
        [*dice.permutation(fitting).tolist()[:5], *dice.permutation(cast.COMMENTS["any"]).tolist()[:2]]
    )
    speakers = dice.permutation(list(people)).tolist()
    now = clock.now()
    age = (now - went_out(made, now)) / timedelta(seconds=1)
    moments = sorted(dice.uniform(0.02, 0.9, len(remarks)).tolist(), reverse=True)
    for speaker, remark, moment in zip(speakers, remarks, moments, strict=False):
        with clock.set_to(now - timedelta(seconds=age * moment)):
            said = community.comment(int(speaker), video_id, str(remark))
        if dice.random() < 0.22:
            with clock.set_to(now - timedelta(seconds=age * moment * 0.8)):
                community.comment(author, video_id, str(dice.choice(cast.COMMENTS["replies"])), reply_to=said)


def _watch(made: Clip, public_id: str, viewers: Iterable[int], love: float, dice: np.random.Generator) -> None:
    """Some leave at once, most stay, a loved clip is watched again. The feed counts each viewer once, as ever."""
    for viewer in viewers:
        left = dice.random() < 0.3 - 0.2 * love
        share = float(dice.uniform(0.02, 0.3) if left else dice.normal(0.8 + 0.5 * love, 0.3))
        watched_s = round(max(0.05, share) * made.seconds, 2)
        feed.record(viewer, [feed.Event(public_id, "watch", watched_s=watched_s, loops=int(max(0.0, share)))])
