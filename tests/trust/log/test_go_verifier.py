"""A second verifier that shares no line with ours: Go's checksum database, as Debian packages it.

Whatever our writer writes it must find right, and whatever byte is turned it must find wrong, as ours does.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import go_verifier
from hustings.lib.tlog import errors, tiles
from hustings.lib.tlog.verifying import Trust
from lib.tlog.small_log import Outsider, SmallLog, access, files_of

pytestmark = pytest.mark.skipif(bool(go_verifier.MISSING), reason=go_verifier.WHY_NOT)


@pytest.fixture(scope="session")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled verifier."""
    return go_verifier.build(tmp_path_factory.mktemp("go"))


@pytest.fixture
def log(tmp_path: Path) -> SmallLog:
    return SmallLog(tmp_path / "log")


def ask(verifier: Path, log: SmallLog, *arguments: object) -> tuple[int, str]:
    command = [verifier, "-key", log.signer.verifier, *arguments, log.folder]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 700])
def test_what_we_write_it_finds_right(verifier: Path, log: SmallLog, size: int) -> None:
    log.write(size)
    status, said = ask(verifier, log)
    assert status == 0, said
    assert f"{size} entries, all of them in the signed tree" in said


def test_three_levels_of_tiles(verifier: Path, log: SmallLog) -> None:
    size = 256 * 256 + 300
    log.write([b"%d" % number for number in range(size)])
    assert ask(verifier, log)[0] == 0


@pytest.mark.parametrize("old", [0, 1, 100, 256, 699, 700])
def test_it_follows_the_log_as_it_grows(verifier: Path, log: SmallLog, tmp_path: Path, old: int) -> None:
    log.write(old)
    older = tmp_path / "older"
    shutil.copy(log.checkpoint_file, older)
    log.write(700)
    status, said = ask(verifier, log, "-older", older)
    assert status == 0, said
    assert f"it continues the {old} entries" in said


def _flips() -> Iterator[tuple[int, str]]:
    for size in (1, 256, 700):
        yield size, "checkpoint"
        for path in files_of(size):
            yield size, path


@pytest.mark.parametrize(("size", "path"), sorted(_flips()))
@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_a_flipped_byte_is_found_by_both(
    verifier: Path, log: SmallLog, tmp_path: Path, size: int, path: str, where: str
) -> None:
    log.write(size)
    length = (log.folder / path).stat().st_size
    log.flip(path, {"first": 0, "middle": length // 2, "last": length - 1}[where], bit=1)
    status, said = ask(verifier, log)
    assert status == 1, said
    fault = Outsider(tmp_path / "memory").visit(log.folder).fault
    assert isinstance(fault, errors.TlogError)
    if path != "checkpoint":
        assert isinstance(fault, errors.FileError)
        assert fault.path == path


@pytest.mark.parametrize("forked", [True, False])
def test_a_log_that_forked_or_went_back_is_found_by_both(
    verifier: Path, log: SmallLog, tmp_path: Path, forked: bool
) -> None:
    log.write(300)
    outsider = Outsider(tmp_path / "memory")
    assert outsider.visit(log.folder).sound
    older = tmp_path / "older"
    shutil.copy(log.checkpoint_file, older)
    shutil.rmtree(log.folder / "tile")
    log.write([access(9_999), *log.entries[1:], access(300)] if forked else 299)
    status, said = ask(verifier, log, "-older", older)
    assert status == 1
    assert ("forked" if forked else "went back") in said
    fault = outsider.visit(log.folder).fault
    assert isinstance(fault, errors.ForkError if forked else errors.RollbackError)


def test_a_bundle_with_something_after_its_last_entry(verifier: Path, log: SmallLog, tmp_path: Path) -> None:
    log.write(3)
    file = log.folder / tiles.entries_path(0, 3)
    file.write_bytes(file.read_bytes() + b"\0\0")
    assert ask(verifier, log)[0] == 1
    assert isinstance(Outsider(tmp_path / "memory").visit(log.folder).fault, errors.MalformedBundleError)


@pytest.mark.django_db
def test_the_log_that_the_server_writes(verifier: Path, tmp_path: Path) -> None:
    """Not the writer of these tests but the sequencer, in several batches, and a witness's view of its growth."""
    from hustings.trust import log as server
    from hustings.trust.log import signing

    body = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}
    outsider = Outsider(tmp_path / "memory", trust=Trust())
    served = SmallLog(signing.log_root())
    older = tmp_path / "older"
    for batch in (1, 255, 300):
        for number in range(batch):
            server.append("moderation_reversal", {**body, "standing_days": number})
        server.sequence_once()
        visit = outsider.visit(served.folder)
        assert visit.sound, visit.fault
        command = [verifier, "-key", server.vkey(), *(["-older", older] if older.exists() else []), served.folder]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        shutil.copy(served.checkpoint_file, older)
    served.flip(tiles.entries_path(0), byte=80)
    assert isinstance(outsider.visit(served.folder).fault, errors.WrongEntryError)
