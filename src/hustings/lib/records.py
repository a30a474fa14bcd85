"""How a domain declares what it holds: a `Field` for each column and a `Table` for each table, in its `records.py`.

An undeclared column fails the build, so that nobody can start to hold something about people by
accident. The data map that people read is made of these lines; so are exports, erasures, the sweep
that forgets in time, and the rule of who may read what. A line therefore says things twice: in words
for people, and as values that machines act on. What is not in columns (files, caches) is a `Store`.

    PROFILE = Topic("profile", data=("user.account",), use="essential.service", basis=Basis.CONTRACT)

    FIELDS = [
        *about_people(ACCOUNT, PROFILE, UNTIL_CLOSED, (Reader.EVERYONE,), name="What others read."),
        *technical(ACCOUNT, id="The row's key, never shown."),
    ]
    TABLES = [Table(ACCOUNT, subjects=("id",))]

Categories, uses, subjects and bases are those of Ethyca's `fideslang` 3.1 taxonomy, which other tools read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Reader(StrEnum):
    """Who may read a column through the product. Staff see what is not public in a recorded access alone."""

    EVERYONE = "everyone"
    AUDIENCE = "audience"  # whoever may watch the clip: not everyone, for clips can be private
    SELF = "self"
    TEAM = "team"  # those who act for the account
    MEMBERS = "members"  # of the organisation
    OWNERS = "owners"  # of the organisation
    TOLD = "told"  # whom it concerns, as a notification
    HOLDER = "holder"  # whoever holds the address
    STAFF = "staff"  # in their daily work; each look is recorded
    OPERATOR = "operator"
    SERVER = "server"
    NOBODY = "nobody"


class Basis(StrEnum):
    """Why it is lawful (Article 6 GDPR and UK GDPR), as fideslang names it."""

    CONSENT = "Consent"
    CONTRACT = "Contract"
    LEGAL = "Legal obligations"
    VITAL = "Vital interests"
    PUBLIC = "Public interest"
    LEGITIMATE = "Legitimate interests"


@dataclass(frozen=True)
class Topic:
    """What a group of columns is: the word people read, and what it is in fideslang's taxonomy.

    `name` is a stable word (`watching`). `data` are data categories, empty for what is about no person.
    `use` is the data use, `subject` whom the data is about. `secret` marks what proves who somebody is:
    an export leaves it out, because whoever steals the export must not get in with it.
    """

    name: str
    data: tuple[str, ...] = ()
    use: str = "essential.service"
    basis: Basis = Basis.CONTRACT
    subject: str = "citizen_voter"
    secret: bool = False

    def holding(self, *data: str) -> "Topic":
        """The same topic, for columns of another data category."""
        return replace(self, data=data)

    def secretly(self) -> "Topic":
        """The same topic, for columns that an export leaves out."""
        return replace(self, secret=True)


TECHNICAL = Topic("technical", use="essential.service.operations")


@dataclass(frozen=True)
class Setting:
    """A length of time that the operator sets: `name` as in the settings (`EVENT_DAYS`), counted in `unit`."""

    name: str
    unit: timedelta


@dataclass(frozen=True)
class Expiry:
    """A promise that a clock keeps: rows go when `column` is older than `after`. This is the rule, and the job runs it.

    `name` is stable (`feed.events`). `where` are lookups that narrow the rows. Rows are deleted in chunks by
    the sweep, unless more goes than rows: then `by` (`package.module:function`) does it, called with the
    moment before which `column` is over. `model` is then also allowed to be a table without a model.
    """

    name: str
    model: str
    column: str
    after: timedelta | Setting
    where: Mapping[str, Any] = field(default_factory=dict, hash=False)
    by: str = ""

    def limit(self, setting: Callable[[str], float]) -> timedelta:
        """How old a row may become; `setting` answers a setting's value by its name."""
        if isinstance(self.after, Setting):
            return setting(self.after.name) * self.after.unit
        return self.after


class End(StrEnum):
    """What ends the keeping of a column, besides a clock."""

    ROW = "row"  # goes with its row: it is a part of it
    CLOSURE = "closure"  # the domain's holder erases it when the account is closed
    UNDONE = "undone"  # the person takes it back
    OVERWRITTEN = "overwritten"  # the next one of its kind replaces it
    NEVER = "never"  # never written
    FOREVER = "forever"  # kept for good: its table says why


@dataclass(frozen=True)
class Retention:
    """How long: `name` is stable, `words` are for people (`{n}` is the clock's number), `ends` for machines.

    Each end has somebody who brings it about: an `Expiry` the sweep, `CLOSURE` the closure, `ROW` the
    row's own end.
    """

    name: str
    words: str
    ends: tuple[End | Expiry, ...]

    @property
    def expiries(self) -> tuple[Expiry, ...]:
        return tuple(end for end in self.ends if isinstance(end, Expiry))


AS_THE_ROW = Retention("row", "as long as the row", (End.ROW,))
UNTIL_CLOSED = Retention("closed", "until the account is closed", (End.CLOSURE,))
UNTIL_UNDONE = Retention("undone", "until the person takes it back or closes the account", (End.UNDONE, End.CLOSURE))
NEVER_WRITTEN = Retention("never", "never written", (End.NEVER,))


@dataclass(frozen=True)
class Field:
    """One column: `model` is `app.Model` as Django names it, `name` its attribute, `purpose` why it is held."""

    model: str
    name: str
    topic: Topic
    purpose: str
    retention: Retention
    readers: tuple[Reader, ...]

    @property
    def personal(self) -> bool:
        """Whether the value is about a person."""
        return bool(self.topic.data)

    @property
    def category(self) -> str:
        return self.topic.name

    @property
    def id(self) -> str:
        """`app.Model.column`: the stable name of this line, by which other languages find it."""
        return f"{self.model}.{self.name}"


def technical(model: str, /, **purposes: str) -> list[Field]:
    """Columns that are about no person, such as keys that are never shown: name to purpose."""
    return [Field(model, name, TECHNICAL, purpose, AS_THE_ROW, (Reader.SERVER,)) for name, purpose in purposes.items()]


def about_people(
    model: str, topic: Topic, retention: Retention, readers: tuple[Reader, ...], /, **purposes: str
) -> list[Field]:
    """Columns about a person that share a topic, a retention and their readers: name to purpose."""
    return [Field(model, name, topic, purpose, retention, readers) for name, purpose in purposes.items()]


@dataclass(frozen=True)
class Through:
    """How a row without a foreign key leads to a person: its `column` holds the `key` of a row of `model`."""

    column: str
    model: str
    key: str
    subject: str  # lookup from that row to the account's id


@dataclass(frozen=True)
class Table:
    """Whom the rows of one table are about.

    `subjects` are ORM lookups from a row to the id of each account it is about, its owner first
    (`("account_id",)`, `("author_id", "video__author_id")`); empty: about nobody, or found by `through`.
    `forgets` are those of `subjects` that are only emptied when that person closes their account, because
    the row is somebody else's; for all others the row goes.

    `erased` is what a closure does with the owner's rows: `delete`, `anonymise` (empty what `forgets`
    names) or `keep`; the latter two want a `why`. `exported` is False for what an export leaves out, with
    a `why` (such as hashes of secrets). `backed_up` is False for what a restored server does without: what lasts for
    moments, what is made anew from other tables, and what a backup must not hold.
    """

    model: str
    subjects: tuple[str, ...] = ()
    erased: str = "delete"
    exported: bool = True
    why: str = ""
    forgets: tuple[str, ...] = ()
    through: Through | None = None
    backed_up: bool = True


@dataclass(frozen=True)
class Store:
    """What is held outside columns: files, caches, indexes, libraries' own tables.

    `place` is where it lies: a folder under the data or media folder (`media/clips`), or `table:` and names
    of tables that have no model, `*` for any ending.
    """

    place: str
    topic: Topic
    purpose: str
    retention: Retention
    readers: tuple[Reader, ...]

    @property
    def personal(self) -> bool:
        """Whether it is about people."""
        return bool(self.topic.data)

    @property
    def id(self) -> str:
        """The stable name of this line, by which other languages and the public log find it."""
        return f"store:{self.place.replace('*', '')}"
