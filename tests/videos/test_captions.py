"""Caption files as people's tools write them: read strictly, written clean."""

from __future__ import annotations

from contextlib import suppress

import pytest

from hustings.videos.errors import BadCaptionsError
from hustings.videos.tracks import MAX_BYTES, convert


def test_webvtt_is_written_anew() -> None:
    given = (
        "\ufeffWEBVTT - made by a tool\r\nKind: captions\r\n\r\nNOTE a note\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n"
        "intro\r\n00:01.000 --> 01:00:02.500 position:10% region:fred\r\n<v Ann>One\r\nTwo &amp; three\r\n\r\n"
    )
    assert convert(given.encode()) == (
        "WEBVTT\n\n00:00:01.000 --> 01:00:02.500 position:10%\n<v Ann>One\nTwo &amp; three\n"
    )


def test_subrip_becomes_webvtt() -> None:
    given = '1\n00:00:01,000 --> 00:00:02,500\n<font color="red">Bore</font> da\n{\\an8}a < b\n\n2\n0:00:03,0000 --> 00:00:04,000\nx\n'
    with pytest.raises(BadCaptionsError) as refused:
        convert(given.encode())
    assert set(refused.value.fields) == {"line 7"}
    assert convert(given.replace("03,0000", "03,000").encode()) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nBore da\na &lt; b\n\n00:00:03.000 --> 00:00:04.000\nx\n"
    )


def test_old_macintosh_lines() -> None:
    assert convert(b"WEBVTT\r\r00:01.000 --> 00:02.000\rHello") == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (b"", "line 1"),
        (b"WEBVTT", "line 1"),
        (b"WEBVTT\n\n00:01.000 -> 00:02.000\nx", "line 3"),
        (b"WEBVTT\n\n00:01.000 --> 00:61.000\nx", "line 3"),
        (b"WEBVTT\n\n00:01.000 --> 00:01.000\nx", "line 3"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000 colour:red\nx", "line 3"),
        (b"WEBVTT\n\n00:05.000 --> 00:06.000\nx\n\n00:01.000 --> 00:02.000\ny", "line 6"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n<script>x</script>", "line 4"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:03.000 --> 00:04.000\ny", "line 5"),
        (b"WEBVTT\n00:01.000 --> 00:02.000\nx", "line 2"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\xfe", "line 4"),
        (b"\x00\x01\x02", "line 1"),
    ],
)
def test_faults_are_named_by_line(given: bytes, line: str) -> None:
    with pytest.raises(BadCaptionsError) as refused:
        convert(given)
    assert line in refused.value.fields


def test_many_faults_are_not_all_told() -> None:
    with pytest.raises(BadCaptionsError) as refused:
        convert(b"WEBVTT\n\n" + b"nonsense\n\n" * 1000)
    assert len(refused.value.fields) == 20


def test_too_large() -> None:
    with pytest.raises(BadCaptionsError):
        convert(b"WEBVTT\n\n" + b"x" * 1_000_001)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line",
    ["<c" + ".a" * 200_000, "<c." * 200_000, "<c " * 200_000, "{\\" * 200_000, "<" + "0" * 500_000, "</font" * 100_000],
)
def test_a_line_made_to_hang_the_reader_is_read_at_once(line: str) -> None:
    """Each of these took hours, or would, with a pattern that can be matched in many ways."""
    for head in ("WEBVTT\n\n00:00.000 --> 00:01.000\n", "1\n00:00:00,000 --> 00:00:01,000\n"):
        with suppress(BadCaptionsError):
            convert((head + line).encode()[:MAX_BYTES])
