"""Signed notes as C2SP has them: the specification's own examples, and whatever is not one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib.tlog import cosignatures
from hustings.lib.tlog.errors import BadSignatureError, MalformedKeyError, MalformedNoteError, NotSignedError, TlogError
from hustings.lib.tlog.notes import (
    COSIGNATURE,
    ED25519,
    LARGEST_NOTE,
    MOST_SIGNATURES,
    Signer,
    Verifier,
    open_note,
    parse_note,
    write_note,
)

# The example of golang.org/x/mod/sumdb/note: a key pair and a note that it signed.
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n{LINE}\n".encode()
# The example of C2SP signed-note.
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def test_the_examples_of_others() -> None:
    signer, verifier = Signer.parse(SKEY), Verifier.parse(VKEY)
    assert str(signer.verifier) == VKEY
    assert signer.secret() == SKEY
    assert str(Verifier.parse(SPEC_VKEY)) == SPEC_VKEY
    note = open_note(NOTE, [verifier])
    assert (note.text, [s.name for s in note.verified], note.unknown) == (TEXT, ["PeterNeumann"], ())
    assert write_note(TEXT, [signer.sign(TEXT)]) == NOTE


def test_a_key_keeps_its_secret_to_itself() -> None:
    signer = Signer.generate("log.example")
    assert signer.secret().split("+", 4)[-1][:20] not in repr(signer)
    with pytest.raises(MalformedKeyError) as refusal:
        Signer.parse(signer.secret()[:-2] + "!!")
    assert signer.secret().split("+", 4)[-1][:8] not in str(refusal.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\u2003b"])
def test_a_name_has_no_spaces_and_no_plus(name: str) -> None:
    with pytest.raises(MalformedKeyError):
        Signer.generate(name)


@pytest.mark.parametrize(
    ("vkey", "why"),
    [
        ("", "form"),
        ("name", "form"),
        ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "form"),
        ("example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "form"),
        ("example.com/foo+530d90zz+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "form"),
        ("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "does not belong"),
        ("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "does not belong"),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv", "32 bytes"),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2", "base 64"),
        ("example.com/foo+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "not known here"),
        (SKEY, "form"),
    ],
)
def test_what_is_no_key_is_refused(vkey: str, why: str) -> None:
    with pytest.raises(MalformedKeyError, match=why):
        Verifier.parse(vkey)
    with pytest.raises(MalformedKeyError):
        Signer.parse(vkey.removeprefix("PRIVATE+KEY+"))


@pytest.mark.parametrize(
    ("note", "line"),
    [
        (b"", 1),
        (b"text\n", 2),
        (b"text\n\n", 3),
        (f"{TEXT}\n{LINE}".encode(), 4),
        (f"{TEXT}{LINE}\n".encode(), 4),
        (f"{TEXT}\n- {LINE[2:]}\n".encode(), 4),
        (f"{TEXT}\n{LINE} \n".encode(), 4),
        (f"{TEXT}\n{LINE}\n\n".encode(), 6),
        (f"{TEXT}\n{LINE}\nmore\n".encode(), 5),
        (f"{TEXT}\n— Peter+Neumann {LINE.split()[2]}\n".encode(), 4),
        (f"{TEXT}\n— PeterNeumann AAAA\n".encode(), 4),
        (f"{TEXT}\n— PeterNeumann {LINE.split()[2]}=\n".encode(), 4),
        (f"{TEXT}\r\n{LINE}\n".encode(), 3),
        (f"a\tb\n\n{LINE}\n".encode(), 1),
        (f"a\n\x00b\n\n{LINE}\n".encode(), 2),
        (b"a\nb\xff\n\n" + LINE.encode() + b"\n", 2),
    ],
)
def test_what_is_no_note_is_named_by_its_line(note: bytes, line: int) -> None:
    with pytest.raises(MalformedNoteError) as refusal:
        open_note(note, [Verifier.parse(VKEY)])
    assert refusal.value.line == line, refusal.value


def test_the_text_may_hold_empty_lines() -> None:
    signer = Signer.generate("a")
    text = "one\n\n\ntwo\n"
    assert open_note(write_note(text, [signer.sign(text)]), [signer.verifier]).text == text


def test_signatures_of_strangers_are_ignored() -> None:
    """Also those that share a name or an id with a known key."""
    known = Signer.generate("log")
    text = "text\n"
    namesake = Signer.generate("log").sign(text)
    others = [Signer.generate(f"w{number}").sign(text) for number in range(15)]
    same_id = type(namesake)("other", known.verifier.id, b"\0" * 64)
    of_another_kind = type(namesake)("later", b"\6\6\6\6", b"\0" * 2420)
    note = open_note(
        write_note(text, [namesake, same_id, *others, of_another_kind, known.sign(text)]), [known.verifier]
    )
    assert [s.name for s in note.verified] == ["log"]
    assert len(note.unknown) == 18


def test_nobody_known_signed() -> None:
    text = "text\n"
    raw = write_note(text, [Signer.generate("other").sign(text)])
    with pytest.raises(NotSignedError, match="log"):
        open_note(raw, [Signer.generate("log").verifier])
    with pytest.raises(NotSignedError):
        open_note(raw, [])
    assert parse_note(raw).text == text


def test_a_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    known, witness = Signer.generate("log"), Signer.generate("w", COSIGNATURE)
    text = "text\n"
    raw = write_note(text, [known.sign(text), witness.sign("other\n", 5)])
    with pytest.raises(BadSignatureError) as refusal:
        open_note(raw, [known.verifier, witness.verifier])
    assert (refusal.value.name, refusal.value.line) == ("w", 4)
    assert open_note(raw, [known.verifier]).verified


def test_a_signature_twice_counts_once() -> None:
    known = Signer.generate("log")
    line = known.sign("text\n")
    assert len(open_note(write_note("text\n", [line, line]), [known.verifier]).verified) == 1


def test_there_is_an_end_to_signatures_and_size() -> None:
    known = Signer.generate("log")
    line = known.sign("text\n")
    assert open_note(write_note("text\n", [line] * MOST_SIGNATURES), [known.verifier])
    with pytest.raises(MalformedNoteError, match="at most"):
        open_note(write_note("text\n", [line] * (MOST_SIGNATURES + 1)), [known.verifier])
    with pytest.raises(MalformedNoteError, match="too long"):
        open_note(b"a" * (LARGEST_NOTE + 1), [known.verifier])


def test_a_cosignature_signs_its_time_too() -> None:
    witness = Signer.generate("w.example", COSIGNATURE)
    text = "log.example\n1\nroot\n"
    signature = witness.sign(text, 1_679_315_147)
    assert signature.timestamp == 1_679_315_147
    assert cosignatures.message(b"x\n", 1_679_315_147) == b"cosignature/v1\ntime 1679315147\nx\n"
    assert open_note(write_note(text, [signature]), [witness.verifier]).verified
    later = type(signature)(signature.name, signature.key_id, (1_679_315_148).to_bytes(8) + signature.value[8:])
    far = type(signature)(signature.name, signature.key_id, (2**63).to_bytes(8) + signature.value[8:])
    short = type(signature)(signature.name, signature.key_id, signature.value[8:])
    for wrong in (later, far, short):
        with pytest.raises(BadSignatureError):
            open_note(write_note(text, [wrong]), [witness.verifier])


def test_a_logs_key_is_no_witnesss_key() -> None:
    with pytest.raises(ValueError, match="with a time"):
        Signer.generate("w", COSIGNATURE).sign("a\n")
    with pytest.raises(ValueError, match="without"):
        Signer.generate("w", ED25519).sign("a\n", 5)


@pytest.mark.parametrize("text", ["no end", "a\tb\n", "a\x1b[31m\n"])
def test_no_note_is_written_that_could_not_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        write_note(text, [])


@given(st.binary(max_size=300))
def test_no_bytes_break_it(raw: bytes) -> None:
    for attempt in (raw, TEXT.encode() + b"\n" + raw, raw + b"\n\n" + LINE.encode() + b"\n"):
        try:
            open_note(attempt, [Verifier.parse(VKEY)])
        except TlogError:
            continue
        raise AssertionError("only the one note is signed")


@given(st.data())
def test_no_changed_bit_passes(data: st.DataObject) -> None:
    changed = bytearray(NOTE)
    changed[data.draw(st.integers(0, len(NOTE) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(TlogError):
        open_note(bytes(changed), [Verifier.parse(VKEY)])


@given(st.text(max_size=60))
def test_no_key_breaks_it(text: str) -> None:
    for attempt in (text, f"name+{text}", f"name+530d903a+{base64.b64encode(text.encode()).decode()}"):
        with pytest.raises(MalformedKeyError):
            Verifier.parse(attempt)
