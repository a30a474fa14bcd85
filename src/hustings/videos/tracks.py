"""Caption files: WebVTT (https://www.w3.org/TR/webvtt1/) read strictly, SubRip turned into it. Pure.

What is kept is written anew from what was understood, so that nothing a browser might read
differently (styles, scripts of other dialects, odd line ends) reaches it.
"""

import html
import re
from dataclasses import dataclass

from hustings.videos.errors import BadCaptionsError

MAX_BYTES = 1_000_000
MAX_FAULTS = 20  # more would help nobody
_VTT_TIME = re.compile(r"(?:(\d{2,6}):)?([0-5]\d):([0-5]\d)\.(\d{3})", re.ASCII)
_SRT_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)[,.](\d{3})", re.ASCII)
_TAG = re.compile(
    r"</?(?:c|i|b|u|v|lang|ruby|rt)(?:\.[^<>\s.]+)*(?:\s[^<>]*)?>|<(?:\d{2,}:)?\d\d:\d\d\.\d{3}>", re.ASCII
)
_SRT_STYLE = re.compile(r"</?font[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)
_SETTING = re.compile(r"(?:vertical|line|position|size|align|region):[^\s:]+", re.ASCII)


@dataclass(frozen=True)
class Cue:
    """One caption: seconds, its place settings as WebVTT writes them, and its lines."""

    start: float
    end: float
    settings: str
    text: str


def convert(body: bytes) -> str:
    """A caption file as clean WebVTT. BadCaptionsError names each faulty line, the first line being 1."""
    if len(body) > MAX_BYTES:
        raise BadCaptionsError("The caption file is larger than 1 MB.", hint="Check that it is a caption file.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = body[: fault.start].count(b"\n") + 1
        raise BadCaptionsError(
            fields={f"line {line}": "This is not UTF-8. Export the file again with UTF-8 text."}
        ) from fault
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    cues = _Reader(lines, vtt=lines[0].split(" ")[0].split("\t")[0] == "WEBVTT").read()
    blocks = [f"{_stamp(cue.start)} --> {_stamp(cue.end)}{cue.settings}\n{cue.text}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


class _Reader:
    """Goes through the lines once, gathering cues and faults."""

    def __init__(self, lines: list[str], *, vtt: bool) -> None:
        self._lines = lines
        self._vtt = vtt
        self._faults: dict[str, str] = {}
        self._cues: list[Cue] = []

    def read(self) -> list[Cue]:
        """The cues. BadCaptionsError when anything is wrong, or nothing is there."""
        at = self._header() if self._vtt else 0
        while at < len(self._lines):
            at = self._block(at)
        if not self._cues and not self._faults:
            self._fault(0, "There are no captions in this file.")
        if self._faults:
            raise BadCaptionsError(fields=self._faults)
        return self._cues

    def _fault(self, at: int, sentence: str) -> None:
        if len(self._faults) < MAX_FAULTS:
            self._faults.setdefault(f"line {at + 1}", sentence)

    def _header(self) -> int:
        end = self._end(0)
        for at in range(1, end):
            if "-->" in self._lines[at]:
                self._fault(at, "An empty line must stand between WEBVTT and the first caption.")
        return end

    def _end(self, at: int) -> int:
        """The first empty line from `at` on."""
        while at < len(self._lines) and self._lines[at].strip():
            at += 1
        return at

    def _block(self, at: int) -> int:
        if not self._lines[at].strip():
            return at + 1
        end = self._end(at)
        first = self._lines[at].split()[0]
        if self._vtt and first in {"NOTE", "STYLE", "REGION"} and "-->" not in self._lines[at]:
            return end
        timing = at if "-->" in self._lines[at] else at + 1
        if timing >= end or "-->" not in self._lines[timing]:
            self._fault(at, "A caption needs a line with its times, such as 00:01.000 --> 00:03.500.")
            return end
        self._cue(timing, end)
        return end

    def _cue(self, timing: int, end: int) -> None:
        left, _, right = self._lines[timing].partition("-->")
        until, *settings = right.split()[:8] or [""]
        start, stop = self._time(timing, left.strip()), self._time(timing, until)
        for setting in settings:
            if not self._vtt or not _SETTING.fullmatch(setting):
                self._fault(timing, f"“{setting}” is no setting of a caption.")
        if start is None or stop is None:
            return
        if stop <= start:
            self._fault(timing, "The caption ends before it begins.")
        if self._cues and start < self._cues[-1].start:
            self._fault(timing, "The caption begins before the one above it.")
        # Regions are left out with their definitions.
        kept = "".join(f" {setting}" for setting in settings if not setting.startswith("region"))
        self._cues.append(Cue(start, stop, kept, self._text(timing + 1, end)))

    def _time(self, at: int, text: str) -> float | None:
        match = (_VTT_TIME if self._vtt else _SRT_TIME).fullmatch(text)
        if match is None:
            form = "00:01.000" if self._vtt else "00:00:01,000"
            self._fault(at, f"“{text}” is no time; write it as {form}.")
            return None
        hours, minutes, seconds, milliseconds = (int(part or 0) for part in match.groups())
        return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000

    def _text(self, begin: int, end: int) -> str:
        lines = []
        for at in range(begin, end):
            line = self._lines[at].strip()
            if "-->" in line:
                self._fault(at, "An empty line is missing above these times.")
            lines.append(self._clean(at, line))
        return "\n".join(lines)

    def _clean(self, at: int, line: str) -> str:
        if not self._vtt:
            line = _SRT_STYLE.sub("", line)
        parts = []
        position = 0
        for tag in _TAG.finditer(line):
            parts += [_escaped(line[position : tag.start()]), tag.group()]
            position = tag.end()
        parts.append(_escaped(line[position:]))
        if self._vtt and "<" in _TAG.sub("", line):
            self._fault(at, "“<” begins no known tag; write it as &lt;.")
        return "".join(parts)


def _escaped(text: str) -> str:
    return html.escape(html.unescape(text), quote=False)
