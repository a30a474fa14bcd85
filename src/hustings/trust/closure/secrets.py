"""The one secret of a closure: its owner's way back to the progress and the receipt, without an account.

The server keeps a hash to find the row by, and a public key made of the secret. The receipt is written to that key
(X25519, HKDF-SHA-256, AES-256-GCM): what lies in our database and its backups opens with the owner's link alone.

    private key = HKDF-SHA-256(secret, info "hustings/closure-receipt/v1"), 32 bytes
    box         = ephemeral public key (32) || nonce (12) || ciphertext and tag
"""

import os
import zlib
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hustings.lib import ids
from hustings.lib.errors import NotFoundError

_INFO = b"hustings/closure-receipt/v1"
_PUBLIC, _NONCE = 32, 12


def new() -> str:
    """A fresh secret, as it stands in the link: 22 characters, about 128 bits."""
    return ids.secret()


def digest(secret: str) -> str:
    """What the row is found by."""
    return sha256(b"hustings/closure-link/v1\x00" + secret.encode()).hexdigest()


def public_key(secret: str) -> bytes:
    """What the row keeps to write the receipt to."""
    return _private(secret).public_key().public_bytes_raw()


def close(to: bytes, plain: bytes) -> bytes:
    """`plain`, compressed and sealed to a public key."""
    ephemeral = X25519PrivateKey.generate()
    mine = ephemeral.public_key().public_bytes_raw()
    key = _shared(ephemeral.exchange(X25519PublicKey.from_public_bytes(to)), mine, to)
    nonce = os.urandom(_NONCE)
    return mine + nonce + AESGCM(key).encrypt(nonce, zlib.compress(plain, 6), _INFO)


def open_(secret: str, box: bytes) -> bytes:
    """What was sealed to the key of `secret`. NotFoundError for another's secret, or bytes that were changed."""
    private = _private(secret)
    theirs, nonce, sealed = box[:_PUBLIC], box[_PUBLIC : _PUBLIC + _NONCE], box[_PUBLIC + _NONCE :]
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(theirs))
        key = _shared(shared, theirs, private.public_key().public_bytes_raw())
        return zlib.decompress(AESGCM(key).decrypt(nonce, sealed, _INFO))
    except (InvalidTag, ValueError):
        raise NotFoundError from None


def _private(secret: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(_derive(secret.encode(), _INFO))


def _shared(shared: bytes, ephemeral: bytes, to: bytes) -> bytes:
    return _derive(shared, _INFO + ephemeral + to)


def _derive(material: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(material)
