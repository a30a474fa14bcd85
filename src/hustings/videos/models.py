"""A video from upload to playable renditions. States are explained in this domain's README."""

from django.conf import settings
from django.db import models

from hustings.lib import clock, ids


class Sound(models.Model):
    """What one hears. An uploaded clip brings its own; the studio's library fills this with music."""

    public_id = models.CharField(max_length=11, unique=True, default=ids.new)
    title = models.CharField(max_length=120, default="Original sound")
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.title


class Hashtag(models.Model):
    """A tag as it is compared: lower case, without the sign."""

    name = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return f"#{self.name}"


class Video(models.Model):
    """One clip. `state` says how far its processing is, `release` whether its author lets it out."""

    class State(models.TextChoices):
        RECEIVING = "receiving"  # bytes are still coming in
        RECEIVED = "received"  # all bytes are here, nothing is known of them
        PROCESSING = "processing"  # probed and accepted; no rendition yet
        PLAYABLE = "playable"  # one rendition can be watched
        READY = "ready"  # all renditions, poster, storyboard
        REFUSED = "refused"  # with `refusal`; the source is gone

    class Release(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        PUBLISHED = "published"

    class Visibility(models.TextChoices):
        PUBLIC = "public"
        UNLISTED = "unlisted"  # for those who have the link
        FOLLOWERS = "followers"
        PRIVATE = "private"

    public_id = models.CharField(max_length=11, unique=True, default=ids.new)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="videos")
    # The person who pressed the button when `author` is an organisation.
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVING)
    release = models.CharField(max_length=9, choices=Release, default=Release.DRAFT)
    visibility = models.CharField(max_length=9, choices=Visibility, default=Visibility.PUBLIC)

    caption = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=8, default="en")
    allow_comments = models.BooleanField(default=True)
    hashtags = models.ManyToManyField(Hashtag, related_name="videos")
    sound = models.ForeignKey(Sound, null=True, blank=True, on_delete=models.SET_NULL, related_name="videos")
    cover_time = models.FloatField(null=True, blank=True)  # seconds from the start; None: we choose a good one

    created_at = models.DateTimeField(default=clock.now)
    # When others could first see it; the feed's age of the clip. Set once.
    published_at = models.DateTimeField(null=True, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)

    # Where a clip came from that was made elsewhere ("tiktok:7123456789012345678"), and when it came out there.
    origin = models.CharField(max_length=80, blank=True, db_index=True)
    origin_at = models.DateTimeField(null=True, blank=True)

    # Part of every media address. A new key makes old addresses die when visibility narrows, although
    # caches were told that files never change.
    media_key = models.CharField(max_length=22, default=ids.secret)

    # Facts of the source, known after probing.
    duration = models.FloatField(default=0.0)  # seconds
    width = models.PositiveIntegerField(default=0)  # as displayed
    height = models.PositiveIntegerField(default=0)
    has_audio = models.BooleanField(default=False)
    source_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    thumbhash = models.CharField(max_length=60, blank=True)
    poster = models.CharField(max_length=80, blank=True)  # file stem; .webp and .avif exist
    poster_time = models.FloatField(default=0.0)  # the second it shows; differs from `cover_time` until redone
    covers = models.JSONField(default=list, blank=True)  # [{time, file}]: frames offered as cover
    storyboard = models.JSONField(null=True, blank=True)  # {file, columns, rows, count, width, height, interval}
    refusal = models.JSONField(null=True, blank=True)  # {code, message, hint, params}
    progress = models.FloatField(default=0.0)  # of the renditions, 0 to 1

    # What other tables say of the clip, as a page needs it, so that twenty clips cost one query and not
    # eighty. Written by `cards.refresh` in the transaction of each change; None: ask the tables.
    card = models.JSONField(null=True, blank=True)

    # Who works on it. A worker owns the row while `lease_until` lies ahead; afterwards anyone may take it.
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_key = models.CharField(max_length=22, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # of the present state; a step done sets it to 0
    # When work was last asked for; a wake that got lost is repeated after a while.
    woken_at = models.DateTimeField(null=True, blank=True)
    # Asked for by what counts views; the AV1 renditions are made once the clip is ready.
    popular = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["author", "-published_at"]),
            # Counting an author's public clips; without it SQLite walks through everybody's.
            models.Index(
                fields=["author", "release", "visibility", "published_at", "state"], name="video_public_of_author"
            ),
            models.Index(fields=["author", "-created_at"]),
            models.Index(fields=["release", "scheduled_for"]),
            models.Index(fields=["release", "visibility", "-published_at"]),
            models.Index(fields=["state", "lease_until"]),
        ]

    def __str__(self) -> str:
        return self.public_id


class Rendition(models.Model):
    """One playable file of a video. Its name carries a hash, so it never changes."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="renditions")
    edge = models.PositiveSmallIntegerField()  # short edge in pixels
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    mime = models.CharField(max_length=80)  # with codecs, as canPlayType wants it
    file = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    original = models.BooleanField(default=False)  # the remuxed source; replaced by the ladder

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "file"], name="rendition_file_once")]

    def __str__(self) -> str:
        return f"{self.video_id} at {self.edge}"


class Track(models.Model):
    """Captions as WebVTT, one per language."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="tracks")
    language = models.CharField(max_length=8)
    file = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "language"], name="track_language_once")]

    def __str__(self) -> str:
        return f"{self.language} of {self.video_id}"


class Upload(models.Model):
    """A tus upload. The bytes lie in one file under UPLOADS_ROOT, named by `key`.

    How many have come is the size of that file and stands nowhere else, so two truths cannot part.
    The row outlives the file until it expires: a client that missed the last answer asks once more.
    """

    key = models.CharField(max_length=22, unique=True, default=ids.secret)
    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="upload")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    length = models.PositiveBigIntegerField()
    filename = models.CharField(max_length=255, blank=True)  # as given; never used as a path
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.length} bytes for {self.video_id}"
