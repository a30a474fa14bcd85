"""What a visit found, for people and for programs."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hustings.lib.tlog.encodings import write_base64
from hustings.lib.tlog.entries import parse, say
from hustings.lib.tlog.errors import EntryFormError
from hustings.lib.tlog.telling import Span, Telling
from hustings.lib.tlog.verifying import Proven, Visit
from hustings.lib.tlog.words import number, plain

MOST_ROWS = 60
_KEY_FROM = {
    "given": "the key you gave",
    "policy": "a key of your policy",
    "remembered": "the key remembered from before",
    "first use": "A KEY THAT THE LOG ITSELF PUBLISHED, believed for the first time",
}


def as_json(visit: Visit) -> dict[str, Any]:
    """The visit as one JSON object; its fields are described in docs/formats/log.md."""
    checkpoint, told = visit.checkpoint, visit.told
    return {
        "ok": visit.sound,
        "address": visit.address,
        "origin": checkpoint and checkpoint.origin,
        "size": checkpoint and checkpoint.size,
        "root": checkpoint and write_base64(checkpoint.root),
        "key": visit.key and str(visit.key),
        "key_from": visit.key_from or None,
        "witnesses": [{"name": name, "at": _instant(at)} for name, at in visit.witnesses],
        "before": visit.seen and {"size": visit.seen.checkpoint.size, "at": visit.seen.at},
        "fault": visit.fault and {"code": visit.fault.code, "message": str(visit.fault), **_facts(visit.fault)},
        "evidence": visit.evidence or None,
        "warnings": _warnings(visit),
        "log": told and _told_json(told, visit),
    }


def in_words(visit: Visit) -> Iterator[str]:
    """The visit as lines of text. Safe to print: whatever a log holds is shown without its control characters."""
    checkpoint, told = visit.checkpoint, visit.told
    if checkpoint is not None and visit.key is not None:
        yield f"The log “{plain(checkpoint.origin)}” at {plain(visit.address)}"
        yield f"  signed by    {plain(str(visit.key))}"
        yield f"               {_KEY_FROM[visit.key_from]}"
        for name, at in visit.witnesses:
            yield f"  cosigned by  {plain(name)} on {_instant(at)}"
        yield f"  size         {_entries(checkpoint.size)}"
        yield f"  root         {write_base64(checkpoint.root)}"
    if visit.fault is not None:
        yield ""
        yield f"WRONG: {plain(str(visit.fault), 2_000)}."
        if visit.evidence:
            yield f"The evidence, which anybody can check, is in {visit.evidence}"
    elif told is not None:
        yield from _checked(visit, told)
    for warning in _warnings(visit):
        yield f"NOTE: {plain(warning, 1_000)}."
    if told is not None and told.kinds:
        yield from _told_words(told, visit)
    if told is not None and told.last:
        yield ""
        yield f"The last {_entries(len(told.last))}"
        for index, raw in told.last:
            yield f"  {number(index)}  {sentence(raw)}"


def proof_json(proven: Proven) -> dict[str, Any]:
    """A proof that holds, as one JSON object."""
    return {
        "ok": True,
        "origin": proven.checkpoint.origin,
        "index": proven.index,
        "size": proven.checkpoint.size,
        "root": write_base64(proven.checkpoint.root),
        "signed_by": [signature.name for signature in proven.note.verified],
        "says": sentence(proven.leaf),
        "commitments": sorted(proven.entry.commitments) if proven.entry else [],
        "opened": dict(proven.opened),
    }


def proof_in_words(proven: Proven) -> Iterator[str]:
    """A proof that holds, as lines of text."""
    checkpoint = proven.checkpoint
    yield (
        f"RIGHT: this is entry {number(proven.index)} of the log “{plain(checkpoint.origin)}”, signed when it had "
        f"{_entries(checkpoint.size)}."
    )
    for signature in proven.note.verified:
        key = f"{plain(signature.name)} (key {signature.key_id.hex()})"
        at = f", a witness, on {_instant(signature.timestamp)}" if signature.timestamp is not None else ""
        yield f"  signed by  {key}{at}"
    yield f"  it says    {sentence(proven.leaf)}"
    if proven.entry is not None:
        for name in sorted(proven.entry.commitments):
            if name in proven.opened:
                yield f"  its {plain(name)} is “{plain(proven.opened[name])}”: the opening is right"
            else:
                yield f"  its {plain(name)} is kept secret"


def _checked(visit: Visit, told: Telling) -> Iterator[str]:
    yield ""
    if told.fault_count:
        yield f"WRONG: {_entries(told.fault_count)} without the form that their kind demands:"
        for index, why in told.faults[:20]:
            yield f"  entry {number(index)}: {plain(why, 500)}"
        if told.fault_count > 20:
            yield f"  and {number(told.fault_count - 20)} more"
        if not told.kinds:
            yield "No entry is one of ours: for a log of another program, add --any-entries."
        yield "All entries, these too, are in the signed tree."
    else:
        yield "RIGHT: the signature is good, and every entry is in the signed tree."
    if visit.seen is None:
        yield "It is remembered from now on; this was the first visit."
    else:
        yield f"It continues what it showed on {visit.seen.at[:10]}, {_entries(visit.seen.checkpoint.size)}."


def _told_words(told: Telling, visit: Visit) -> Iterator[str]:
    yield ""
    yield f"What it says, from {told.first_at} to {told.last_at}"
    kinds = sorted(told.kinds.items(), key=lambda item: -item[1].count)
    rows = [(_kind(kind, told), span) for kind, span in kinds[:MOST_ROWS]]
    width = max(len(name) for name, _ in rows)
    for name, span in rows:
        yield f"  {name:<{width}}  {number(span.count):>11}  {span.first[:10]} to {span.last[:10]}"
    if len(kinds) > MOST_ROWS:
        yield f"  and {len(kinds) - MOST_ROWS} more kinds"
    yield from _counted("By month", told.months, by_name=True)
    yield from _counted("Accesses to personal data, by reason", told.reasons)
    if told.break_glass:
        yield f"  of these without the normal approval (break-glass): {number(told.break_glass)}"
    yield from _counted("Lawful requests: country, what, outcome", told.requests)
    if told.delays.accesses:
        overdue = told.delays.overdue(visit.at.date())
        named = f" (entries {', '.join(map(str, overdue[:10]))}{' …' if len(overdue) > 10 else ''})" if overdue else ""
        yield ""
        yield f"Accesses that a law keeps from the person for a time: {number(len(told.delays.accesses))}"
        yield f"  of which the day has passed and nobody was told: {number(len(overdue))}{named}"


def sentence(raw: bytes) -> str:
    """When and what an entry says, in one line; also of entries that are not ours."""
    try:
        entry = parse(raw)
    except EntryFormError:
        return f"{len(raw)} bytes: {plain(raw.decode('utf-8', 'replace'), 100)}"
    return f"{entry.at}  {say(entry)}"


def _counted(title: str, counts: Counter[str], *, by_name: bool = False) -> Iterator[str]:
    if not counts:
        return
    yield ""
    yield title
    rows = sorted(counts.items()) if by_name else counts.most_common()
    shown = rows[-MOST_ROWS:] if by_name else rows[:MOST_ROWS]
    width = max(len(plain(name)) for name, _ in shown)
    for name, count in shown:
        yield f"  {plain(name).replace('_', ' '):<{width}}  {number(count):>11}"
    if len(rows) > len(shown):
        yield f"  and {len(rows) - len(shown)} more"


def _warnings(visit: Visit) -> list[str]:
    warnings = list(visit.warnings)
    told = visit.told
    if told is None:
        return warnings
    if told.back_count:
        first = ", ".join(map(str, told.back[:10]))
        warnings.append(
            f"the clock went back at {_entries(told.back_count)}: each names an earlier time than the entry before it "
            f"({first}{' …' if told.back_count > 10 else ''})"
        )
    for (kind, version), span in list(told.unknown.items())[:10]:
        warnings.append(
            f"{_entries(span.count)} of a kind that this program does not know: {plain(kind)}, version {version}"
        )
    if visit.seen is None and visit.checkpoint is not None and _named_otherwise(visit):
        warnings.append(f"the log calls itself “{plain(visit.checkpoint.origin)}”, which is not this address")
    return warnings


def _named_otherwise(visit: Visit) -> bool:
    _, web, rest = visit.address.partition("://")
    return bool(web) and visit.checkpoint is not None and rest != visit.checkpoint.origin.rstrip("/")


def _told_json(told: Telling, visit: Visit) -> dict[str, Any]:
    return {
        "entries": told.entries,
        "first_at": told.first_at or None,
        "last_at": told.last_at or None,
        "kinds": {f"{kind} v{version}": _span_json(span) for (kind, version), span in sorted(told.kinds.items())},
        "unknown_kinds": [f"{kind} v{version}" for kind, version in sorted(told.unknown)],
        "months": dict(sorted(told.months.items())),
        "access_reasons": dict(told.reasons.most_common()),
        "break_glass": told.break_glass,
        "lawful_requests": dict(told.requests.most_common()),
        "delayed": len(told.delays.accesses),
        "overdue": told.delays.overdue(visit.at.date()),
        "clock_went_back": {"count": told.back_count, "entries": told.back},
        "wrong_form": {
            "count": told.fault_count,
            "entries": [{"index": index, "message": why} for index, why in told.faults],
        },
        "last": [{"index": index, "says": sentence(raw)} for index, raw in told.last],
    }


def _span_json(span: Span) -> dict[str, Any]:
    return {"count": span.count, "first": span.first, "last": span.last}


def _kind(kind: tuple[str, int], told: Telling) -> str:
    name, version = kind
    return f"{plain(name, 60)} (version {version})" if kind in told.unknown or version > 1 else name.replace("_", " ")


def _facts(fault: Exception) -> dict[str, Any]:
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in vars(fault).items()
        if isinstance(value, str | int | bytes | list)
    }


def _entries(count: int) -> str:
    return f"{number(count)} {'entry' if count == 1 else 'entries'}"


def _instant(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, OSError, ValueError):
        return f"{seconds} seconds after 1970"
