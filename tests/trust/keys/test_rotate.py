"""Another cell key: everybody's data still opens, old copies open no more, and a kill at any point is gone on from."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hustings.trust.api import erase_key, open_sealed, prepare_keys, rotate_keys, seal
from hustings.trust.keys import cellkeys, people, rotation
from hustings.trust.keys.models import CellKey, PersonKey

pytestmark = pytest.mark.django_db

PEOPLE = range(1, 8)


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> dict[int, bytes]:
    prepare_keys()
    monkeypatch.setattr(rotation, "AT_ONCE", 3)
    return {subject: seal(subject, "x.y", b"of %d" % subject) for subject in PEOPLE}


def all_open(boxes: dict[int, bytes]) -> None:
    people.forget_held()
    for subject, box in boxes.items():
        assert open_sealed(subject, "x.y", box) == b"of %d" % subject


def key_file(settings: Any) -> Path:
    return Path(settings.DATA) / "keys" / "cell-key"


def test_everything_opens_and_the_old_key_is_gone(boxes: dict[int, bytes], settings: Any) -> None:
    old = json.loads(key_file(settings).read_text())["keys"][0]
    seen: list[tuple[int, int]] = []
    done = rotate_keys(lambda *counts: seen.append(counts))
    assert (done.rewrapped, done.destroyed) == (7, (old["id"],))
    assert seen == [(3, 7), (6, 7), (7, 7)]
    all_open(boxes)
    assert old["key"] not in key_file(settings).read_text()
    assert dict(CellKey.objects.values_list("pk", "state")) == {old["id"]: "destroyed", done.current: "current"}
    assert set(PersonKey.objects.values_list("kek_id", flat=True)) == {done.current}


def test_an_old_copy_of_the_database_opens_no_more(boxes: dict[int, bytes]) -> None:
    snapshot = dict(PersonKey.objects.values_list("pk", "wrapped"))
    kek_id = CellKey.objects.get().pk
    erase_key(3)
    rotate_keys()
    people.forget_held()
    with pytest.raises(people.CellKeyError):
        people.unwrapped({3: (bytes(snapshot[3]), kek_id)})


def test_what_was_destroyed_is_overwritten_where_it_lay(boxes: dict[int, bytes], settings: Any) -> None:
    with key_file(settings).open("rb") as still_open:
        rotate_keys()
        rotate_keys()
        still_open.seek(0)
        assert not still_open.read().strip(b"\0")


def test_the_erased_stay_erased(boxes: dict[int, bytes]) -> None:
    erase_key(3)
    assert rotate_keys().rewrapped == 6
    row = PersonKey.objects.get(pk=3)
    assert (bytes(row.wrapped), row.kek_id) == (b"", "")


def test_twice_is_two_keys_later(boxes: dict[int, bytes]) -> None:
    assert rotate_keys().current != rotate_keys().current
    assert CellKey.objects.count() == 3
    all_open(boxes)


class KilledError(BaseException):
    pass


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`killed("destroy", after=False)` ends the process at the call of that name: before it is done, or just after."""

    def arm(name: str, *, after: bool, times: int = 1) -> None:
        target: Any = people if name == "unwrapped" else cellkeys.FileDriver
        real, calls = getattr(target, name), [0]

        def die(*args: Any, **kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] != times:
                return real(*args, **kwargs)
            if after:
                real(*args, **kwargs)
            raise KilledError

        monkeypatch.setattr(target, name, die)

    return arm


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [False, True], ids=["lost", "landed"])
@pytest.mark.parametrize(("where", "times"), [("add", 1), ("unwrapped", 1), ("wrap", 2), ("destroy", 1)])
def test_killed_it_goes_on(
    boxes: dict[int, bytes], killed: Any, monkeypatch: pytest.MonkeyPatch, where: str, times: int, after: bool
) -> None:
    killed(where, after=after, times=times)
    with pytest.raises(KilledError):
        rotate_keys()
    monkeypatch.undo()
    all_open(boxes)
    boxes[99] = seal(99, "x.y", b"of 99")  # life goes on in between
    done = rotate_keys()
    all_open(boxes)
    assert CellKey.objects.count() == 2, "no third key was made"
    assert list(CellKey.objects.filter(state="current").values_list("pk", flat=True)) == [done.current]
    assert cellkeys.driver().ids() == [done.current]


def test_a_key_that_does_not_unwrap_stops_it_before_anything_is_destroyed(boxes: dict[int, bytes]) -> None:
    PersonKey.objects.filter(pk=5).update(wrapped=b"\x01damaged")
    with pytest.raises(people.SealBrokenError):
        rotate_keys()
    assert not CellKey.objects.filter(state="destroyed").exists()


def test_the_command(boxes: dict[int, bytes]) -> None:
    from hustings.site.verbs.keys import app

    erase_key(1)
    runner = CliRunner()
    status = json.loads(runner.invoke(app, ["status", "--json"]).stdout)
    assert (status["living"], status["erased"], status["erased_since"], status["driver"]) == (6, 1, 1, "file")
    said = runner.invoke(app, ["status"]).stdout
    assert "1 were erased since the cell's key was made" in said
    assert json.loads(runner.invoke(app, ["rotate", "--json"]).stdout)["rewrapped"] == 6
    assert json.loads(runner.invoke(app, ["status", "--json"]).stdout)["erased_since"] == 0


def test_the_command_refuses_with_a_sentence(boxes: dict[int, bytes], settings: Any) -> None:
    from hustings.site.verbs.keys import app

    key_file(settings).chmod(0o644)
    done = CliRunner().invoke(app, ["rotate"])
    assert done.exit_code == 1
    assert "chmod 600" in done.stderr
