"""What ranks here, as hashes for the public log: whoever has our source can make them again with `sha256sum`."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from hustings.feed import weights as file

_RANKER = Path(__file__).parent / "ranker"


@cache
def weights() -> str:
    """The SHA-256 of the weights that this process serves with."""
    return sha256(file.text().encode()).hexdigest()


@cache
def model() -> str:
    """The SHA-256 over what `sha256sum *.py` prints in feed/ranker: today's model is code, a sum of named terms."""
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(_RANKER.glob("*.py"))]
    return sha256("".join(lines).encode()).hexdigest()
