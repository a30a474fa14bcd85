"""A keeper of keys as a program: what `HUSTINGS_KEYS_COMMAND` starts. Its keys lie in the file it is given.

    python keeper.py FILE [fault]

Plain on purpose: it answers the protocol of docs/operate/keys.md and nothing else.
"""

import base64
import json
import secrets
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

file, fault = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
asked = json.load(sys.stdin)
keys: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}


def item(text: str) -> bytes:
    return base64.b64decode(text)


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


if fault == "refuses":
    sys.exit("the service is sealed")
if fault == "nonsense":
    sys.stdout.write("<html>")
    sys.exit()
said: dict[str, object] = {}
match asked["op"]:
    case "describe":
        said = {"cell": "elsewhere" if fault == "elsewhere" else asked["cell"], "keys": list(keys)}
    case "rotate":
        name = f"kms-{len(keys) + 1}"
        keys[name] = secrets.token_hex(32)
        said = {"key": name}
    case "wrap":
        name, raw = list(keys.items())[-1]
        cipher, nonces = AESGCM(bytes.fromhex(raw)), [secrets.token_bytes(12) for _ in asked["items"]]
        closed = [
            nonce + cipher.encrypt(nonce, item(one["data"]), item(one["context"]))
            for nonce, one in zip(nonces, asked["items"], strict=True)
        ]
        said = {"key": name, "items": [text(one) for one in closed[: 0 if fault == "too few" else None]]}
    case "unwrap":
        cipher = AESGCM(bytes.fromhex(keys[asked["key"]]))
        raw_items = [(item(one["data"]), item(one["context"])) for one in asked["items"]]
        said = {"items": [text(cipher.decrypt(raw[:12], raw[12:], context)) for raw, context in raw_items]}
    case "destroy":
        keys.pop(asked["key"], None)
file.write_text(json.dumps(keys))
sys.stdout.write(json.dumps(said))
