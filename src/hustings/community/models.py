"""What people do with each other's clips. Counts are kept in their own row, changed with the deed."""

from django.conf import settings
from django.db import models

from hustings.lib import clock, ids
from hustings.videos.models import Video

ACCOUNT = settings.AUTH_USER_MODEL


class ClipCounts(models.Model):
    """A clip's public counts. Apart from the video's row, so that likes never contend with its states."""

    video = models.OneToOneField(Video, primary_key=True, on_delete=models.CASCADE, related_name="counts")
    likes = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    saves = models.PositiveIntegerField(default=0)
    shares = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)  # the feed counts them, by its one rule, and adds them here


class AccountCounts(models.Model):
    account = models.OneToOneField(ACCOUNT, primary_key=True, on_delete=models.CASCADE, related_name="counts")
    followers = models.PositiveIntegerField(default=0)
    following = models.PositiveIntegerField(default=0)
    likes = models.PositiveIntegerField(default=0)  # received on all clips


class Follow(models.Model):
    follower = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="follows")
    followed = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="followed_by")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follower", "followed"], name="follow_once")]
        indexes = [models.Index(fields=["followed", "-created_at"])]


class Like(models.Model):
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="likes")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "video"], name="like_once")]


class Save(models.Model):
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="saves")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="saves")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "video"], name="save_once")]


class Comment(models.Model):
    """One level of replies: `parent` is always a comment without a parent."""

    public_id = models.CharField(max_length=11, unique=True, default=ids.new)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    text = models.CharField(max_length=500)
    likes = models.PositiveIntegerField(default=0)
    reply_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["video", "parent", "-created_at"])]


class CommentLike(models.Model):
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="likers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "comment"], name="comment_like_once")]


class Block(models.Model):
    """Neither sees the other."""

    blocker = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once")]


class Mute(models.Model):
    """One does not see the other in feeds, comments and notifications; the other never learns of it."""

    muter = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["muter", "muted"], name="mute_once")]


class MutedWord(models.Model):
    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="muted_words")
    word = models.CharField(max_length=60)  # lower case

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "word"], name="muted_word_once")]


class Notification(models.Model):
    """Something that concerns `account`. Likes of one clip are gathered: one row, several actors."""

    class Kind(models.TextChoices):
        FOLLOW = "follow"
        LIKE = "like"
        COMMENT = "comment"
        REPLY = "reply"
        MENTION = "mention"
        PUBLISHED = "published"
        REFUSED = "refused"

    account = models.ForeignKey(ACCOUNT, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=9, choices=Kind)
    actor = models.ForeignKey(ACCOUNT, null=True, on_delete=models.CASCADE, related_name="+")
    video = models.ForeignKey(Video, null=True, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    read = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["account", "-created_at"]), models.Index(fields=["account", "read"])]
