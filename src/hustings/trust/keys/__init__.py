"""A key of each person's own: what is sealed with it is erased with it, in every backup too.

`seal`, `open_sealed` and the fields are what domains use; `erase_key` is the last step of a closure.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hustings.trust.keys.errors import KeyErasedError, SealBrokenError
    from hustings.trust.keys.fields import Sealed, SealedBinaryField, SealedJSONField, SealedTextField
    from hustings.trust.keys.people import (
        Key,
        erase_key,
        hold_to_keys,
        holding,
        is_erased,
        key_of,
        open_sealed,
        prepare_keys,
        seal,
        wrapped_sql,
    )

_ROOMS = {
    "errors": ("KeyErasedError", "SealBrokenError"),
    "fields": ("Sealed", "SealedBinaryField", "SealedJSONField", "SealedTextField"),
    "people": (
        "Key",
        "erase_key",
        "hold_to_keys",
        "holding",
        "is_erased",
        "open_sealed",
        "key_of",
        "prepare_keys",
        "seal",
        "wrapped_sql",
    ),
}
_WHERE = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Key",
    "KeyErasedError",
    "SealBrokenError",
    "Sealed",
    "SealedBinaryField",
    "SealedJSONField",
    "SealedTextField",
    "erase_key",
    "hold_to_keys",
    "holding",
    "is_erased",
    "key_of",
    "open_sealed",
    "prepare_keys",
    "seal",
    "wrapped_sql",
]


def __getattr__(name: str) -> Any:
    """Loaded when first asked for: this package is imported with its models, before apps are ready."""
    from importlib import import_module

    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
