"""What the community announces: ids only, after the deed is committed, in the same process.

Receivers run before the HTTP answer leaves, so they must be quick; one that fails is logged by
Django and harms neither the deed nor the other receivers. A deed that changed nothing (a second
like) announces nothing.
"""

from django.db import transaction
from django.dispatch import Signal

# account_id: who did it; target_id: the account it was done to.
followed = Signal()
unfollowed = Signal()
blocked = Signal()  # follows in both directions have already ended, each with its own `unfollowed`
unblocked = Signal()
muted = Signal()
unmuted = Signal()

# account_id, video_id.
liked = Signal()
unliked = Signal()
saved = Signal()
unsaved = Signal()

# account_id (None when nobody was signed in), video_id.
shared = Signal()

# account_id: the comment's author, an organisation when somebody wrote for one; video_id, comment_id.
commented = Signal()
comment_removed = Signal()

# account_id. The new list is in `api.relations(account_id).words`.
words_changed = Signal()


# account_ids: an account they had to do with was closed, and their relations to it ended. Unlike all others this is
# sent inside the transaction that ends them, and a receiver's fault undoes it: a copy of relations must
# not go on naming somebody who is gone.
parted = Signal()

# video_ids: their public counts changed without a deed of anybody who is still there.
recounted = Signal()


def announce_many(signal: Signal, video_ids: list[int]) -> None:
    """Send `signal` with several clips once the running transaction has committed."""
    transaction.on_commit(lambda: signal.send_robust(sender=None, video_ids=video_ids))


def announce(signal: Signal, **ids: int | None) -> None:
    """Send `signal` once the running transaction has committed; not at all when it rolls back."""
    transaction.on_commit(lambda: signal.send_robust(sender=None, **ids))
