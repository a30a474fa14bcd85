"""What a log signs about itself, line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib.merkle import EMPTY_ROOT
from hustings.lib.tlog.checkpoints import Checkpoint, open_checkpoint
from hustings.lib.tlog.errors import MalformedCheckpointError, NotSignedError, OtherLogError
from hustings.lib.tlog.notes import Signer

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_the_example_of_the_specification() -> None:
    text = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"
    checkpoint = Checkpoint.parse(text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()[:8]) == (
        "example.com/behind-the-sofa",
        20852163,
        "0ac5186a",
    )
    assert checkpoint.text() == text


def test_further_lines_are_kept() -> None:
    text = f"a\n0\n{ROOT}\nfurther\nlines\n"
    assert Checkpoint.parse(text).extensions == ("further", "lines")
    assert Checkpoint.parse(text).text() == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("a\n", 2),
        ("a\n1\n", 3),
        (f"a\n1\n{ROOT}", 3),
        (f"\n1\n{ROOT}\n", 1),
        (f"a\n\n{ROOT}\n", 2),
        (f"a\n01\n{ROOT}\n", 2),
        (f"a\n+1\n{ROOT}\n", 2),
        (f"a\n-1\n{ROOT}\n", 2),
        (f"a\n1 \n{ROOT}\n", 2),
        (f"a\n１\n{ROOT}\n", 2),
        (f"a\n1_0\n{ROOT}\n", 2),
        (f"a\n{2**63}\n{ROOT}\n", 2),
        (f"a\n{'9' * 5000}\n{ROOT}\n", 2),
        (f"a\n1\n{ROOT[:-1]}\n", 3),
        ("a\n1\nAAAA\n", 3),
        (f"a\n1\n{ROOT[:-2]}J=\n", 3),
        (f"a\n1\n{ROOT}\n\n", 4),
        (f"a\n1\n{ROOT}\n\nb\n", 4),
    ],
)
def test_a_wrong_line_is_named(text: str, line: int) -> None:
    with pytest.raises(MalformedCheckpointError) as refusal:
        Checkpoint.parse(text)
    assert refusal.value.line == line, refusal.value


def test_signed_and_opened() -> None:
    signer = Signer.generate("log.example")
    checkpoint = Checkpoint("log.example", 0, EMPTY_ROOT)
    raw = checkpoint.sign([signer])
    assert open_checkpoint(raw, [signer.verifier])[0] == checkpoint
    assert open_checkpoint(raw, [signer.verifier], "log.example")[0] == checkpoint
    with pytest.raises(OtherLogError, match="other"):
        open_checkpoint(raw, [signer.verifier], "other.example")
    with pytest.raises(NotSignedError):
        open_checkpoint(raw, [Signer.generate("log.example").verifier])


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_is_read_as_it_was_written(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("log.example/a", size, root)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    try:
        checkpoint = Checkpoint.parse(text)
    except MalformedCheckpointError:
        return
    assert checkpoint.text() == text
