"""Every staff screen, command, export and verb there is, found by itself: none reads a member without an access.

A canary sits in the member's private columns. Whatever comes out of an entrance must not sing it, and a view that
somebody puts under `/staff/` without the gate must find the data shut. New screens, commands and verbs are covered
because they are discovered; what cannot be tried says here why.
"""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command, get_commands, load_command_class
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django_tasks import task
from typer.main import get_command
from typer.testing import CliRunner

from cast import Visitor, person
from hustings.accounts import staff as roles
from hustings.accounts.api import Author
from hustings.community.models import Comment, MutedWord
from hustings.moderation.models import Report
from hustings.site import cli, loading
from hustings.trust import scopes
from hustings.trust.access import places
from hustings.trust.access.errors import UnrecordedReadError
from hustings.trust.access.models import AccessEntry
from hustings.trust.access.places import Place
from hustings.trust.api import holders
from hustings.trust.scopes import closed, current, service
from published import published
from trust.access.employed import at_desk

CANARY = "kanarienvogel"


@pytest.fixture
def member(stranger: Author) -> Author:
    """The canary in everything private that is text."""
    account = apps.get_model("accounts.Account")
    account.objects.filter(pk=stranger.id).update(password=f"argon2${CANARY}", name_skeleton=CANARY)
    apps.get_model("account.EmailAddress").objects.create(user_id=stranger.id, email=f"{CANARY}@example.org")
    clip = published(stranger, caption=f"My {CANARY}", visibility="private")
    Comment.objects.create(author_id=stranger.id, video=clip, text=CANARY)
    MutedWord.objects.create(account_id=stranger.id, word=CANARY)
    Report.objects.create(kind="clip", ref="x", reason="spam", text=CANARY, reporter_id=stranger.id)
    apps.get_model("usersessions.UserSession").objects.create(
        user_id=stranger.id,
        session_key=CANARY,
        ip="0.0.0.0",  # noqa: S104 - the column's only value
        user_agent=CANARY,
    )
    return stranger


# --- Screens ---------------------------------------------------------------------------------------------


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site, as its route."""
    for one in (resolver or get_resolver()).url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, route)
        else:
            yield route, one


SCREENS = {route: one for route, one in patterns() if route.startswith("staff/")}


def test_there_are_screens_and_there_is_no_admin() -> None:
    assert len(SCREENS) >= 11
    assert not [app for app in apps.get_app_configs() if app.name.startswith("django.contrib.admin")]
    assert not [
        route for route, one in patterns() if "admin" in route or str(one.lookup_str).startswith("django.contrib.admin")
    ]


@pytest.mark.parametrize("route", SCREENS)
def test_every_screen_has_the_gate(route: str, member: Author, moderator: Author, as_owner: Visitor, case: str) -> None:
    assert hasattr(SCREENS[route].callback, "staff_roles"), "wrap the view in access.gate.staff_screen"
    assert as_owner.get(f"/{_address(route, case)}").status_code == 404
    assert Visitor(moderator).get(f"/{_address(route, case)}").status_code == 403, "a password alone must not do"


@pytest.mark.parametrize("route", SCREENS)
def test_no_screen_sings(route: str, member: Author, case: str) -> None:
    at = _everybody()
    asked = {"handle": "sian", "case": case, "purpose": "moderation", "actor": "sian", "reference": case, "kind": "x"}
    for lang in ("en", "cy"):
        shown = at.get(f"/{_address(route, case)}", asked | {"lang": lang})
        assert shown.status_code in {200, 302}, shown.content
        assert CANARY not in shown.content.decode()
    tried = at.post(f"/{_address(route, case)}", asked | {"act": "", "fields": ["community.Comment.text"]})
    assert CANARY not in tried.content.decode()
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize("route", SCREENS)
def test_a_view_without_the_gate_finds_it_shut(
    route: str, member: Author, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def naive(request: HttpRequest, **_: str) -> HttpResponse:
        return HttpResponse(str(list(Comment.objects.values("text"))))

    monkeypatch.setattr(SCREENS[route], "callback", naive)
    with pytest.raises(UnrecordedReadError, match="nobody said on whose behalf"):
        _everybody().get(f"/{_address(route, case)}")


def test_the_canary_sings_when_somebody_looks_properly(member: Author, moderator: Author, case: str) -> None:
    """So that the silence above means something."""
    field = "moderation.Report.text"
    wish = {
        "handle": "sian",
        "purpose": "moderation",
        "case": case,
        "fields": [field],
        "reason": "Your report, please.",
    }
    assert CANARY in at_desk(moderator).post("/staff/look", wish | {"act": "look"}).content.decode()
    assert AccessEntry.objects.get().read == [field]


def _address(route: str, case: str) -> str:
    return route.replace("<str:reference>", case)


def _everybody() -> Visitor:
    """The browser of somebody with every role."""
    who = person("everything")
    for role in roles.StaffRole.Role.values:
        roles.give("everything", role)
    places.begin(who.id, Place("GB", "GB", "Cwm Council"))
    return at_desk(who)


# --- Streams, threads, what a middleware leaves behind ------------------------------------------------------


def test_a_stream_is_made_in_the_scope_of_its_view(member: Author) -> None:
    def pieces() -> Iterator[str]:
        yield current().kind
        yield str(Comment.objects.values_list("text", flat=True).first())

    def ask(path: str) -> bytes:
        chain = scopes.middleware(scopes.staff_screens(lambda request: StreamingHttpResponse(pieces())))  # type: ignore[arg-type,return-value]  # as Django does
        return b"".join(chain(RequestFactory().get(path)))  # type: ignore[arg-type]  # a stream

    with closed():
        assert ask("/feed") == b"service" + CANARY.encode()
        with pytest.raises(UnrecordedReadError):
            ask("/staff/anything")
        assert current().kind == "closed"


def test_a_thread_begins_closed() -> None:
    seen: list[str] = []
    for target in (lambda: seen.append(current().kind), scopes.in_service(lambda: seen.append(current().kind))):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    assert seen == ["closed", "service"]


def test_tasks_are_the_product_at_work(member: Author) -> None:
    with closed():
        assert task()(_where).call() == "service"


def _where() -> str:
    return current().kind


# --- Django's own commands ----------------------------------------------------------------------------------

COMMANDS = sorted(get_commands())
ARGUMENTS: dict[str, list[str]] = {
    "shell": ["-c", "from hustings.community.models import Comment; print(list(Comment.objects.all()))"],
    "dumpdata": ["community", "account", "moderation"],
    "changepassword": ["sian"],
    "inspectdb": ["community_comment"],
    "sendtestemail": ["nobody@example.org"],
    "loaddata": ["nothing"],
    "sqlmigrate": ["accounts", "0001"],
    "sqlsequencereset": ["community"],
    "flush": ["--no-input"],
    "makemigrations": ["--check", "--dry-run"],
    "migrate": ["--plan"],
}  # fmt: skip
# What cannot be tried in a test, and why it reads nothing.
NOT_TRIED = {
    "runserver": "serves until it is stopped; each request has its scope",
    "testserver": "the same, over an empty database of its own",
    "db_worker": "works until it is stopped; each task has its scope",
    "test": "runs tests over a database of its own",
    "compilemessages": "needs gettext; reads files",
    "makemessages": "needs gettext; reads files",
    "squashmigrations": "writes a file into the source; reads only files",
    "optimizemigration": "the same",
    "startapp": "the same",
    "startproject": "the same",
}


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in NOT_TRIED])
def test_no_command_of_djangos_sings(name: str, member: Author, capfd: pytest.CaptureFixture[str]) -> None:
    said, refused = io.StringIO(), ""
    with closed(), _no_keyboard():
        try:
            with transaction.atomic():
                command = load_command_class(get_commands()[name], name)
                call_command(command, *ARGUMENTS.get(name, []), stdout=said, stderr=said)
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - whatever it says, it is judged below
            refused = str(fault)
    out, err = capfd.readouterr()
    assert CANARY not in said.getvalue() + refused + out + err
    with service():
        assert Comment.objects.filter(text=CANARY).exists(), "and it destroyed nothing"


def test_those_that_read_people_are_refused(member: Author) -> None:
    for name in ("dumpdata", "shell", "dbshell", "changepassword"):
        with closed(), _no_keyboard(), pytest.raises((UnrecordedReadError, Exception), match="without a record"):
            call_command(name, *ARGUMENTS.get(name, []), stdout=io.StringIO())


@contextlib.contextmanager
def _no_keyboard() -> Iterator[None]:
    kept, sys.stdin = sys.stdin, io.StringIO("")
    try:
        yield
    finally:
        sys.stdin = kept


# --- Our own verbs -------------------------------------------------------------------------------------------


def verbs(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every leaf of `hustings …`."""
    command = command or get_command(cli.app)
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from verbs(inner, (*path, name))
    else:
        yield path


VERBS = sorted(verbs())
VERB_ARGUMENTS: dict[tuple[str, ...], list[str]] = {
    ("account", "create"): ["somebodynew"],
    ("account", "official"): ["sian"],
    ("account", "close"): ["tomos"],
    ("account", "password"): ["tomos"],
    ("staff", "give"): ["sian", "support"],
    ("staff", "take"): ["sian", "support"],
    ("access", "case"): ["support", "Something", "--as", "meredith", "--about", "sian"],
    ("access", "look"): [
        "sian", "--as", "meredith", "--reason", "moderation", "--case", "invented", "--field", "community.Comment.text",
        "--because", "I would like to know.", "--from", "GB",
    ],
    ("access", "login"): ["somebody", "--person", "sian"],
    ("access", "logout"): ["somebody"],
    ("django",): ["dumpdata", "community"],
}  # fmt: skip
# Verbs that work until they are stopped, change the machine they run on, or measure: what they do for people they do
# as the product, and they print figures.
VERBS_NOT_TRIED = {
    "log follow",
    "serve",
    "worker",
    "demo",
    "bench",
    "backup",
    "restore",
    "migrate",
    "keys",
    "learn",
    "evaluate",
    "cell",
}


def test_what_is_not_tried_is_there() -> None:
    assert NOT_TRIED.keys() <= set(COMMANDS)
    assert VERB_ARGUMENTS.keys() <= set(VERBS)


@pytest.mark.parametrize(
    "verb", [verb for verb in VERBS if not {verb[0], " ".join(verb)} & VERBS_NOT_TRIED], ids=" ".join
)
def test_no_verb_sings(
    verb: tuple[str, ...], member: Author, teammate: Author, moderator: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A command closes its connections at its end; here they are the test's, with the member in a transaction.
    monkeypatch.setattr(type(connections["default"]), "close", lambda self: None)
    monkeypatch.setattr(connections, "close_all", lambda *_, **__: None)
    with closed(), _no_keyboard():
        done = CliRunner().invoke(cli.app, [*verb, *VERB_ARGUMENTS.get(verb, [])])
    assert CANARY not in done.output + str(done.exception or "")
    assert current().kind == "service", "a verb leaves its scope behind"
    with service():
        assert not AccessEntry.objects.exists()


def test_a_verb_that_nobody_put_on_the_list_is_closed(member: Author) -> None:
    seen: list[str] = []

    @cli.app.command("forgotten")
    def forgotten() -> None:
        loading.load()
        seen.append(current().kind)
        print(list(Comment.objects.values("text")))  # noqa: T201 - what a new verb would do

    try:
        with closed():
            done = CliRunner().invoke(cli.app, ["forgotten"])
        assert isinstance(done.exception, UnrecordedReadError)
        assert seen == ["closed"]
        assert CANARY not in done.output
    finally:
        cli.app.registered_commands.pop()


# --- Exports ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("holder", holders(), ids=lambda holder: holder.name)
def test_no_export_outside_the_product(holder: Any, member: Author) -> None:
    def tell() -> str:
        return str([*holder.documents(member.id)]) + str([one.path for one in holder.files(member.id)])

    with service():
        told = tell()
    with closed():
        if told == "[][]":
            return  # holds nothing about the member
        with pytest.raises(UnrecordedReadError):
            tell()


def test_the_canary_is_in_an_export(member: Author) -> None:
    """So that the silence above means something."""
    told = "".join(str(list(holder.documents(member.id))) for holder in holders())
    assert told.count(CANARY) >= 3


def test_connection_is_guarded() -> None:
    assert type(connections["default"]).__module__.startswith("hustings.trust.access.backends.")
