"""The receipt that people keep: read, verified offline, and refused with the line or the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib import merkle
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.errors import (
    MalformedProofError,
    NotSignedError,
    OtherLogError,
    QuorumError,
    TlogError,
    WrongProofError,
)
from hustings.lib.tlog.notes import COSIGNATURE, Signer, write_note
from hustings.lib.tlog.policies import Policy
from hustings.lib.tlog.proofs import TlogProof

SIGNER = Signer("log.example", 1, b"\5" * 32)
ENTRIES = [b"entry %d" % number for number in range(11)]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
CHECKPOINT = Checkpoint("log.example", len(LEAVES), merkle.root_of(LEAVES))


def read(level: int, index: int) -> bytes:
    return merkle.root_of(LEAVES[index << level : (index + 1) << level])


def proof(index: int, extra: bytes | None = None) -> TlogProof:
    return TlogProof(index, merkle.inclusion_proof(index, len(LEAVES), read), CHECKPOINT.sign([SIGNER]), extra)


@pytest.mark.parametrize("index", range(len(LEAVES)))
@pytest.mark.parametrize("extra", [None, b"", b"anything\0"])
def test_every_entry_has_one(index: int, extra: bytes | None) -> None:
    raw = proof(index, extra).encode()
    found = TlogProof.parse(raw)
    assert found.encode() == raw
    assert found.extra == extra
    assert found.verify(ENTRIES[index], [SIGNER.verifier])[0] == CHECKPOINT


def test_how_it_looks() -> None:
    assert proof(10, b"hi").encode().decode().split("\n")[:3] == ["c2sp.org/tlog-proof@v1", "extra aGk=", "index 10"]


def test_a_proof_of_another_entry() -> None:
    with pytest.raises(WrongProofError, match="number 3"):
        proof(3).verify(ENTRIES[4], [SIGNER.verifier])
    with pytest.raises(WrongProofError):
        TlogProof(11, proof(3).hashes, proof(3).checkpoint).verify(ENTRIES[3], [SIGNER.verifier])


def test_a_proof_of_another_log() -> None:
    with pytest.raises(OtherLogError):
        proof(3).verify(ENTRIES[3], [SIGNER.verifier], "other.example")
    with pytest.raises(NotSignedError):
        proof(3).verify(ENTRIES[3], [Signer.generate("log.example").verifier])


def test_a_policy_asks_for_witnesses() -> None:
    witness = Signer.generate("w.example", COSIGNATURE)
    policy = Policy.parse(f"log {SIGNER.verifier}\nwitness w {witness.verifier}\nquorum w\n".encode())
    with pytest.raises(QuorumError):
        proof(3).verify(ENTRIES[3], policy)
    text = CHECKPOINT.text()
    cosigned = write_note(text, [SIGNER.sign(text), witness.sign(text, 1_700_000_000)])
    _, note = TlogProof(3, proof(3).hashes, cosigned).verify(ENTRIES[3], policy)
    assert [signature.timestamp for signature in note.verified][1] == 1_700_000_000


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"", 1),
        (b"c2sp.org/tlog-proof@v2\nindex 0\n\n", 1),
        (b"c2sp.org/tlog-proof@v1\r\nindex 0\n\n", 1),
        (b"c2sp.org/tlog-proof@v1\nindex 0\n", 4),
        (b"c2sp.org/tlog-proof@v1\n\n", 2),
        (b"c2sp.org/tlog-proof@v1\nindex\n\n", 2),
        (b"c2sp.org/tlog-proof@v1\nindex 01\n\n", 2),
        (b"c2sp.org/tlog-proof@v1\nindex  1\n\n", 2),
        (b"c2sp.org/tlog-proof@v1\nindex -1\n\n", 2),
        (b"c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n", 2),
        (b"c2sp.org/tlog-proof@v1\nextra aGk=\nextra aGk=\n\n", 3),
        (b"c2sp.org/tlog-proof@v1\nindex 0\nextra aGk=\n\n", 3),
        (b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n", 3),
        (b"c2sp.org/tlog-proof@v1\nindex 0\n\xff\n\n", 3),
        (b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 63 + b"\n", 66),
        (b"a" * 600_000, 1),
    ],
)
def test_a_wrong_line_is_named(raw: bytes, line: int) -> None:
    with pytest.raises(MalformedProofError) as refusal:
        TlogProof.parse(raw)
    assert refusal.value.line == line, refusal.value


@given(st.data())
def test_no_changed_bit_passes(data: st.DataObject) -> None:
    """What is signed or hashed cannot be changed; `extra` can, and is never believed."""
    raw = bytearray(proof(data.draw(st.integers(0, 10))).encode())
    index = TlogProof.parse(bytes(raw)).index
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(TlogError):
        TlogProof.parse(bytes(raw)).verify(ENTRIES[index], [SIGNER.verifier])


@given(st.binary(max_size=300))
def test_no_bytes_break_it(raw: bytes) -> None:
    for attempt in (raw, b"c2sp.org/tlog-proof@v1\n" + raw, b"c2sp.org/tlog-proof@v1\nindex 1\n" + raw + b"\n\n"):
        with pytest.raises(TlogError):
            TlogProof.parse(attempt).verify(b"", [SIGNER.verifier])
