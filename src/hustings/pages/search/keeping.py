"""Keeping the index: entries come and go with what other domains announce, and a sweep mends the rest."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.dispatch import receiver

from hustings.accounts import api as accounts
from hustings.accounts.events import account_changed, account_closing, account_created
from hustings.lib import clock, text
from hustings.pages.models import AccountEntry, ClipEntry, Entry, HashtagEntry
from hustings.videos import api as videos
from hustings.videos.events import clip_changed, clip_published, clip_withdrawn

BATCH = 500  # entries of one statement
LOOK_BACK = timedelta(hours=6)  # how far the sweep looks for clips that nobody announced


def enter_clips(video_ids: Iterable[int]) -> None:
    """Enter or renew the public ones among these clips, oldest first; remove the others."""
    wanted = list(video_ids)
    public = videos.published_facts(wanted)
    ClipEntry.objects.filter(ref__in=[str(key) for key in wanted if key not in public]).delete()
    oldest_first = sorted(public.values(), key=lambda fact: (fact.published_at, fact.id))
    _enter(
        ClipEntry,
        {str(fact.id): " ".join([fact.caption, *fact.hashtags]) for fact in oldest_first},
    )
    _enter(HashtagEntry, {tag: tag for fact in oldest_first for tag in fact.hashtags})


def enter_accounts(account_ids: Iterable[int]) -> None:
    """Enter or renew the active ones among these accounts; remove the others."""
    wanted = list(account_ids)
    found = accounts.profiles(wanted)
    AccountEntry.objects.filter(ref__in=[str(key) for key in wanted if key not in found]).delete()
    _enter(AccountEntry, {str(key): f"{page.author.handle} {page.author.name}" for key, page in found.items()})


def _enter(index: type[Entry], texts: dict[str, str]) -> None:
    """Renewed entries keep their place; new ones come after all others, in the order given."""
    rows = [index(ref=ref, text=" ".join(text.words(said))) for ref, said in texts.items()]
    index._default_manager.bulk_create(  # noqa: SLF001 - the manager of whichever of the three it is
        rows, update_conflicts=True, unique_fields=["ref"], update_fields=["text"], batch_size=BATCH
    )


# --- News ------------------------------------------------------------------------------------------


@receiver([clip_published, clip_changed, clip_withdrawn])
def follow_clip(video_id: int, **_: Any) -> None:
    """A clip went out, changed or was taken back: look at it as it is now."""
    enter_clips([video_id])


@receiver([account_created, account_changed, account_closing])
def follow_account(account_id: int, **_: Any) -> None:
    """An account came, changed or leaves: look at it as it is now."""
    enter_accounts([account_id])


# --- The sweep -------------------------------------------------------------------------------------


def mend() -> None:
    """Enter what is missing: of the last hours, or all of it when an index is empty."""
    since = clock.now() - LOOK_BACK if ClipEntry.objects.exists() else None
    # Oldest first, so that places in the index follow publication.
    _enter_missing(ClipEntry, [fact.id for fact in reversed(videos.published_since(since))], enter_clips)
    newest = BATCH if AccountEntry.objects.exists() else None
    _enter_missing(AccountEntry, accounts.active_ids(newest), enter_accounts)


def _enter_missing(index: type[Entry], keys: list[int], enter: Callable[[list[int]], None]) -> None:
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        rows = index._default_manager.filter(ref__in=[str(key) for key in some])  # noqa: SLF001 - as above
        have = set(rows.values_list("ref", flat=True))
        missing = [key for key in some if str(key) not in have]
        if missing:
            enter(missing)
