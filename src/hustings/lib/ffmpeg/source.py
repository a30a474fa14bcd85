"""What a film is, as plain values: what `probe` finds, and what `rules` and `plan` decide on."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Loudness:
    """EBU R 128 of the whole film as stereo: `integrated` in LUFS, `peak` (true peak) in dBTP."""

    integrated: float
    peak: float


@dataclass(frozen=True)
class Audio:
    """The sound track that is used. `end` is where its last packet ends, in seconds."""

    index: int
    codec: str
    profile: str
    channels: str
    rate: int
    end: float
    loudness: Loudness | None


@dataclass(frozen=True)
class Colour:
    """Colour as the stream declares it; empty where it is silent. `full_range` means 0 to 255, not 16 to 235."""

    matrix: str = ""
    primaries: str = ""
    transfer: str = ""
    full_range: bool = False

    @property
    def hdr(self) -> bool:
        """PQ (SMPTE ST 2084) or HLG (ARIB STD-B67): brighter than a standard screen shows."""
        return self.transfer in {"smpte2084", "arib-std-b67"}


@dataclass(frozen=True)
class Source:
    """A film that was opened and whose every packet was counted.

    `width` × `height` is what is coded, `display_width` × `display_height` what a person sees, after pixel
    shape and rotation (degrees clockwise). `duration` is measured, in seconds; `claimed` is what the header says.
    """

    container: str
    codec: str
    profile: str
    pixel_format: str
    width: int
    height: int
    sar: Fraction
    rotation: float
    display_width: int
    display_height: int
    interlaced: bool
    fps: Fraction
    vfr: bool
    frames: int
    starts_on_key: bool
    longest_gop: float
    duration: float
    claimed: float | None
    video_end: float
    torn: bool
    colour: Colour
    audio: Audio | None
    bytes: int
    video_index: int

    @property
    def short_edge(self) -> int:
        return min(self.display_width, self.display_height)

    @property
    def bitrate(self) -> float:
        """Bits per second, sound and container included."""
        return self.bytes * 8 / self.duration if self.duration else 0.0
