"""A database that may forget an acknowledged commit is refused at the start."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.db import connection

from doudi.office.jobs.durability import NotDurable, require_durable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only")
@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("synchronous=FULL", ""),
        ("synchronous=NORMAL", "synchronous is 1, must be 2 or 3"),
        ("synchronous=OFF", "synchronous is 0"),
        ("journal_mode=DELETE", "journal_mode is delete, must be wal"),
    ],
)
def test_weaker_sqlite_is_refused(setting: str, named: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA {setting}")
        try:
            with pytest.raises(NotDurable, match=named) if named else nullcontext():
                require_durable(connection)
        finally:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=OFF")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL only")
def test_weaker_postgres_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        try:
            with pytest.raises(NotDurable, match="synchronous_commit is off"):
                require_durable(connection)
        finally:
            cursor.execute("SET synchronous_commit = on")
