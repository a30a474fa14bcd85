"""What people do with each other's clips. Counts are kept in their own row, changed with the deed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hustings.lib import clock, ids
from hustings.videos.models import Video

ACCOUNT = settings.AUTH_USER_MODEL


class ClipCounts(models.Model):
    """A clip's public counts. Apart from the video's row, so that likes never contend with its states.

    The row is made with the first deed; none means nothing was done yet.
    """

    video = models.OneToOneField(Video, primary_key=True, on_delete=models.CASCADE, related_name="counts")
    likes = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)  # replies too
    saves = models.PositiveIntegerField(default=0)
    shares = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)  # the feed counts them, by its one rule, and adds them here

    def __str__(self) -> str:
        return f"counts of {self.video_id}"


class AccountCounts(models.Model):
    account = models.OneToOneField(ACCOUNT, primary_key=True, on_delete=models.CASCADE, related_name="counts")
    followers = models.PositiveIntegerField(default=0)
    following = models.PositiveIntegerField(default=0)
    likes = models.PositiveIntegerField(default=0)  # received on all clips

    def __str__(self) -> str:
        return f"counts of {self.account_id}"


class Follow(models.Model):
    follower = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="follows")
    followed = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="followed_by")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follower", "followed"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.follower_id} follows {self.followed_id}"


class Like(models.Model):
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="likes")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "video"], name="like_once")]
        indexes = [models.Index(fields=["account", "-created_at", "-id"], name="like_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id} likes {self.video_id}"


class Save(models.Model):
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="saves")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="saves")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "video"], name="save_once")]
        indexes = [models.Index(fields=["account", "-created_at", "-id"], name="save_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id} keeps {self.video_id}"


class Comment(models.Model):
    """One level of replies: `parent` is always a comment without a parent."""

    public_id = models.CharField(max_length=11, unique=True, default=ids.new)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="comments")
    # None: whoever wrote it closed their account and let it stand without their name.
    author = models.ForeignKey(ACCOUNT, null=True, on_delete=models.CASCADE, related_name="comments")
    # The person who wrote it when `author` is an organisation; shown to nobody but its members' records.
    written_by = models.ForeignKey(ACCOUNT, null=True, on_delete=models.SET_NULL, related_name="+")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    text = models.CharField(max_length=500)
    likes = models.PositiveIntegerField(default=0)
    reply_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["video", "parent", "-created_at", "-id"], name="comments_of_clip")]

    def __str__(self) -> str:
        return self.public_id


class CommentLike(models.Model):
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="likers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "comment"], name="comment_like_once")]

    def __str__(self) -> str:
        return f"{self.account_id} likes comment {self.comment_id}"


class Block(models.Model):
    """Neither sees the other."""

    blocker = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once")]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class Mute(models.Model):
    """One does not see the other in feeds, comments and notifications; the other never learns of it."""

    muter = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["muter", "muted"], name="mute_once")]

    def __str__(self) -> str:
        return f"{self.muter_id} mutes {self.muted_id}"


class MutedWord(models.Model):
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="muted_words")
    word = models.CharField(max_length=60)  # as `lib.text.phrase` writes it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "word"], name="muted_word_once")]

    def __str__(self) -> str:
        return f"a muted word of {self.account_id}"


class Notification(models.Model):
    """Something that concerns `account`: one row for all that happened to one thing since it was read.

    Gathering happens at writing, by `topic` ("like:12"): while a row of the topic is unread, more
    actors join it; once read it stays as it was and the next deed begins a new one. Gathering at
    reading would make pages of unequal size and lists that need a scan.
    """

    class Kind(models.TextChoices):
        FOLLOW = "follow"
        LIKE = "like"
        COMMENT = "comment"
        REPLY = "reply"
        MENTION = "mention"
        PUBLISHED = "published"
        REFUSED = "refused"
        INVITED = "invited"  # by an organisation, its actor

    public_id = models.CharField(max_length=11, unique=True, default=ids.new)
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=9, choices=Kind)
    topic = models.CharField(max_length=40)
    video = models.ForeignKey(Video, null=True, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, null=True, on_delete=models.SET_NULL, related_name="+")  # the latest
    count = models.PositiveIntegerField(default=0)  # of its actors
    updated_at = models.DateTimeField(default=clock.now)
    read = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "topic"], condition=Q(read=False), name="notification_once_unread"
            )
        ]
        indexes = [
            models.Index(fields=["account", "-updated_at", "-id"], name="notifications_newest"),
            models.Index(fields=["updated_at"], name="notifications_oldest"),  # for forgetting
        ]

    def __str__(self) -> str:
        return f"{self.topic} to {self.account_id}"


class NotificationActor(models.Model):
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="actors")
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notification", "account"], name="actor_once")]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.notification_id}"


class Pace(models.Model):
    """How often an account did an act in the current minute: one row for each act, overwritten."""

    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="+")
    act = models.CharField(max_length=10)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "act"], name="pace_once")]

    def __str__(self) -> str:
        return f"{self.act} of {self.account_id}"
