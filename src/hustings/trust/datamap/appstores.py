"""The map in the forms of the two app stores: Google Play's Data safety CSV and Apple's `PrivacyInfo.xcprivacy`.

Both ask what an app sends off the device and why, in words of their own. A wrapper of the client in either store
sends what the client sends, so both forms are made from the same lines. Ids, columns and order of the CSV are
those that the Play Console exports and imports (2026); types and purposes of the manifest are Apple's of 2026
(TN3184). Where a store's word is wider than ours, we answer by its word: "contacts" counts whom one follows here,
although no address book is ever read.
"""

import csv
import io
import plistlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings

from hustings.lib.records import Field, Store
from hustings.trust.datamap.gathering import lines

HEADER = (
    "Question ID (machine readable)",
    "Response ID (machine readable)",
    "Response value",
    "Answer requirement",
    "Human-friendly question label",
)


@dataclass(frozen=True)
class Kind:
    """What one of fideslang's categories is to the stores: `play` without `PSL_`, `apple` without its prefix."""

    play: str
    apple: str


# By the longest beginning that fits. Films are not told apart from other content by fideslang; see _kind.
KINDS: dict[str, Kind] = {
    "user": Kind("OTHER_PERSONAL", "OtherDataTypes"),
    "user.account": Kind("USER_ACCOUNT", "UserID"),
    "user.account.settings": Kind("OTHER_APP_ACTIVITY", "OtherUsageData"),
    "user.authorization": Kind("USER_ACCOUNT", "UserID"),
    "user.behavior": Kind("OTHER_APP_ACTIVITY", "ProductInteraction"),
    "user.behavior.browsing_history": Kind("WEB_BROWSING_HISTORY", "BrowsingHistory"),
    "user.behavior.media_consumption": Kind("USER_INTERACTION", "ProductInteraction"),
    "user.behavior.purchase_history": Kind("PURCHASE_HISTORY", "PurchaseHistory"),
    "user.behavior.search_history": Kind("IN_APP_SEARCH_HISTORY", "SearchHistory"),
    "user.biometric": Kind("OTHER_PERSONAL", "SensitiveInfo"),
    "user.biometric.voice": Kind("AUDIO", "AudioData"),
    "user.contact": Kind("OTHER_PERSONAL", "OtherUserContactInfo"),
    "user.contact.address": Kind("ADDRESS", "PhysicalAddress"),
    "user.contact.email": Kind("EMAIL", "EmailAddress"),
    "user.contact.phone_number": Kind("PHONE", "PhoneNumber"),
    "user.content": Kind("USER_GENERATED_CONTENT", "OtherUserContent"),
    "user.content.self_image": Kind("PHOTOS", "PhotosorVideos"),
    "user.demographic": Kind("OTHER_PERSONAL", "SensitiveInfo"),
    "user.demographic.age_range": Kind("OTHER_PERSONAL", "OtherDataTypes"),
    "user.demographic.language": Kind("OTHER_PERSONAL", "OtherDataTypes"),
    "user.demographic.political_opinion": Kind("POLITICAL_RELIGIOUS", "SensitiveInfo"),
    "user.demographic.race_ethnicity": Kind("RACE_ETHNICITY", "SensitiveInfo"),
    "user.demographic.religious_belief": Kind("POLITICAL_RELIGIOUS", "SensitiveInfo"),
    "user.demographic.sexual_orientation": Kind("SEXUAL_ORIENTATION_GENDER_IDENTITY", "SensitiveInfo"),
    "user.device": Kind("OTHER_PERFORMANCE", "OtherDiagnosticData"),
    "user.device.cookie_id": Kind("USER_ACCOUNT", "UserID"),
    "user.device.device_id": Kind("DEVICE_ID", "DeviceID"),
    "user.device.ip_address": Kind("DEVICE_ID", "DeviceID"),
    "user.financial": Kind("OTHER", "OtherFinancialInfo"),
    "user.health_and_medical": Kind("HEALTH", "Health"),
    "user.location": Kind("APPROX_LOCATION", "CoarseLocation"),
    "user.location.precise": Kind("PRECISE_LOCATION", "PreciseLocation"),
    "user.name": Kind("NAME", "Name"),
    "user.payment": Kind("CREDIT_DEBIT_BANK_ACCOUNT_NUMBER", "PaymentInfo"),
    "user.social": Kind("CONTACTS", "Contacts"),
    "user.telemetry": Kind("PERFORMANCE_DIAGNOSTICS", "PerformanceData"),
    "user.unique_id": Kind("USER_ACCOUNT", "UserID"),
}
_FILMS = Kind("VIDEOS", "PhotosorVideos")

# A data use to (Play's purpose, Apple's purpose), by the longest beginning that fits.
PURPOSES: dict[str, tuple[str, str]] = {
    "analytics": ("ANALYTICS", "Analytics"),
    "essential": ("APP_FUNCTIONALITY", "AppFunctionality"),
    "essential.fraud_detection": ("FRAUD_PREVENTION_SECURITY", "AppFunctionality"),
    "essential.legal_obligation": ("FRAUD_PREVENTION_SECURITY", "AppFunctionality"),
    "essential.service.authentication": ("ACCOUNT_MANAGEMENT", "AppFunctionality"),
    "essential.service.notifications.email": ("DEVELOPER_COMMUNICATIONS", "AppFunctionality"),
    "essential.service.security": ("FRAUD_PREVENTION_SECURITY", "AppFunctionality"),
    "functional": ("APP_FUNCTIONALITY", "AppFunctionality"),
    "marketing": ("ADVERTISING", "DeveloperAdvertising"),
    "operations": ("APP_FUNCTIONALITY", "AppFunctionality"),
    "personalize": ("PERSONALIZATION", "ProductPersonalization"),
    "train_ai_system": ("PERSONALIZATION", "ProductPersonalization"),
}

# Play's groups, types and their labels, in the console's order.
GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "PERSONAL": (
        "Personal info",
        {
            "NAME": "Name",
            "EMAIL": "Email address",
            "USER_ACCOUNT": "User IDs",
            "ADDRESS": "Address",
            "PHONE": "Phone number",
            "RACE_ETHNICITY": "Race and ethnicity",
            "POLITICAL_RELIGIOUS": "Political or religious beliefs",
            "SEXUAL_ORIENTATION_GENDER_IDENTITY": "Sexual orientation",
            "OTHER_PERSONAL": "Other info",
        },
    ),
    "FINANCIAL": (
        "Financial info",
        {
            "CREDIT_DEBIT_BANK_ACCOUNT_NUMBER": "User payment info",
            "PURCHASE_HISTORY": "Purchase history",
            "CREDIT_SCORE": "Credit score",
            "OTHER": "Other financial info",
        },
    ),
    "LOCATION": ("Location", {"APPROX_LOCATION": "Approximate location", "PRECISE_LOCATION": "Precise location"}),
    "SEARCH_AND_BROWSING": ("Web browsing", {"WEB_BROWSING_HISTORY": "Web browsing history"}),
    "EMAIL_AND_TEXT": (
        "Messages",
        {"EMAILS": "Emails", "SMS_CALL_LOG": "SMS or MMS", "OTHER_MESSAGES": "Other in-app messages"},
    ),
    "PHOTOS_AND_VIDEOS": ("Photos and videos", {"PHOTOS": "Photos", "VIDEOS": "Videos"}),
    "AUDIO": (
        "Audio files",
        {"AUDIO": "Voice or sound recordings", "MUSIC": "Music files", "OTHER_AUDIO": "Other audio files"},
    ),
    "HEALTH_AND_FITNESS": ("Health and fitness", {"HEALTH": "Health info", "FITNESS": "Fitness info"}),
    "CONTACTS": ("Contacts", {"CONTACTS": "Contacts"}),
    "CALENDAR": ("Calendar", {"CALENDAR": "Calendar events"}),
    "APP_PERFORMANCE": (
        "App info and performance",
        {
            "CRASH_LOGS": "Crash logs",
            "PERFORMANCE_DIAGNOSTICS": "Diagnostics",
            "OTHER_PERFORMANCE": "Other app performance data",
        },
    ),
    "FILES_AND_DOCS": ("Files and docs", {"FILES_AND_DOCS": "Files and docs"}),
    "APP_ACTIVITY": (
        "App activity",
        {
            "USER_INTERACTION": "App interactions",
            "IN_APP_SEARCH_HISTORY": "In-app search history",
            "APPS_ON_DEVICE": "Installed apps",
            "USER_GENERATED_CONTENT": "Other user-generated content",
            "OTHER_APP_ACTIVITY": "Other actions",
        },
    ),
    "IDENTIFIERS": ("Device or other IDs", {"DEVICE_ID": "Device or other IDs"}),
}
_PURPOSE_LABELS = {
    "APP_FUNCTIONALITY": "App functionality",
    "ANALYTICS": "Analytics",
    "DEVELOPER_COMMUNICATIONS": "Developer communications",
    "FRAUD_PREVENTION_SECURITY": "Fraud prevention, security, and compliance",
    "ADVERTISING": "Advertising or marketing",
    "PERSONALIZATION": "Personalization",
    "ACCOUNT_MANAGEMENT": "Account management",
}
# Sent, used to answer and not kept: what is searched for. Apple counts only what is kept.
EPHEMERAL = {"IN_APP_SEARCH_HISTORY": {"APP_FUNCTIONALITY"}}
# Whoever watches sends how they watched, signed in or not. All else comes with an account, which nobody must have.
REQUIRED = {"USER_INTERACTION"}

Row = tuple[str, str, str, str, str]
Value = TypeVar("Value")


def _fitting(word: str, table: Mapping[str, Value]) -> Value:
    """The value under the longest dotted beginning of `word`; KeyError when none fits."""
    while word not in table:
        word, dot, _ = word.rpartition(".")
        if not dot:
            raise KeyError(word)
    return table[word]


def _kind(line: Field | Store, word: str) -> Kind:
    if isinstance(line, Store) and word.startswith("user.content.") and word != "user.content.self_image":
        return _FILMS
    return _fitting(word, KINDS)


def _personal() -> Iterator[tuple[Field | Store, Kind]]:
    for line in lines():
        for word in line.topic.data:
            yield line, _kind(line, word)


def collected() -> dict[str, set[str]]:
    """Play's types that are collected, each with its purposes."""
    found: dict[str, set[str]] = {}
    for line, kind in _personal():
        found.setdefault(kind.play, set()).add(_fitting(line.topic.use, PURPOSES)[0])
    for play, purposes in EPHEMERAL.items():
        found.setdefault(play, set()).update(purposes)
    return found


def play_csv() -> str:
    """The Data safety form, to be imported in the Play Console. RFC 4180, as the console writes it, with LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([*_app(), *_types(), *_handling()])
    return out.getvalue()


def _yes(value: bool) -> str:
    return "true" if value else ""


def _app() -> Iterator[Row]:
    """What is asked about the app as a whole."""
    leave = f"{settings.PUBLIC_URL}/settings/leave"
    yield _asked("COLLECTION_COLLECTS_PERSONAL_DATA", "true", "REQUIRED", "Does your app collect or share user data?")
    encrypted = "true" if settings.SECURE else "false"
    yield _asked("COLLECTION_ENCRYPTED_IN_TRANSIT", encrypted, "MAYBE_REQUIRED", "Is all of it encrypted in transit?")
    methods = {
        "USER_ID_PASSWORD": "Username and password",
        "USER_ID_OTHER_AUTH": "Username and other authentication",
        "USER_ID_PASSWORD_OTHER_AUTH": "Username, password and other authentication",
        "OAUTH": "OAuth",
        "OTHER": "Other",
        "NONE": "My app does not allow users to create an account",
    }
    ours = {"USER_ID_PASSWORD", "USER_ID_OTHER_AUTH", *(("OAUTH",) if settings.OIDC_URL else ())}
    for method, label in methods.items():
        question = f"Methods of account creation / {label}"
        yield (
            "PSL_SUPPORTED_ACCOUNT_CREATION_METHODS",
            f"PSL_ACM_{method}",
            _yes(method in ours),
            "MULTIPLE_CHOICE",
            question,
        )
    yield "PSL_ACM_SPECIFY", "", "", "MAYBE_REQUIRED", "Describe the method of account creation"
    yield "PSL_ACCOUNT_DELETION_URL", "", leave, "MAYBE_REQUIRED", "Where an account's deletion is asked for"
    answers = {"YES": "Yes", "NO": "No", "NO_AUTO_DELETED": "No, but it is deleted within 90 days"}
    for answer, label in answers.items():
        yield (
            "PSL_SUPPORT_DATA_DELETION_BY_USER",
            f"DATA_DELETION_{answer}",
            _yes(answer == "YES"),
            "SINGLE_CHOICE",
            f"Can users ask for their data's deletion? / {label}",
        )
    yield "PSL_DATA_DELETION_URL", "", f"{settings.PUBLIC_URL}/settings", "MAYBE_REQUIRED", "Delete data URL"
    yield _asked("COLLECTION_COMPLIES_FAMILY_POLICY", "", "OPTIONAL", "Families Policy commitment")
    yield "PSL_INDEPENDENTLY_VALIDATED", "", "", "OPTIONAL", "Independent security review (MASA)"
    yield "PSL_UPI_BADGE_OPT_IN", "", "", "OPTIONAL", "Show the UPI badge"
    outside = "true" if settings.OIDC_URL else ""
    yield "PSL_HAS_OUTSIDE_APP_ACCOUNTS", "", outside, "OPTIONAL", "Accounts created outside of the app"
    kinds = {
        "PSL_LOGIN_WITH_OUTSIDE_APP_ID": "Out of app identification",
        "PSL_LOGIN_THROUGH_EMPLOYMENT_OR_ENTERPRISE_ACCOUNT": "Employment or enterprise accounts",
        "PSL_OUTSIDE_APP_ACCOUNT_TYPE_OTHER": "Other",
    }
    for kind, label in kinds.items():
        chosen = outside if "EMPLOYMENT" in kind else ""
        yield (
            "PSL_OUTSIDE_APP_ACCOUNT_TYPES",
            kind,
            chosen,
            "MULTIPLE_CHOICE",
            f"How are these accounts created? / {label}",
        )
    yield "PSL_OUTSIDE_APP_ACCOUNT_TYPE_SPECIFY", "", "", "MAYBE_REQUIRED", "Describe how they are created"


def _asked(question: str, value: str, requirement: str, label: str) -> Row:
    return f"PSL_DATA_{question}", "", value, requirement, label


def _types() -> Iterator[Row]:
    """Which types are collected."""
    ours = collected()
    for group, (title, types) in GROUPS.items():
        for play, label in types.items():
            value = _yes(play in ours)
            yield f"PSL_DATA_TYPES_{group}", f"PSL_{play}", value, "MULTIPLE_CHOICE", f"{title} / {label}"


def _handling() -> Iterator[Row]:
    """How each type is handled. Nothing is shared: no third party gets any of it."""
    ours = collected()
    for _, types in GROUPS.values():
        for play, label in types.items():
            question = f"PSL_DATA_USAGE_RESPONSES:PSL_{play}"
            about = f"Data usage and handling ({label})"
            there = play in ours
            both = f"{question}:PSL_DATA_USAGE_COLLECTION_AND_SHARING"
            yield both, "PSL_DATA_USAGE_ONLY_COLLECTED", _yes(there), "MULTIPLE_CHOICE", f"{about} / Collected"
            yield both, "PSL_DATA_USAGE_ONLY_SHARED", "", "MULTIPLE_CHOICE", f"{about} / Shared"
            passing = ("true" if play in EPHEMERAL else "false") if there else ""
            ephemeral = f"{question}:PSL_DATA_USAGE_EPHEMERAL"
            yield ephemeral, "", passing, "MAYBE_REQUIRED", f"{about} / Processed ephemerally?"
            control = f"{question}:DATA_USAGE_USER_CONTROL"
            for choice, said in (("OPTIONAL", "Users can choose"), ("REQUIRED", "Collection is required")):
                chosen = there and (choice == "REQUIRED") == (play in REQUIRED)
                yield (
                    control,
                    f"PSL_DATA_USAGE_USER_CONTROL_{choice}",
                    _yes(chosen),
                    "SINGLE_CHOICE",
                    f"{about} / {said}",
                )
            for direction in ("COLLECTION", "SHARING"):
                for purpose, said in _PURPOSE_LABELS.items():
                    chosen = direction == "COLLECTION" and purpose in ours.get(play, ())
                    why = f"{question}:DATA_USAGE_{direction}_PURPOSE"
                    verb = "collected" if direction == "COLLECTION" else "shared"
                    yield why, f"PSL_{purpose}", _yes(chosen), "MULTIPLE_CHOICE", f"{about} / Why {verb} / {said}"


def apple_manifest() -> dict[str, object]:
    """The privacy manifest, as plain values. Everything kept is tied to an account; nothing tracks."""
    purposes: dict[str, set[str]] = {}
    for line, kind in _personal():
        purposes.setdefault(kind.apple, set()).add(_fitting(line.topic.use, PURPOSES)[1])
    return {
        "NSPrivacyTracking": False,
        "NSPrivacyTrackingDomains": [],
        "NSPrivacyAccessedAPITypes": [],
        "NSPrivacyCollectedDataTypes": [
            {
                "NSPrivacyCollectedDataType": f"NSPrivacyCollectedDataType{apple}",
                "NSPrivacyCollectedDataTypeLinked": True,
                "NSPrivacyCollectedDataTypeTracking": False,
                "NSPrivacyCollectedDataTypePurposes": [
                    f"NSPrivacyCollectedDataTypePurpose{purpose}" for purpose in sorted(purposes[apple])
                ],
            }
            for apple in sorted(purposes)
        ],
    }


def apple_plist() -> bytes:
    """`PrivacyInfo.xcprivacy`: an XML property list."""
    return plistlib.dumps(apple_manifest(), sort_keys=False)
