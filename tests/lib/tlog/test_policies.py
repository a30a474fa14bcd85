"""Whom one believes, written down: read whole, all its faults at once, and never more lenient than it says."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib.merkle import EMPTY_ROOT
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.errors import MalformedPolicyError, NotSignedError, OtherLogError, QuorumError
from hustings.lib.tlog.notes import COSIGNATURE, Signer, write_note
from hustings.lib.tlog.policies import Group, Policy

LOG = Signer("log.example", 1, b"\1" * 32)
WITNESSES = [Signer(f"w{number}.example", COSIGNATURE, bytes([number + 10]) * 32) for number in range(6)]
KEYS = [str(witness.verifier) for witness in WITNESSES]
TWO_LEVELS = f"""
# The example of the specification, with its two levels of groups.
log {LOG.verifier} https://log.example/
\twitness X1 {KEYS[0]}
witness X2 {KEYS[1]}   https://w1.example/
witness X3 {KEYS[2]}
group X-witnesses 2 X1 X2 X3
  # indented
witness Y1 {KEYS[3]}
witness Y2 {KEYS[4]}
witness Y3 {KEYS[5]}
group Y-witnesses any Y1 Y2 Y3
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def checkpoint(signers: list[Signer], origin: str = "log.example", log: Signer | None = LOG) -> bytes:
    text = Checkpoint(origin, 0, EMPTY_ROOT).text()
    lines = [log.sign(text)] if log else []
    return write_note(text, [*lines, *(signer.sign(text, 1_700_000_000) for signer in signers)])


def test_the_example_of_the_specification() -> None:
    policy = Policy.parse(TWO_LEVELS.encode())
    assert [str(known.key) for known in policy.logs] == [str(LOG.verifier)]
    assert policy.logs[0].url == "https://log.example/"
    assert policy.witnesses["X2"].url == "https://w1.example/"
    assert policy.groups["X-witnesses"] == Group(2, ("X1", "X2", "X3"))
    assert policy.quorum == "X-and-Y"


def test_every_set_of_cosigners_is_judged_right() -> None:
    policy = Policy.parse(TWO_LEVELS.encode())
    for count in range(7):
        for chosen in itertools.combinations(range(6), count):
            enough = len([w for w in chosen if w < 3]) >= 2 and any(w >= 3 for w in chosen)
            raw = checkpoint([WITNESSES[w] for w in chosen])
            if enough:
                assert policy.open(raw, "log.example")[0].size == 0
            else:
                with pytest.raises(QuorumError):
                    policy.open(raw)


def test_none_asks_for_no_witness() -> None:
    policy = Policy.parse(f"log {LOG.verifier}\nquorum none\n".encode())
    assert policy.quorum is None
    assert policy.open(checkpoint([]))[0].origin == "log.example"


def test_witnesses_alone_make_no_checkpoint() -> None:
    policy = Policy.parse(TWO_LEVELS.encode())
    with pytest.raises(NotSignedError):
        policy.open(checkpoint(WITNESSES, log=None))
    with pytest.raises(NotSignedError):
        policy.open(checkpoint(WITNESSES, log=Signer.generate("log.example")))


def test_a_key_signs_for_its_own_log_only() -> None:
    other = Signer("other.example", 1, b"\2" * 32)
    policy = Policy.parse(f"log {LOG.verifier}\nlog {other.verifier}\nquorum none\n".encode())
    assert policy.open(checkpoint([], "other.example", other))
    with pytest.raises(OtherLogError):
        policy.open(checkpoint([], "other.example", LOG))
    with pytest.raises(OtherLogError):
        policy.open(checkpoint([], "log.example", LOG), "other.example")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "0 quorum lines"),
        ("quorum none\nquorum none\n", "2 quorum lines"),
        ("quorum any\n", "line 1 names “any”"),
        (f"quorum a\nwitness a {KEYS[0]}\n", "line 1 names “a”"),
        ("log\nquorum none\n", "line 1 is none of"),
        (f"log {LOG.verifier} u v\nquorum none\n", "line 1 is none of"),
        ("Log x\nquorum none\n", "line 1 is none of"),
        (f"log {KEYS[0]}\nquorum none\n", "line 1 has a witness's key for a log"),
        (f"witness a {LOG.verifier}\nquorum none\n", "line 1 has a log's key for a witness"),
        (f"log {LOG.verifier}\nlog {LOG.verifier}\nquorum none\n", "line 2 repeats a key"),
        (f"witness a {KEYS[0]}\nwitness b {KEYS[0]}\nquorum a\n", "line 2 repeats a key"),
        (f"witness a {KEYS[0]}\nwitness a {KEYS[1]}\nquorum a\n", "line 2 defines “a” again"),
        (f"witness none {KEYS[0]}\nquorum none\n", "line 1 defines “none” again"),
        (f"witness a {KEYS[0]}\ngroup a any a\nquorum a\n", "line 2 defines “a” again"),
        (f"witness a {KEYS[0]}\ngroup g 2 a\nquorum g\n", "line 2 asks for “2” of 1"),
        (f"witness a {KEYS[0]}\ngroup g 0 a\nquorum g\n", "line 2 asks for “0” of 1"),
        (f"witness a {KEYS[0]}\ngroup g 01 a\nquorum g\n", "line 2 asks for “01” of 1"),
        (f"witness a {KEYS[0]}\ngroup g any\nquorum a\n", "line 2 is none of"),
        (f"witness a {KEYS[0]}\ngroup g any none a\nquorum g\n", "line 2 names “none”"),
        (f"witness a {KEYS[0]}\ngroup g any g\nquorum a\n", "line 2 names “g”"),
        (f"witness a {KEYS[0]}\ngroup g any a\ngroup h any a\nquorum g\n", "line 3 names “a”, which is a member"),
        (f"witness a {KEYS[0]}\ngroup g 2 a a\nquorum g\n", "line 2 names “a”, which is a member"),
        (f"log \udcff{LOG.verifier}\nquorum none\n", "line 1 has no key"),
        ("quorum none\r\n", "line 1 holds a control character"),
        ("quorum\u00a0none\n", "line 1 is none of"),
        ("# \x7f\nquorum none\n", "line 1 holds a control character"),
        ("quorum none\n" + "#\n" * 2_000, "is longer than"),
    ],
)
def test_a_fault_is_named_by_its_line(text: str, fault: str) -> None:
    with pytest.raises(MalformedPolicyError) as refusal:
        Policy.parse(text.encode("utf-8", "surrogateescape"))
    assert any(fault in found for found in refusal.value.faults), refusal.value.faults


def test_all_faults_are_gathered() -> None:
    with pytest.raises(MalformedPolicyError) as refusal:
        Policy.parse(b"log x\nnonsense\ngroup g 3 a b\n")
    assert len(refusal.value.faults) == 6


def test_names_are_octets() -> None:
    raw = b"witness \xe2\x84\xaa " + KEYS[0].encode() + b"\nwitness K " + KEYS[1].encode() + b"\nwitness \xff "
    policy = Policy.parse(raw + KEYS[2].encode() + b"\nquorum K\n")
    assert len(policy.witnesses) == 3


def test_a_thousand_groups_in_a_row() -> None:
    lines = [f"log {LOG.verifier}", f"witness g0 {KEYS[0]}"]
    lines += [f"group g{number} any g{number - 1}" for number in range(1, 900)]
    policy = Policy.parse("\n".join([*lines, "quorum g899", ""]).encode())
    assert policy.open(checkpoint([WITNESSES[0]]))
    with pytest.raises(QuorumError):
        policy.open(checkpoint([WITNESSES[1]]))


WORDS = st.sampled_from(["log", "witness", "group", "quorum", "none", "any", "all", "1", "a", "b", "#", *KEYS[:2]])


@given(st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=8).map("\n".join) | st.binary(max_size=80))
def test_no_policy_breaks_it(text: str | bytes) -> None:
    try:
        policy = Policy.parse(text.encode() if isinstance(text, str) else text)
    except MalformedPolicyError:
        return
    assert policy.quorum is None or policy.quorum in {*policy.witnesses, *policy.groups}
