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


def announce(signal: Signal, **ids: int | None) -> None:
    """Send `signal` once the running transaction has committed; not at all when it rolls back."""
    transaction.on_commit(lambda: signal.send_robust(sender=None, **ids))
