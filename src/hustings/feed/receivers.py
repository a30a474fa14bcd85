"""What the feed hears from the domains below. Connected when the process starts."""

from typing import Any

from django.dispatch import receiver

from hustings.accounts.events import account_changed, account_closing, preferences_changed
from hustings.community import events as community
from hustings.feed import recording, states
from hustings.feed.models import Change
from hustings.moderation.events import reported
from hustings.videos import api as clips
from hustings.videos import events as videos

# --- Clips and authors: every process looks again ------------------------------------------------------


@receiver([videos.clip_published, videos.clip_changed, videos.clip_playable, videos.clip_withdrawn])
def look_again(video_id: int, **_: Any) -> None:
    Change.objects.create(video_id=video_id)


@receiver(account_changed)
def look_at_author_again(account_id: int, **_: Any) -> None:
    Change.objects.create(author_id=account_id)


@receiver(account_closing)
def drop_clips(account_id: int, **_: Any) -> None:
    """Every process drops a locked account's clips at its next look, a quarter of a second from now at most."""
    Change.objects.bulk_create([Change(video_id=key) for key in clips.ids_by_author(account_id)], batch_size=500)


# --- Relations: the viewer's row has a copy ------------------------------------------------------------


@receiver([community.followed, community.unfollowed, community.muted, community.unmuted])
def copy_own_relations(account_id: int, target_id: int, **_: Any) -> None:
    states.copy_relations(account_id)


@receiver([community.blocked, community.unblocked])
def copy_both_relations(account_id: int, target_id: int, **_: Any) -> None:
    # In one order for everybody: two who block each other at once must not wait for each other.
    for one in sorted((account_id, target_id)):
        states.copy_relations(one)


@receiver(community.parted)
def copy_relations_of_many(account_ids: list[int], **_: Any) -> None:
    """An account they had to do with was closed."""
    for one in sorted(states.known(account_ids)):
        states.copy_relations(one)


@receiver(community.words_changed)
def copy_words(account_id: int, **_: Any) -> None:
    states.copy_relations(account_id)


@receiver(community.followed)
def learn_from_follow(account_id: int, target_id: int, **_: Any) -> None:
    recording.follow(account_id, target_id)


@receiver(preferences_changed)
def obey_objection(account_id: int, preferences: dict[str, Any], **_: Any) -> None:
    """In the transaction of the change: from its commit on nothing is learnt."""
    states.set_plain(account_id, plain=bool(preferences.get("plain_feed")))


# --- Deeds: signals of liking --------------------------------------------------------------------------


@receiver(community.liked)
def learn_from_like(account_id: int, video_id: int, **_: Any) -> None:
    recording.act(account_id, video_id, "like")


@receiver(community.saved)
def learn_from_save(account_id: int, video_id: int, **_: Any) -> None:
    recording.act(account_id, video_id, "save")


@receiver(community.commented)
def learn_from_comment(account_id: int, video_id: int, **_: Any) -> None:
    recording.act(account_id, video_id, "comment")


@receiver(community.shared)
def learn_from_share(account_id: int | None, video_id: int, **_: Any) -> None:
    recording.act(account_id, video_id, "share")


@receiver(reported)
def learn_from_report(kind: str, ref: str, reporter_id: int | None, **_: Any) -> None:
    """Whoever reports a clip wants less like it. What everybody sees is not for reports to decide."""
    if kind == "clip" and reporter_id is not None and (video_id := clips.ids_of([ref]).get(ref)) is not None:
        recording.act(reporter_id, video_id, "report")


@receiver([community.unliked, community.unsaved, community.comment_removed])
def read_counts_again(video_id: int, **_: Any) -> None:
    recording.act(None, video_id, "")


@receiver(community.recounted)
def read_counts_of_many_again(video_ids: list[int], **_: Any) -> None:
    recording.recount(video_ids)
