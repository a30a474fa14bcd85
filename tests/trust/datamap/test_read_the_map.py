"""Anyone reads the map: on a page in both languages, from the command line, and with other people's tools."""

from __future__ import annotations

import csv
import io
import json
import plistlib
from datetime import timedelta
from typing import Any

import pytest
import yaml
from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from fideslang.models import Taxonomy
from fideslang.relationships import get_referenced_missing_keys
from typer.testing import CliRunner

from cast import Visitor
from hustings.accounts.api import Author
from hustings.community.models import Notification
from hustings.lib import clock
from hustings.lib.records import TECHNICAL
from hustings.site.cli import app
from hustings.trust import datamap
from hustings.trust.datamap import appstores, document, never, retention, views, vocabulary, wire, words
from hustings.trust.office import pages

PAGE = "/trust/data"

# --- The page --------------------------------------------------------------------------------------------


def page(who: Visitor, **query: str) -> str:
    views._overdue.cache_clear()
    answer = who.get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_names_every_column_with_its_purpose(anonymous: Visitor) -> None:
    said = page(anonymous)
    for field in datamap.fields().values():
        assert field.model in said
        assert words_of(field.purpose) in said, field.id
    for store in datamap.stores():
        assert words_of(store.purpose) in said


def words_of(sentence: str) -> str:
    from django.utils.html import escape

    return str(escape(sentence))


def test_the_page_is_whole_in_welsh(anonymous: Visitor) -> None:
    said = page(anonymous, lang="cy")
    assert '<html lang="cy"' in said
    for field in datamap.fields().values():
        assert words_of(words.purpose(field, "cy")) in said, field.id


def test_no_sentence_of_the_map_is_english_alone() -> None:
    lines = [*datamap.fields().values(), *datamap.stores()]
    wanted = {line.id for line in lines}
    wanted |= {f"topic:{line.topic.name}" for line in lines}
    wanted |= {f"kept:{line.retention.name}" for line in lines}
    wanted |= {f"why:{table.model}" for table in datamap.tables().values() if table.why}
    wanted |= {f"cookie:{name}" for name in wire.COOKIES} | {f"stored:{name}" for name in wire.STORED}
    welsh = words.welsh()
    assert sorted(wanted - welsh.keys()) == [], "add these to the domain's records.cy.json"
    assert sorted(welsh.keys() - wanted) == [], "nothing has these ids any more"
    assert not [key for key, said in welsh.items() if not said.strip()]


def test_no_welsh_sentence_is_the_english_one() -> None:
    lines = [*datamap.fields().values(), *datamap.stores()]
    same = [line.id for line in lines if words.welsh().get(line.id) == line.purpose]
    assert not same
    for line in lines:
        assert ("{n}" in line.retention.words) == ("{n}" in words.welsh()[f"kept:{line.retention.name}"]), line.id


def test_one_name_of_a_topic_or_a_promise_means_one_thing() -> None:
    """Else the Welsh under that name would be of another sentence."""
    promises: dict[str, str] = {}
    for line in (*datamap.fields().values(), *datamap.stores()):
        assert promises.setdefault(line.retention.name, line.retention.words) == line.retention.words


def test_one_topic_alone(anonymous: Visitor) -> None:
    said = page(anonymous, topic="notifications")
    assert "community.Notification" in said
    assert "accounts.Account<" not in said
    assert "never" not in said.split("<main")[1]
    assert anonymous.get(PAGE, {"topic": "shoes"}).status_code == 404


def test_the_page_says_what_is_never_collected_and_by_which_tests(anonymous: Visitor) -> None:
    said = page(anonymous)
    for claim in never.CLAIMS:
        assert words_of(pages.say(f"trust.datamap.never_{claim.id}", "en")) in said
        for test in claim.tests:
            assert test in said


def test_the_page_owns_up_when_something_is_past_its_time(anonymous: Visitor, owner: Author) -> None:
    assert "nothing is past its time" in page(anonymous)
    Notification.objects.create(
        account_id=owner.id, kind="like", topic="x", updated_at=clock.now() - timedelta(days=999)
    )
    assert "community.notifications: 1 rows" in page(anonymous)


def test_many_visitors_cost_one_look_a_minute(anonymous: Visitor, django_assert_num_queries: Any) -> None:
    page(anonymous)
    with django_assert_num_queries(0):
        anonymous.get(PAGE)


def test_the_operators_numbers_stand_in_the_words(anonymous: Visitor, settings: Any) -> None:
    settings.EVENT_DAYS = 37
    assert "for 37 days, or until the feed is reset" in page(anonymous)
    assert "am 37 diwrnod" in page(anonymous, lang="cy")


def test_only_reading(anonymous: Visitor) -> None:
    assert anonymous.post(PAGE).status_code == 405


# --- For programs ----------------------------------------------------------------------------------------


def form(who: Visitor, name: str) -> bytes:
    answer = who.get(f"{PAGE}.{name}")
    assert answer.status_code == 200
    return answer.content


def test_the_document_and_its_fingerprint(anonymous: Visitor) -> None:
    said = json.loads(form(anonymous, "json"))
    assert len(said["map"]["columns"]) == len(datamap.fields())
    import hashlib

    assert hashlib.sha256(document.canonical(said["map"])).hexdigest() == said["sha256"]
    by_name = {line["column"]: line for line in said["map"]["columns"]}
    assert by_name["accounts.Account.handle"]["public"] is True
    assert by_name["accounts.Account.password"]["exported"] is False
    assert by_name["community.Notification.kind"]["ends"] == ["rule:community.notifications", "closure"]
    rules = {rule["rule"]: rule for rule in said["map"]["rules"]}
    assert rules["community.notifications"]["seconds"] == 90 * 86_400
    assert anonymous.get(f"{PAGE}.exe").status_code == 404


def test_another_number_is_another_map(settings: Any) -> None:
    before = document.fingerprint()
    settings.EVENT_DAYS += 1
    assert document.fingerprint() != before


def test_fideslang_reads_it_and_knows_every_word(anonymous: Visitor) -> None:
    plain = yaml.safe_load(form(anonymous, "fides.yml"))
    ours = Taxonomy(**plain)
    collections = sum(len(dataset.collections) for dataset in ours.dataset)
    assert collections == len(datamap.tables()) + 1
    fields = sum(len(collection.fields) for dataset in ours.dataset for collection in dataset.collections)
    assert fields == len(datamap.fields()) + len(datamap.stores())
    (system,) = ours.system
    assert system.privacy_declarations
    assert {declaration.data_use for declaration in system.privacy_declarations} <= vocabulary.DATA_USES
    known = DEFAULT_TAXONOMY.model_copy(update={"dataset": ours.dataset, "system": ours.system})
    assert get_referenced_missing_keys(known) <= {"default_organization"}
    for dataset in ours.dataset:
        assert dataset.meta is not None
        assert dataset.meta["x-region"] == "local"
        names = {f"{collection.name}.{field.name}" for collection in dataset.collections for field in collection.fields}
        assert dataset.meta["x-retention"].keys() == names


def test_plays_form_has_the_columns_types_and_rows_of_the_console(anonymous: Visitor) -> None:
    rows = list(csv.reader(io.StringIO(form(anonymous, "play.csv").decode())))
    assert rows[0] == [
        "Question ID (machine readable)",
        "Response ID (machine readable)",
        "Response value",
        "Answer requirement",
        "Human-friendly question label",
    ]
    # As in an export of the console: 38 types, and for each 19 rows of handling.
    types = [row for row in rows if row[0].startswith("PSL_DATA_TYPES_")]
    handling = [row for row in rows if row[0].startswith("PSL_DATA_USAGE_RESPONSES:")]
    assert len(types) == 38
    assert len(handling) == 38 * 19
    assert len({(row[0], row[1]) for row in rows}) == len(rows)
    assert {row[3] for row in rows[1:]} == {
        "REQUIRED",
        "MAYBE_REQUIRED",
        "MULTIPLE_CHOICE",
        "SINGLE_CHOICE",
        "OPTIONAL",
    }
    values = {(row[0], row[1]): row[2] for row in rows}
    collected = {row[1] for row in types if row[2] == "true"}
    assert {"PSL_NAME", "PSL_VIDEOS", "PSL_USER_INTERACTION", "PSL_EMAIL", "PSL_CONTACTS"} <= collected
    assert not collected & {
        "PSL_PRECISE_LOCATION",
        "PSL_APPROX_LOCATION",
        "PSL_DEVICE_ID",
        "PSL_PHONE",
        "PSL_WEB_BROWSING_HISTORY",
    }
    for type_ in (row[1] for row in types):
        asked = f"PSL_DATA_USAGE_RESPONSES:{type_}"
        purposes = [row for row in handling if row[0] == f"{asked}:DATA_USAGE_COLLECTION_PURPOSE" and row[2] == "true"]
        shared = [row for row in handling if row[0] == f"{asked}:DATA_USAGE_SHARING_PURPOSE" and row[2]]
        controls = [row for row in handling if row[0] == f"{asked}:DATA_USAGE_USER_CONTROL" and row[2] == "true"]
        ephemeral = values[f"{asked}:PSL_DATA_USAGE_EPHEMERAL", ""]
        # The console refuses a type that is collected for nothing, or handled without being collected.
        assert bool(purposes) == bool(controls) == bool(ephemeral) == (type_ in collected), type_
        assert len(controls) <= 1
        assert not shared
        assert not values[f"{asked}:DATA_USAGE_COLLECTION_PURPOSE", "PSL_ADVERTISING"]


def test_apples_manifest_has_apples_words_alone(anonymous: Visitor) -> None:
    manifest = plistlib.loads(form(anonymous, "xcprivacy"))
    assert manifest.keys() == {
        "NSPrivacyTracking",
        "NSPrivacyTrackingDomains",
        "NSPrivacyAccessedAPITypes",
        "NSPrivacyCollectedDataTypes",
    }
    assert manifest["NSPrivacyTracking"] is False
    assert manifest["NSPrivacyTrackingDomains"] == []
    types = [entry["NSPrivacyCollectedDataType"] for entry in manifest["NSPrivacyCollectedDataTypes"]]
    assert len(types) == len(set(types))
    for entry in manifest["NSPrivacyCollectedDataTypes"]:
        assert entry.keys() == {
            "NSPrivacyCollectedDataType",
            "NSPrivacyCollectedDataTypeLinked",
            "NSPrivacyCollectedDataTypeTracking",
            "NSPrivacyCollectedDataTypePurposes",
        }
        assert entry["NSPrivacyCollectedDataType"].removeprefix("NSPrivacyCollectedDataType") in APPLE_TYPES
        assert entry["NSPrivacyCollectedDataTypeTracking"] is False
        purposes = [
            one.removeprefix("NSPrivacyCollectedDataTypePurpose") for one in entry["NSPrivacyCollectedDataTypePurposes"]
        ]
        assert purposes
        assert set(purposes) <= APPLE_PURPOSES - {"ThirdPartyAdvertising", "DeveloperAdvertising"}
    assert not {"NSPrivacyCollectedDataTypePreciseLocation", "NSPrivacyCollectedDataTypeDeviceID"} & set(types)


# Apple's own words, as TN3184 and "Describing data use in privacy manifests" list them (2026).
APPLE_TYPES = frozenset(  # a list of words reads as one
    (  # noqa: SIM905
        "Name EmailAddress PhoneNumber PhysicalAddress OtherUserContactInfo Health Fitness PaymentInfo CreditInfo "
        "OtherFinancialInfo PreciseLocation CoarseLocation SensitiveInfo Contacts EmailsOrTextMessages PhotosorVideos "
        "AudioData GameplayContent CustomerSupport OtherUserContent BrowsingHistory SearchHistory UserID DeviceID "
        "PurchaseHistory ProductInteraction AdvertisingData OtherUsageData CrashData PerformanceData "
        "OtherDiagnosticData EnvironmentScanning Hands Head OtherDataTypes"
    ).split()
)
APPLE_PURPOSES = frozenset(
    "ThirdPartyAdvertising DeveloperAdvertising Analytics ProductPersonalization AppFunctionality Other".split()  # noqa: SIM905
)


def test_every_word_of_the_map_has_one_in_both_stores() -> None:
    known = {play for _, types in appstores.GROUPS.values() for play in types}
    for word in vocabulary.DATA_CATEGORIES:
        if word.startswith("user."):
            kind = appstores._fitting(word, appstores.KINDS)
            assert kind.play in known, word
            assert kind.apple in APPLE_TYPES, word
    for word in vocabulary.DATA_USES - {"collect", "employment", "employment.recruitment", "finance", "sales"}:
        if not word.startswith("third_party_sharing"):
            play, apple = appstores._fitting(word, appstores.PURPOSES)
            assert play in appstores._PURPOSE_LABELS, word
            assert apple in APPLE_PURPOSES, word


# --- The command line ------------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["datamap", *arguments], env={"COLUMNS": "200"})
    return result.exit_code, result.stdout


def test_the_command_prints_what_the_page_shows(db: None) -> None:
    code, said = command()
    assert code == 0
    assert "accounts.Account.bio" in said
    assert command("--topic", "age")[1].count("accounts.Account") == 1
    assert "Oedran" in command("--topic", "age", "--lang", "cy")[1]
    assert command("--topic", "shoes")[0] == 2


def test_the_command_prints_each_form(db: None) -> None:
    assert json.loads(command("--json")[1])["sha256"] == document.fingerprint()
    assert Taxonomy(**yaml.safe_load(command("--fides")[1]))
    assert command("--play-csv")[1].startswith("Question ID (machine readable),")
    assert plistlib.loads(command("--apple")[1].encode())


def test_the_command_tells_a_program_what_is_late(owner: Author) -> None:
    assert command("--overdue") == (0, "Nothing is past its time.\n")
    Notification.objects.create(
        account_id=owner.id, kind="like", topic="x", updated_at=clock.now() - timedelta(days=999)
    )
    code, said = command("--overdue")
    assert code == 1
    assert "community.notifications" in said
    retention.enforce(retention.rules()["community.notifications"])
    assert command("--overdue")[0] == 0


def test_what_is_about_nobody_is_technical() -> None:
    for line in (*datamap.fields().values(), *datamap.stores()):
        assert line.personal == (line.topic != TECHNICAL), line.id


@pytest.mark.parametrize("lang", ["en", "cy"])
def test_the_words_of_readers_and_bases_are_there(lang: str) -> None:
    from hustings.lib.records import Basis, Reader

    for reader in Reader:
        assert pages.say(f"trust.datamap.reader_{reader.value}", lang)
    for basis in Basis:
        assert pages.say(f"trust.datamap.basis_{basis.name.lower()}", lang)
