"""Everything held has a way to put it right: a place to change it, or somebody to ask, who leaves a trace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cast import Visitor
from hustings.accounts.api import Author
from hustings.lib.errors import ForbiddenError, InvalidInputError, NotFoundError, TooManyRequestsError
from hustings.trust import datamap
from hustings.trust.access import own
from hustings.trust.rights import correcting
from hustings.trust.rights.models import Correction
from hustings.videos.models import Video
from trust.access.employed import at_desk, employed

ROUTES = Path(__file__).parents[3] / "web" / "src" / "lib" / "routes.ts"
COLUMN = "accounts.Account.handle"
WORDS = "My handle has a letter too many: it should be olwenr."


def test_every_column_about_somebody_is_changed_or_asked_for(life: dict[str, Video], owner: Author) -> None:
    found = {place.field.id: place.address for place in correcting.places(owner.id)}
    for table in datamap.tables().values():
        if not table.subjects or not datamap.count_of(owner.id, table):
            continue
        for name in datamap.personal_columns(table.model):
            field = datamap.fields()[table.model, name]
            assert field.id in found or field.topic.secret, field.id
    assert found["accounts.Account.bio"] == "/settings/profile"
    assert found["videos.Video.caption"] == "/upload/clips"
    assert found[COLUMN] == ""


def test_what_is_named_is_there_and_leads_somewhere() -> None:
    patterns = re.findall(r"pattern: '([^']+)'", ROUTES.read_text())
    known = {pattern.split("/:")[0].split("/*")[0] for pattern in patterns}
    columns = {field.id for field in datamap.fields().values()}
    for name, address in correcting.addresses().items():
        assert name in columns or name in datamap.tables(), name
        assert any(address == one or address.startswith(f"{one}/") for one in known if one != "/"), address


def test_a_request_is_answered_and_whoever_asked_sees_who_read_it(
    owner: Author, as_owner: Visitor, settle: Any
) -> None:
    page = as_owner.get("/trust/correct", {"lang": "en"}).content.decode()
    assert "Ask us to put something right" in page
    assert as_owner.post("/trust/correct", {"column": COLUMN, "text": WORDS}).status_code == 302
    reference = correcting.waiting()[0].reference

    helper = at_desk(employed("nia", "Nia Prys", "support"))
    listed = helper.get("/staff/corrections", {"lang": "en"}).content.decode()
    assert reference in listed
    assert "letter too many" not in listed
    assert not own.looks(owner.id)
    shown = helper.post("/staff/corrections?lang=en", {"act": "look", "reference": reference}).content.decode()
    assert "letter too many" in shown
    (look,) = own.looks(owner.id)
    assert (look.reason, look.case, look.read) == ("subject_request", reference, ("trust.Correction.text",))
    answer = {"act": "done", "reference": reference, "answer": "You are @olwenr from today."}
    assert helper.post("/staff/corrections", answer).status_code == 302

    seen = as_owner.get("/trust/correct", {"lang": "en"}).content.decode()
    assert "You are @olwenr from today." in seen
    assert "Put right" in seen
    assert not correcting.waiting()
    # A request that is answered opens nothing any more.
    again = helper.post("/staff/corrections?lang=en", {"act": "look", "reference": reference})
    assert again.status_code == 422


def test_what_it_says_lies_sealed(owner: Author) -> None:
    made = correcting.ask(owner.id, COLUMN, WORDS)
    (raw,) = Correction.objects.filter(pk=made.pk).values_list("text", flat=True)
    assert b"letter too many" not in bytes(raw)
    assert Correction.objects.get(pk=made.pk).text == WORDS


@pytest.mark.parametrize(
    ("column", "words", "faults"),
    [
        ("accounts.Account.bio", WORDS, {"column"}),  # they can change it themselves
        ("community.Like.video", WORDS, {"column"}),  # there is none
        ("", "no", {"column", "text"}),
        (COLUMN, "x" * 1001, {"text"}),
    ],
)
def test_faults_are_named_together(owner: Author, column: str, words: str, faults: set[str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        correcting.ask(owner.id, column, words)
    assert refused.value.fields.keys() == faults
    assert not Correction.objects.exists()


def test_ten_at_once(owner: Author) -> None:
    for _ in range(correcting.OPEN_AT_ONCE):
        correcting.ask(owner.id, COLUMN, WORDS)
    with pytest.raises(TooManyRequestsError):
        correcting.ask(owner.id, COLUMN, WORDS)


def test_organisations_are_asked_for_by_their_owners(
    organisation: Author, owner: Author, teammate: Author, stranger: Author
) -> None:
    assert correcting.ask(owner.id, COLUMN, WORDS, "council").account_id == organisation.id
    with pytest.raises(ForbiddenError):
        correcting.ask(teammate.id, COLUMN, WORDS, "council")
    with pytest.raises(NotFoundError):
        correcting.ask(stranger.id, COLUMN, WORDS, "council")


def test_other_roles_and_strangers_do_not_get_in(owner: Author, as_stranger: Visitor, anonymous: Visitor) -> None:
    correcting.ask(owner.id, COLUMN, WORDS)
    assert as_stranger.get("/staff/corrections").status_code == 404
    assert at_desk(employed("meredith", "Meredith Lowe", "moderator")).get("/staff/corrections").status_code == 403
    assert anonymous.get("/trust/correct").headers["Location"].startswith("/signin?next=")
    assert b"letter too many" not in as_stranger.get("/trust/correct").content


def test_an_answer_needs_words_and_a_request(owner: Author, stranger: Author) -> None:
    correcting.ask(owner.id, COLUMN, WORDS)
    reference = correcting.waiting()[0].reference
    with pytest.raises(InvalidInputError):
        correcting.answer(stranger.id, reference, "", done=True)
    for wrong in ("CO-nonsense", "nonsense", "CO-" + "z" * 22):
        assert correcting.case(wrong) is None
        with pytest.raises(NotFoundError):
            correcting.answer(stranger.id, wrong, "You are @olwenr from today.", done=True)
