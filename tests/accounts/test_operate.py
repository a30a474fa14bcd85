"""The operator makes accounts, marks official ones, and helps somebody back in."""

import pytest
from typer.testing import CliRunner

from accounts.test_sign_in import login
from cast import Visitor, person
from hustings.accounts import api, commands
from hustings.accounts.models import Account
from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.site.cli import app

pytestmark = pytest.mark.django_db


def test_making_a_person_and_their_organisation() -> None:
    made = commands.create("mair", name="Mair Jones")
    password = made[1].rpartition(" ")[2]
    login(Visitor(), "mair", password)
    commands.create("senedd", name="Senedd Cymru", owner="mair")  # reserved for whom it belongs to
    assert api.acting_as(api.by_handle("mair").id, "senedd", need="owner") == api.by_handle("senedd").id
    with pytest.raises(InvalidInputError):
        commands.create("Mair")


def test_the_mark(organisation: api.Author) -> None:
    assert commands.official("council") == ["@council is now marked as official."]
    assert api.by_handle("council").official
    assert commands.official("@council", given=False) == ["@council is no longer marked as official."]
    with pytest.raises(NotFoundError):
        commands.official("nobody_here")


def test_the_mark_names_those_who_were_there_before(owner: api.Author) -> None:
    person("radio.cwm", name="Cwm Radio")
    api.create_organisation(owner.id, "cwm_radio", "Cwm Radio")
    assert "@radio.cwm" in commands.official("cwm_radio")[1]


def test_a_new_password_for_somebody_locked_out() -> None:
    api.create_person("mair", password="a long enough phrase")
    here = Visitor()
    login(here)
    password = commands.new_password("mair")[0].rpartition(" ")[2]
    assert here.ask("GET", "/api/v1/me")["account"] is None
    login(Visitor(), "mair", password)


def test_nobody_signs_in_as_an_organisation(organisation: api.Author) -> None:
    with pytest.raises(NotFoundError):
        commands.new_password("council")


def test_closing_on_somebodys_behalf(stranger: api.Author) -> None:
    commands.close("sian")
    assert not Account.objects.get(handle="sian").is_active


def test_the_command_says_what_is_wrong_and_ends_with_1(organisation: api.Author) -> None:
    run = CliRunner().invoke(app, ["account", "official", "nobody_here"])
    assert (run.exit_code, "There is nothing at this address." in run.output) == (1, True)
    run = CliRunner().invoke(app, ["account", "official", "council"])
    assert (run.exit_code, run.output) == (0, "@council is now marked as official.\n")
