"""A person comes through the operator's single sign-on (OpenID Connect), against a real small provider.

Whether there is one is decided when the settings are read, so the journey runs in a process of its own.
"""

import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

JOURNEY = Path(__file__).with_name("single_sign_on_journey.py")


class Provider(ThreadingHTTPServer):
    """Discovery, keys, token and user information, and nothing more."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def id_token(self) -> str:
        claims = {
            "iss": self.url,
            "sub": "person-7",
            "aud": "hustings",
            "iat": time.time(),
            "exp": time.time() + 60,
        }
        return jwt.encode(claims, self.key, "RS256", {"kid": "1"})

    def answer(self, path: str) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        who = {
            "sub": "person-7",
            "email": "mair@example.org",
            "name": "Mair Jones",
            "birthdate": "2001-02-03",
        }
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/who",
                "jwks_uri": f"{self.url}/keys",
            },
            "/keys": {"keys": [{"kty": "RSA", "kid": "1", "n": _number(numbers.n), "e": _number(numbers.e)}]},
            "/token": {"access_token": "t", "token_type": "Bearer", "id_token": self.id_token()},
            "/who": who,
        }[path]


class _Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self._say(self.server.answer(self.path))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert form["code_verifier"], "the exchange is bound to the browser that began it (PKCE)"
        self._say(self.server.answer(self.path))

    def log_message(self, *_: object) -> None:
        """Silence."""

    def _say(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _number(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.own_database
def test_the_whole_journey(provider: Provider, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = os.environ | {
        "HUSTINGS_DATA": str(tmp_path),
        "HUSTINGS_DATABASE_URL": "sqlite",
        "HUSTINGS_OIDC_URL": provider.url,
        "HUSTINGS_OIDC_CLIENT_ID": "hustings",
        "HUSTINGS_OIDC_CLIENT_SECRET": "s",
        "HUSTINGS_OIDC_NAME": "Cwm staff",
        "DJANGO_SETTINGS_MODULE": "hustings.site.settings",
        "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root / "tests"), os.environ.get("PYTHONPATH", "")]),
    }
    done = subprocess.run(
        [sys.executable, str(JOURNEY)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen == {
        "offered": [{"id": "oidc", "name": "Cwm staff"}],
        "sent_to": provider.url + "/authorize",
        "scope": ["openid"],
        "asked": "provider_signup",
        "too_young": 400,
        "kept_of_the_too_young": 0,
        "handle": "mair",
        "age_band": "18+",
        "kept_of_the_provider": {},
        "addresses": 0,
        "again": "mair",
    }
