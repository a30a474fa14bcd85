"""How a stored field about people is declared, where it is defined.

Each domain lists its fields in `records.py` as `FIELDS`; the data map gathers them. A model field
that no list names is a fault of the build, so `personal=False` is said, never assumed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One column, and what is promised about it.

    `model` is Django's label, such as "community.Like"; `name` is the field's. `category` says what
    the value tells about a person, `purpose` why it is held, `retention` until when, and `readers`
    who may see it. The last four are sentences for the public; they are empty when not `personal`.
    """

    model: str
    name: str
    personal: bool
    category: str = ""
    purpose: str = ""
    retention: str = ""
    readers: str = ""
