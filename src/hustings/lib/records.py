"""How a domain declares what it holds: one `Field` for each column, in its own `records.py`.

An undeclared column fails the build, so that nobody can start to hold something about people by
accident. The data map that people read is made of these lines.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One column.

    `model` is `app.Model` as Django names it, `name` the column's attribute. `personal` is whether the
    value is about a person. `category` groups them for readers, `purpose` says why it is held,
    `retention` how long, `readers` who may read it.
    """

    model: str
    name: str
    personal: bool
    category: str
    purpose: str
    retention: str
    readers: str


def technical(model: str, **purposes: str) -> list[Field]:
    """Columns that are about no person, such as keys that are never shown: name to purpose."""
    return [
        Field(model, name, False, "technical", purpose, "as long as the row", "the server")
        for name, purpose in purposes.items()
    ]


def about_people(model: str, category: str, retention: str, readers: str, **purposes: str) -> list[Field]:
    """Columns about a person that share a category, a retention and their readers: name to purpose."""
    return [Field(model, name, True, category, purpose, retention, readers) for name, purpose in purposes.items()]
