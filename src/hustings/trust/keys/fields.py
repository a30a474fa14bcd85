"""Columns that lie sealed: what is in them opens with the key of the person they are about, and no other.

    taste = SealedBinaryField(subject="account_id")

The row's attribute reads and writes the plain value; it is opened when first read and sealed when the
row is saved, with `bulk_create` too. Where Django hands a value over without its row, the field cannot
know the person: `values_list` answers `Sealed` bytes for `Model.taste.field.open(subject, sealed)`, and
`update` and `bulk_update` take what `Model.taste.field.seal(subject, value)` made; a plain value there is
refused, never stored. Nothing can be looked up by a sealed column.

Empty bytes, an empty text and a JSON value that is the default lie there as nothing: that there is nothing
to hide is not hidden, and costs no key. A row that is about itself (`subject="pk"`) has no number before it is
stored; whoever makes one stores it with nothing in these columns first (see `accounts.models.Account.save`).
"""

from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import IsNull
from django.db.models.query_utils import DeferredAttribute

from hustings.trust.keys import people


class Sealed(bytes):
    """Sealed bytes as they lie in the column."""

    __slots__ = ()


class _Opened(DeferredAttribute):
    """The attribute: a sealed value opens when it is first read, and stays open in its row."""

    field: "SealedField"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = self.field.open(self.field.subject_of(instance), value)
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


if TYPE_CHECKING:
    _Field = models.Field[Any, Any]  # the attribute takes and gives the plain value
else:
    _Field = models.Field


class SealedField(_Field):
    """What the three kinds share: `subject` names the attribute with the account's id, `purpose` the use.

    A column of bytes, but no `BinaryField`: libraries that meet one take its attribute for bytes.
    """

    empty_values = [None, b"", ""]
    descriptor_class = _Opened

    def __init__(self, *args: Any, subject: str, purpose: str = "", **kwargs: Any) -> None:
        self.subject, self._purpose = subject, purpose
        self._subject_of = attrgetter(subject)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        path = f"hustings.trust.api.{type(self).__qualname__}"  # migrations of other domains enter by the door, too
        kwargs["subject"] = self.subject
        if self._purpose:
            kwargs["purpose"] = self._purpose
        return name, path, args, kwargs

    @cached_property
    def purpose(self) -> str:
        """Bound into each value; the column's own name unless another was given, which renaming must then keep."""
        return self._purpose or f"{self.model._meta.label}.{self.name}"  # noqa: SLF001 - Django's documented way

    def subject_of(self, instance: models.Model) -> int:
        """The account that the row is about."""
        subject = self._subject_of(instance)
        if subject is None:
            raise ValueError(f"{self.purpose} is sealed for {self.subject}, which this row does not have yet")
        return int(subject)

    def seal(self, subject: int | people.Key, value: Any) -> Sealed:
        """What `update` may store for `subject`, by id or by a key at hand."""
        data = self.to_bytes(value)
        return self._sealed(subject, data) if data else Sealed()

    def _sealed(self, subject: int | people.Key, data: bytes) -> Sealed:
        key = subject if isinstance(subject, people.Key) else people.key_of(subject)
        return Sealed(key.seal(self.purpose, data))

    def open(self, subject: int | people.Key, sealed: bytes | memoryview) -> Any:
        """The plain value of a column read without its row. KeyErasedError, SealBrokenError."""
        data = bytes(sealed)
        if not data:
            return self.from_bytes(b"")
        if isinstance(subject, people.Key):
            return self.from_bytes(subject.open(self.purpose, data))
        return self.from_bytes(people.open_sealed(subject, self.purpose, data))

    def to_bytes(self, value: Any) -> bytes:
        """The plain value as what is sealed."""
        return bytes(value)

    def from_bytes(self, data: bytes) -> Any:
        """The counterpart of `to_bytes`."""
        return data

    # --- What Django asks ------------------------------------------------------------------------

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_placeholder(self, value: Any, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        return connection.ops.binary_placeholder_sql(value)  # type: ignore[call-arg]  # the stubs are of another version

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed) or hasattr(value, "resolve_expression"):
            return value  # what was never read goes back as it came
        data = self.to_bytes(value)
        return self._sealed(self.subject_of(model_instance), data) if data else Sealed()

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, Sealed) and value != b"":
            raise TypeError(f"{self.purpose} is sealed: store what its field's seal(subject, value) made")
        return None if value is None else connection.Database.Binary(value)  # type: ignore[attr-defined]  # the driver

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.purpose} is sealed; nothing can be looked up by it")
        return IsNull


class SealedBinaryField(SealedField):
    """Sealed bytes."""


class SealedTextField(SealedField):
    """Sealed text."""

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def from_bytes(self, data: bytes) -> str:
        return data.decode()


class SealedJSONField(SealedField):
    """A sealed JSON value."""

    def to_bytes(self, value: Any) -> bytes:
        return orjson.dumps(value) if value != self.get_default() else b""

    def from_bytes(self, data: bytes) -> Any:
        return orjson.loads(data) if data else self.get_default()
