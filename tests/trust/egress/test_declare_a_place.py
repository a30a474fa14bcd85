"""What is on the list: what settings imply, what rooms declare, what the operator adds; and what may not be on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hustings.trust.api import declare, declare_program, provide
from hustings.trust.egress import declared, rules
from hustings.trust.egress.errors import CellError
from hustings.trust.egress.rules import Destination, Program


def listed() -> dict[str, Destination]:
    return {known.place: known for known in declared.destinations()}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    """`database(ENGINE=…)`: what HUSTINGS_DATABASE_URL would have made of it."""

    def given(engine: str, **parts: str) -> None:
        monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": f"django.db.backends.{engine}", **parts})
        declared.forget()

    return given


def test_sqlite_and_nothing_else_leads_nowhere(database: Any) -> None:
    database("sqlite3", NAME="x")
    assert declared.destinations() == ()
    assert declared.programs() == ()


def test_what_the_settings_imply_is_declared_by_them(settings: Any, database: Any) -> None:
    database("postgresql", HOST="db.example.org", PORT="")
    settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp.example.org", 465
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.OIDC_URL = "https://id.example.org/realms/council"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "x.S3Storage", "OPTIONS": {"endpoint_url": "https://s3.example.org"}}
    }
    found = listed()
    assert set(found) == {"db.example.org:5432", "smtp.example.org:465", "id.example.org:443", "s3.example.org:443"}
    assert all(known.personal and known.because.startswith("HUSTINGS_") for known in found.values())
    # Elsewhere, and nobody said where: each is a fault, not a guess.
    assert set(rules.destination_faults("uk", found.values())) == set(found)


def test_a_socket_file_is_this_machine(database: Any) -> None:
    for host in ("", "/run/postgresql"):
        database("postgresql", HOST=host)
        assert declared.destinations() == ()


def test_a_room_declares_a_place_and_a_program() -> None:
    declare("127.0.0.1", 9000, purpose="To look whether our own server answers.")
    declare_program("pg_dump", purpose="To back up.")
    known = listed()["127.0.0.1:9000"]
    assert known.region == "local"
    assert known.because == __name__
    assert [program.name for program in declared.programs()] == ["pg_dump"]


def test_a_room_s_provider_is_asked_each_time_the_list_is_read(settings: Any) -> None:
    places = [Destination("a.example", 443, "To ask.", "local")]
    provide(lambda: [*places, Program("kms", "To wrap.")])
    assert "a.example:443" in listed()
    assert "b.example:443" not in listed()
    places.append(Destination("b.example", 443, "To ask.", "local"))
    assert "a.example:443" in listed()
    assert "b.example:443" not in listed()
    declared.forget()
    assert "b.example:443" in listed()


def test_personal_data_to_another_region_needs_a_ground() -> None:
    with pytest.raises(CellError, match="this cell keeps its data in local"):
        declare("x.example", 443, purpose="To send.", region="us", categories=["user.contact.email"])
    declare(
        "x.example",
        443,
        purpose="To send.",
        region="us",
        categories=["user.contact.email"],
        transfer="Article 49(1)(a)",
    )
    declare("y.example", 443, purpose="To fetch.", region="us")
    with pytest.raises(CellError, match="say in which region it is"):
        declare("z.example", 443, purpose="To fetch.")


GOOD = """
[[destination]]
host = "feeds.example.org"
port = 443
purpose = "To fetch the calendar of the house."
purpose_cy = "I nôl calendr y tŷ."
categories = []
region = "uk"
"""


def test_the_operator_s_file_adds_places(settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "egress.toml"
    path.write_text(GOOD)
    settings.EGRESS = str(path)
    known = listed()["feeds.example.org:443"]
    assert known.purpose_cy.startswith("I nôl")
    assert not known.private
    assert known.because == "HUSTINGS_EGRESS"


def test_the_operator_s_entry_completes_what_the_settings_imply(settings: Any, tmp_path: Path) -> None:
    settings.OIDC_URL = "https://id.example.org"
    path = tmp_path / "egress.toml"
    path.write_text(
        '[[destination]]\nhost = "id.example.org"\nport = 443\npurpose = "Sign-in."\ncategories = []\n'
        'region = "eu"\ntransfer = "Adequacy decision (EU) 2021/1772"\n'
    )
    settings.EGRESS = str(path)
    known = listed()["id.example.org:443"]
    assert (known.region, known.categories) == ("eu", ("user.unique_id",))
    assert known.because == "HUSTINGS_OIDC_URL, HUSTINGS_EGRESS"
    assert not rules.destination_faults("uk", [known])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('host = "feeds.example.org"', 'host = "*.example.org"'), "no patterns"),
        (('host = "feeds.example.org"', 'host = "10.0.0.0/8"'), "no address ranges"),
        (('host = "feeds.example.org"', 'host = "Feeds.Example.org"'), "small letters"),
        (('host = "feeds.example.org"', 'host = "a b"'), "one host name"),
        (("port = 443", "port = 0"), "1 to 65535"),
        (("port = 443", "port = true"), "1 to 65535"),
        (("port = 443", 'port = "https"'), "1 to 65535"),
        (("categories = []", 'categories = ["e-mail"]'), "user.contact.email"),
        (("categories = []", ""), "for nothing about anybody"),
        (('region = "uk"', ""), "where the place is"),
        (('purpose = "To fetch the calendar of the house."', 'purpose = ""'), "to the public"),
        (('region = "uk"', 'region = "uk"\ncolour = "red"'), "`colour` is not known"),
        (('region = "uk"', 'region = "uk"\nprivate = "yes"'), "true or false"),
        (("[[destination]]", "[destination]"), "two brackets"),
        (("[[destination]]", "destinations = 3\n[[destination]]"), "`destinations` is not known"),
        (("port = 443", "port = "), "not TOML"),
    ],
)
def test_a_wrong_line_is_named(settings: Any, tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    path = tmp_path / "egress.toml"
    path.write_text(GOOD.replace(*change))
    settings.EGRESS = str(path)
    with pytest.raises(CellError) as refused:
        declared.destinations()
    assert sentence in str(refused.value.fields["HUSTINGS_EGRESS"])


def test_all_wrong_lines_are_named_at_once() -> None:
    found, faults = rules.read_list(GOOD + GOOD.replace("443", "0") + GOOD.replace('"uk"', '"UK"'))
    assert len(found) == 1
    assert set(faults) == {"destination 2", "destination 3"}


def test_a_file_that_is_not_there_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.EGRESS = str(tmp_path / "none.toml")
    with pytest.raises(CellError, match="cannot be read: No such file"):
        declared.destinations()


def test_the_key_program_is_declared_by_its_setting(settings: Any) -> None:
    settings.KEYS_DRIVER, settings.KEYS_COMMAND = "command", "/usr/local/bin/ask-kms --key 1"
    assert [program.name for program in declared.programs()] == ["/usr/local/bin/ask-kms"]
