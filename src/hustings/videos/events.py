"""What this domain announces to those above it. Every signal carries `video_id` and nothing else.

Sent after the rows are committed, by the process that changed them. A process that dies in between
sends nothing: receivers that must not miss one also read `api.published_facts` now and then.
"""

from django.db import transaction
from django.dispatch import Signal

clip_playable = Signal()  # one rendition can be watched; perhaps nobody else may yet
clip_published = Signal()  # others may see it: for the first time, or again
clip_changed = Signal()  # caption, hashtags, language, visibility, poster or renditions
clip_withdrawn = Signal()  # unpublished or deleted; on deletion the row is gone already
clip_refused = Signal()


def announce(signal: Signal, video_id: int) -> None:
    """Send after commit. A receiver's fault is logged and never undoes the work announced."""
    transaction.on_commit(lambda: signal.send_robust(sender=None, video_id=video_id))
