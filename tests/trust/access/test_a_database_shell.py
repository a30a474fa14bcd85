"""On PostgreSQL somebody with a shell of the database reads nothing personal but through a recorded access."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from cast import person
from hustings.accounts.api import Author
from hustings.trust import log
from hustings.trust.access import approvals, cases, shells
from hustings.trust.access.errors import NotPostgresError
from hustings.trust.access.models import AccessEntry
from trust.access.employed import employed

FIELDS = ["accounts.Account.created_at", "accounts.Account.is_active"]
needs_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has roles")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="about SQLite")
def test_sqlite_says_that_it_cannot(db: None) -> None:
    with pytest.raises(NotPostgresError):
        shells.harden()


@pytest.fixture
def people(transactional_db: None) -> tuple[Author, Author, Author]:
    """A moderator, a privacy officer and a member, committed: a second connection must see them."""
    return (
        employed("meredith", "Meredith Lowe", "moderator"),
        employed("pryderi", "Pryderi Bowen", "privacy_officer"),
        person("sian"),
    )


@pytest.fixture
def shell(people: tuple[Author, Author, Author]) -> Iterator[Any]:
    """A connection as the moderator's own login, with the role; both are gone afterwards."""
    import psycopg

    # Roles belong to the whole cluster: names of this test's own.
    mark = uuid4().hex[:8]
    role, login = f"reader_{mark}", f"login_{mark}"
    shells.harden(role)
    shells.give_login(login, people[0].id, role)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {login} PASSWORD 'only-for-tests'")
    given = connection.settings_dict
    opened = psycopg.connect(
        dbname=given["NAME"], host=given["HOST"], port=given["PORT"] or 5432, user=login, password="only-for-tests"
    )
    try:
        yield opened
    finally:
        opened.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS hustings_access CASCADE")
            for name in (login, role):
                cursor.execute(f"DROP OWNED BY {name}")
                cursor.execute(f"DROP ROLE {name}")


def refused(shell: Any, statement: str, *values: Any) -> str:
    import psycopg

    with pytest.raises(psycopg.Error) as fault:
        shell.execute(statement, values)
    shell.rollback()
    return str(fault.value)


@needs_postgres
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM accounts_account",
        "SELECT password FROM accounts_account",
        "SELECT handle FROM accounts_account WHERE password > ''",
        "SELECT handle FROM accounts_account ORDER BY created_at",
        "SELECT count(account_id) FROM community_like",
        "SELECT h.handle FROM accounts_account h JOIN community_like l ON l.account_id = h.id",
        "SELECT query_to_xml('SELECT password FROM accounts_account', true, true, '')",
        "COPY accounts_account TO STDOUT",
        "UPDATE accounts_account SET bio = password",
        "DELETE FROM accounts_account",
        "INSERT INTO trust_accessentry (actor, subject) VALUES (1, 1)",
        "UPDATE trust_accessentry SET log_entry = 1",
        "DELETE FROM trust_accessentry",
        "SELECT * FROM hustings_access.readable",
        "SELECT session_data FROM django_session",
        "SELECT wrapped FROM trust_personkey",
        "SET ROLE postgres",
        "CREATE TABLE mine (x int)",
    ],
)
def test_refused(statement: str, shell: Any) -> None:
    said = refused(shell, statement)
    assert "permission denied" in said or "must be" in said, said


@needs_postgres
def test_what_everyone_may_read_is_free(shell: Any) -> None:
    assert ("sian",) in shell.execute("SELECT handle FROM accounts_account").fetchall()


@needs_postgres
def test_asked_committed_logged_and_then_read(shell: Any, people: tuple[Author, Author, Author]) -> None:
    moderator, officer, member = people
    case = cases.start(moderator.id, "moderation", "Reported for spam", member.id)
    ask = ("SELECT hustings_access.ask(%s, 'moderation', %s, %s, 'You were reported.')", "sian", case, FIELDS)
    assert "second person" in refused(shell, *ask)
    key = approvals.ask(
        moderator.id, member.id, purpose="moderation", case=case, fields=FIELDS, reason="You were reported for spam."
    )
    approvals.decide(officer.id, key, approve=True)
    more = (
        "SELECT hustings_access.ask(%s, 'moderation', %s, %s, 'More.')",
        "sian",
        case,
        [*FIELDS, "accounts.Account.kind"],
    )
    assert "second person" in refused(shell, *more), "no more than was approved"

    # Asking and reading in one transaction could be rolled back unseen.
    entry = shell.execute(ask[0], ask[1:]).fetchone()[0]
    assert "commit first" in refused(shell, "SELECT hustings_access.read(%s)", entry)
    assert not AccessEntry.objects.exists()

    entry = shell.execute(ask[0], ask[1:]).fetchone()[0]
    shell.commit()
    assert "not in the public log yet" in refused(shell, "SELECT hustings_access.read(%s)", entry)
    shells.take_up()
    shells.take_up()
    rows = shell.execute("SELECT hustings_access.read(%s)", [entry]).fetchall()
    shell.commit()
    assert [set(row[0]) for row in rows] == [set(FIELDS)]

    kept = AccessEntry.objects.get()
    assert (kept.method, kept.role, kept.rows, sorted(kept.read)) == ("database", "moderator", 1, sorted(FIELDS))
    said = log.entry(kept.log_entry or 0).value
    assert said["method"] == "database"
    assert said["approver"] != said["actor"]


@needs_postgres
def test_a_login_that_is_nobodys_asks_for_nothing(shell: Any, people: tuple[Author, Author, Author]) -> None:
    shells.take_away(shell.info.user)
    said = refused(shell, "SELECT hustings_access.ask('sian', 'moderation', 'x', %s, 'why')", FIELDS)
    assert "belongs to nobody" in said
