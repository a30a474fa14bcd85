"""What the community does when other domains announce something. Connected when the server starts."""

from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from hustings.accounts.events import invitation_over, invited
from hustings.community import notifications
from hustings.community.comments import called
from hustings.community.deeds import deed
from hustings.community.models import AccountCounts, ClipCounts, Notification
from hustings.community.rules import CALLED_BY_CAPTION
from hustings.lib.errors import NotFoundError
from hustings.videos.api import subject
from hustings.videos.events import clip_published, clip_refused
from hustings.videos.models import Video


@receiver(clip_published)
def tell_of_publication(video_id: int, **_: Any) -> None:
    """Whoever uploaded it learns that it is out, and whom its caption names that they are. Each once."""
    try:
        clip = subject(video_id)
    except NotFoundError:
        return
    uploader = clip.uploaded_by or clip.author_id
    with deed():
        if not _was_told(uploader, Notification.Kind.PUBLISHED, video_id):
            notifications.tell(uploader, Notification.Kind.PUBLISHED, video_id=video_id)
        for account_id in called(clip.caption, clip.public_id, CALLED_BY_CAPTION):
            if not _was_told(account_id, Notification.Kind.MENTION, video_id):
                notifications.tell(
                    account_id,
                    Notification.Kind.MENTION,
                    actor_id=clip.author_id,
                    video_id=video_id,
                    said=clip.caption,
                )


def _was_told(account_id: int, kind: Notification.Kind, video_id: int) -> bool:
    return Notification.objects.filter(account=account_id, kind=kind, video=video_id, comment=None).exists()


@receiver(clip_refused)
def tell_of_refusal(video_id: int, **_: Any) -> None:
    """Whoever uploaded it learns that it was refused; the clip says why and what to do."""
    try:
        clip = subject(video_id)
    except NotFoundError:
        return
    with deed():
        notifications.tell(clip.uploaded_by or clip.author_id, Notification.Kind.REFUSED, video_id=video_id)


@receiver(invited)
def tell_of_invitation(organisation_id: int, person_id: int, **_: Any) -> None:
    """Somebody is asked to join an organisation."""
    with deed():
        notifications.tell(person_id, Notification.Kind.INVITED, actor_id=organisation_id)


@receiver(invitation_over)
def take_back_invitation(organisation_id: int, person_id: int, **_: Any) -> None:
    """Answered or taken back: there is nothing to be told of any more."""
    with deed():
        notifications.take_back(person_id, Notification.Kind.INVITED, actor_id=organisation_id)


@receiver(pre_delete, sender=Video)
def take_back_likes(instance: Video, **_: Any) -> None:
    """The likes of a deleted clip are no longer its author's. In the deletion's transaction."""
    likes = ClipCounts.objects.filter(pk=instance.pk).values_list("likes", flat=True).first()
    if likes:
        AccountCounts.objects.filter(pk=instance.author_id).update(likes=Greatest(F("likes") - likes, 0))
