"""What pages hold: a search index, made of what is public elsewhere."""

from hustings.lib.records import Field, about_people, technical


def _index(model: str, what: str, gone: str) -> list[Field]:
    return [
        *about_people(
            model,
            "search",
            gone,
            "everybody, by searching",
            ref=f"Which {what}.",
            text=f"The words under which the {what} is found.",
        ),
        *technical(model, id="Its place in the index."),
    ]


FIELDS: list[Field] = [
    *_index("pages.ClipEntry", "clip", "while the clip is public"),
    *_index("pages.AccountEntry", "account", "until the account is closed"),
    *technical(
        "pages.HashtagEntry",
        id="Its place in the index.",
        ref="A hashtag that somebody has used.",
        text="The same without accents.",
    ),
]
