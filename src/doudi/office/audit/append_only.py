"""On SQLite, triggers that refuse to change the trail. On PostgreSQL the roles do not have the right to.

They stop mistakes and whoever works through the application; the owner of the file can drop them, and then the chain
and its roots tell. They are made after each `migrate`, because a migration that remakes a table loses them.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

from doudi.office.audit.models import Entry, Seal

_TABLES = (Entry._meta.db_table, Seal._meta.db_table)


def triggers() -> dict[str, str]:
    """Name and SQL of each trigger."""
    found = {}
    for table in _TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            found[name] = _refusing(name, f"{verb} ON {table}", "1", f"{table} is append-only")
        key = "id" if table == Entry._meta.db_table else "entry_id"
        name = f"{table}_no_replace"  # REPLACE deletes without firing the delete trigger
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
        found[name] = _refusing(name, f"INSERT ON {table}", taken, f"{table} is append-only")
    gap = "NEW.seq <> 1 + COALESCE((SELECT MAX(seq) FROM audit_seal WHERE county = NEW.county), 0)"
    found["audit_seal_no_gap"] = _refusing("audit_seal_no_gap", "INSERT ON audit_seal", gap, "the chain has no gaps")
    return found


def install(sender: Any = None, *, using: str, **kwargs: Any) -> None:
    """Receiver of `post_migrate`; safe to repeat."""
    connection = connections[using]
    if connection.vendor != "sqlite" or not set(_TABLES) <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        for sql in triggers().values():
            cursor.execute(sql)


def remove(using: str) -> None:
    """Take the triggers away, as an owner could; for tests that flush or tamper."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            for name in triggers():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _refusing(name: str, event: str, when: str, why: str) -> str:
    return f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
