"""A security key in software: real ES256 keys, attestation objects and signatures (WebAuthn, level 2)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

_FLAG = AuthenticatorData.FLAG


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SoftKey:
    """Makes one credential and signs with it. `verified` is whether its owner's finger or PIN was checked."""

    def __init__(self, origin: str = "http://localhost:8000", *, verified: bool = True) -> None:
        self.origin = origin
        self.flags = _FLAG.UP | (_FLAG.UV if verified else _FLAG(0))
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user_handle = b""
        self.uses = 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create(options).toJSON()` gives."""
        asked = options["publicKey"]
        self.user_handle = _bytes(asked["user"]["id"])
        assert {"type": "public-key", "alg": -7} in asked["pubKeyCredParams"]
        credential = AttestedCredentialData.create(
            bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(self._scope(asked["rp"]["id"]), self.flags | _FLAG.AT, 0, credential)
        made = AttestationObject.create("none", data, {})
        return self._answer(
            {
                "clientDataJSON": self._client("webauthn.create", asked["challenge"]),
                "attestationObject": _text(made),
            },
            {"credProps": {"rk": True}},
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get(options).toJSON()` gives."""
        asked = options["publicKey"]
        self.uses += 1
        data = AuthenticatorData.create(self._scope(asked["rpId"]), self.flags, self.uses)
        client = self._client("webauthn.get", asked["challenge"])
        signature = self.key.sign(bytes(data) + hashlib.sha256(_bytes(client)).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": _text(data),
                "signature": _text(signature),
                "userHandle": _text(self.user_handle),
            },
            {},
        )

    def _scope(self, rp_id: str) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest()

    def _client(self, kind: str, challenge: str) -> str:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return _text(json.dumps(said).encode())

    def _answer(self, response: dict[str, Any], extensions: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": _text(self.id),
            "rawId": _text(self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": response,
            "clientExtensionResults": extensions,
        }
