"""An insider tries every way of the ORM round the guard. On SQLite the engine itself says what was read."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    Func,
    Max,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
    Window,
)  # fmt: skip
from django.db.models.expressions import CombinedExpression, RawSQL, Ref
from django.db.models.functions import Cast, Concat, Length, RowNumber, Substr

from cast import person
from hustings.accounts.api import Author
from hustings.trust.access import cases, columns
from hustings.trust.access.errors import UnrecordedReadError
from hustings.trust.access.ledger import access
from hustings.trust.access.models import AccessEntry
from hustings.trust.scopes import closed, in_service, service, staff
from published import published

A = "accounts.Account"
CREATED, CLOSING = f"{A}.created_at", f"{A}.closing_since"


def M(label: str) -> Any:  # noqa: N802 - stands for a model
    return apps.get_model(label)._base_manager


def account() -> Any:
    return M(A)


def like() -> Any:
    return M("community.Like")


@pytest.fixture
def member(stranger: Author) -> Author:
    """Somebody with something to hide: a like, a comment, a follow, an address."""
    other = person("gwen")
    clip = published(other)
    like().create(account_id=stranger.id, video=clip)
    M("community.Comment").create(author_id=stranger.id, video=clip, text="a private word")
    M("community.Follow").create(follower_id=stranger.id, followed_id=other.id)
    M("account.EmailAddress").create(user_id=stranger.id, email="sian@example.org", verified=True, primary=True)
    return stranger


# Each must be refused in closed and in staff without an access; `m` is the member's id.
ATTACKS: dict[str, Callable[[int], Any]] = {
    "all": lambda m: list(account().all()),
    "get": lambda m: account().get(pk=m),
    "values": lambda m: list(account().values("created_at")),
    "values of everything": lambda m: list(account().values()),
    "values_list flat": lambda m: list(account().values_list("password", flat=True)),
    "only": lambda m: list(account().only("password")),
    "defer the rest": lambda m: list(account().defer("password")),
    "deferred attribute": lambda m: account().only("id").get(pk=m).password,
    "refresh": lambda m: account().only("id").get(pk=m).refresh_from_db(fields=["created_at"]),
    "in_bulk": lambda m: account().in_bulk([m]),
    "iterator": lambda m: list(account().iterator()),
    "first": lambda m: account().order_by("pk").first(),
    "latest": lambda m: account().latest("created_at"),
    "earliest": lambda m: account().only("id").earliest("created_at"),
    "filter": lambda m: account().filter(password__startswith="argon2").count(),
    "filter exists": lambda m: account().filter(created_at__year=2020).exists(),
    "exclude": lambda m: account().exclude(is_active=True).count(),
    "order by": lambda m: list(account().order_by("created_at").values_list("handle")),
    "order by expression": lambda m: list(account().order_by(Length("password").desc()).values_list("handle")),
    "distinct": lambda m: list(account().values("is_active").distinct()),
    "aggregate": lambda m: account().aggregate(Max("created_at")),
    "aggregate over a slice": lambda m: account().order_by("pk")[:5].aggregate(Max("created_at")),
    "count with a filter": lambda m: account().aggregate(n=Count("pk", filter=Q(is_operator=True))),
    "average of a length": lambda m: account().aggregate(x=Avg(Length("password"))),
    "group by": lambda m: list(account().values("is_active").annotate(n=Count("pk"))),
    "having": lambda m: list(account().values("kind").annotate(x=Max("created_at")).filter(x__gt="2000-01-01T00:00:00Z").values("kind")),
    "annotate": lambda m: list(account().annotate(x=F("password")).values("x")),
    "annotate a substring": lambda m: list(account().annotate(x=Substr("password", 1, 5)).values("x")),
    "alias": lambda m: list(account().alias(x=F("password")).filter(x__gt="").values("handle")),
    "case when": lambda m: list(account().annotate(x=Case(When(is_operator=True, then=Value(1)), default=Value(0))).values("x")),
    "concat": lambda m: list(account().annotate(x=Concat("handle", Value(":"), "password")).values("x")),
    "cast": lambda m: list(account().annotate(x=Cast("created_at", models.TextField())).values("x")),
    "window": lambda m: list(account().annotate(x=Window(RowNumber(), order_by=F("created_at").asc())).values("handle", "x")),
    "subquery": lambda m: list(account().annotate(x=Subquery(account().filter(pk=OuterRef("pk")).values("password")[:1])).values("x")),
    "exists": lambda m: list(account().filter(Exists(like().filter(account=OuterRef("pk")))).values("handle")),
    "exists with outer": lambda m: list(M("videos.Sound").filter(Exists(account().filter(pk=OuterRef("maker"), is_active=True))).values("title")),
    "in a subquery": lambda m: list(account().filter(pk__in=like().values("account")).values("handle")),
    "join": lambda m: list(like().values("account__handle")),
    "join back": lambda m: list(account().filter(likes__isnull=False).values("handle")),
    "count over a join": lambda m: list(account().annotate(n=Count("likes")).values("handle", "n")),
    "select_related": lambda m: list(M("videos.Sound").select_related("maker")),
    "prefetch": lambda m: list(account().only("id").prefetch_related("likes")),
    "prefetch object": lambda m: list(account().only("id").prefetch_related(Prefetch("likes", queryset=like().only("video")))),
    "filtered relation": lambda m: list(account().annotate(l=FilteredRelation("likes", condition=Q(likes__created_at__gt="2000-01-01T00:00:00Z"))).values("handle", "l__id")),
    "reverse accessor": lambda m: list(account().only("id").get(pk=m).likes.all()),
    "related lookup": lambda m: like().filter(account__handle="sian").count(),
    "likes of somebody": lambda m: like().filter(account_id=m).count(),
    "likes of somebody exist": lambda m: like().filter(account=m).exists(),
    "union": lambda m: list(account().values("handle").union(account().values("password"))),
    "union behind": lambda m: list(account().values_list("pk", "handle").union(account().values_list("pk", "password"))),
    "intersection": lambda m: list(account().values("handle").intersection(account().values("password"))),
    "dates": lambda m: list(account().datetimes("created_at", "day")),
    "json key": lambda m: list(M("community.Notification").values("topic")),
    "many to many": lambda m: list(M("videos.Video").values("hashtags__name")),
    "through table": lambda m: list(apps.get_model("videos.Video").hashtags.through._base_manager.all()),
    "or beside the pin": lambda m: list(account().filter(Q(pk=m) | Q(pk__gt=0)).values("created_at")),
    "not the pin": lambda m: list(account().exclude(pk=m).values("created_at")),
    "copy into the open": lambda m: account().filter(pk=m).update(bio=F("password")),
    "copy into the open by a case": lambda m: account().update(bio=Case(When(is_operator=True, then=Value("x")), default=Value(""))),
    "update as an oracle": lambda m: account().filter(created_at__year=2026).update(bio="x"),
    "delete as an oracle": lambda m: account().filter(created_at__year=1999).delete(),
    "bulk update": lambda m: account().bulk_update([account().only("id", "bio").get(pk=m)], ["bio"]) and account().values("password")[0],
    "insert from a subquery": lambda m: M("videos.Hashtag").create(name=Subquery(account().filter(pk=m).values("password")[:1])),
    "explain with a filter": lambda m: account().filter(password="x").explain(),
    "extra select": lambda m: list(account().extra(select={"x": "password"}).values("x")),
    "extra where": lambda m: list(account().extra(where=["password > ''"]).values("handle")),
    "extra tables": lambda m: list(M("videos.Hashtag").extra(tables=["accounts_account"]).values("name")),
    "extra order": lambda m: list(account().extra(order_by=["password"]).values("handle")),
    "raw": lambda m: list(account().raw("SELECT id, password FROM accounts_account")),
    "raw expression": lambda m: list(account().annotate(x=RawSQL("password", ())).values("x")),
    "raw filter": lambda m: list(account().filter(pk__in=RawSQL("SELECT account_id FROM community_like", ())).values("handle")),
    "function with a template": lambda m: list(account().annotate(x=Func(template="password", output_field=models.TextField())).values("x")),
    "function of another name": lambda m: list(account().annotate(x=Func(Value(1), function="(SELECT password FROM accounts_account) || ", output_field=models.TextField())).values("x")),
    "subquery with a template": lambda m: list(M("videos.Hashtag").annotate(x=Subquery(M("videos.Hashtag").values("name")[:1], template="(SELECT password FROM accounts_account)")).values("x")),
    "case with a template": lambda m: list(account().annotate(x=Case(When(pk=1, then=Value("a")), default=Value("b"), template="password")).values("x")),
    "operator of one's own": lambda m: list(account().annotate(x=CombinedExpression(F("handle"), "|| password ||", Value(""), output_field=models.TextField())).values("x")),
    "a name that is a column": lambda m: list(account().annotate(x=Ref("password", Value(1))).values("x")),
    "a class of one's own": lambda m: list(account().annotate(x=Stolen("handle")).values("x")),
    "a type with SQL in it": lambda m: list(M("videos.Hashtag").annotate(x=Cast(Value("a"), models.CharField(max_length="1)) || (SELECT password FROM accounts_account LIMIT 1) || ('"))).values("x")),
    "another class over the table": lambda m: list(Mirror._base_manager.values("secret")),
    "a proxy": lambda m: list(Proxy._base_manager.values("password")),
    "a cursor": lambda m: connection.cursor().execute("SELECT password FROM accounts_account"),
    "a cursor without the name": lambda m: connection.cursor().execute("SELECT * FROM pages_clipentry_words"),
    "a cursor with a view": lambda m: connection.cursor().execute("CREATE TEMP VIEW v AS SELECT 1"),
    "a cursor with two statements": lambda m: connection.cursor().execute("SELECT 1; SELECT password FROM accounts_account"),
    "a cursor with a comment": lambda m: connection.cursor().execute("SELECT 1 -- accounts"),
    "a cursor with a name in pieces": lambda m: connection.cursor().execute("SELECT query_to_xml('select * from accounts_' || 'account', true, true, '')"),
    "a cursor with with": lambda m: connection.cursor().execute("WITH x AS (SELECT 1) SELECT * FROM x"),
    "a cursor with a list": lambda m: connection.cursor().execute("SELECT 1 FROM videos_hashtag, accounts_account"),
    "a cursor with a table in brackets": lambda m: connection.cursor().execute("SELECT * FROM (pages_clipentry_words)"),
    "a cursor with a list in brackets": lambda m: connection.cursor().execute("SELECT 1 FROM (videos_hashtag, pages_clipentry_words)"),
    "a cursor with a join in brackets": lambda m: connection.cursor().execute("SELECT 1 FROM (pg_authid CROSS JOIN videos_hashtag)"),
    "a cursor with a list after a join": lambda m: connection.cursor().execute("SELECT 1 FROM videos_hashtag a JOIN videos_hashtag b ON 1=1, pages_clipentry_words"),
    "a cursor with a list after a name like a word": lambda m: connection.cursor().execute('SELECT 1 FROM videos_hashtag AS "where", pages_clipentry_words'),
    "a cursor with a name in other quotes": lambda m: connection.cursor().execute("SELECT 1 FROM videos_hashtag AS [where], pages_clipentry_words"),
    "a cursor with a table as a list": lambda m: connection.cursor().execute("SELECT 1 WHERE 1 IN pages_clipentry_words"),
    "a cursor with using": lambda m: connection.cursor().execute("DELETE FROM videos_hashtag USING pg_authid"),
    "a cursor with a string in dollars": lambda m: connection.cursor().execute("SELECT $$'$$, rolname FROM pg_authid WHERE '' <> $$'$$"),
    "a cursor with an escape": lambda m: connection.cursor().execute(r"SELECT E'\'', rolname FROM pg_authid --'"),
    "executemany": lambda m: connection.cursor().executemany("DELETE FROM accounts_account WHERE id = %s", []),
    "callproc": lambda m: connection.cursor().callproc("pg_read_file", ["/etc/passwd"]),
    "the text of a judged query": lambda m: connection.cursor().execute(*account().filter(pk=m).query.sql_with_params()),
    "copy": lambda m: connection.cursor().copy("COPY accounts_account TO STDOUT"),
    "executescript": lambda m: connection.cursor().executescript("SELECT 1"),
    "django's own compiler": lambda m: models.sql.compiler.SQLCompiler(account().all().query, connection, "default").execute_sql(),
    "dumpdata": lambda m: _dump(),
    "sessions": lambda m: list(M("sessions.Session").values("session_data")),
    "keys": lambda m: list(M("mfa.Authenticator").values("data")),
    "addresses": lambda m: list(M("account.EmailAddress").values("email")),
    "the ledger": lambda m: list(AccessEntry._base_manager.values("actor", "subject")),
    "the log's openings": lambda m: list(M("trust.LogEntry").values("sealed")),
    "what waits in the queue": lambda m: list(M("django_tasks_database.DBTaskResult").values("args_kwargs")),
}  # fmt: skip


class Stolen(Func):
    function = "(SELECT password FROM accounts_account LIMIT 1) ||"
    output_field = models.TextField()


class Mirror(models.Model):
    """What an insider writes in a shell: a model of their own over a table of ours."""

    secret = models.TextField(db_column="password")

    class Meta:
        app_label = "accounts"
        managed = False
        db_table = '"accounts_account"'


class Proxy(apps.get_model(A)):  # type: ignore[misc]  # the class is found at run time
    class Meta:
        app_label = "accounts"
        proxy = True


for _made in ("mirror", "proxy"):
    apps.all_models["accounts"].pop(_made, None)  # theirs, not ours: the data map must not see it
apps.clear_cache()


def _dump() -> None:
    try:
        call_command("dumpdata", "accounts", verbosity=0)
    except CommandError as fault:
        raise UnrecordedReadError(str(fault)) from fault


@pytest.mark.parametrize("name", ATTACKS)
def test_refused_when_nobody_said_on_whose_behalf(name: str, member: Author) -> None:
    with closed(), pytest.raises(UnrecordedReadError):
        ATTACKS[name](member.id)


@pytest.mark.parametrize("name", ATTACKS)
def test_refused_to_the_staff_without_an_access(name: str, member: Author, moderator: Author) -> None:
    with staff(moderator.id), pytest.raises(UnrecordedReadError):
        ATTACKS[name](member.id)


# With an access to two columns of somebody else, and of the member to these alone, this stays shut.
BEYOND: dict[str, Callable[[int, int], Any]] = {
    "another column": lambda m, o: list(account().filter(pk=m).values("is_operator")),
    "the whole row": lambda m, o: account().get(pk=m),
    "another person": lambda m, o: list(account().filter(pk=o).values("created_at")),
    "both": lambda m, o: list(account().filter(pk__in=[m, o]).values("created_at")),
    "everybody": lambda m, o: list(account().values("created_at")),
    "a range": lambda m, o: list(account().filter(pk__gte=m, pk__lte=m).values("created_at")),
    "pinned to an expression": lambda m, o: list(account().filter(pk=F("id")).values("created_at")),
    "pinned to a subquery": lambda m, o: list(account().filter(pk__in=account().values("pk")).values("created_at")),
    "pinned in one half of a union": lambda m, o: list(account().filter(pk=m).values("created_at").union(account().values("created_at"))),
    "not pinned in the subquery": lambda m, o: list(account().filter(pk=m).annotate(x=Subquery(account().order_by("pk").values("created_at")[:1])).values("created_at", "x")),
    "filtered by another column": lambda m, o: account().filter(pk=m, is_operator=True).exists(),
    "ordered by another column": lambda m, o: list(account().filter(pk=m).order_by("is_operator").values("created_at")),
    "another table": lambda m, o: like().filter(account=m).exists(),
    "another table by join": lambda m, o: list(account().filter(pk=m).values("created_at", "likes__video")),
    "a table of others by join": lambda m, o: list(account().filter(pk=m).values("created_at", "videos__comments__text")),
    "negated": lambda m, o: list(account().filter(~Q(pk=o)).values("created_at")),
    "or": lambda m, o: list(account().filter(Q(pk=m) | Q(pk=o)).values("created_at")),
    "xor": lambda m, o: list(account().filter(Q(pk=m) ^ Q(pk=o)).values("created_at")),
    "raw": lambda m, o: list(account().raw("SELECT id, created_at FROM accounts_account WHERE id = %s", [m])),
}  # fmt: skip


@pytest.mark.parametrize("name", BEYOND)
def test_an_access_opens_what_was_chosen_and_no_more(
    name: str, member: Author, moderator: Author, owner: Author, case: str
) -> None:
    with (
        access(moderator.id, member.id, purpose="moderation", case=case, fields=[CREATED, CLOSING]),
        pytest.raises(UnrecordedReadError),
    ):
        BEYOND[name](member.id, owner.id)


WITHIN: dict[str, Callable[[int], Any]] = {
    "by number": lambda m: account().filter(pk=m).values_list("created_at", flat=True).get(),
    "by list": lambda m: account().filter(pk__in=[m]).values_list("created_at", flat=True).get(),
    "and more": lambda m: account().filter(pk=m).filter(created_at__gt="2000-01-01T00:00:00Z").values_list("created_at", flat=True).get(),
    "nested": lambda m: account().filter(Q(Q(pk=m) & Q(handle="sian"))).values_list("created_at", flat=True).get(),
    "only": lambda m: account().only("created_at").get(pk=m).created_at,
    "aggregate": lambda m: account().filter(pk=m).aggregate(x=Max("created_at"))["x"],
    "ordered": lambda m: account().filter(pk=m).order_by("-created_at").values_list("created_at", flat=True).get(),
    "in a subquery": lambda m: account().filter(pk=m).annotate(x=Subquery(account().filter(pk=m).values("created_at")[:1])).values_list("x", flat=True).get(),
    "iterated": lambda m: next(iter(account().filter(pk=m).values_list("created_at", flat=True).iterator())),
    "with a count": lambda m: account().filter(pk=m).values("created_at").annotate(n=Count("pk")).get()["created_at"],
    "a union of one": lambda m: account().filter(pk=m).values_list("created_at").union(account().filter(pk=m).values_list("created_at")).get()[0],
}  # fmt: skip


@pytest.mark.parametrize("name", WITHIN)
def test_what_was_chosen_can_be_read_in_any_form(name: str, member: Author, moderator: Author, case: str) -> None:
    expected = account().values_list("created_at", flat=True).get(pk=member.id)
    with access(moderator.id, member.id, purpose="moderation", case=case, fields=[CREATED, CLOSING]):
        assert WITHIN[name](member.id) == expected
    entry = AccessEntry.objects.get()
    assert entry.read == [CREATED]
    assert entry.rows == 1


def test_rows_that_lead_to_the_person_over_a_join(member: Author, moderator: Author, officer: Author) -> None:
    from hustings.trust.access import approvals

    case = cases.start(moderator.id, "moderation", "A reported comment", member.id)
    fields = ["community.Comment.text", "community.Like.video", CREATED]
    key = approvals.ask(
        moderator.id, member.id, purpose="moderation", case=case, fields=fields, reason="Your comment was reported."
    )
    approvals.decide(officer.id, key, approve=True)
    with access(moderator.id, member.id, purpose="moderation", case=case, fields=fields):
        assert list(M("community.Comment").filter(author=member.id).values_list("text", flat=True)) == [
            "a private word"
        ]
        assert (
            M("community.Comment")
            .filter(author=member.id)
            .select_related("author")
            .only("text", "author__created_at")
            .get()
        )
        assert like().filter(account__id=member.id).values_list("video", flat=True).get()
        with pytest.raises(UnrecordedReadError):
            M("community.Comment").filter(author=member.id).values("author__is_operator").get()
        with pytest.raises(UnrecordedReadError):
            list(M("community.Comment").filter(video__author=member.id).values("text"))


def test_rows_are_not_fetched_after_the_access_ended(member: Author, moderator: Author, case: str) -> None:
    with access(moderator.id, member.id, purpose="moderation", case=case, fields=[CREATED]):
        late = account().filter(pk=member.id).values_list("created_at").iterator()
    with staff(moderator.id), pytest.raises(UnrecordedReadError):
        next(late)
    with access(moderator.id, member.id, purpose="moderation", case=case, fields=[CREATED]):
        cursor = (
            account().filter(pk=member.id).values_list("created_at").query.get_compiler("default").execute_sql("cursor")
        )
    with pytest.raises(UnrecordedReadError):
        cursor.fetchone()


def test_an_access_does_not_open_what_another_thread_does(member: Author, moderator: Author, case: str) -> None:
    import threading

    seen: list[object] = []

    def read() -> None:
        try:
            list(account().filter(pk=member.id).values("created_at"))
        except UnrecordedReadError as fault:
            seen.append(fault)

    with access(moderator.id, member.id, purpose="moderation", case=case, fields=[CREATED]):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert len(seen) == 1


# --- What needs no access -------------------------------------------------------------------------------

INNOCENT: dict[str, Callable[[int], Any]] = {
    "public columns": lambda m: list(account().values("handle", "name", "bio", "official")),
    "by handle": lambda m: account().filter(handle="sian").values_list("pk", flat=True).get(),
    "how many": lambda m: account().count(),
    "how many likes": lambda m: like().count(),
    "whether": lambda m: account().filter(pk=m).exists(),
    "ordered": lambda m: list(account().order_by("handle").values("handle")[:3]),
    "counts": lambda m: list(M("community.AccountCounts").values("followers")),
    "makers of sounds": lambda m: list(M("videos.Sound").values("title", "maker__handle")),
    "hashtags": lambda m: list(M("videos.Hashtag").filter(name__startswith="a")),
    "migrations": lambda m: call_command("makemigrations", "--check", "--dry-run", verbosity=0),
    "tables": lambda m: connection.introspection.table_names(),
    "form of a table": lambda m: connection.introspection.get_relations(connection.cursor(), "accounts_account"),
    "a transaction": lambda m: _transaction(),
    "the text of a query": lambda m: str(account().all().query),
    "one": lambda m: connection.cursor().execute("SELECT 1"),
    "none": lambda m: list(account().none()),
    "an empty list": lambda m: list(account().filter(pk__in=[])),
}  # fmt: skip


def _transaction() -> None:
    from django.db import transaction

    with transaction.atomic(), transaction.atomic():
        list(account().values("handle"))


@pytest.mark.parametrize("name", INNOCENT)
def test_what_everyone_may_read_is_free(name: str, member: Author) -> None:
    with closed(), engine_reads() as read:
        INNOCENT[name](member.id)
    assert not guarded(read)


def test_ones_own_rows_are_free_to_the_staff(moderator: Author) -> None:
    with staff(moderator.id):
        assert account().get(pk=moderator.id).handle == "meredith"
        assert like().filter(account=moderator.id).count() == 0
        with pytest.raises(UnrecordedReadError):
            list(like().filter(video__author=moderator.id).values("account"))


def test_in_service_everything_works(member: Author) -> None:
    with closed(), service():
        assert account().get(pk=member.id).password
    with closed():
        assert in_service(lambda: account().get(pk=member.id).handle)() == "sian"


def test_the_error_says_what_to_do(member: Author, moderator: Author) -> None:
    with closed(), pytest.raises(UnrecordedReadError, match="nobody said on whose behalf") as fault:
        list(account().values("password"))
    assert "accounts.Account.password" in str(fault.value)
    assert "trust.access" in fault.value.hint
    with staff(moderator.id), pytest.raises(UnrecordedReadError, match="narrow the query to one person by account_id"):
        list(like().values("video"))


# --- The engine as a second opinion -----------------------------------------------------------------------


@contextmanager
def engine_reads() -> Iterator[set[tuple[str, str]]]:
    """(table, column) of everything that SQLite itself says is read in the block; empty on PostgreSQL."""
    read: set[tuple[str, str]] = set()
    if connection.vendor != "sqlite":
        yield read
        return

    def note(action: int, table: str | None, column: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ and table and column:
            read.add((table.lower(), column.lower()))
        return sqlite3.SQLITE_OK

    connection.connection.set_authorizer(note)
    try:
        yield read
    finally:
        connection.connection.set_authorizer(None)


def guarded(read: set[tuple[str, str]]) -> set[tuple[str, str]]:
    tables = columns.tables()
    return {(table, column) for table, column in read if table in tables and column in tables[table].columns}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite says which columns it reads")
def test_the_second_opinion_sees_at_all(member: Author) -> None:
    with engine_reads() as read:
        list(account().values("password"))
    assert ("accounts_account", "password") in guarded(read)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite says which columns it reads")
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_let_through_reads_nothing_guarded(seed: int, member: Author) -> None:
    """Queries thrown together: what the guard lets through, the engine must find innocent too."""
    dice = random.Random(seed)
    let_through = refused = 0
    for _ in range(150):
        query = _thrown(dice)
        with closed(), engine_reads() as read:
            try:
                list(query)
            except UnrecordedReadError:
                refused += 1
                continue
        assert not guarded(read), str(query.query)
        let_through += 1
    assert let_through > 5
    assert refused > 50


def _thrown(dice: random.Random) -> Any:
    model = dice.choice(
        [apps.get_model(label) for label in (A, "community.Like", "community.Comment", "videos.Video", "videos.Sound")]
    )
    paths = list(_paths(model, 2))
    free = [
        path
        for path in paths
        if path in {"id", "handle", "bio", "kind", "official", "title", "maker__handle", "maker__id"}
    ]
    pool = free if dice.random() < 0.6 else paths
    query = model._base_manager.all()
    for _ in range(dice.randint(0, 2)):
        path = dice.choice(pool)
        query = query.filter(**{f"{path}__isnull": dice.random() < 0.3})
    if dice.random() < 0.3:
        query = query.annotate(extra_word=Count(dice.choice(pool)))
    if dice.random() < 0.3:
        query = query.order_by(dice.choice(pool))
    query = query.values(*dice.sample(pool, min(len(pool), dice.randint(1, 3))))
    return query[: dice.randint(1, 5)] if dice.random() < 0.5 else query


def _paths(model: Any, depth: int) -> Iterator[str]:
    for field in model._meta.get_fields():
        if field.is_relation:
            if depth and field.related_model is not None and not getattr(field, "hidden", False):
                yield from (f"{field.name}__{path}" for path in _paths(field.related_model, depth - 1))
        elif field.concrete:
            yield field.name
