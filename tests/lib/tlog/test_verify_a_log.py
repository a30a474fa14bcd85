"""An outsider checks a log: right, wrong in every file, gone back, forked, with another key."""

import base64
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hustings.lib import merkle
from hustings.lib.tlog import durable, errors, tiles
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.notes import COSIGNATURE, Signer, write_note
from hustings.lib.tlog.policies import Policy
from hustings.lib.tlog.scanning import CHUNK
from hustings.lib.tlog.verifying import Trust
from lib.tlog.small_log import ORIGIN, Outsider, SmallLog, access, edge, entries, files_of, instant

SIZES = [1, 2, 255, 256, 257, 700]


@pytest.mark.parametrize("size", [0, *SIZES])
def test_a_right_log_is_right(log: SmallLog, outsider: Outsider, size: int) -> None:
    log.write(size)
    visit = outsider.visit(log.folder)
    assert visit.sound, visit.fault
    assert visit.checkpoint is not None
    assert visit.checkpoint.size == size
    assert visit.told is not None
    assert visit.told.entries == size
    seen = outsider.memory.of(ORIGIN)
    assert seen is not None
    assert seen.checkpoint == visit.checkpoint


def test_two_processes_find_the_same_as_one(log: SmallLog, outsider: Outsider) -> None:
    size = CHUNK * tiles.WIDTH * 4 + 300
    log.write([access(number, reason="security") for number in range(size)])
    one = outsider.visit(log.folder)
    two = Outsider(outsider.folder, jobs=2).visit(log.folder)
    assert one.sound
    assert two.sound
    assert one.told is not None
    assert two.told is not None
    assert one.told == two.told
    assert outsider.told[-1] == (size, size)
    log.flip(tiles.entries_path(CHUNK * 4), byte=40)
    assert isinstance(Outsider(outsider.folder, jobs=2).visit(log.folder).fault, errors.WrongEntryError)


def _every_file(size: int) -> list[str]:
    return sorted(files_of(size))


@pytest.mark.parametrize(
    ("size", "path"), [(size, path) for size in (1, 256, 700) for path in _every_file(size)], ids=str
)
def test_one_bit_of_any_file_is_named(log: SmallLog, outsider: Outsider, size: int, path: str) -> None:
    log.write(size)
    data = (log.folder / path).read_bytes()
    at = len(data) // 2
    log.flip(path, byte=at)
    fault = outsider.visit(log.folder).fault
    # A bit of an entry's length makes the whole bundle unreadable; any other bit changes one entry or one hash.
    assert isinstance(fault, errors.WrongEntryError | errors.WrongTileError | errors.MalformedBundleError)
    assert fault.path == path
    if isinstance(fault, errors.WrongEntryError):
        tile = tiles.parse_path(path)
        assert tile is not None
        position, place = 0, -1
        while position <= at:
            position += 2 + int.from_bytes(data[position : position + 2])
            place += 1
        assert fault.index == tile.number * tiles.WIDTH + place
    if isinstance(fault, errors.WrongTileError):
        assert fault.place == at // merkle.HASH_SIZE
    assert outsider.memory.of(ORIGIN) is None, "what is wrong is not remembered"


def test_an_entry_exchanged_together_with_its_hash(log: SmallLog, outsider: Outsider) -> None:
    log.write(700)
    other = access(90_000)
    bundle = list(tiles.read_bundle((log.folder / tiles.entries_path(1)).read_bytes(), 1, 256))
    bundle[7] = other
    (log.folder / tiles.entries_path(1)).write_bytes(tiles.write_bundle(bundle))
    tile = bytearray((log.folder / tiles.path(0, 1)).read_bytes())
    tile[7 * 32 : 8 * 32] = merkle.leaf_hash(other)
    (log.folder / tiles.path(0, 1)).write_bytes(bytes(tile))
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.WrongBlockError)
    assert (fault.path, fault.first, fault.last) == (tiles.entries_path(1), 256, 511)


def test_an_entry_exchanged_all_the_way_up(log: SmallLog, outsider: Outsider) -> None:
    log.write(700)
    raw = log.checkpoint_file.read_bytes()
    log.write([*log.entries[:300], access(90_000), *log.entries[301:]])
    log.checkpoint_file.write_bytes(raw)
    assert isinstance(outsider.visit(log.folder).fault, errors.WrongRootError)


def test_both_an_entry_and_a_tile_elsewhere(log: SmallLog, outsider: Outsider) -> None:
    log.write(700)
    log.flip(tiles.entries_path(0), byte=30)
    log.flip(edge(1, 700).path, byte=40)
    # Two files are wrong; the one that the tiles of level 0 convict is named.
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.WrongEntryError)
    assert fault.index == 0


def test_an_entry_at_the_edge_and_a_tile_elsewhere(log: SmallLog, outsider: Outsider) -> None:
    log.write(700)
    log.flip(tiles.entries_path(2, 188), byte=30)
    log.flip(tiles.path(0, 1), byte=3)
    # Neither the entries nor the tiles of level 0 lead to the root; the tile above, with the edge's tile, does.
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.WrongTileError)
    assert (fault.path, fault.place) == (tiles.path(0, 1), 0)
    log.flip(tiles.path(0, 1), byte=3)
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.WrongEntryError)
    assert fault.index == 512


def test_a_wrong_tile_above_level_one(log: SmallLog, outsider: Outsider) -> None:
    size = 256 * 256 + 5
    log.write([b"%d" % number for number in range(size)])
    outsider.form = False
    assert outsider.visit(log.folder).sound
    log.flip("tile/1/000", byte=32 * 9)
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.WrongTileError)
    assert (fault.path, fault.place) == ("tile/1/000", 9)
    # Together with an entry, the level above convicts it.
    log.flip(tiles.entries_path(100), byte=2)
    log.flip(tiles.path(0, 100), byte=0)
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.FileError)
    assert fault.path in {"tile/1/000", tiles.entries_path(100)}


@pytest.mark.parametrize("path", _every_file(700))
@pytest.mark.parametrize("how", ["gone", "cut", "longer", "empty"])
def test_a_file_that_is_not_there_whole_is_named(log: SmallLog, outsider: Outsider, path: str, how: str) -> None:
    log.write(700)
    file = log.folder / path
    data = file.read_bytes()
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes({"cut": data[:-1], "longer": data + b"\0", "empty": b""}[how])
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.FileError)
    assert fault.path == path


def test_a_partial_file_may_be_replaced_by_the_full_one(log: SmallLog, outsider: Outsider) -> None:
    log.write(300)
    raw = log.checkpoint_file.read_bytes()
    shutil.rmtree(log.folder / "tile")
    log.write(600)
    log.checkpoint_file.write_bytes(raw)  # the outsider asked before the log grew
    shutil.rmtree(log.folder / "tile/0/001.p", ignore_errors=True)
    visit = outsider.visit(log.folder)
    assert isinstance(visit.fault, errors.MissingFileError), "the partial tile of level 1 is not there"
    (log.folder / "tile/1/000.p/1").write_bytes((log.folder / "tile/1/000.p/2").read_bytes()[:32])
    assert outsider.visit(log.folder).sound


# Keys and names


def test_another_key_signed(log: SmallLog, outsider: Outsider) -> None:
    log.signer = Signer.generate(ORIGIN)
    log.write(3)
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.NotSignedError)
    assert outsider.memory.of(ORIGIN) is None


@pytest.mark.parametrize("line", [1, 2, 3, 5])
def test_a_changed_checkpoint_is_refused(log: SmallLog, outsider: Outsider, line: int) -> None:
    log.write(3)
    lines = log.checkpoint_file.read_text().split("\n")
    changed = {1: "log.example/other", 2: "2", 3: lines[2].replace(lines[2][5], "A" if lines[2][5] != "A" else "B", 1)}
    lines[line - 1] = changed.get(line, lines[line - 1][:-10] + "AAAAAAAAAA")
    log.checkpoint_file.write_text("\n".join(lines))
    fault = outsider.visit(log.folder).fault
    assert isinstance(
        fault, errors.OtherLogError if line == 1 else errors.BadSignatureError | errors.MalformedNoteError
    )


def test_the_key_is_believed_at_first_and_remembered(log: SmallLog, outsider: Outsider) -> None:
    log.write(3)
    outsider.trust = Trust()
    first = outsider.visit(log.folder)
    assert first.sound
    assert first.key_from == "first use"
    assert any(str(log.signer.verifier) in warning for warning in first.warnings), "it is said which key to compare"
    again = outsider.visit(log.folder)
    assert (again.key_from, again.warnings) == ("remembered", [])
    log.signer = Signer.generate(ORIGIN)
    log.write(3)
    changed = outsider.visit(log.folder)
    assert isinstance(changed.fault, errors.KeyChangedError)
    assert str(log.signer.verifier) in str(changed.fault)


def test_a_log_without_a_key_wants_one(log: SmallLog, outsider: Outsider) -> None:
    log.write(3)
    outsider.trust = Trust()
    (log.folder / "vkey").write_text("no key")
    with pytest.raises(errors.AddressError, match="--key"):
        outsider.visit(log.folder)
    (log.folder / "vkey").unlink()
    with pytest.raises(errors.AddressError, match="--key"):
        outsider.visit(log.folder)


def test_another_log_at_the_same_address(log: SmallLog, outsider: Outsider) -> None:
    log.write(3)
    outsider.trust = Trust()
    assert outsider.visit(log.folder).sound
    other = Signer.generate("log.example/another")
    checkpoint = Checkpoint("log.example/another", 0, merkle.EMPTY_ROOT)
    log.checkpoint_file.write_bytes(checkpoint.sign([other]))
    (log.folder / "vkey").write_text(str(other.verifier))
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.OtherLogError), "a log cannot shake off its past with a new name"


def test_no_log_there(tmp_path: Path, outsider: Outsider) -> None:
    with pytest.raises(errors.AddressError, match="no checkpoint"):
        outsider.visit(tmp_path)


def test_an_empty_log_has_one_root_only(log: SmallLog, outsider: Outsider) -> None:
    log.write(0)
    log.sign(Checkpoint(ORIGIN, 0, b"\1" * 32))
    assert isinstance(outsider.visit(log.folder).fault, errors.WrongRootError)


# History


def test_a_log_that_grew_is_right(log: SmallLog, outsider: Outsider) -> None:
    for size in (1, 200, 256, 700, 700):
        log.write(size)
        assert outsider.visit(log.folder).sound


def test_a_log_that_went_back(log: SmallLog, outsider: Outsider) -> None:
    log.write(300)
    assert outsider.visit(log.folder).sound
    raw = log.checkpoint_file.read_bytes()
    log.write(299)
    visit = outsider.visit(log.folder)
    assert isinstance(visit.fault, errors.RollbackError)
    assert (visit.fault.seen, visit.fault.size) == (300, 299)
    assert (Path(visit.evidence) / "before.checkpoint").read_bytes() == raw
    assert (Path(visit.evidence) / "now.checkpoint").read_bytes() == log.checkpoint_file.read_bytes()
    seen = outsider.memory.of(ORIGIN)
    assert seen is not None
    assert seen.checkpoint.size == 300, "the larger one stays in mind"


@pytest.mark.parametrize(("before", "now"), [(300, 300), (300, 700), (256, 257), (1, 2)])
def test_a_log_that_forked(log: SmallLog, outsider: Outsider, before: int, now: int) -> None:
    old = log.write(before)
    assert outsider.visit(log.folder).sound
    shutil.rmtree(log.folder / "tile")
    new = log.write([access(99_999), *entries(now - 1, 1)])
    visit = outsider.visit(log.folder)
    assert isinstance(visit.fault, errors.ForkError)
    assert (visit.fault.seen, visit.fault.size) == (before, now)
    # Anybody can check the evidence with what is in it.
    evidence = Path(visit.evidence)
    assert "contradict" in (evidence / "README.txt").read_text()
    if now > before:
        first, *rest = (evidence / "proof").read_text().split()[1:]
        assert int(first) == before
        proof = [base64.b64decode(line) for line in rest]
        other = base64.b64decode((evidence / "other-root").read_text())
        merkle.verify_consistency(before, now, proof, other, new.root)
        assert other != old.root


def test_a_broken_tile_is_no_fork(log: SmallLog, outsider: Outsider) -> None:
    log.write(300)
    assert outsider.visit(log.folder).sound
    log.write(700)
    log.flip(tiles.path(0, 1), byte=44 * 32)
    visit = outsider.visit(log.folder)
    assert isinstance(visit.fault, errors.WrongTileError)
    assert (visit.fault.path, visit.evidence) == (tiles.path(0, 1), "")


def test_a_checkpoint_from_a_friend(log: SmallLog, outsider: Outsider) -> None:
    log.write(300)
    friends = log.checkpoint_file.read_bytes()
    log.write(700)
    outsider.trust = replace(outsider.trust, older=friends)
    assert outsider.visit(log.folder).sound
    other = SmallLog(log.folder.with_name("other"))
    other.write([access(5), *entries(299)])
    outsider.trust = replace(outsider.trust, older=other.checkpoint_file.read_bytes())
    assert isinstance(outsider.visit(log.folder).fault, errors.ForkError)
    outsider.trust = replace(outsider.trust, older=b"nothing")
    with pytest.raises(errors.RememberedError, match="older checkpoint"):
        outsider.visit(log.folder)


def test_memory_that_is_damaged_is_no_memory_that_is_empty(log: SmallLog, outsider: Outsider) -> None:
    log.write(3)
    assert outsider.visit(log.folder).sound
    for file in outsider.folder.rglob("*.json"):
        file.write_text("{}")
    with pytest.raises(errors.RememberedError, match="cannot be read"):
        outsider.visit(log.folder)


def test_two_visits_that_end_out_of_order(log: SmallLog, outsider: Outsider) -> None:
    log.write(5)
    first = outsider.visit(log.folder)
    older = outsider.memory.of(ORIGIN)
    log.write(9)
    assert outsider.visit(log.folder).sound
    assert first.sound
    assert older is not None
    outsider.memory.keep(older)
    seen = outsider.memory.of(ORIGIN)
    assert seen is not None
    assert seen.checkpoint.size == 9


# Witnesses


def test_a_policy_wants_its_witnesses(log: SmallLog, outsider: Outsider) -> None:
    log.write(3)
    witness = Signer.generate("w.example/1", COSIGNATURE)
    policy = Policy.parse(f"log {log.signer.verifier}\nwitness one {witness.verifier}\nquorum one\n".encode())
    outsider.trust = Trust(policy=policy)
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.QuorumError)
    text = Checkpoint.parse(log.checkpoint_file.read_text().split("\n\n")[0] + "\n").text()
    signed = [log.signer.sign(text), witness.sign(text, 1_780_000_000)]
    log.checkpoint_file.write_bytes(write_note(text, signed))
    visit = outsider.visit(log.folder)
    assert visit.sound
    assert visit.witnesses == [("one", 1_780_000_000)]
    assert visit.key_from == "policy"


# What it says


def test_what_it_says(log: SmallLog, outsider: Outsider) -> None:
    delayed = access(0, disclose_after="2026-05-01")
    log.write([delayed, access(1, break_glass=True, reason="security"), access(2, disclose_after="2027-01-01")])
    told = outsider.visit(log.folder).told
    assert told is not None
    assert told.reasons == {"support": 2, "security": 1}
    assert (told.break_glass, dict(told.months)) == (1, {"2026-01": 3})
    assert told.delays.overdue(outsider.now.date()) == [0]
    assert [index for index, _ in told.last] == [0, 1, 2]


def test_a_wrong_form_is_wrong_and_yet_remembered(log: SmallLog, outsider: Outsider) -> None:
    log.write([*entries(2), b'{"kind":"access"}', b"\xff\x1b[31m"])
    visit = outsider.visit(log.folder)
    assert not visit.sound
    assert visit.fault is None
    assert visit.told is not None
    assert [index for index, _ in visit.told.faults] == [2, 3]
    assert outsider.memory.of(ORIGIN) is not None
    outsider.form = False
    assert outsider.visit(log.folder).sound


def test_an_unknown_kind_is_no_fault(log: SmallLog, outsider: Outsider) -> None:
    log.write([*entries(1), b'{"at":"2026-01-01T00:00:00Z","kind":"something_new","v":7,"x":1.5}'])
    visit = outsider.visit(log.folder)
    assert visit.sound
    assert visit.told is not None
    assert list(visit.told.unknown) == [("something_new", 7)]


@pytest.mark.parametrize("at", [5, 256, 300])
def test_a_clock_that_went_back_is_named(log: SmallLog, outsider: Outsider, at: int) -> None:
    log.write([access(number if number < at else number - 60) for number in range(400)])
    visit = outsider.visit(log.folder)
    assert visit.sound
    assert visit.told is not None
    assert (visit.told.back, visit.told.back_count) == ([at], 1)
    assert instant(0) == "2026-01-01T00:00:00Z"


def test_a_clock_back_across_chunks(log: SmallLog, outsider: Outsider) -> None:
    at = CHUNK * tiles.WIDTH
    log.write([access(number if number < at else number - 60) for number in range(at + 3)])
    told = outsider.visit(log.folder).told
    assert told is not None
    assert told.back == [at]


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bit_anywhere(data: st.DataObject, log: SmallLog, tmp_path: Path) -> None:
    """Whatever bit of whatever file is turned, the log is not found right, or nothing that counts has changed."""
    size = data.draw(st.sampled_from([1, 3, 257, 520]))
    shutil.rmtree(log.folder, ignore_errors=True)
    log.write(size)
    path = data.draw(st.sampled_from([*files_of(size), "checkpoint"]))
    length = (log.folder / path).stat().st_size
    log.flip(path, data.draw(st.integers(0, length - 1)), data.draw(st.integers(0, 7)))
    fresh = Outsider(tmp_path / f"memory-{data.draw(st.uuids())}", now=Outsider(tmp_path).now + timedelta(days=1))
    assert isinstance(fresh.visit(log.folder).fault, errors.TlogError)


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_several_files_at_once(data: st.DataObject, log: SmallLog, tmp_path: Path) -> None:
    """Whatever several files are made into, a fault is named, and it is one of ours and no crash."""
    size = data.draw(st.sampled_from([2, 257, 520]))
    shutil.rmtree(log.folder, ignore_errors=True)
    log.write(size)
    paths = sorted(files_of(size))
    before = {path: (log.folder / path).read_bytes() for path in paths}
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=4, unique=True)):
        file = log.folder / path
        now = file.read_bytes()
        how = data.draw(st.sampled_from(["flip", "cut", "other", "gone", "swap"]))
        if how == "flip":
            log.flip(path, data.draw(st.integers(0, len(now) - 1)))
        elif how == "gone":
            file.unlink()
        else:
            at = data.draw(st.integers(0, len(now)))
            made = {"cut": now[:at], "other": before[data.draw(st.sampled_from(paths))], "swap": now[at:] + now[:at]}
            file.write_bytes(made[how])
    same = all((log.folder / path).exists() and (log.folder / path).read_bytes() == before[path] for path in paths)
    visit = Outsider(tmp_path / f"memory-{data.draw(st.uuids())}").visit(log.folder)
    assert visit.sound if same else isinstance(visit.fault, errors.TlogError)


@pytest.mark.parametrize("landed", [True, False])
def test_a_memory_whose_write_failed(
    log: SmallLog, outsider: Outsider, monkeypatch: pytest.MonkeyPatch, landed: bool
) -> None:
    """Lost, and landed but reported lost: the visitor is told, and the next visit finds one memory or the other."""
    log.write(5)
    assert outsider.visit(log.folder).sound
    real = durable.replace

    def broken(path: Path, data: bytes) -> None:
        if landed:
            real(path, data)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "replace", broken)
    log.write(9)
    with pytest.raises(errors.RememberedError, match="No space left"):
        outsider.visit(log.folder)
    monkeypatch.undo()
    seen = outsider.memory.of(ORIGIN)
    assert seen is not None
    assert seen.checkpoint.size == (9 if landed else 5)
    assert outsider.visit(log.folder).sound
    assert not [file for file in outsider.folder.rglob(".*") if file.is_file()], "nothing is left half-written"
