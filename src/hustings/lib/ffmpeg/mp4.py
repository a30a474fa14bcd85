"""Read the few facts of an MP4 that a browser asks for before it fetches one. ISO/IEC 14496-12 and -15."""

from pathlib import Path

_MOST = 16 << 20  # an index larger than this is not one of ours


def boxes(path: Path) -> list[tuple[str, int, int]]:
    """The top-level boxes of a file: type, offset, size in bytes. Stops where the structure ends."""
    found = []
    size = path.stat().st_size
    with path.open("rb") as file:
        offset = 0
        while offset + 8 <= size:
            file.seek(offset)
            head = file.read(16)
            length = int.from_bytes(head[:4])
            if length == 1:
                length = int.from_bytes(head[8:16])
            elif length == 0:
                length = size - offset
            if length < 8:
                break
            found.append((head[4:8].decode("latin-1"), offset, length))
            offset += length
    return found


def is_faststart(path: Path) -> bool:
    """Whether the index comes before the media, so that playback can start with the first bytes."""
    kinds = [kind for kind, _, _ in boxes(path)]
    return "moov" in kinds and "mdat" in kinds and kinds.index("moov") < kinds.index("mdat")


def mime(path: Path) -> str:
    """The type with its codecs parameter (RFC 6381), such as `video/mp4; codecs="avc1.64001f, mp4a.40.2"`."""
    moov = _moov(path)
    codecs = [*_avc(moov), *_av1(moov)]
    if b"mp4a" in moov:
        codecs.append("mp4a.40.2")
    return f'video/mp4; codecs="{", ".join(codecs)}"' if codecs else "video/mp4"


def claimed(path: Path) -> float | None:
    """Seconds that the movie header gives; FFmpeg looks past it to the index. None outside MP4 and MOV."""
    moov = _moov(path)
    at = moov.find(b"mvhd", 0, 4096)
    if at < 0:
        return None
    long = moov[at + 4 : at + 5] == b"\x01"
    scale_at, width = (24, 8) if long else (16, 4)
    scale = int.from_bytes(moov[at + scale_at : at + scale_at + 4])
    length = int.from_bytes(moov[at + scale_at + 4 : at + scale_at + 4 + width])
    unknown = length == (1 << 8 * width) - 1
    return None if unknown or not scale else length / scale


def _moov(path: Path) -> bytes:
    for kind, offset, length in boxes(path):
        if kind == "moov":
            with path.open("rb") as file:
                file.seek(offset)
                return file.read(min(length, _MOST))
    return b""


def _avc(moov: bytes) -> list[str]:
    at = moov.find(b"avcC")
    return [f"avc1.{moov[at + 5 : at + 8].hex()}"] if at >= 0 else []


def _av1(moov: bytes) -> list[str]:
    at = moov.find(b"av1C")
    if at < 0:
        return []
    profile_level, flags = moov[at + 5], moov[at + 6]
    tier = "H" if flags & 0x80 else "M"
    depth = 10 if flags & 0x40 else 8
    return [f"av01.{profile_level >> 5}.{profile_level & 31:02d}{tier}.{depth:02d}"]
