"""What this domain holds about people, column by column, for the data map."""

from datetime import timedelta

from hustings.lib.records import End, Expiry, Field, Reader, Retention, Store, Table, Topic, about_people, technical

VIDEO, UPLOAD, SOUND, TRACK = "videos.Video", "videos.Upload", "videos.Sound", "videos.Track"

PUBLICATIONS = Topic("publications", data=("user.content.public",))
WORK = PUBLICATIONS.holding("user.content.private")
PUBLISHERS = PUBLICATIONS.holding("user.workplace")

AUDIENCE = (Reader.AUDIENCE, Reader.TEAM)
TEAM = (Reader.TEAM,)

REFUSED_GONE = Expiry(
    "videos.refused",
    VIDEO,
    "created_at",
    timedelta(days=30),
    where={"state": "refused"},
    by="hustings.videos.sweeps:drop_refused",
)
UPLOAD_GONE = Expiry("videos.uploads", UPLOAD, "expires_at", timedelta(), by="hustings.videos.sweeps:expire_uploads")
AS_THE_CLIP = Retention(
    "clip",
    "until the author deletes the clip or closes the account; a clip that was refused, for {n} days",
    (End.UNDONE, End.CLOSURE, REFUSED_GONE),
)
UPLOADER = Retention(
    "uploader", "as the clip, or until the person closes their account", (End.UNDONE, End.CLOSURE, REFUSED_GONE)
)
UNTIL_CONTINUED = Retention(
    "upload",
    "until the clip is ready; when nobody goes on, a day after its last byte unless the operator says otherwise",
    (UPLOAD_GONE, End.CLOSURE),
)
WHILE_MADE = Retention("made", "until the clip is ready, and an hour", (End.ROW,))
WITHOUT_MAKER = Retention(
    "sound", "as long as a clip has it; without its maker once they close their account", (End.CLOSURE,)
)

FIELDS: list[Field] = [
    *about_people(
        VIDEO,
        PUBLICATIONS,
        AS_THE_CLIP,
        AUDIENCE,
        author="Whose clip it is.",
        caption="What the author says about it.",
        language="The language it is in, as the author says, to show it to those who understand it.",
        allow_comments="Whether the author wants comments.",
        hashtags="Under which tags it is found; read from the caption.",
        sound="Which sound it has, to find others with the same.",
        cover_time="Which moment the author chose as its cover.",
        visibility="Who may watch it.",
        published_at="When others could first see it.",
        duration="How long it is.",
        width="Its shape: how wide.",
        height="Its shape: how high.",
        has_audio="Whether there is sound.",
        thumbhash="A blurred picture of a few bytes, shown until the cover is there.",
        poster="The name of the cover's file.",
        poster_time="Which moment the cover shows.",
        storyboard="The small pictures shown while seeking.",
        covers="The pictures offered as cover.",
        card="A copy of what other tables say of it, so that a page costs one query.",
        public_id="Its name in addresses.",
        media_key="A part of its media's addresses, which changes when fewer may watch.",
    ),
    *about_people(
        VIDEO,
        WORK,
        AS_THE_CLIP,
        TEAM,
        state="How far its processing is.",
        release="Whether the author has let it out.",
        scheduled_for="When it is to go out.",
        origin="Which clip of which other app it was, when it was brought from there.",
        origin_at="When it came out there.",
        refusal="Why it was refused.",
        created_at="When its upload began.",
        source_sha256="A fingerprint of the uploaded file, to tell the author of a duplicate.",
    ),
    *about_people(
        VIDEO,
        PUBLISHERS,
        UPLOADER,
        (Reader.SERVER,),
        uploaded_by="Which member of an organisation uploaded it.",
    ),
    *technical(
        VIDEO,
        id="The row's key.",
        progress="How much of the renditions is made.",
        lease_until="Until when a worker has it.",
        lease_key="Which worker has it.",
        attempts="How often a step was begun.",
        woken_at="When work was last asked for.",
        popular="Whether AV1 renditions are wanted.",
    ),
    *about_people(
        UPLOAD,
        WORK,
        UNTIL_CONTINUED,
        TEAM,
        owner="Who uploads.",
        video="The clip it becomes.",
        filename="What the file was called, to show which upload it is; never used as a path.",
        length="How large the file is.",
        created_at="When it began.",
        expires_at="When it is removed unless it goes on.",
    ),
    *technical(UPLOAD, id="The row's key.", key="Its address, and the name of the file of its bytes."),
    *about_people(
        SOUND,
        PUBLICATIONS,
        WITHOUT_MAKER,
        (Reader.EVERYONE,),
        title="What it is called.",
        maker="Whose clip it came with.",
        created_at="When it came.",
        public_id="Its name in addresses.",
    ),
    *technical(SOUND, id="The row's key."),
    *about_people(
        TRACK,
        PUBLICATIONS,
        AS_THE_CLIP,
        AUDIENCE,
        video="The clip whose captions these are.",
        language="Their language.",
        file="The name of their file.",
    ),
    *technical(TRACK, id="The row's key."),
    *technical("videos.Hashtag", id="The row's key.", name="A word that somebody used once; not whose."),
    *technical(
        "videos.Rendition",
        id="The row's key.",
        video="The clip it shows.",
        edge="Its short edge.",
        width="How wide it is.",
        height="How high it is.",
        bytes="How large its file is.",
        mime="What a browser needs to play it.",
        file="The name of its file.",
        sha256="The file's fingerprint.",
        original="Whether it is the uploaded film as it came, without what the camera wrote about its owner.",
    ),
]

TABLES: list[Table] = [
    Table(UPLOAD, subjects=("owner_id", "video__author_id")),
    Table(TRACK, subjects=("video__author_id",)),
    Table("videos.Rendition", subjects=("video__author_id",)),
    Table(VIDEO, subjects=("author_id", "uploaded_by_id"), forgets=("uploaded_by_id",)),
    Table(
        SOUND,
        subjects=("maker_id",),
        forgets=("maker_id",),
        erased="anonymise",
        why="Other people's clips may have the sound; it stays with them, without whose it was.",
    ),
    Table("videos.Hashtag"),
]

STORES: list[Store] = [
    Store(
        "uploads",
        WORK.holding("user.content.private"),
        "The bytes of films as they come in, and the film as it came until its renditions are made.",
        UNTIL_CONTINUED,
        TEAM,
    ),
    Store(
        "media/work",
        WORK.holding("user.content.private"),
        "Files of a clip that is being made, gone when it is ready.",
        WHILE_MADE,
        (Reader.SERVER,),
    ),
    Store(
        "media/clips",
        PUBLICATIONS,
        "Films, covers, small pictures for seeking and captions, without what the camera wrote into them.",
        AS_THE_CLIP,
        AUDIENCE,
    ),
]
