"""A witness for somebody else's log (C2SP tlog-witness): every answer of the protocol, and no second history."""

import base64
import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hustings.lib import merkle
from hustings.lib.tlog import durable
from hustings.lib.tlog.checkpoints import Checkpoint, open_checkpoint
from hustings.lib.tlog.errors import MalformedKeyError, RememberedError
from hustings.lib.tlog.notes import COSIGNATURE, Signer, open_note, write_note
from hustings.lib.tlog.serving import MOST_CONNECTIONS, WitnessServer
from hustings.lib.tlog.witness import LARGEST_BODY, MOST_EVIDENCE, Answer, Witness, open_witness

LOG = Signer("log.example", 1, b"\3" * 32)
WITNESS = Signer("witness.example/w1", COSIGNATURE, b"\4" * 32)
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(40)]
OTHERS = [merkle.leaf_hash(b"other"), *LEAVES[1:]]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def witness(tmp_path: Path, clock: Clock) -> Iterator[Witness]:
    with open_witness(tmp_path / "witness", WITNESS, {"log.example": [LOG.verifier]}, clock) as made:
        yield made


def signed(size: int, leaves: list[bytes] = LEAVES, origin: str = "log.example", signer: Signer = LOG) -> bytes:
    return Checkpoint(origin, size, merkle.root_of(leaves[:size])).sign([signer])


def proof(old: int, new: int, leaves: list[bytes] = LEAVES) -> list[bytes]:
    if not 0 < old < new:
        return []
    return merkle.consistency_proof(old, new, lambda level, i: merkle.root_of(leaves[i << level : (i + 1) << level]))


def request(old: int, checkpoint: bytes, hashes: list[bytes]) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(value).decode() for value in hashes)]
    return ("\n".join(lines) + "\n\n").encode() + checkpoint


def ask(witness: Witness, old: int, new: int, leaves: list[bytes] = LEAVES) -> Answer:
    return witness.add_checkpoint(request(old, signed(new, leaves), proof(old, new, leaves)))


def kept(witness: Witness) -> int | None:
    answer = witness.checkpoint(sha256(b"log.example").hexdigest())
    if answer.status == 404:
        return None
    return open_checkpoint(answer.body, [LOG.verifier, WITNESS.verifier], "log.example")[0].size


def test_it_cosigns_what_continues(witness: Witness, clock: Clock) -> None:
    assert kept(witness) is None
    for old, new in [(0, 3), (3, 8), (8, 8), (8, 40)]:
        answer = ask(witness, old, new)
        assert answer.status == 200, answer.body
        note = open_note(signed(new) + answer.body, [LOG.verifier, WITNESS.verifier])
        assert [signature.name for signature in note.verified] == ["log.example", "witness.example/w1"]
        assert note.verified[1].timestamp == int(clock.now.timestamp())
        assert kept(witness) == new
        clock.now += timedelta(seconds=1)


def test_an_empty_log_first(witness: Witness) -> None:
    assert ask(witness, 0, 0).status == 200
    assert ask(witness, 0, 5).status == 200


def test_the_checkpoint_it_shows_carries_both_signatures(witness: Witness) -> None:
    ask(witness, 0, 5)
    shown = witness.checkpoint(sha256(b"log.example").hexdigest())
    assert shown.content_type == "text/plain; charset=utf-8"
    assert len(open_note(shown.body, [LOG.verifier, WITNESS.verifier]).verified) == 2
    for wrong in ("", "x", sha256(b"other").hexdigest(), "../../etc/passwd"):
        assert witness.checkpoint(wrong).status == 404


# The other answers, in the protocol's order


def test_404_for_a_log_it_does_not_know(witness: Witness) -> None:
    other = Signer.generate("other.example")
    answer = witness.add_checkpoint(request(0, signed(3, origin="other.example", signer=other), []))
    assert answer.status == 404


def test_403_without_a_signature_of_the_logs_key(witness: Witness) -> None:
    stranger = Signer.generate("log.example")
    assert witness.add_checkpoint(request(0, signed(3, signer=stranger), [])).status == 403
    text = Checkpoint("log.example", 3, merkle.root_of(LEAVES[:3])).text()
    forged = write_note(text, [LOG.sign("other\n")])
    assert witness.add_checkpoint(request(0, forged, [])).status == 403
    # Nobody learns by a 409 how large the log is without its key.
    assert witness.add_checkpoint(request(2, signed(3, signer=stranger), [])).status == 403


def test_400_for_an_old_size_above_the_new(witness: Witness) -> None:
    ask(witness, 0, 8)
    assert witness.add_checkpoint(request(9, signed(8), [])).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"old\n\n",
        b"old 01\n\n",
        b"old -1\n\n",
        b"new 0\n\n" + signed(3),
        b"old 0\n" + signed(3),
        b"old 0\n\n",
        b"old 0\r\n\r\n" + signed(3),
        b"old 0\nAAAA\n\n" + signed(3),
        b"old 0\n\xff\n\n" + signed(3),
        b"old 0\n\n" + signed(3)[:-1],
        b"old 0\n\n" + signed(3).replace(b"\n3\n", b"\n03\n"),
        b"old 0\n\n" + signed(3).replace(b"3\n", b"3\x00\n", 1),
        b"old 1\n" + (base64.b64encode(b"\0" * 32) + b"\n") * 64 + b"\n" + signed(3),
    ],
)
def test_400_for_what_is_no_request(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400
    assert kept(witness) is None


@pytest.mark.parametrize("old", [0, 3, 7])
def test_409_says_which_size_it_has(witness: Witness, old: int) -> None:
    ask(witness, 0, 5)
    answer = ask(witness, old, 8)
    assert (answer.status, answer.body, answer.content_type) == (409, b"5\n", "text/x.tlog.size")


def test_409_in_words_for_another_root_of_the_same_size(witness: Witness, tmp_path: Path) -> None:
    ask(witness, 0, 5)
    answer = ask(witness, 5, 5, OTHERS)
    assert (answer.status, answer.content_type) == (409, "text/plain; charset=utf-8")
    evidence = list((tmp_path / "witness").rglob("evidence/*.checkpoint"))
    assert [file.read_bytes() for file in evidence] == [signed(5, OTHERS)]


def test_422_for_what_does_not_continue(witness: Witness) -> None:
    ask(witness, 0, 5)
    assert ask(witness, 5, 8, OTHERS).status == 422
    assert witness.add_checkpoint(request(5, signed(8), [])).status == 422
    assert witness.add_checkpoint(request(5, signed(8), proof(5, 8)[:-1])).status == 422
    assert witness.add_checkpoint(request(5, signed(8), [*proof(5, 8), b"\0" * 32])).status == 422
    assert witness.add_checkpoint(request(5, signed(5), [b"\0" * 32])).status == 422
    assert kept(witness) == 5
    assert ask(witness, 5, 8).status == 200


def test_422_for_a_proof_from_nothing_or_a_wrong_empty_root(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, signed(3), [b"\0" * 32])).status == 422
    empty = Checkpoint("log.example", 0, b"\1" * 32).sign([LOG])
    assert witness.add_checkpoint(request(0, empty, [])).status == 422


def test_evidence_has_an_end(witness: Witness, tmp_path: Path) -> None:
    ask(witness, 0, 1)
    for number in range(MOST_EVIDENCE + 5):
        leaf = merkle.leaf_hash(b"x%d" % number)
        assert ask(witness, 1, 1, [leaf]).status == 409
    assert len(list((tmp_path / "witness").rglob("evidence/*"))) == MOST_EVIDENCE


# It never forgets


def test_a_new_process_goes_on(tmp_path: Path, clock: Clock) -> None:
    logs = {"log.example": [LOG.verifier]}
    with open_witness(tmp_path, WITNESS, logs, clock) as first:
        assert ask(first, 0, 5).status == 200
        with pytest.raises(RememberedError, match="another witness"):
            Witness(tmp_path, WITNESS, logs, clock)
    with open_witness(tmp_path, WITNESS, logs, clock) as second:
        assert ask(second, 0, 8).body == b"5\n"
        assert ask(second, 5, 8).status == 200


@pytest.mark.parametrize("landed", [True, False])
def test_a_write_that_failed_is_not_cosigned(witness: Witness, monkeypatch: pytest.MonkeyPatch, landed: bool) -> None:
    ask(witness, 0, 5)
    real = durable.replace

    def broken(path: Path, data: bytes) -> None:
        if landed:
            real(path, data)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "replace", broken)
    answer = ask(witness, 5, 8)
    assert answer.status == 500
    assert "—".encode() not in answer.body
    monkeypatch.undo()
    # The log asks again, learns where the witness stands, and goes on from there: one history either way.
    where = int(ask(witness, 4, 8).body)
    assert where == (8 if landed else 5)
    assert ask(witness, where, 8).status == 200
    assert ask(witness, 8, 9, OTHERS).status == 422


def test_a_memory_that_was_tampered_with_stops_it(tmp_path: Path, clock: Clock) -> None:
    logs = {"log.example": [LOG.verifier]}
    with open_witness(tmp_path, WITNESS, logs, clock) as first:
        ask(first, 0, 5)
    file = tmp_path / sha256(b"log.example").hexdigest() / "checkpoint"
    for wrong in (b"", file.read_bytes().replace(b"\n5\n", b"\n4\n"), signed(5), signed(5, OTHERS)):
        before = file.read_bytes()
        file.write_bytes(wrong)
        with pytest.raises(RememberedError, match="not what this witness wrote"):
            Witness(tmp_path, WITNESS, logs, clock)
        file.write_bytes(before)
    with open_witness(tmp_path, WITNESS, logs, clock) as again:
        assert kept(again) == 5


def test_a_clock_that_went_back_signs_nothing(witness: Witness, clock: Clock) -> None:
    ask(witness, 0, 5)
    clock.now -= timedelta(seconds=1)
    assert ask(witness, 5, 8).status == 503
    assert kept(witness) == 5
    clock.now += timedelta(seconds=1)
    assert ask(witness, 5, 8).status == 200


def test_a_logs_key_cannot_witness(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(MalformedKeyError, match="--witness"):
        Witness(tmp_path, LOG, {}, clock)


def test_many_at_once_make_one_history(witness: Witness) -> None:
    """Two histories race from many threads; whichever comes first, no size is cosigned with two roots."""
    ask(witness, 0, 1)
    answers: list[tuple[int, bool, int]] = []

    def run(number: int) -> None:
        leaves, other = ([LEAVES[0], merkle.leaf_hash(b"fork"), *LEAVES[2:]], True) if number % 2 else (LEAVES, False)
        answers.extend((old + 1, other, ask(witness, old, old + 1, leaves).status) for old in range(1, 12))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cosigned = {(size, other) for size, other, status in answers if status == 200}
    assert len({other for _, other in cosigned}) == 1


@given(steps=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans()), max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_it_signs_one_history(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, bool]]) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("witness")
    with open_witness(folder, WITNESS, {"log.example": [LOG.verifier]}, Clock()) as witness:
        history: list[tuple[int, bytes]] = []
        for old, new, other in steps:
            leaves = OTHERS if other else LEAVES
            if ask(witness, min(old, new), new, leaves).status == 200:
                history.append((new, merkle.root_of(leaves[:new])))
        for (size1, root1), (size2, root2) in pairwise(history):
            assert size1 <= size2
            if size1:
                assert any(
                    (merkle.root_of(leaves[:size1]), merkle.root_of(leaves[:size2])) == (root1, root2)
                    for leaves in (LEAVES, OTHERS)
                )


@given(st.binary(max_size=200))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    with open_witness(tmp_path_factory.mktemp("w"), WITNESS, {"log.example": [LOG.verifier]}, Clock()) as witness:
        for body in (raw, b"old 0\n\n" + raw, raw + b"\n\n" + signed(3)):
            assert witness.add_checkpoint(body).status in {400, 403, 404} or body == b"old 0\n\n" + signed(3)


# Over HTTP


@contextmanager
def served(witness: Witness, silence_s: float = 1.0, connection_s: float = 2.0) -> Iterator[tuple[int, list[str]]]:
    told: list[str] = []
    address = ("127.0.0.1", 0)
    with WitnessServer(address, witness, told.append, silence_s=silence_s, connection_s=connection_s) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1], told
        finally:
            server.shutdown()
            thread.join()


def test_a_log_asks_over_one_connection(witness: Witness) -> None:
    with served(witness) as (port, told):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        for old, new, status in [(0, 3, 200), (0, 5, 409), (3, 5, 200)]:
            connection.request("POST", "/add-checkpoint", request(old, signed(new), proof(old, new)))
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == status
            if status == 409:
                assert (body, answer.headers["Content-Type"]) == (b"3\n", "text/x.tlog.size")
        connection.request("GET", f"/{sha256(b'log.example').hexdigest()}/checkpoint")
        shown = connection.getresponse()
        assert open_note(shown.read(), [WITNESS.verifier]).verified
        connection.close()
    assert told == ["POST 200", "POST 409", "POST 200", "GET 200"], "no address of anybody"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n", 411),
        ("POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", 411),
        ("POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n", 411),
        ("POST /add-checkpoint HTTP/1.1\r\nContent-Length: 1e3\r\n", 411),
        (f"POST /add-checkpoint HTTP/1.1\r\nContent-Length: {LARGEST_BODY + 1}\r\n", 413),
        ("POST /add-checkpoint HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n", 411),
        ("POST /other HTTP/1.1\r\nContent-Length: 0\r\n", 404),
        ("GET / HTTP/1.1\r\n", 404),
        ("GET /../../etc/passwd HTTP/1.1\r\n", 404),
        ("GET /x/y/checkpoint HTTP/1.1\r\n", 404),
        ("PUT /add-checkpoint HTTP/1.1\r\n", 501),
        ("nonsense\r\n", 400),
        ("GET / HTTP/1.1\r\n" + "A: b\r\n" * 200, 431),
        ("GET /" + "a" * 70_000 + " HTTP/1.1\r\n", 414),
    ],
)
def test_questions_that_are_none(witness: Witness, head: str, status: int) -> None:
    with served(witness) as (port, _), socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        peer.sendall((head + "\r\n").encode())
        first = peer.makefile("rb").readline().split()
        assert int(first[1]) == status if first[0].startswith(b"HTTP") else status == 400


def test_a_slow_peer_is_let_go(witness: Witness) -> None:
    with served(witness, silence_s=0.5, connection_s=1.0) as (port, _):
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
            try:
                for letter in "POST /add-checkpoint HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + "x" * 99:
                    peer.sendall(letter.encode())
                    time.sleep(0.05)
            except OSError:
                pass
        assert time.monotonic() - began < 4
        with socket.create_connection(("127.0.0.1", port), timeout=10) as silent:
            assert silent.recv(1) == b""


def test_more_peers_than_there_are_places(witness: Witness) -> None:
    with served(witness, silence_s=1.0) as (port, _):
        peers = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(MOST_CONNECTIONS + 10)]
        try:
            time.sleep(0.3)
            over = [peer for peer in peers[MOST_CONNECTIONS:] if not peer.recv(1)]
            assert over
        finally:
            for peer in peers:
                peer.close()
        time.sleep(0.3)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/")
        assert connection.getresponse().status == 404
        connection.close()


def test_the_command(tmp_path: Path) -> None:
    """`hustings log keygen`, then `hustings log witness`, and a kill in the middle of its work."""
    command = [sys.executable, "-m", "hustings.site.cli", "log"]
    key = tmp_path / "key"
    made = subprocess.run([*command, "keygen", "w.example", str(key), "--witness"], capture_output=True, text=True, check=True)  # fmt: skip
    assert key.stat().st_mode & 0o777 == 0o600
    start = [*command, "witness", "--listen", "127.0.0.1:0", "--state", str(tmp_path / "state"), "--key", str(key), "--log", str(LOG.verifier)]  # fmt: skip
    for old, new in [(0, 5), (5, 8)]:
        with subprocess.Popen(start, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            lines = [process.stderr.readline() for _ in range(3)]
            assert made.stdout.strip() in lines[0]
            port = int(lines[2].split(":")[-1].split("/")[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("POST", "/add-checkpoint", request(old, signed(new), proof(old, new)))
            answer = connection.getresponse()
            assert (answer.status, b"w.example" in answer.read()) == (200, True)
            connection.close()
            process.kill()
    key.chmod(0o644)
    refused = subprocess.run(start, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "chmod 600" in refused.stderr
