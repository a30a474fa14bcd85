"""What each entry says, in Welsh: the same facts as the English sentences of `schemas`, for pages in that language.

Sentences are built so that no value from an entry is mutated. What an entry holds as free text stays as it was written.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hustings.lib.tlog.words import plain

_Sentence = Callable[[Mapping[str, Any]], str]

# Every word of a closed list that a sentence uses, by the field that holds it.
WORDS: Mapping[str, Mapping[str, str]] = {
    "reason": {
        "subject_request": "cais gan y person",
        "support": "cymorth",
        "security": "diogelwch",
        "moderation": "cymedroli",
        "legal_order": "gorchymyn cyfreithiol",
        "production_alert": "nam ar y gwasanaeth",
        "research": "ymchwil",
        "closure": "cau'r cyfrif",
        "request": "cais",
        "retention": "diwedd y cyfnod cadw",
        "rotation": "allwedd newydd yn ei lle",
    },
    "role": {
        "moderator": "cymedrolwr",
        "support": "cymorth",
        "security": "diogelwch",
        "auditor": "archwilydd",
        "privacy_officer": "swyddog preifatrwydd",
        "operator": "gweithredwr",
    },
    "request": {
        "user_data": "data am bobl",
        "removal": "tynnu cynnwys",
        "preservation": "cadw data",
        "interception": "rhyng-gipio",
        "emergency": "cymorth mewn argyfwng",
        "other": "rhywbeth arall",
        "none": "dim",
    },
    "outcome": {
        "received": "derbyniwyd",
        "complied": "cydymffurfiwyd",
        "partly_complied": "cydymffurfiwyd yn rhannol",
        "refused": "gwrthodwyd",
        "challenged": "heriwyd mewn llys",
        "withdrawn": "tynnwyd yn ôl gan yr awdurdod",
        "none": "dim",
        "disclosed": "fe'i dangosir i'r person nawr",
        "extended": "fe'i cedwir yn ôl am yn hwy",
        "withheld": "ni chaiff ei ddatgelu",
    },
    "automated": {
        "no": "penderfynodd person",
        "partly": "penderfynodd person gyda chymorth peiriant",
        "fully": "penderfynodd peiriant",
    },
    "action": {
        "remove": "tynnu i lawr",
        "restrict": "cyfyngu",
        "age_restrict": "cyfyngu yn ôl oedran",
        "demote": "dangos yn llai aml",
        "label": "rhoi nodyn arno",
        "disable_comments": "diffodd sylwadau",
        "warn": "rhybuddio",
        "suspend": "atal dros dro",
        "terminate": "terfynu",
        "keep": "gadael fel y mae",
    },
    "content": {
        "video": "fideo",
        "comment": "sylw",
        "account": "cyfrif",
        "sound": "sain",
        "picture": "llun",
        "text": "testun",
        "other": "rhywbeth arall",
    },
    "source": {
        "own_initiative": "ar ein liwt ein hunain",
        "notice": "ar ôl adroddiad",
        "trusted_flagger": "ar ôl adroddiad gan fflagiwr dibynadwy",
        "order": "ar ôl gorchymyn",
        "hash_match": "yr un ffeil ag un hysbys",
        "other": "o ffynhonnell arall",
    },
    "after": {
        "appeal": "apêl",
        "own_review": "ein hadolygiad ein hunain",
        "court": "achos llys",
        "out_of_court": "datrys y tu allan i'r llys",
        "expiry": "diwedd ei gyfnod",
    },
    "cause": {
        "human_error": "camgymeriad gan berson",
        "machine_error": "camgymeriad gan beiriant",
        "rule_changed": "newidiodd y rheol",
        "new_facts": "ffeithiau newydd",
        "law_changed": "newidiodd y gyfraith",
        "other": "rheswm arall",
    },
    "state": {
        "set": "gosodwyd",
        "changed": "newidiwyd",
        "lifted": "codwyd",
        "submitted": "gofynnwyd amdano",
        "reviewed": "adolygwyd",
        "refused": "gwrthodwyd",
        "granted": "caniatawyd",
        "verified": "gwiriwyd",
        "active": "mewn grym",
        "renewed": "adnewyddwyd",
        "breached": "torrwyd",
        "revoked": "diddymwyd",
        "expired": "daeth i ben",
        "withdrawn": "tynnwyd yn ôl",
    },
}


def say(kind: str, version: int, value: Mapping[str, Any]) -> str:
    """The sentence of an entry whose form was checked, without its full stop; safe to print."""
    sentence = SAYS.get((kind, version))
    if sentence is None:
        return f"cofnod o fath nad yw'r rhaglen hon yn ei adnabod: {plain(kind)}, fersiwn {version}"
    return sentence(value)


def _word(field: str, value: str) -> str:
    return WORDS[field].get(value) or plain(value)


def _place(country: str) -> str:
    return "gwlad anhysbys" if country == "??" else country


def _many(values: list[str], most: int = 5) -> str:
    if not values:
        return "dim"
    named = ", ".join(plain(value) for value in values[:most])
    return named if len(values) <= most else f"{named} a {len(values) - most} arall"


def _access(e: Mapping[str, Any]) -> str:
    where = _place(e["office_country"])
    if e["physical_country"] != e["office_country"]:
        where += f" (yn gweithio o {_place(e['physical_country'])})"
    loud = "TORRI'R GWYDR: " if e["break_glass"] else ""
    later = f"; dywedir wrth y person o {e['disclose_after']} ymlaen" if "disclose_after" in e else ""
    second = "; cytunodd ail berson" if "approver" in e or "approver" in e.get("commitments", {}) else ""
    return (
        f"{loud}edrychodd rhywun yn y rôl {_word('role', e['role'])} yn {where} ar ddata o'r math "
        f"{_many(e['categories'])}, cofnodion: {e['records']}; y rheswm: {_word('reason', e['reason'])}{second}{later}"
    )


def _disclosure(e: Mapping[str, Any]) -> str:
    until = f", tan {e['until']}" if "until" in e else ""
    return f"mynediad cofnod {e['access']}, a oedd i'w ddatgelu ar {e['due']}: {_word('outcome', e['outcome'])}{until}"


def _request(e: Mapping[str, Any]) -> str:
    if e["request"] == "none":
        return f"ni ddaeth cais cyfreithiol gan unrhyw awdurdod yn {e.get('period', 'y cyfnod hwn')}"
    what = f"{_word('request', e['request'])}, nifer y cyfrifon: {e['accounts']}"
    if e["outcome"] == "received":
        return f"gofynnodd awdurdod yn {_place(e['country'])} am y canlynol: {what}"
    which = f" cofnod {e['request_entry']}" if "request_entry" in e else ""
    return f"cais{which} gan awdurdod yn {_place(e['country'])} ({what}): {_word('outcome', e['outcome'])}"


def _decision(e: Mapping[str, Any]) -> str:
    return (
        f"{_word('automated', e['automated'])}: {_word('action', e['action'])} ({_word('content', e['content'])}), "
        f"yn ôl y rheol {plain(e['rule'])}, {_word('source', e['source'])}"
    )


def _reversal(e: Mapping[str, Any]) -> str:
    back = ", ac mae'n ôl" if e["restored"] else ""
    after, cause = _word("after", e["after"]), _word("cause", e["cause"])
    return f"newidiwyd penderfyniad cofnod {e['decision']} ar ôl {after}: {cause}{back}"


def _closure(e: Mapping[str, Any]) -> str:
    whose = "cyfrif swyddogol" if e["account"] == "official" else "cyfrif"
    named = f" @{plain(e['handle'])}" if "handle" in e else ""
    left = sum(e["residue"].values())
    found = "ni chanfu chwiliad ddim ar ôl" if left == 0 else f"MAE CHWILIAD YN DAL I GANFOD {left} PETH"
    return f"caewyd {whose}{named} am byth: dilëwyd {sum(e['erased'].values())} peth, {found}"


def _key(e: Mapping[str, Any]) -> str:
    return f"dinistriwyd allwedd cyfrif, nifer: {e['people']} ({_word('reason', e['reason'])})"


def _ranking(e: Mapping[str, Any]) -> str:
    return f"trefnir y ffrwd gyda'r model {e['model'][:12]} a'r pwysau {e['weights'][:12]}"


def _build(e: Mapping[str, Any]) -> str:
    return f"gosodwyd fersiwn {plain(e['version'])}, adeiladwaith {e['build'][:12]}"


def _map(e: Mapping[str, Any]) -> str:
    if _begins(e):
        return f"mae'r log yn dechrau gyda'r map data {e['map'][:12]}"
    counts = (len(e[name]) for name in ("added", "removed", "changed"))
    return "newidiodd y map data i {}; meysydd newydd: {}, wedi mynd: {}, wedi newid: {}".format(e["map"][:12], *counts)


def _egress(e: Mapping[str, Any]) -> str:
    if _begins(e):
        return f"mae'r log yn dechrau gyda rhestr wag o leoedd y caniateir anfon data iddynt ({e['list'][:12]})"
    added = f"; newydd: {_many(e['added'])}" if e["added"] else ""
    removed = f"; wedi mynd: {_many(e['removed'])}" if e["removed"] else ""
    return f"newidiodd y rhestr o leoedd y caniateir anfon data iddynt i {e['list'][:12]}{added}{removed}"


def _begins(e: Mapping[str, Any]) -> bool:
    return "previous" not in e and not any(e.get(name) for name in ("added", "removed", "changed"))


def _restriction(e: Mapping[str, Any]) -> str:
    return f"{plain(e['organisation'])}: cyfyngiad ar {plain(e['app'])}, {_word('state', e['state'])}"


def _exemption(e: Mapping[str, Any]) -> str:
    until = f", hyd at {e['expires']}" if "expires" in e else ""
    whose = f" ({plain(e['organisation'])})" if "organisation" in e else ""
    return f"eithriad {plain(e['reference'])}{whose}: {_word('state', e['state'])}{until}"


def _opened(e: Mapping[str, Any]) -> str:
    return f"agorodd {plain(e['organisation'])} y cyfrif swyddogol @{plain(e['handle'])} ar {plain(e['platform'])}"


def _closed(e: Mapping[str, Any]) -> str:
    if "reason" in e and "receipt" not in e:  # the account stands, the mark went
        return (
            f"nid yw @{plain(e['handle'])} ({plain(e['organisation'])}) ar {plain(e['platform'])} "
            "yn gyfrif swyddogol mwyach"
        )
    link = f"; mae'r corff bellach yn {plain(e['link'])}" if "link" in e else ""
    return f"caeodd {plain(e['organisation'])} y cyfrif swyddogol @{plain(e['handle'])} ar {plain(e['platform'])}{link}"


SAYS: Mapping[tuple[str, int], _Sentence] = {
    ("access", 1): _access,
    ("disclosure_due", 1): _disclosure,
    ("lawful_request", 1): _request,
    ("moderation_decision", 1): _decision,
    ("moderation_reversal", 1): _reversal,
    ("closure_receipt", 1): _closure,
    ("key_erased", 1): _key,
    ("ranking_changed", 1): _ranking,
    ("build_deployed", 1): _build,
    ("data_map_changed", 1): _map,
    ("egress_changed", 1): _egress,
    ("estate_restriction", 1): _restriction,
    ("exemption", 1): _exemption,
    ("official_account_opened", 1): _opened,
    ("official_account_closed", 1): _closed,
}
