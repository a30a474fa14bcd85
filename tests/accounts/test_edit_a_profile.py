"""A person says who they are, how they like things, and shows a picture."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cast import Visitor
from hustings.accounts import api, avatars, events

ME = "/api/v1/me"


def picture(size: tuple[int, int] = (640, 480), form: str = "JPEG", **details: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, form, **details)
    return out.getvalue()


def put(visitor: Visitor, data: bytes) -> Any:
    return visitor.put(f"{ME}/avatar", data, content_type="application/octet-stream")


def test_name_and_text(as_owner: Visitor) -> None:
    heard: list[int] = []

    def hear(account_id: int, **_: object) -> None:
        heard.append(account_id)

    events.account_changed.connect(hear)
    me = as_owner.ask("PATCH", ME, {"name": " Olwen  Rhys ", "bio": "Line\r\n\n\n\nline\u202e"})["account"]
    assert (me["name"], me["bio"]) == ("Olwen Rhys", "Line\n\nline")
    assert heard == [as_owner.who.id if as_owner.who else 0]
    assert api.profile("@Olwen").bio == "Line\n\nline"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a" * 61}, "name"),
        ({"name": "Senedd ✓"}, "name"),
        ({"bio": "a" * 301}, "bio"),
        ({"preferences": {"theme": "pink"}}, "preferences.theme"),
        ({"preferences": {"captions": 1}}, "preferences.captions"),
        ({"preferences": {"break_after_min": True}}, "preferences.break_after_min"),
        ({"preferences": {"break_after_min": 9000}}, "preferences.break_after_min"),
        ({"preferences": {"date_of_birth": "2001"}}, "preferences.date_of_birth"),
    ],
)
def test_what_cannot_be(as_owner: Visitor, change: dict[str, Any], field: str) -> None:
    before = as_owner.ask("GET", ME)
    said = as_owner.ask("PATCH", ME, change, status=422)
    assert said["fields"].keys() == {field}
    assert as_owner.ask("GET", ME) == before


def test_all_faults_are_named_at_once(as_owner: Visitor) -> None:
    said = as_owner.ask("PATCH", ME, {"name": "", "bio": "a" * 301, "preferences": {"x": 1, "theme": 0}}, status=422)
    assert said["fields"].keys() == {"name", "bio", "preferences.x", "preferences.theme"}


def test_preferences_add_up_and_go_back(as_owner: Visitor) -> None:
    as_owner.ask("PATCH", ME, {"preferences": {"theme": "dark", "captions": True}})
    as_owner.ask("PATCH", ME, {"preferences": {"language": "cy", "break_after_min": 0}})
    said = as_owner.ask("PATCH", ME, {"preferences": {"theme": None}})
    assert said["preferences"] == {"captions": True, "language": "cy", "break_after_min": 0}


def test_nobody_is_called_like_an_official_account(as_stranger: Visitor, organisation: api.Author) -> None:
    as_stranger.ask("PATCH", ME, {"name": "Cwm Council"})
    api.give_official_mark(organisation.id)
    for name in ("Cwm Council", "Cwm  C0uncil", "CWM COUNCIL Official", "The Cwm Cóuncil", "Cwm Counsil"):
        as_stranger.ask("PATCH", ME, {"name": name}, status=422)
    as_stranger.ask("PATCH", ME, {"name": "Friends of Cwm Council"})


def test_the_signed_out_have_no_profile(anonymous: Visitor) -> None:
    anonymous.ask("PATCH", ME, {"name": "x"}, status=401)
    anonymous.ask("DELETE", f"{ME}/avatar", status=401)


def test_a_picture(as_owner: Visitor, anonymous: Visitor, media_root: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    address = put(as_owner, picture(exif=exif)).json()["avatar"]
    assert as_owner.ask("GET", ME)["account"]["avatar"] == address
    answer = anonymous.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    data = b"".join(answer.streaming_content)
    shown = Image.open(io.BytesIO(data))
    assert (shown.format, shown.size) == ("WEBP", (256, 256))
    assert b"home" not in data
    assert not shown.getexif()

    second = put(as_owner, picture((300, 900), "PNG")).json()["avatar"]
    assert second != address
    assert [file.name for file in (media_root / "avatars").iterdir()] == [Path(second).name]
    assert as_owner.ask("DELETE", f"{ME}/avatar") == {"avatar": None}
    assert not list((media_root / "avatars").iterdir())
    assert anonymous.get(second).status_code == 404


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_every_form_of_picture(as_owner: Visitor, form: str) -> None:
    assert put(as_owner, picture((64, 32), form)).status_code == 200


def _bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"just words",
        picture()[:500],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        _bomb(),
        b"\x89PNG" + bytes(avatars.MAX_BYTES),
        bytes(7_000_000),
    ],
    ids=["empty", "text", "cut off", "svg", "postscript", "bomb", "large", "too large to read"],
)
def test_what_is_no_picture(as_owner: Visitor, data: bytes, media_root: Path) -> None:
    before = put(as_owner, picture()).json()["avatar"]
    answer = put(as_owner, data)
    assert (answer.status_code, answer.json()["code"]) == (422, "image_refused")
    assert as_owner.ask("GET", ME)["account"]["avatar"] == before
    assert len(list((media_root / "avatars").iterdir())) == 1


@pytest.mark.parametrize("name", ["..%2f..%2fsecret-key", "x.webp", "0" * 16 + "1" * 11 + ".webp", ".hidden"])
def test_names_of_no_picture(anonymous: Visitor, name: str) -> None:
    assert anonymous.get(f"/media/avatars/{name}").status_code == 404
