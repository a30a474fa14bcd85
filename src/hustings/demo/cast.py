"""The fictional people and bodies of the demonstration, read from `cast.toml`."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

PASSWORD = "a demonstration is not a secret"  # noqa: S105 - documented: every person of the cast signs in with it


@dataclass(frozen=True, slots=True)
class Person:
    """`inks` are the colours of the profile picture; `follows` are keys."""

    key: str
    handle: str
    name: str
    bio: str
    inks: tuple[str, str, str]
    follows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation with an official mark; `owner` is the key of the person who made its account."""

    key: str
    handle: str
    name: str
    bio: str
    inks: tuple[str, str, str]
    owner: str


def _inks(entry: dict[str, Any]) -> tuple[str, str, str]:
    ground, first, second = entry["inks"]
    return ground, first, second


_cast = tomllib.loads((files("hustings.demo") / "cast.toml").read_text(encoding="utf-8"))

PEOPLE = tuple(
    Person(key, one["handle"], one["name"], one["bio"], _inks(one), tuple(one["follows"]))
    for key, one in _cast["people"].items()
)
BODIES = tuple(
    Body(key, one["handle"], one["name"], one["bio"], _inks(one), one["owner"]) for key, one in _cast["bodies"].items()
)
AUDIENCE: int = _cast["audience"]["size"]
FIRST_NAMES: tuple[str, ...] = tuple(_cast["audience"]["first_names"])
SURNAMES: tuple[str, ...] = tuple(_cast["audience"]["surnames"])
COMMENTS: dict[str, tuple[str, ...]] = {topic: tuple(said) for topic, said in _cast["comments"].items()}
