"""What other sites and search engines read of a page: titles, Open Graph, players, JSON-LD. Pure."""

from dataclasses import dataclass, field
from typing import Any

from hustings.pages.words import word

Clip = dict[str, Any]

TITLE = 70  # characters; search engines cut there
DESCRIPTION = 200
PHONE_EDGE = 540  # short edge with which a phone begins: sharp enough, and there in a second on 9 Mbit/s
UNFURL_EDGE = 720


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a page. `meta` are (attribute, name, content); `data` is JSON-LD."""

    title: str
    description: str
    canonical: str
    meta: list[tuple[str, str, str]] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    data: dict[str, Any] | None = None
    indexed: bool = True


def rendition(clip: Clip, edge: int) -> dict[str, Any] | None:
    """The largest rendition of at most `edge`, else the smallest there is."""
    ascending = clip["renditions"]
    fitting = [one for one in ascending if one["edge"] <= edge]
    return fitting[-1] if fitting else (ascending[0] if ascending else None)


def cut(text: str, length: int) -> str:
    """One line of at most `length` characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    kept = line[: length - 1]
    return (kept[: kept.rfind(" ")] if " " in kept[length // 2 :] else kept).rstrip(" ,.;:–-") + "…"


def clip_title(clip: Clip, language: str) -> str:
    """The caption's beginning, or whose clip it is."""
    return cut(clip["caption"], TITLE) or word(language, "clip", name=clip["author"]["name"])


def is_open(clip: Clip) -> bool:
    """Whether the clip may be shown elsewhere: published, and for everybody who has the link."""
    return clip["visibility"] in {"public", "unlisted"} and clip["published_at"] is not None


def of_clip(clip: Clip, *, language: str, base: str, site: str) -> Head:
    """The head of a clip's page; `base` is the site's address without a slash at its end."""
    title = clip_title(clip, language)
    description = cut(clip["caption"], DESCRIPTION) or word(language, "about")
    address = base + clip["url"]
    full = f"{title} · {clip['author']['name']} · {site}"
    if not is_open(clip):
        return Head(full, description, address, indexed=False)
    return Head(
        title=full,
        description=description,
        canonical=address,
        meta=_cards(clip, title, description, base, site),
        links=[
            {
                "rel": "alternate",
                "type": "application/json+oembed",
                "href": f"{base}/oembed?url={address}",
                "title": title,
            },
            _atom(base, f"/@{clip['author']['handle']}", clip["author"]["name"]),
        ],
        data=_video_object(clip, title, description, base),
        indexed=clip["visibility"] == "public",
    )


def of_page(
    path: str, title: str, description: str, *, base: str, site: str, feed: str | None = None, indexed: bool = True
) -> Head:
    """The head of any other page; `feed` is the path that has an Atom feed below it."""
    named = title == site
    return Head(
        title=title if named else f"{title} · {site}",
        description=cut(description, DESCRIPTION),
        canonical=base + path,
        meta=[
            ("property", "og:type", "website"),
            ("property", "og:site_name", site),
            ("property", "og:title", title),
            ("property", "og:description", cut(description, DESCRIPTION)),
            ("property", "og:url", base + path),
            ("property", "og:image", f"{base}/client/icon-512.png"),
            ("name", "twitter:card", "summary"),
        ],
        links=[_atom(base, feed, title)] if feed else [],
        indexed=indexed,
    )


def _atom(base: str, path: str, title: str) -> dict[str, str]:
    return {"rel": "alternate", "type": "application/atom+xml", "href": f"{base}{path}/feed.atom", "title": title}


def _cards(clip: Clip, title: str, description: str, base: str, site: str) -> list[tuple[str, str, str]]:
    embed = f"{base}/embed/{clip['id']}"
    made = [
        ("property", "og:type", "video.other"),
        ("property", "og:site_name", site),
        ("property", "og:title", title),
        ("property", "og:description", description),
        ("property", "og:url", base + clip["url"]),
        ("property", "og:locale", {"cy": "cy_GB"}.get(clip["language"], "en_GB")),
        ("name", "twitter:card", "player"),
        ("name", "twitter:title", title),
        ("name", "twitter:description", description),
        ("name", "twitter:player", embed),
    ]
    file = rendition(clip, UNFURL_EDGE)
    if file:
        size = [("width", str(file["width"])), ("height", str(file["height"]))]
        made += [
            ("property", "og:video", base + file["url"]),
            ("property", "og:video:type", "video/mp4"),
            *(("property", f"og:video:{name}", value) for name, value in size),
            *(("name", f"twitter:player:{name}", value) for name, value in size),
        ]
    if clip["poster"]:
        picture = base + clip["poster"]["webp"]
        made += [("property", "og:image", picture), ("name", "twitter:image", picture)]
    return made


def _video_object(clip: Clip, title: str, description: str, base: str) -> dict[str, Any]:
    """https://schema.org/VideoObject"""
    file = rendition(clip, UNFURL_EDGE)
    author = clip["author"]
    acts = {"likes": "LikeAction", "comments": "CommentAction", "shares": "ShareAction", "views": "WatchAction"}
    return {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": title,
        "description": description,
        "uploadDate": clip["published_at"],
        "duration": f"PT{clip['duration']:.1f}S",
        "inLanguage": clip["language"],
        "keywords": clip["hashtags"],
        "thumbnailUrl": [base + clip["poster"]["webp"]] if clip["poster"] else [],
        "embedUrl": f"{base}/embed/{clip['id']}",
        "contentUrl": base + file["url"] if file else None,
        "author": {
            "@type": "Organization" if author["organisation"] else "Person",
            "name": author["name"],
            "url": f"{base}/@{author['handle']}",
        },
        "interactionStatistic": [
            {
                "@type": "InteractionCounter",
                "interactionType": {"@type": act},
                "userInteractionCount": clip["counts"][name],
            }
            for name, act in acts.items()
        ],
    }
