"""Database shells on PostgreSQL: a role for people that reads nothing personal but through a recorded access.

`harden` makes the role and two functions. `hustings_access.ask` writes the entry; once it is committed and
the worker has put it into the public log, `hustings_access.read` answers what was chosen. In two steps,
because whoever asks and reads in one transaction could roll the record back and keep what they saw.

Whoever connects as the owner of the tables or as a superuser is beyond this, as the owner of a database
always is: docs/operate/staff.md says who should be able to.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Model

from hustings.lib.errors import InvalidInputError
from hustings.trust import datamap, log, scopes
from hustings.trust.access import columns, rules
from hustings.trust.access.approvals import Approved
from hustings.trust.access.errors import NotPostgresError
from hustings.trust.access.ledger import Asked, chosen, public_words
from hustings.trust.access.models import AccessEntry, AccessRequest, DatabaseLogin
from hustings.trust.access.places import Place
from hustings.trust.access.roles import staff

ROLE = "hustings_reader"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def statements(role: str = ROLE) -> Iterator[str]:
    """The SQL that makes or renews the role and its functions: safe to run again, also by another administrator."""
    if not _NAME.fullmatch(role):
        raise InvalidInputError(fields={"role": "A name of small letters, digits and underscores."})
    yield (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
        f"CREATE ROLE {role} NOLOGIN NOINHERIT; END IF; END $$"
    )
    yield f"ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION"
    yield "CREATE SCHEMA IF NOT EXISTS hustings_access"
    yield "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT USAGE ON SCHEMA public, hustings_access TO {role}"
    for model in apps.get_models(include_auto_created=True):
        free = _free(model)
        if free:
            names = ", ".join(f'"{name}"' for name in free)
            yield f'GRANT SELECT ({names}) ON public."{model._meta.db_table}" TO {role}'  # noqa: SLF001 - Django's own word for it
    yield "DROP TABLE IF EXISTS hustings_access.readable"
    yield (
        "CREATE TABLE hustings_access.readable "
        "(field text PRIMARY KEY, tbl text NOT NULL, col text NOT NULL, predicate text NOT NULL)"
    )
    rows = ", ".join(f"({', '.join(map(_literal, row))})" for row in _readable())
    yield f"INSERT INTO hustings_access.readable VALUES {rows}"  # noqa: S608 - our own map, as literals
    yield "REVOKE ALL ON hustings_access.readable FROM PUBLIC"
    who = get_user_model()
    yield _ASK.replace("{people}", who._meta.db_table).replace("{handle}", who.USERNAME_FIELD)  # noqa: SLF001 - as above
    yield _READ
    for function in ("ask(text, text, text, text[], text)", "read(text)"):
        yield f"REVOKE ALL ON FUNCTION hustings_access.{function} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION hustings_access.{function} TO {role}"


def _free(model: type[Model]) -> list[str]:
    """The columns that the role may read: what is not guarded.

    Beside a secret only the row's number and what is public: a wrapped key is about nobody, and nobody's to take.
    """
    meta = model._meta  # noqa: SLF001 - Django's own word for it
    table = columns.tables().get(meta.db_table.lower())
    if table is None:
        return []
    lines = {field.name: field for (label, _), field in datamap.fields().items() if label == meta.label}
    secret = any(line.topic.secret for line in lines.values())
    return [
        str(one.column)
        for one in meta.local_concrete_fields
        if str(one.column).lower() not in table.columns
        and (not secret or one.primary_key or (one.name in lines and lines[one.name].personal))
    ]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _readable() -> Iterator[tuple[str, str, str, str]]:
    """(field, table, column, condition that a row is the person's `$1`) of everything an access can open."""
    for name, table in columns.tables().items():
        if table.owner is None or not table.columns or table.label.startswith("trust."):
            continue
        model = apps.get_model(table.label)
        if model._meta.db_table.lower() != name:  # noqa: SLF001 - Django's own word for it
            continue
        condition = _condition("t", model, table.owner)
        for column, field in table.columns.items():
            line = datamap.fields().get((table.label, field.rpartition(".")[2]))
            if line is not None and rules.choosable(line):
                yield field, model._meta.db_table, column, condition  # noqa: SLF001 - as above


def _condition(alias: str, model: type[Model], owner: tuple[str, ...]) -> str:
    first, *rest = owner
    if not rest:
        return f'{alias}."{first}" = $1'
    relation: Any = model._meta.get_field(first)  # noqa: SLF001 - Django's own word for it
    target = relation.remote_field.model
    inner = _condition(f"{alias}_", target, tuple(rest))
    return (
        f'{alias}."{relation.column}" IN (SELECT {alias}_."{target._meta.pk.column}" '  # noqa: S608, SLF001 - names of ours
        f'FROM public."{target._meta.db_table}" {alias}_ WHERE {inner})'  # noqa: SLF001 - as above
    )


_ASK = """
CREATE OR REPLACE FUNCTION hustings_access.ask(
    person text, purpose text, case_reference text, chosen text[], because text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who bigint; whose bigint; place public.trust_staffsession; agreed public.trust_accessrequest; name text;
BEGIN
    SELECT actor INTO who FROM public.trust_databaselogin WHERE login = session_user;
    IF who IS NULL THEN
        RAISE EXCEPTION 'the login % belongs to nobody: hustings access login', session_user;
    END IF;
    SELECT * INTO place FROM public.trust_staffsession WHERE actor = who AND ends_at > now();
    IF place IS NULL THEN
        RAISE EXCEPTION 'start a staff session first: say under /staff/ where you are working from';
    END IF;
    SELECT id INTO whose FROM public."{people}" WHERE "{handle}" = lower(ltrim(person, '@'));
    SELECT * INTO agreed FROM public.trust_accessrequest r
     WHERE r.actor = who AND r.subject = whose AND r.reason = purpose AND r.case = case_reference
       AND r.state = 'approved' AND r.usable_until > now() AND r.decided_by <> who
       AND to_jsonb(chosen) <@ r.fields AND cardinality(chosen) > 0
     ORDER BY r.id DESC LIMIT 1;
    IF agreed IS NULL THEN
        RAISE EXCEPTION 'in a database shell every access needs a second person: ask for approval under /staff/';
    END IF;
    name := substr(replace(gen_random_uuid()::text, '-', ''), 1, 11);
    INSERT INTO public.trust_accessentry (
        public_id, actor, subject, role, reason, reason_text, "case", fields, method, employer, employed_by,
        office_country, physical_country, started_at, read, rows, request, break_glass, justification, review,
        review_note, authority, disclose_after, asked_in)
    VALUES (
        name, who, whose, '', purpose, left(because, 500), case_reference, to_jsonb(chosen), 'database',
        place.employer, place.employed_by, place.office_country, place.physical_country, now(), '[]', 0, agreed.id,
        false, '', '', '', agreed.authority, agreed.disclose_after, txid_current());
    RETURN name;
END $$"""

_READ = """
CREATE OR REPLACE FUNCTION hustings_access.read(entry text) RETURNS SETOF jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found public.trust_accessentry; part record; counted bigint := 0; more bigint;
BEGIN
    SELECT e.* INTO found FROM public.trust_accessentry e
      JOIN public.trust_databaselogin l ON l.actor = e.actor AND l.login = session_user
     WHERE e.public_id = entry AND e.method = 'database' AND e.started_at > now() - interval '30 minutes';
    IF found IS NULL THEN
        RAISE EXCEPTION 'there is no such access of yours, or it is older than half an hour: ask again';
    END IF;
    IF found.asked_in = txid_current() THEN
        RAISE EXCEPTION 'commit first: what asks and reads in one transaction could be rolled back unseen';
    END IF;
    IF found.log_entry IS NULL THEN
        RAISE EXCEPTION 'the access is not in the public log yet: a running worker enters it within seconds';
    END IF;
    FOR part IN
        SELECT tbl, predicate, string_agg(format('%L, t.%I', field, col), ', ') AS pairs
          FROM hustings_access.readable
         WHERE field IN (SELECT jsonb_array_elements_text(found.fields))
         GROUP BY tbl, predicate ORDER BY tbl
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT jsonb_build_object(%s) FROM public.%I t WHERE %s', part.pairs, part.tbl, part.predicate
        ) USING found.subject;
        GET DIAGNOSTICS more = ROW_COUNT;
        counted := counted + more;
    END LOOP;
    UPDATE public.trust_accessentry SET ended_at = now(), read = fields, rows = counted WHERE id = found.id;
END $$"""


def harden(role: str = ROLE) -> int:
    """Make or renew the role and its functions; how many statements that took. NotPostgresError."""
    if connection.vendor != "postgresql":
        raise NotPostgresError
    made = list(statements(role))
    with scopes.service(), transaction.atomic(), connection.cursor() as cursor:
        for statement in made:
            cursor.execute(statement)
    return len(made)


def renew() -> None:
    """After a migration: new columns are covered where the role is used at all."""
    if connection.vendor != "postgresql":
        return
    with scopes.service(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'hustings_access'")
        hardened = cursor.fetchone() is not None
    if hardened:
        harden()


def give_login(login: str, actor: int, role: str = ROLE) -> str:
    """A login of the database for one person, with the role and no password. InvalidInputError, NotPostgresError."""
    if connection.vendor != "postgresql":
        raise NotPostgresError
    if not _NAME.fullmatch(login) or not _NAME.fullmatch(role):
        raise InvalidInputError(fields={"login": "A name of small letters, digits and underscores."})
    with scopes.service(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [login])
            row = cursor.fetchone()
            if row is None:
                cursor.execute(f"CREATE ROLE {login} LOGIN INHERIT")
            elif row[0]:
                raise InvalidInputError(fields={"login": "This login is a superuser's: it reads everything anyway."})
            cursor.execute(f"GRANT {role} TO {login}")
            cursor.execute(
                f"GRANT CONNECT ON DATABASE {connection.ops.quote_name(connection.settings_dict['NAME'])} TO {login}"
            )
        DatabaseLogin.objects.update_or_create(login=login, defaults={"actor": actor})
    return login


def take_away(login: str) -> None:
    """The person has no login any more: nothing can be asked for with it. The database's administrator drops it."""
    with scopes.service():
        DatabaseLogin.objects.filter(pk=login).delete()


def take_up() -> None:
    """Part of the sweep: what shells asked for goes into the public log; until then they read nothing."""
    for entry in AccessEntry.objects.filter(log_entry=None)[:200]:
        facts = staff().facts(entry.actor, entry.subject)
        role = rules.role_for(facts.roles, entry.reason)
        if role is None or not facts.handle:
            AccessEntry.objects.filter(
                pk=entry.pk, log_entry=None
            ).delete()  # their role ended meanwhile; nothing was read
            continue
        assert entry.request is not None, "a shell's access rests on a request"
        request = AccessRequest.objects.get(pk=entry.request)
        assert request.decided_by is not None, "a shell's access rests on an approval"
        place = Place(entry.office_country, entry.physical_country, entry.employer, entry.employed_by)
        approved = Approved(request.pk, request.decided_by, request.authority, request.disclose_after)
        asked = Asked(
            entry.actor,
            entry.subject,
            facts.handle,
            role,
            entry.reason,
            entry.reason_text,
            entry.case,
            chosen(entry.fields),
            place,
            "database",
            request.why_two,
            approved,
            "",
            entry.disclose_after,
        )
        body, committed = public_words(asked)
        with transaction.atomic():
            if AccessEntry.objects.filter(pk=entry.pk, log_entry=None).update(role=role.value):
                logged = log.append(
                    "access", body, secrets=committed, subject=entry.subject, disclose_after=entry.disclose_after
                )
                AccessEntry.objects.filter(pk=entry.pk).update(log_entry=logged)
