"""What each kind of entry must and may say, as plain data, and the sentence that says it in words.

A version never changes once an entry of it can exist: a new need is a new version beside the old one.
docs/formats/entries.md and docs/formats/entries/*.json are written from here (`hustings log formats --write`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from hustings.lib.tlog.words import bucket, many, place, plain

MOST_REMEMBERED, MOST_REMEMBERED_LENGTH = 4_000, 60
MOST = 2**53 - 1  # what a JSON reader that counts in doubles still tells apart (RFC 8785)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of value: its name, what it is in words, whether a value is one, and its JSON Schema.

    `accepted` are texts that were found to fit: a log says the same few words a million times. It only saves time.
    """

    name: str
    about: str
    judge: Callable[[Any], bool]
    schema: Mapping[str, Any]
    accepted: set[str] = field(default_factory=set, compare=False, repr=False)

    def fits(self, value: Any) -> bool:
        """Whether the value is of this type."""
        if type(value) is not str:
            return self.judge(value)
        if value in self.accepted:
            return True
        if not self.judge(value):
            return False
        if len(value) <= MOST_REMEMBERED_LENGTH and len(self.accepted) < MOST_REMEMBERED:
            self.accepted.add(value)
        return True


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entry."""

    type: Kind
    about: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of one kind. `commitments` are the names it commonly has; others are allowed."""

    about: str
    fields: Mapping[str, Field]
    commitments: Mapping[str, str]
    says: Callable[[Mapping[str, Any]], str]
    # The fields that must be there, and those that may, for the checker's fast path.
    needed: frozenset[str]
    known: frozenset[str]


def _text_type(name: str, about: str, pattern: str, longest: int) -> Kind:
    fits = re.compile(pattern, re.ASCII).fullmatch
    return Kind(
        name,
        about,
        lambda value: type(value) is str and len(value) <= longest and fits(value) is not None,
        {"type": "string", "pattern": f"^(?:{pattern})$", "maxLength": longest},
    )


def _is_date(value: Any) -> bool:
    if type(value) is not str or len(value) != 10 or not value.isascii():
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_days: set[str] = set()  # both halves of instants that were right: a log says a day thousands of times
_times: set[str] = set()


def is_instant(value: Any) -> bool:
    """Whether the value is an instant in UTC, to the second, such as `2026-03-04T05:06:07Z`."""
    if type(value) is not str:
        return False
    day, time = value[:10], value[10:]
    if day in _days and time in _times:
        return True
    if _INSTANT.fullmatch(value) is None:
        return False
    try:
        datetime.fromisoformat(value[:-1])
    except ValueError:
        return False
    if len(_days) < MOST_REMEMBERED:
        _days.add(day)
    _times.add(time)  # there are 86,400
    return True


def one_of(*words: str) -> Kind:
    """A word of a closed list."""
    allowed = frozenset(words)
    return Kind(
        "one of",
        "one of " + ", ".join(f"`{word}`" for word in words),
        lambda value: type(value) is str and value in allowed,
        {"enum": list(words)},
    )


def list_of(item: Kind, most: int) -> Kind:
    """Up to `most` different values of one type."""

    def fits(value: Any) -> bool:
        if type(value) is not list or len(value) > most:
            return False
        try:
            fine = item.accepted.issuperset(value) or all(map(item.fits, value))
        except TypeError:  # a list or an object in the list: no item's type is one
            return False
        return fine and len(set(value)) == len(value)

    return Kind(
        f"list of {item.name}",
        f"up to {most} different values, each {item.about}",
        fits,
        {"type": "array", "items": dict(item.schema), "maxItems": most, "uniqueItems": True},
    )


TOKEN = _text_type("token", "a name of 1 to 80 letters, digits and `_ . : / @ -`", r"[A-Za-z0-9][A-Za-z0-9_.:/@-]*", 80)
NAME = _text_type("name", "a small name: a letter, then letters, digits and `_`", r"[a-z][a-z0-9_]*", 40)
HASH = _text_type("hash", "a SHA-256 as 64 hexadecimal digits", r"[0-9a-f]{64}", 64)
COUNTRY = _text_type("country", "an ISO 3166-1 code of two letters, `??` where it is unknown", r"[A-Z]{2}|\?\?", 2)
MONTH = _text_type("month", "a month, `2026-03`", r"\d{4}-(?:0[1-9]|1[0-2])", 7)
URL = _text_type("address", "an https address without spaces", r"https://[!-~]+", 500)
TEXT = Kind(
    "text",
    "1 to 300 printable characters, about no private person",
    lambda value: type(value) is str and 0 < len(value) <= 300 and value.isprintable(),
    {"type": "string", "minLength": 1, "maxLength": 300},
)
DATE = Kind("date", "a day, `2026-03-04`", _is_date, {"type": "string", "format": "date"})
INSTANT = Kind(
    "instant",
    "an instant in UTC to the second, `2026-03-04T05:06:07Z`",
    is_instant,
    {"type": "string", "pattern": f"^{_INSTANT.pattern}$", "format": "date-time"},
)
COUNT = Kind(
    "count",
    "a whole number from 0",
    lambda value: type(value) is int and 0 <= value <= MOST,
    {"type": "integer", "minimum": 0, "maximum": MOST},
)
INDEX = Kind("index", "the index of an entry of this log", COUNT.fits, COUNT.schema)
BOOL = Kind("yes or no", "true or false", lambda value: type(value) is bool, {"type": "boolean"})
# Exact small numbers next to a date can point at a person; a range says enough.
BUCKETS = ("0", "1", "2-5", "6-20", "21-100", "101-1000", "1001+")
BUCKET = one_of(*BUCKETS)
COUNTS = Kind(
    "counts",
    "an object of up to 100 small names, each with a count",
    lambda value: (
        type(value) is dict
        and len(value) <= 100
        and all(map(NAME.fits, value))
        and all(map(COUNT.fits, value.values()))
    ),
    {
        "type": "object",
        "propertyNames": dict(NAME.schema),
        "additionalProperties": dict(COUNT.schema),
        "maxProperties": 100,
    },
)


def count_bucket(number: int) -> str:
    """The range of BUCKETS that holds `number`."""
    for bucket_name, last in zip(BUCKETS, (0, 1, 5, 20, 100, 1000), strict=False):
        if number <= last:
            return bucket_name
    return BUCKETS[-1]


def _maybe(kind: Kind, about: str) -> Field:
    return Field(kind, about, needed=False)


REASONS = (
    "subject_request",
    "support",
    "security",
    "moderation",
    "legal_order",
    "production_alert",
    "research",
)


def _spaced(word: str) -> str:
    return plain(word).replace("_", " ")


def _access(e: Mapping[str, Any]) -> str:
    where = place(e["office_country"])
    if e["physical_country"] != e["office_country"]:
        where += f" (working from {place(e['physical_country'])})"
    loud = "BREAK-GLASS: " if e["break_glass"] else ""
    later = f"; the person is told from {e['disclose_after']}" if "disclose_after" in e else ""
    second = "; a second person approved" if "approver" in e or "approver" in e.get("commitments", {}) else ""
    return (
        f"{loud}a person in the role {_spaced(e['role'])} in {where} looked at "
        f"{bucket(e['records'], 'record', 'records')} of the kind {many(e['categories'])}; "
        f"the reason: {_spaced(e['reason'])}{second}{later}"
    )


def _disclosure(e: Mapping[str, Any]) -> str:
    if e["outcome"] == "disclosed":
        return f"the access of entry {e['access']}, due on {e['due']}, is now shown to the person"
    until = f" until {e['until']}" if "until" in e else ""
    return f"the access of entry {e['access']}, due on {e['due']}, is {e['outcome']}{until}"


_ASKED = {
    "user_data": "data about people",
    "removal": "the removal of content",
    "preservation": "data to be kept",
    "interception": "interception",
    "emergency": "help in an emergency",
    "other": "something else",
}
_ANSWERED = {
    "complied": "complied with",
    "partly_complied": "partly complied with",
    "refused": "refused",
    "challenged": "challenged in court",
    "withdrawn": "withdrawn by the authority",
    "none": "left without an answer",
}


def _request(e: Mapping[str, Any]) -> str:
    if e["request"] == "none":
        whose = "any authority" if e["country"] == "??" else f"an authority of {e['country']}"
        return f"no lawful request came from {whose} in {e.get('period', 'this period')}"
    what = f"{_ASKED[e['request']]}, concerning {bucket(e['accounts'], 'account', 'accounts')}"
    if e["outcome"] == "received":
        return f"an authority of {place(e['country'])} asked for {what}"
    which = f" of entry {e['request_entry']}" if "request_entry" in e else ""
    return f"the request{which} by an authority of {place(e['country'])} for {what}, was {_ANSWERED[e['outcome']]}"


def _decision(e: Mapping[str, Any]) -> str:
    who = {"no": "a person decided", "partly": "a person decided with a machine's help", "fully": "a machine decided"}
    return (
        f"{who[e['automated']]} to {e['action'].replace('_', ' ')} a {e['content']} "
        f"by the rule {plain(e['rule'])} ({e['source'].replace('_', ' ')})"
    )


def _reversal(e: Mapping[str, Any]) -> str:
    back = ", and it is back" if e["restored"] else ""
    after, cause = (e[name].replace("_", " ") for name in ("after", "cause"))
    return f"the decision of entry {e['decision']} was reversed after {after}: {cause}{back}"


def _closure(e: Mapping[str, Any]) -> str:
    whose = "an official account" if e["account"] == "official" else "an account"
    named = f" @{plain(e['handle'])}" if "handle" in e else ""
    left = sum(e["residue"].values())
    found = "a sweep found nothing left" if left == 0 else f"A SWEEP STILL FINDS {left} THINGS"
    return f"{whose}{named} was closed for good: {sum(e['erased'].values())} things erased, {found}"


def _key(e: Mapping[str, Any]) -> str:
    return f"the key of {bucket(e['people'], 'account', 'accounts')} was destroyed ({_spaced(e['reason'])})"


def _ranking(e: Mapping[str, Any]) -> str:
    return f"the feed is ranked with model {e['model'][:12]} and weights {e['weights'][:12]}: {plain(e['what'])}"


def _build(e: Mapping[str, Any]) -> str:
    return f"version {plain(e['version'])} was deployed, build {e['build'][:12]}"


def _map(e: Mapping[str, Any]) -> str:
    if _begins(e):
        return f"the log begins with the data map {e['map'][:12]}"
    counts = {name: len(e[name]) for name in ("added", "removed", "changed") if e[name]}
    first = next(iter(counts), "")
    said = ", ".join(
        f"{count} {'field ' if count == 1 else 'fields '}{name}" if name == first else f"{count} {name}"
        for name, count in counts.items()
    )
    return f"the data map changed to {e['map'][:12]}: {said or 'no field of it'}"


def _egress(e: Mapping[str, Any]) -> str:
    if _begins(e):
        return f"the log begins with an empty list of where data may be sent ({e['list'][:12]})"
    added = f"; may now reach {many(e['added'])}" if e["added"] else ""
    removed = f"; no longer {many(e['removed'])}" if e["removed"] else ""
    return f"the list of where data may be sent changed to {e['list'][:12]}{added}{removed}"


def _begins(e: Mapping[str, Any]) -> bool:
    """Whether there was nothing before: the first state of something, which no entry said to change."""
    return "previous" not in e and not any(e.get(name) for name in ("added", "removed", "changed"))


def _restriction(e: Mapping[str, Any]) -> str:
    return f"{plain(e['organisation'])} {e['state']} a restriction on {plain(e['app'])}"


def _exemption(e: Mapping[str, Any]) -> str:
    until = f", until {e['expires']}" if "expires" in e else ""
    whose = f" of {plain(e['organisation'])}" if "organisation" in e else ""
    return f"exemption {plain(e['reference'])}{whose} is {e['state']}{until}"


def _opened(e: Mapping[str, Any]) -> str:
    return f"{plain(e['organisation'])} opened the official account @{plain(e['handle'])} on {plain(e['platform'])}"


def _closed(e: Mapping[str, Any]) -> str:
    if "reason" in e and "receipt" not in e:  # the account stands, the mark went
        named = f"@{plain(e['handle'])} of {plain(e['organisation'])} on {plain(e['platform'])}"
        return f"{named} is no longer an official account: {plain(e['reason']).rstrip('.')}"
    link = f"; find them at {plain(e['link'])}" if "link" in e else ""
    return (
        f"{plain(e['organisation'])} closed the official account @{plain(e['handle'])} on {plain(e['platform'])}{link}"
    )


def _schema(
    about: str,
    says: Callable[[Mapping[str, Any]], str],
    commitments: Mapping[str, str] | None = None,
    **fields: Field,
) -> Schema:
    return Schema(
        about,
        fields,
        commitments or {},
        says,
        frozenset(name for name, field in fields.items() if field.needed),
        frozenset(fields),
    )


KINDS: Mapping[str, Mapping[int, Schema]] = {
    "access": {
        1: _schema(
            "Somebody who runs the service read another person's personal data.",
            _access,
            {
                "subject": "the account that was looked at",
                "actor": "who looked",
                "approver": "the second person",
                "case": "the ticket or file that asked for it",
                "reason": "the reason in words",
                "order": "the authority's order",
            },
            reason=Field(one_of(*REASONS), "why, from the closed list"),
            role=Field(TOKEN, "the role of who looked"),
            categories=Field(list_of(TOKEN, 32), "the categories of data that were read"),
            records=Field(BUCKET, "how many records were read, as a range"),
            method=Field(one_of("screen", "command", "export", "api", "database"), "by what means"),
            office_country=Field(COUNTRY, "where the office of who looked is"),
            physical_country=Field(COUNTRY, "where who looked was at that moment"),
            break_glass=Field(BOOL, "whether the approval that is normally needed was skipped in an emergency"),
            region=_maybe(TOKEN, "where the data is stored"),
            purpose=_maybe(TOKEN, "the purpose, as the data map calls it"),
            dataset=_maybe(TOKEN, "the table or data set"),
            actor=_maybe(TOKEN, "a pseudonym of who looked"),
            approver=_maybe(TOKEN, "a pseudonym of the second person"),
            employer=_maybe(one_of("controller", "processor", "authority"), "for whom they work"),
            policy=_maybe(TOKEN, "the rule that allowed it"),
            legal_basis=_maybe(TOKEN, "the legal basis"),
            authority_country=_maybe(COUNTRY, "whose authority ordered it"),
            disclose_after=_maybe(DATE, "the lawful day from which the person is told; without it, at once"),
            build=_maybe(HASH, "the build that served it"),
        )
    },
    "disclosure_due": {
        1: _schema(
            "The day has come on which a person may be told of an access that was kept from them by law.",
            _disclosure,
            {"subject": "the account", "reason": "why it is kept back longer"},
            access=Field(INDEX, "the entry of the access"),
            due=Field(DATE, "the day that entry named"),
            outcome=Field(one_of("disclosed", "extended", "withheld"), "what happened"),
            until=_maybe(DATE, "the new day, when extended"),
            legal_basis=_maybe(TOKEN, "the law that extends it"),
        )
    },
    "lawful_request": {
        1: _schema(
            "An authority asked for something, or none did in a month: a zero that can be proved.",
            _request,
            {"reference": "the authority's reference", "authority": "which authority", "subject": "the account"},
            country=Field(COUNTRY, "the country of the authority"),
            request=Field(
                one_of("user_data", "removal", "preservation", "interception", "emergency", "other", "none"),
                "what was asked for; `none` says that nothing was",
            ),
            outcome=Field(
                one_of("received", "complied", "partly_complied", "refused", "challenged", "withdrawn", "none"),
                "what came of it",
            ),
            accounts=Field(BUCKET, "how many accounts it concerned, as a range"),
            request_entry=_maybe(INDEX, "the entry in which this request was received"),
            authority_kind=_maybe(TOKEN, "court, police, regulator and the like"),
            legal_basis=_maybe(TOKEN, "the law"),
            period=_maybe(MONTH, "the month that a `none` speaks of"),
            disclose_after=_maybe(DATE, "the day from which the people concerned are told"),
        )
    },
    "moderation_decision": {
        1: _schema(
            "Something was taken down, restricted or left standing after a report.",
            _decision,
            {
                "content": "what it is about",
                "account": "whose it is",
                "decider": "who decided",
                "facts": "the facts and the reasoning",
            },
            action=Field(
                one_of(
                    "remove",
                    "restrict",
                    "age_restrict",
                    "demote",
                    "label",
                    "disable_comments",
                    "warn",
                    "suspend",
                    "terminate",
                    "keep",
                ),
                "what was decided",
            ),
            content=Field(
                one_of("video", "comment", "account", "sound", "picture", "text", "other"), "the kind of thing"
            ),
            rule=Field(TOKEN, "the rule, as the published rules name it"),
            ground=Field(one_of("illegal", "terms"), "the law, or the service's own rules"),
            source=Field(
                one_of("own_initiative", "notice", "trusted_flagger", "order", "hash_match", "other"), "how it came up"
            ),
            automated=Field(one_of("no", "partly", "fully"), "how far a machine decided"),
            detected_by_machine=Field(BOOL, "whether a machine found it"),
            decision=_maybe(TOKEN, "the public reference of the decision"),
            category=_maybe(TOKEN, "the category of the statement of reasons"),
            territory=_maybe(list_of(COUNTRY, 250), "where it holds; without it, everywhere"),
            until=_maybe(INSTANT, "when it ends; without it, it stands"),
            order_country=_maybe(COUNTRY, "the country of an order"),
        )
    },
    "moderation_reversal": {
        1: _schema(
            "A decision was taken back.",
            _reversal,
            {"content": "what it is about", "account": "whose it is", "decider": "who reversed it", "facts": "why"},
            decision=Field(INDEX, "the entry of the decision"),
            after=Field(one_of("appeal", "own_review", "court", "out_of_court", "expiry"), "what led to it"),
            cause=Field(
                one_of("human_error", "machine_error", "rule_changed", "new_facts", "law_changed", "other"),
                "why the decision was wrong",
            ),
            restored=Field(BOOL, "whether the content is back"),
            standing_days=_maybe(COUNT, "for how many days the decision stood"),
        )
    },
    "closure_receipt": {
        1: _schema(
            "An account was closed, erased, and a sweep has looked for what is left.",
            _closure,
            {"account": "which account", "receipt": "the whole receipt"},
            account=Field(one_of("person", "official"), "whose account"),
            erased=Field(COUNTS, "how many things of each kind were erased"),
            residue=Field(COUNTS, "what the sweep still found, by place; empty when nothing"),
            objects=Field(HASH, "over the SHA-256 of every erased file: the root of their Merkle tree"),
            remaining=Field(
                list_of(TOKEN, 50), "what stays and is named in the receipt, such as `backups` or `ledger`"
            ),
            receipt=_maybe(HASH, "the SHA-256 of the receipt itself"),
            key_erased=_maybe(BOOL, "whether the person's key is destroyed"),
            closed_at=_maybe(INSTANT, "when the account was locked"),
            erased_at=_maybe(INSTANT, "when the erasure ended"),
            backups_until=_maybe(DATE, "the day the last backup with sealed traces ends"),
            cooling_days=_maybe(COUNT, "the days of cooling that the owner chose"),
            archive=_maybe(HASH, "the SHA-256 of the package for the public record"),
            notice=_maybe(HASH, "the SHA-256 of the public notice"),
            handle=_maybe(TOKEN, "the handle, for an official account only"),
            key_entry=_maybe(INDEX, "the entry that says the key was destroyed"),
        )
    },
    "key_erased": {
        1: _schema(
            "A person's own key was destroyed: what was sealed under it, in backups too, can be read by nobody.",
            _key,
            {"subject": "the account", "key": "the key's own id"},
            reason=Field(one_of("closure", "request", "retention", "rotation"), "why"),
            people=Field(BUCKET, "how many people's keys, as a range"),
            mark=_maybe(HASH, "made with the key: whoever still holds a copy of it can tell that it is this one"),
        )
    },
    "ranking_changed": {
        1: _schema(
            "The feed ranks by another model or other weights.",
            _ranking,
            {"trained_on": "the manifest of what it learned from", "decider": "who let it out"},
            model=Field(HASH, "the SHA-256 of the model"),
            weights=Field(HASH, "the SHA-256 of the weights file"),
            what=Field(TEXT, "what changed, in a sentence"),
            previous_model=_maybe(HASH, "the model before"),
            previous_weights=_maybe(HASH, "the weights before"),
            algorithm=_maybe(TOKEN, "the kind of model"),
            evaluation=_maybe(HASH, "the SHA-256 of the figures that let it pass its gate"),
            trained_until=_maybe(DATE, "the last day it learned from"),
            build=_maybe(HASH, "the build that serves it"),
        )
    },
    "build_deployed": {
        1: _schema(
            "Another build of the software serves.",
            _build,
            {"decider": "who let it out"},
            build=Field(HASH, "the SHA-256 over the files that serve"),
            version=Field(TOKEN, "the version"),
            previous=_maybe(HASH, "the build before"),
            source=_maybe(TOKEN, "the commit it was built from"),
            locks=_maybe(HASH, "the SHA-256 of the lock files"),
            client=_maybe(HASH, "the SHA-256 over the client's files"),
            files=_maybe(COUNT, "how many files the hash covers"),
        )
    },
    "data_map_changed": {
        1: _schema(
            "What is held about people, or why, or for how long, changed.",
            _map,
            map=Field(HASH, "the SHA-256 of the data map"),
            added=Field(list_of(TOKEN, 500), "fields that are new"),
            removed=Field(list_of(TOKEN, 500), "fields that are gone"),
            changed=Field(list_of(TOKEN, 500), "fields whose purpose, retention or readers changed"),
            previous=_maybe(HASH, "the map before"),
            fields=_maybe(COUNT, "how many fields it names"),
        )
    },
    "egress_changed": {
        1: _schema(
            "The list of where this server may send data changed.",
            _egress,
            list=Field(HASH, "the SHA-256 of the list"),
            added=Field(list_of(TEXT, 200), "destinations that are new: host and purpose"),
            removed=Field(list_of(TEXT, 200), "destinations that are gone"),
            changed=_maybe(list_of(TEXT, 200), "destinations with another purpose, region or kind of data"),
            previous=_maybe(HASH, "the list before"),
        )
    },
    "estate_restriction": {
        1: _schema(
            "An organisation restricts an app on its own devices, or no longer does.",
            _restriction,
            {"decider": "who decided", "reason": "why, in words"},
            organisation=Field(TEXT, "the public body"),
            app=Field(TEXT, "the app"),
            state=Field(one_of("set", "changed", "lifted"), "what happened"),
            restriction=Field(TOKEN, "the public reference"),
            devices=_maybe(list_of(TOKEN, 20), "the kinds of device it holds for"),
            starts=_maybe(INSTANT, "when it begins"),
            expires=_maybe(DATE, "when it ends"),
            policy=_maybe(HASH, "the SHA-256 of the exported policy"),
        )
    },
    "exemption": {
        1: _schema(
            "An exemption from a restriction was asked for, granted, refused, or ended.",
            _exemption,
            {
                "requester": "who asked",
                "approver": "who decided",
                "second": "the second approver",
                "requirement": "the business requirement in words",
                "devices": "the devices",
            },
            reference=Field(TOKEN, "the public reference"),
            state=Field(
                one_of(
                    "submitted",
                    "reviewed",
                    "refused",
                    "granted",
                    "verified",
                    "active",
                    "renewed",
                    "breached",
                    "revoked",
                    "expired",
                    "withdrawn",
                ),
                "the state it is now in",
            ),
            publication=Field(one_of("public", "count_only", "withheld"), "how much of it is public"),
            category=_maybe(
                one_of(
                    "law_enforcement",
                    "national_security",
                    "security_research",
                    "online_harms",
                    "communications",
                    "other",
                ),
                "the ground",
            ),
            organisation=_maybe(TEXT, "the public body"),
            restriction=_maybe(TOKEN, "the restriction it departs from"),
            app=_maybe(TEXT, "the app"),
            devices=_maybe(BUCKET, "how many devices, as a range"),
            mitigations=_maybe(list_of(TOKEN, 50), "the mitigations that must hold"),
            starts=_maybe(DATE, "the first day"),
            expires=_maybe(DATE, "the last day"),
            withheld_until=_maybe(DATE, "when the rest is published"),
        )
    },
    "official_account_opened": {
        1: _schema(
            "A public body opened an official account.",
            _opened,
            {"owner": "the person answerable", "approver": "who approved it"},
            organisation=Field(TEXT, "the public body"),
            handle=Field(TOKEN, "the handle, without @"),
            platform=Field(TOKEN, "where: this server's name, or another platform's"),
            purpose=_maybe(TEXT, "what it is for"),
            address=_maybe(URL, "its public address"),
            exemption=_maybe(INDEX, "the entry of the exemption it needs"),
        )
    },
    "official_account_closed": {
        1: _schema(
            "A public body closed an official account.",
            _closed,
            {"owner": "the person answerable", "reason": "why, where it is not public"},
            organisation=Field(TEXT, "the public body"),
            handle=Field(TOKEN, "the handle, without @"),
            platform=Field(TOKEN, "where"),
            notice=_maybe(HASH, "the SHA-256 of the public notice"),
            link=_maybe(URL, "where to find the body instead"),
            reason=_maybe(TEXT, "why, in public words"),
            opened=_maybe(INDEX, "the entry that opened it"),
            receipt=_maybe(INDEX, "the entry of the closure receipt"),
        )
    },
}
