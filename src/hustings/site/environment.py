"""Reading `HUSTINGS_*` variables: typed, with a clear refusal, and remembered for the documentation.

Every variable is declared once, in settings.py, by calling one of these readers. `DECLARED` then
holds the list that `docs/operate/settings.md` is tested against.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from string import Template

PREFIX = "HUSTINGS_"


@dataclass(frozen=True)
class Setting:
    """One variable: its full name, the default as text, and a sentence for the operator."""

    name: str
    default: str
    about: str


DECLARED: dict[str, Setting] = {}


class SettingError(Exception):
    """A variable has a value that cannot be used; the process must not start."""


def text(name: str, default: str, about: str) -> str:
    """A string; `<NAME>_FILE`, when set, names a file that holds it (for secrets)."""
    DECLARED[PREFIX + name] = Setting(PREFIX + name, default, about)
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path:
        try:
            return Path(path).read_text().strip()
        except OSError as fault:
            raise SettingError(f"{PREFIX}{name}_FILE: cannot read {path}: {fault.strerror}") from fault
    return os.environ.get(PREFIX + name, default)


def integer(name: str, default: int, about: str) -> int:
    """A whole number; underscores allowed."""
    value = text(name, str(default), about)
    try:
        return int(value)
    except ValueError:
        raise SettingError(f"{PREFIX}{name}: {value!r} is not a whole number") from None


def number(name: str, default: float, about: str) -> float:
    """A decimal number."""
    value = text(name, str(default), about)
    try:
        return float(value)
    except ValueError:
        raise SettingError(f"{PREFIX}{name}: {value!r} is not a number") from None


def switch(name: str, default: bool, about: str) -> bool:
    """On or off: 1/0, true/false, yes/no, on/off."""
    value = text(name, "on" if default else "off", about).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise SettingError(f"{PREFIX}{name}: {value!r} is neither on nor off")


def words(name: str, default: list[str], about: str) -> list[str]:
    """A comma-separated list."""
    value = text(name, ",".join(default), about)
    return [word.strip() for word in value.split(",") if word.strip()]


def folder(name: str, default: str, about: str, **known: Path) -> Path:
    """A folder's path, made absolute; `$NAME` in it stands for one of `known`."""
    path = text(name, default, about)
    return Path(Template(path).safe_substitute(known)).expanduser().resolve()


def as_markdown() -> str:
    """The table of `docs/operate/settings.md`."""
    rows = [f"| `{s.name}` | {f'`{s.default}`' if s.default else 'empty'} | {s.about} |" for s in DECLARED.values()]
    return "\n".join(["| variable | default | what it is for |", "| --- | --- | --- |", *rows])
