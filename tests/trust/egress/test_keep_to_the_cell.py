"""A process does not start with stores of another region or of another cell, and says exactly which."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.utils import ConnectionHandler

from hustings.trust.api import hold_to_cell, name_cell
from hustings.trust.egress import cells, declared, rules
from hustings.trust.egress.errors import CellError
from hustings.trust.egress.models import Cell


@pytest.fixture
def uk(settings: Any) -> None:
    settings.CELL, settings.REGION = "uk", "uk"


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The settings of a database on another machine; the connection of the test stays where it is."""
    there = {"ENGINE": "django.db.backends.postgresql", "HOST": "db.example.org", "PORT": "5432", "NAME": "x"}
    monkeypatch.setitem(settings.DATABASES, "default", there)
    declared.forget()


# --- Regions ----------------------------------------------------------------------------------------------


def test_what_is_on_this_machine_is_where_the_cell_is(uk: None) -> None:
    assert cells.faults() == {}
    assert {store.region("uk") for store in cells.stores()} == {"uk"}


def test_a_store_elsewhere_must_say_where(uk: None, remote: None) -> None:
    assert cells.faults() == {
        "HUSTINGS_DATABASE_REGION": "The database is at db.example.org:5432, which is another machine: "
        "say with HUSTINGS_DATABASE_REGION in which region that is."
    }


def test_a_store_in_another_region_is_refused(uk: None, remote: None, settings: Any) -> None:
    settings.DATABASE_REGION = "us"
    assert cells.faults() == {
        "HUSTINGS_DATABASE_REGION": "The database at db.example.org:5432 is in region us, "
        "but the cell uk keeps its data in uk."
    }
    settings.DATABASE_REGION = "uk"
    assert cells.faults() == {}


def test_every_store_is_asked_and_all_faults_are_said_at_once(uk: None, remote: None, settings: Any) -> None:
    settings.MEDIA_REGION = settings.KEYS_REGION = "sg"
    settings.EMAIL_HOST = "smtp.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with pytest.raises(CellError) as refused:
        hold_to_cell()
    assert set(refused.value.fields) == {f"HUSTINGS_{name}_REGION" for name in ("DATABASE", "MEDIA", "KEYS", "EMAIL")}


def test_an_object_store_is_another_machine(uk: None, settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "x.S3Storage", "OPTIONS": {"endpoint_url": "https://s3.example.org"}}
    }
    assert "media store is at https://s3.example.org" in cells.faults()["HUSTINGS_MEDIA_REGION"]


def test_a_key_program_is_another_machine(uk: None, settings: Any) -> None:
    settings.KEYS_DRIVER, settings.KEYS_COMMAND = "command", "ask-kms --key 1"
    assert "say with HUSTINGS_KEYS_REGION" in cells.faults()["HUSTINGS_KEYS_REGION"]


@pytest.mark.parametrize("name", ["", "UK", "u k", "-uk", "uk/../us", "x" * 33])
def test_a_name_must_be_a_name(settings: Any, name: str) -> None:
    settings.CELL = settings.REGION = name
    assert set(cells.faults()) >= {"HUSTINGS_CELL", "HUSTINGS_REGION"}


MOUNTS = """\
21 1 259:1 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p1 rw
30 21 0:40 / /srv rw,relatime shared:2 - nfs4 files.example.org:/export rw
31 30 259:2 / /srv/local\\040disk rw - xfs /dev/nvme1n1 rw
32 21 0:50 / /mnt/bucket rw - fuse.s3fs s3fs rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/srv/hustings/media", "nfs4"),
        ("/srv/local disk/x", "xfs"),
        ("/srvx", "ext4"),
        ("/mnt/bucket", "fuse.s3fs"),
    ],
)
def test_a_mounted_share_is_another_machine(path: str, kind: str) -> None:
    assert cells.filesystem_of(path, MOUNTS) == kind
    assert (kind in cells._NETWORK_FILESYSTEMS) is (kind not in {"ext4", "xfs"})


# --- Stamps -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_first_start_stamps_and_the_second_finds_its_own(settings: Any) -> None:
    hold_to_cell()
    hold_to_cell()
    for folder in (settings.DATA, settings.MEDIA_ROOT):
        assert json.loads((folder / cells.STAMP).read_text()) == {"cell": "local", "region": "local"}
        assert sorted(path.name for path in folder.iterdir()) == [cells.STAMP]
    assert Cell.objects.values_list("name", "region").get() == ("local", "local")


@pytest.mark.django_db
@pytest.mark.parametrize("which", ["DATA", "MEDIA_ROOT"])
def test_another_cell_s_folder_is_refused(settings: Any, which: str) -> None:
    folder: Path = getattr(settings, which)
    (folder / cells.STAMP).write_text('{"cell": "us", "region": "us"}')
    with pytest.raises(CellError) as refused:
        hold_to_cell()
    assert refused.value.fields == {
        str(folder): f"The folder {folder} belongs to the cell us in region us, and this process is the cell local "
        "in region local. Correct the settings, or point them at this cell's own stores."
    }
    # Visitors are not told where our folders are.
    assert str(folder) not in json.dumps(refused.value.as_json())


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "[]", "{", '{"cell": "local"}'])
def test_a_stamp_that_cannot_be_read_is_not_believed(settings: Any, text: str) -> None:
    (settings.MEDIA_ROOT / cells.STAMP).write_text(text)
    with pytest.raises(CellError, match="cannot be read"):
        hold_to_cell()


@pytest.mark.django_db
def test_of_two_first_starts_one_stamps_and_the_other_cell_is_refused(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one's stamp appears between our look and our link."""
    theirs = settings.MEDIA_ROOT / cells.STAMP
    real = cells.os.link

    def late(source: Path, target: Path) -> None:
        if target == theirs:
            theirs.write_text('{"cell": "us", "region": "us"}')
        real(source, target)

    monkeypatch.setattr(cells.os, "link", late)
    with pytest.raises(CellError, match="belongs to the cell us"):
        hold_to_cell()


@pytest.fixture
def stamped(tmp_path: Path, settings: Any) -> Iterator[Callable[[str], Any]]:
    """`stamped("us")`: a database of its own that another cell has prepared, closed again."""
    opened: list[Any] = []

    def make(name: str) -> Any:
        there = connections["default"].settings_dict | {"NAME": str(tmp_path / "theirs.sqlite3")}
        file = ConnectionHandler({"default": there})["default"]
        other = file if connection.vendor == "sqlite" else connection.copy()
        opened.append(other)
        with cells.unchecked(), other.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("CREATE TABLE trust_cell (id integer PRIMARY KEY, name text, region text)")
                cursor.execute("INSERT INTO trust_cell VALUES (1, 'local', 'local')")
            cursor.execute("UPDATE trust_cell SET name = %s, region = %s", [name, name])
        other.close()
        return other

    yield make
    for other in opened:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_another_cell_s_database_is_closed_as_soon_as_it_is_opened(settings: Any, stamped: Any) -> None:
    """Whatever opens it: a shell, a script that somebody wrote in a hurry, a restored backup."""
    theirs = stamped("us")
    for _ in range(2):  # and it stays shut for who tries again
        with pytest.raises(CellError, match="The database belongs to the cell us in region us"):
            theirs.cursor()
        assert theirs.connection is None
    settings.CELL = settings.REGION = "us"
    with theirs.cursor() as cursor:
        cursor.execute("SELECT name FROM trust_cell")
        assert cursor.fetchone() == ("us",)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_ours_costs_one_look_per_connection(stamped: Any) -> None:
    ours = stamped("local")
    ours.force_debug_cursor = True
    ours.cursor().close()
    ours.cursor().close()
    assert [query["sql"] for query in ours.queries].count("SELECT name, region FROM trust_cell WHERE id = 1") == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_without_tables_may_be_opened_to_make_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `migrate` finds it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trust_cell RENAME TO trust_cell_away")
    try:
        connection.close()
        assert cells.read_database_stamp() is None
        hold_to_cell()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE trust_cell_away RENAME TO trust_cell")


@pytest.mark.django_db(transaction=True)  # name_cell opens the database anew
@pytest.mark.parametrize("name", ["cell-key", "log-signing-key"])
def test_a_key_of_another_cell_is_refused(settings: Any, name: str) -> None:
    """As the two rooms write them, with their own functions."""
    from hustings.trust.keys.cellkeys import FileDriver
    from hustings.trust.log import signing

    settings.CELL = "us"
    path = settings.DATA / "keys" / name
    if name == "cell-key":
        FileDriver(path, "us").make()
    else:
        signing.load_or_make(begun=False)
    settings.CELL = "local"
    with pytest.raises(CellError) as refused:
        hold_to_cell()
    assert refused.value.fields == {
        str(path): f"The key {path} belongs to the cell us, and this process is the cell local in region local. "
        "Put this cell's own key there, or correct HUSTINGS_CELL."
    }
    with pytest.raises(CellError, match="keep HUSTINGS_CELL=local"):
        name_cell()
    settings.CELL = "us"
    assert not cells._key_faults()


# --- Naming -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_service_without_a_name_gets_one(settings: Any) -> None:
    hold_to_cell()
    settings.CELL, settings.REGION = "uk", "uk"
    with pytest.raises(CellError, match="run `hustings egress name uk`"):
        hold_to_cell()
    assert len(name_cell()) == 3
    hold_to_cell()
    assert name_cell() == []
    assert Cell.objects.values_list("name", "region").get() == ("uk", "uk")


@pytest.mark.django_db(transaction=True)
def test_a_name_does_not_move_data_to_another_region(settings: Any) -> None:
    settings.CELL = settings.REGION = "uk"
    with cells.unchecked():
        Cell.objects.update(name="uk", region="uk")
    hold_to_cell()
    settings.CELL = settings.REGION = "us"
    with pytest.raises(CellError, match="a name does not move it"):
        name_cell()
    settings.CELL, settings.REGION = "uk-north", "uk"
    assert len(name_cell()) == 3


@pytest.mark.django_db(transaction=True)
def test_a_stamp_of_another_cell_on_one_folder_keeps_all_as_they_are(settings: Any) -> None:
    hold_to_cell()
    (settings.MEDIA_ROOT / cells.STAMP).write_text('{"cell": "us", "region": "us"}')
    settings.CELL = settings.REGION = "uk"
    with pytest.raises(CellError):
        name_cell()
    settings.CELL = settings.REGION = "local"
    assert Cell.objects.get().name == "local"


@pytest.fixture(autouse=True)
def _the_row_as_it_was(request: pytest.FixtureRequest) -> Any:
    """Tests that commit leave the stamp of the test database as they found it."""
    yield
    if request.node.get_closest_marker("django_db") and request.node.get_closest_marker("django_db").kwargs:
        with cells.unchecked():
            Cell.objects.update_or_create(id=1, defaults={"name": "local", "region": "local"})


def test_rules_name_what_is_elsewhere_without_a_word_about_secrets() -> None:
    store = rules.Store("database", "database", "db.example.org:5432", "HUSTINGS_DATABASE_REGION", "us", True)
    assert "password" not in json.dumps(rules.store_faults("uk", "uk", [store]))
