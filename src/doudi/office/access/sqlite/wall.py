"""Per connection: a temp table of ranges; a temp view over each scoped table's name, so that every read, raw ones
too, passes the ranges (cross join with disjoint ranges: the planner then seeks the area index once per range); temp
triggers that abort a write elsewhere.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from doudi.office.access.scopes import Range, Scope
from doudi.office.access.walls import Guarded, WallDown, guarded

EVERYWHERE: tuple[Range, ...] = (("", "~"),)
OUTSIDE = "outside the scope"


@dataclass(frozen=True, slots=True)
class Wall:
    """How many views and triggers stand on a connection; not whole while a table is still to be migrated."""

    n_views: int
    n_triggers: int
    is_whole: bool


def build(connection: sqlite3.Connection) -> Wall:
    """Make ranges, views and triggers on an open connection, outside a transaction. Safe to repeat."""
    if connection.in_transaction:
        raise WallDown("a wall made inside a transaction falls with its rollback")
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE deletes a foreign row past the triggers
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS scope_range (low TEXT NOT NULL, high TEXT NOT NULL)")
    there = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    tables = guarded()
    for table in tables:
        connection.execute(_view(table))
    triggers = [sql for table in tables if table.table in there for sql in _triggers(table)]
    for sql in triggers:
        connection.execute(sql)
    return Wall(len(tables), len(triggers), all(table.table in there for table in tables))


def stand_in(connection: sqlite3.Connection, scope: Scope | None, wall: Wall) -> None:
    """Let exactly the scope's ranges pass; without a scope nothing. Raises WallDown when a view or trigger is gone."""
    connection.execute("DELETE FROM temp.scope_range")
    counted = dict(connection.execute("SELECT type, count(*) FROM temp.sqlite_master GROUP BY type"))
    if (counted.get("view", 0), counted.get("trigger", 0)) != (wall.n_views, wall.n_triggers):
        raise WallDown(f"{counted} views and triggers stand, {wall.n_views} and {wall.n_triggers} were built")
    if scope is not None:
        ranges = EVERYWHERE if scope.is_system else scope.ranges
        connection.executemany("INSERT INTO temp.scope_range VALUES (?, ?)", ranges)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _view(t: Guarded) -> str:
    table, area = _quoted(t.table), _quoted(t.area)
    return (
        f"CREATE TEMP VIEW IF NOT EXISTS {table} AS SELECT t.* FROM temp.scope_range r CROSS JOIN main.{table} t "
        f"WHERE t.{area} >= r.low AND t.{area} < r.high"
    )


def _triggers(t: Guarded) -> list[str]:
    new, old = _inside(t, "NEW"), _inside(t, "OLD")
    arrives, stays = " AND ".join([new, *_parents(t)]), " AND ".join([new, *_parents(t, changed=True)])
    adds = [] if t.anybody_adds else [_trigger("insert", t.table, f"NOT ({arrives})")]
    return [
        *adds,
        _trigger("update", t.table, f"NOT ({old} AND {stays})"),
        _trigger("delete", t.table, f"NOT ({old})"),
    ]


def _trigger(act: str, table: str, when: str) -> str:
    name = _quoted(f"wall_{act}_{table}")
    return (
        f"CREATE TEMP TRIGGER IF NOT EXISTS {name} BEFORE {act.upper()} ON main.{_quoted(table)} "
        f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{OUTSIDE}'); END"
    )


def _inside(t: Guarded, row: str) -> str:
    area = f"{row}.{_quoted(t.area)}"
    return f"EXISTS (SELECT 1 FROM temp.scope_range r WHERE {area} >= r.low AND {area} < r.high)"


def _parents(t: Guarded, changed: bool = False) -> list[str]:
    """Each scoped parent must be visible; the one that carries the area must stand in the same one.

    changed: of an update only what it changes. A village's row may belong to a run of the whole county.
    """
    conditions = []
    for column, table, key in t.parents:
        value, same = f"NEW.{_quoted(column)}", ""
        if t.same_area and t.same_area[0] == column:
            same = f" AND p.{_quoted(t.same_area[3])} = NEW.{_quoted(t.area)}"
        parent = f"SELECT 1 FROM temp.{_quoted(table)} p WHERE p.{_quoted(key)} = {value}{same}"
        kept = f"({value} IS OLD.{_quoted(column)} AND NEW.{_quoted(t.area)} IS OLD.{_quoted(t.area)}) OR "
        conditions.append(f"({kept if changed else ''}{value} IS NULL OR EXISTS ({parent}))")
    return conditions
