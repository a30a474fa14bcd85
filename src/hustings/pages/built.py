"""What Vite built: which files a screen needs, by the manifest it leaves beside them."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

ENTRY = "src/app.ts"
# The player and what looks like it need only the small catalogue of words.
_SMALL = frozenset({"Player", "NotFound", "Offline"})


@dataclass(frozen=True, slots=True)
class Files:
    """Addresses of one screen's files, in the order in which the page names them."""

    script: str
    modules: tuple[str, ...]  # to fetch while the script is still being read
    styles: tuple[str, ...]
    font: str | None  # the one that every screen's first words are set in


def files(view: str, language: str) -> Files | None:
    """What `src/views/{view}.svelte` needs in a language; None while the client has not been built."""
    manifest = settings.CLIENT_ROOT / ".vite" / "manifest.json"
    try:
        changed = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _files(manifest, changed, view, language)


# Read once per build: the time is part of the key, so that a rebuild is noticed without a restart.
@lru_cache(maxsize=64)
def _files(manifest: Path, changed: int, view: str, language: str) -> Files:
    chunks: dict[str, dict[str, Any]] = json.loads(manifest.read_text())
    needed: dict[str, None] = {}
    wanted = [ENTRY, f"src/views/{view}.svelte", f"messages/{language}.json"]
    if view not in _SMALL:
        wanted.append(f"messages/screens.{language}.json")
    for name in wanted:
        _gather(chunks, name, needed)
    entry = chunks[ENTRY]
    styles = dict.fromkeys(css for name in needed for css in chunks[name].get("css", ()))
    modules = [chunks[name]["file"] for name in needed if name != ENTRY]
    fonts = [file for file in entry.get("assets", ()) if "-latin-400-" in file]
    return Files(
        script=_url(entry["file"]),
        modules=tuple(_url(file) for file in modules if file.endswith(".js")),
        styles=tuple(_url(file) for file in styles),
        font=_url(fonts[0]) if fonts else None,
    )


def _gather(chunks: dict[str, dict[str, Any]], name: str, needed: dict[str, None]) -> None:
    if name in chunks and name not in needed:
        needed[name] = None
        for other in chunks[name].get("imports", ()):
            _gather(chunks, other, needed)


def _url(file: str) -> str:
    return f"{settings.CLIENT_URL}{file}"
