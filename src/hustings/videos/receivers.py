"""What happens around a clip's rows whoever deletes them: this domain or the operator.

A closed account's clips go another way (see `holdings`), in chunks and without these.
"""

from typing import Any

from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from hustings.videos import events, rules, tasks
from hustings.videos.models import Sound, Upload, Video


@receiver(pre_delete, sender=Video)
def remember_upload(instance: Video, **_: Any) -> None:
    """The upload's row is deleted first, and with it the name of its file."""
    key = Upload.objects.filter(video=instance.pk).values_list("key", flat=True).first()
    instance._upload_key = key or ""  # type: ignore[attr-defined]  # carried to post_delete, nowhere else  # noqa: SLF001


@receiver(post_delete, sender=Video)
def remove_files(instance: Video, **_: Any) -> None:
    """Files go by a task of the same transaction: rolled back with it, and done however often it is killed."""
    tasks.remove_files.enqueue(instance.public_id, getattr(instance, "_upload_key", ""))
    # Its own sound goes with it, unless others have used it since.
    if instance.sound_id is not None:
        Sound.objects.filter(pk=instance.sound_id, maker=instance.author_id, videos=None).delete()
    if instance.release == rules.PUBLISHED:
        events.announce(events.clip_withdrawn, instance.pk)
