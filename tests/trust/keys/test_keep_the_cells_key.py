"""The cell's key: made once, never silently again, readable by nobody else, of this cell; in a file or with a program."""

import json
import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hustings.lib.errors import HustingsError
from hustings.trust.api import open_sealed, prepare_keys, seal
from hustings.trust.keys import people
from hustings.trust.keys.errors import CellKeyError, KeyDriverError
from hustings.trust.keys.models import CellKey, PersonKey

pytestmark = pytest.mark.django_db

KEEPER = Path(__file__).with_name("keeper.py")


@pytest.fixture
def key_file(settings: Any) -> Path:
    prepare_keys()
    return Path(settings.DATA) / "keys" / "cell-key"


def test_it_is_made_with_the_first_preparation_and_stays(key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    before = key_file.read_bytes()
    assert json.loads(before)["cell"] == "local"
    prepare_keys()
    assert key_file.read_bytes() == before
    assert CellKey.objects.get().pk == json.loads(before)["keys"][0]["id"]


def test_it_is_not_in_the_database(key_file: Path) -> None:
    from django.core import serializers

    seal(7, "x.y", b"data")
    rows = serializers.serialize("json", [*CellKey.objects.all(), *PersonKey.objects.all()])
    assert json.loads(key_file.read_text())["keys"][0]["key"] not in rows


def refusal() -> HustingsError:
    people.forget_held()
    with pytest.raises(CellKeyError) as caught:
        prepare_keys()
    with pytest.raises(HustingsError):
        seal(8, "x.y", b"nothing is sealed either")
    return caught.value


def test_missing_while_keys_are_wrapped_with_it(key_file: Path) -> None:
    seal(7, "x.y", b"data")
    key_file.unlink()
    assert refusal().message == "The cell's key is missing, and the keys of 1 people are wrapped with it."
    assert not key_file.exists(), "none is made in its place"


def test_missing_before_anything_was_sealed_is_missing_all_the_same(key_file: Path) -> None:
    key_file.unlink()
    assert "missing" in refusal().message


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_readable_by_others(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    said = refusal()
    assert said.message == f"The cell key {key_file} has mode {mode:04o}: others on this machine could read it."
    assert said.hint == f"Run: chmod 600 {key_file}"


def test_of_another_cell(key_file: Path, settings: Any) -> None:
    settings.CELL = "us"
    settings.DATA = str(settings.DATA)  # another driver: the one from before has the file in memory
    assert refusal().message == f"The cell key {key_file} belongs to the cell “local”, but this is “us”."


@pytest.mark.parametrize(
    "content", ["", "{}", "nonsense", '{"format": "hustings cell key 1", "cell": "local", "keys": []}']
)
def test_damaged(key_file: Path, content: str) -> None:
    key_file.write_text(content)
    assert refusal().message == f"The cell key {key_file} is damaged: it is not a file that this program wrote."


def test_another_one_than_the_one_that_wrapped(key_file: Path) -> None:
    seal(7, "x.y", b"data")
    mine = CellKey.objects.get().pk
    key_file.write_text(key_file.read_text().replace(mine, "k0000000000000000"))
    assert refusal().message == (
        f"The cell's key is another one: people's keys are wrapped with {mine}, which is not there."
    )


def test_the_right_name_with_another_key_opens_nothing(key_file: Path) -> None:
    sealed = seal(7, "x.y", b"data")
    said = json.loads(key_file.read_text())
    said["keys"][0]["key"] = "A" * 43 + "="
    key_file.write_text(json.dumps(said))
    people.forget_held()
    with pytest.raises(HustingsError, match="does not open with the cell's key"):
        open_sealed(7, "x.y", sealed)


def test_hustings_check_says_it(key_file: Path) -> None:
    from hustings.site.health import examine

    key_file.chmod(0o644)
    wrong = [one for one in examine() if one.subject == "keys" and one.bad]
    assert "0644" in wrong[0].message
    key_file.chmod(0o600)
    assert not [one for one in examine() if one.subject == "keys" and one.bad]


# --- With a program ------------------------------------------------------------------------------------


@pytest.fixture
def keeper(settings: Any, tmp_path: Path) -> Any:
    """`keeper("fault")` makes the program that keeps the key behave so from now on."""

    def behave(fault: str = "") -> None:
        words = [sys.executable, str(KEEPER), str(tmp_path / "kms.json"), *([fault] if fault else [])]
        settings.KEYS_DRIVER, settings.KEYS_COMMAND = "command", shlex.join(words)

    behave()
    return behave


def test_a_program_keeps_the_key(keeper: Any, settings: Any) -> None:
    prepare_keys()
    sealed = seal(7, "x.y", b"data")
    people.forget_held()
    assert open_sealed(7, "x.y", sealed) == b"data"
    assert CellKey.objects.get().pk == "kms-1"
    assert not (Path(settings.DATA) / "keys" / "cell-key").exists()


def test_many_keys_are_one_call(keeper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from hustings.trust.keys import cellkeys

    prepare_keys()
    calls = []
    ask = cellkeys.CommandDriver._ask
    monkeypatch.setattr(cellkeys.CommandDriver, "_ask", lambda self, q: calls.append(q["op"]) or ask(self, q))
    with people.holding(range(1, 200)):
        assert calls == ["wrap", "unwrap"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [("refuses", "the service is sealed"), ("nonsense", "not an object"), ("too few", "0 keys where 1")],
)
def test_a_program_that_fails_changes_nothing(keeper: Any, fault: str, said: str) -> None:
    prepare_keys()
    keeper(fault)
    with pytest.raises(KeyDriverError, match=said):
        seal(7, "x.y", b"data")
    assert not PersonKey.objects.exists()
    keeper()
    assert seal(7, "x.y", b"data")


def test_a_program_that_is_not_there(settings: Any) -> None:
    settings.KEYS_DRIVER, settings.KEYS_COMMAND = "command", "/nowhere/keeper"
    with pytest.raises(KeyDriverError, match="could not be asked"):
        prepare_keys()


def test_a_program_of_another_cell(keeper: Any) -> None:
    keeper("elsewhere")
    with pytest.raises(CellKeyError, match="elsewhere"):
        prepare_keys()


def test_a_driver_that_does_not_exist(settings: Any) -> None:
    settings.KEYS_DRIVER = "cloud"
    with pytest.raises(CellKeyError, match="neither file nor command"):
        prepare_keys()


@pytest.mark.own_database
@pytest.mark.parametrize("verb", ["serve", "worker"])
def test_nothing_starts_without_it(verb: str, tmp_path: Path) -> None:
    """In a process of its own, with a database and a data folder of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "HUSTINGS_DATA": str(tmp_path / "var"),
        "HUSTINGS_SECRET_KEY": "only-for-tests",
    }

    def hustings(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hustings.site.cli", *words],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    assert hustings("migrate").returncode == 0
    key = tmp_path / "var" / "keys" / "cell-key"
    key.chmod(0o644)
    done = hustings(verb)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        f"hustings: The cell key {key} has mode 0644: others on this machine could read it. Run: chmod 600 {key}",
    )
