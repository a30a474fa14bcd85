"""Counts are right whatever happens at once: several processes of several threads on one database."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import contend
import pytest
from django.db import connection

SCRIPT = Path(contend.__file__)
PROCESSES = 2

Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def database(transactional_db: None, tmp_path: Path) -> tuple[dict[str, str], Query]:
    """The environment of the processes, and a way to look at what they did."""
    env = dict(os.environ)
    env |= {"DJANGO_SETTINGS_MODULE": "hustings.site.settings", "HUSTINGS_DATA": str(tmp_path / "var")}
    env["PYTHONPATH"] = os.pathsep.join([str(SCRIPT.parents[1]), str(SCRIPT.parents[2] / "src")])
    if connection.vendor == "postgresql":
        parts = urlsplit(env["HUSTINGS_DATABASE_URL"])
        env["HUSTINGS_DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))

        def ask(sql: str) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())

        return env, ask
    file = tmp_path / "hustings.sqlite3"
    env["HUSTINGS_DATABASE_URL"] = f"sqlite:{file}"
    migrate = [sys.executable, "-m", "hustings", "migrate"]
    subprocess.run(migrate, env=env, check=True, timeout=120)

    def ask_file(sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(file) as plain:
            return plain.execute(sql).fetchall()

    return env, ask_file


def test_counts_are_the_rows(database: tuple[dict[str, str], Query]) -> None:
    env, ask = database
    prepared = subprocess.run(
        [sys.executable, str(SCRIPT), "prepare"],
        env=env,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    running = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), "work", str(seed), prepared.stdout], env=env, stderr=subprocess.PIPE
        )
        for seed in range(PROCESSES)
    ]
    for process in running:
        _, said = process.communicate(timeout=200)
        assert process.returncode == 0, said.decode()[-4000:]

    def counted(table: str, column: str) -> dict[int, int]:
        return dict(ask(f"SELECT {column}, count(*) FROM community_{table} GROUP BY {column}"))  # noqa: S608 - our own names

    for column, table in (("likes", "like"), ("saves", "save"), ("comments", "comment")):
        kept = {key: n for key, n in ask(f"SELECT video_id, {column} FROM community_clipcounts") if n}  # noqa: S608
        assert kept == counted(table, "video_id"), column
    for column, field in (("followers", "followed_id"), ("following", "follower_id")):
        kept = {key: n for key, n in ask(f"SELECT account_id, {column} FROM community_accountcounts") if n}  # noqa: S608
        assert kept == counted("follow", field), column
    blocks = {frozenset(pair) for pair in ask("SELECT blocker_id, blocked_id FROM community_block")}
    follows = {frozenset(pair) for pair in ask("SELECT follower_id, followed_id FROM community_follow")}
    assert not blocks & follows
    replies = {key: n for key, n in ask("SELECT id, reply_count FROM community_comment") if n}
    threads = counted("comment", "parent_id")
    threads.pop(None, None)
    assert replies == threads
    views = ask("SELECT views FROM community_clipcounts")
    assert views == [(PROCESSES * contend.THREADS * contend.ROUNDS,)] * len(json.loads(prepared.stdout)["clips"])
    told = dict(ask("SELECT notification_id, count(*) FROM community_notificationactor GROUP BY notification_id"))
    assert {key: n for key, n in ask("SELECT id, count FROM community_notification") if n} == told
