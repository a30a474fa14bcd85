"""The client says every refusal in both languages, and the two catalogues hold the same messages."""

import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest

import hustings
from hustings.lib.errors import HustingsError

# Errors that a command alone meets; no client ever hears of them.
IN_THE_SHELL = "hustings.lib.recommend."
MESSAGES = Path(__file__).parents[2] / "web" / "messages"


def catalogue(language: str) -> dict[str, object]:
    """All messages of a language: those of the feed, and those that come with the other screens."""
    merged: dict[str, object] = {}
    for path in (MESSAGES / f"{language}.json", *MESSAGES.glob(f"*.{language}.json")):
        messages = json.loads(path.read_text())
        assert not merged.keys() & messages.keys(), f"{path.name} repeats {merged.keys() & messages.keys()}"
        merged |= messages
    return merged


def every_error() -> set[type[HustingsError]]:
    for module in pkgutil.walk_packages(hustings.__path__, "hustings."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    found, waiting = set(), [HustingsError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        found.add(kind)
    return found


@pytest.mark.parametrize("language", ["en", "cy"])
def test_every_error_code_has_a_sentence(language: str) -> None:
    told = [error for error in every_error() if not error.__module__.startswith(IN_THE_SHELL)]
    missing = {error.code for error in told if f"error.{error.code}" not in catalogue(language)}
    assert not missing, f"web/messages/{language}.json lacks error.{{{', '.join(sorted(missing))}}}"


def test_the_catalogues_hold_the_same_messages_and_parameters() -> None:
    english, welsh = catalogue("en"), catalogue("cy")
    assert english.keys() == welsh.keys()
    for key in english:
        named = [set(re.findall(r"\{(\w+)\}", json.dumps(messages[key]))) for messages in (english, welsh)]
        assert named[0] == named[1], key


def test_no_two_errors_share_a_code() -> None:
    codes: dict[str, type[HustingsError]] = {}
    # The engine's own errors never reach a person as they are: the domain says the same fact at its door.
    ours = {error for error in every_error() if not error.__module__.startswith("hustings.lib.ffmpeg")}
    for error in sorted(ours, key=lambda e: e.__qualname__):
        assert codes.setdefault(error.code, error) is error, f"{error} and {codes[error.code]} are both {error.code}"
