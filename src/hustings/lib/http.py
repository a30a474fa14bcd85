"""HTTP facts that need no framework: byte ranges and entity tags (RFC 9110), and the policy of our pages."""

import re
from dataclasses import dataclass

# 18 digits are an exabyte; more would only make `int` refuse.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True)
class ByteRange:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def content_range(self, size: int) -> str:
        """The value of `Content-Range` for a file of `size` bytes."""
        return f"bytes {self.first}-{self.last}/{size}"


class RangeNotSatisfiable(Exception):  # noqa: N818 - the RFC's name
    """The range lies outside the file: answer 416 with `Content-Range: bytes */size`."""


def parse_range(header: str, size: int) -> ByteRange | None:
    """The one range asked for, or None when the whole file is the right answer (RFC 9110, 14.2).

    Several ranges and malformed headers are ignored, as the RFC allows: the whole file is sent.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        length = int(last)
        if length == 0 or size == 0:
            raise RangeNotSatisfiable
        return ByteRange(max(0, size - length), size - 1)
    if int(first) >= size:
        raise RangeNotSatisfiable
    if last and int(last) < int(first):
        return None
    return ByteRange(int(first), min(int(last), size - 1) if last else size - 1)


def etag_matches(header: str, etag: str) -> bool:
    """Whether an `If-None-Match` value names `etag` (weak comparison, RFC 9110 13.1.2)."""
    if header.strip() == "*":
        return True
    return any(part.strip().removeprefix("W/") == etag for part in header.split(","))


# Nothing from elsewhere, nothing inline. `blob:` and `data:` are for pictures and clips the browser
# itself made (ThumbHash placeholders, previews of a chosen file).
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def content_security_policy(**changes: str) -> str:
    """The policy as a header's value; `frame_ancestors="*"` and the like change single directives."""
    policy = POLICY | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in policy.items())
