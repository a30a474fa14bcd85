"""What a witness signs: that it has seen this checkpoint, and when (C2SP tlog-cosignature, the Ed25519 form)."""

SIGNATURE_SIZE = 8 + 64
LARGEST_TIME = 2**63 - 1


def message(text: bytes, timestamp: int) -> bytes:
    """The bytes under an Ed25519 cosignature of a checkpoint's text at `timestamp`, in seconds since 1970."""
    return b"cosignature/v1\ntime %d\n" % timestamp + text


def split(signature: bytes) -> tuple[int, bytes] | None:
    """Timestamp and Ed25519 signature of a cosignature; None when it is none."""
    if len(signature) != SIGNATURE_SIZE:
        return None
    timestamp = int.from_bytes(signature[:8])
    return (timestamp, signature[8:]) if timestamp <= LARGEST_TIME else None


def join(timestamp: int, signature: bytes) -> bytes:
    """The bytes of a cosignature in a note's signature line, after the key's id."""
    return timestamp.to_bytes(8) + signature
