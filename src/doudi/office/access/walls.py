"""The wall in the database, behind the managers: what both databases share.

A model opts in by class attributes, so that rooms below this one can:
- `scope_column`: the column with the area code.
- `scope_parent`: a foreign key whose row must stand in the same area.
- `anybody_adds`: rows are added from every scope and from none, and read in theirs (the trail).
- `append_only`: on PostgreSQL the web and system roles may not change rows; on SQLite the room's triggers see to it.

Each connection of the alias `default` brings its wall in line with the current scope before every statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models

from doudi.office.access.scopes import Scope, scope_or_none

UNKNOWN = object()


class WallDown(RuntimeError):
    """The database behind does not guard; nothing is answered until it does."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """One guarded table. parents: (column, table, key column) of foreign keys to scoped tables.

    same_area: (column, table, key column, area column) of the parent that must stand in the same area.
    """

    table: str
    key: str
    area: str
    parents: tuple[tuple[str, str, str], ...]
    same_area: tuple[str, str, str, str] | None
    anybody_adds: bool


def is_scoped(model: Any) -> bool:
    return bool(getattr(model, "scope_column", "")) and model._meta.managed and not model._meta.proxy


def scoped_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if is_scoped(model)]


def guarded() -> list[Guarded]:
    return [_guarded(model) for model in scoped_models()]


def append_only_tables() -> list[str]:
    """Every table whose rows are only ever added, scoped or not."""
    return [m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False) and m._meta.managed]


def _guarded(model: Any) -> Guarded:
    meta = model._meta
    parents = tuple(_reference(field) for field in _keys_to_scoped(model))
    same_area = None
    if name := getattr(model, "scope_parent", ""):
        field = meta.get_field(name)
        column, table, key = _reference(field)
        same_area = (column, table, key, _area_column(field.remote_field.model))
    anybody_adds = getattr(model, "anybody_adds", False)
    return Guarded(meta.db_table, meta.pk.column, _area_column(model), parents, same_area, anybody_adds)


def _area_column(model: Any) -> str:
    return str(model._meta.get_field(model.scope_column).column)


def _keys_to_scoped(model: type[models.Model]) -> Iterator[Any]:
    for field in model._meta.local_concrete_fields:
        if field.remote_field and is_scoped(field.remote_field.model):
            yield field


def _reference(field: Any) -> tuple[str, str, str]:
    return field.column, field.remote_field.model._meta.db_table, field.target_field.column


class Walled:
    """Mixed into a database wrapper: keeps the connection's wall in line with the scope of the running code.

    A rollback also rolls the wall back, to who knows which scope; so it is brought in line again after one.
    """

    connection: Any
    _stands_in: object = UNKNOWN

    def raise_wall(self, scope: Scope | None) -> None:
        """Make the open connection stand in this scope. Raises WallDown."""
        raise NotImplementedError

    def _bring_in_line(self) -> None:
        scope = scope_or_none()
        if self._stands_in is not scope:
            self._stands_in = UNKNOWN
            self.raise_wall(scope)
            self._stands_in = scope

    def clear_wall(self) -> None:
        """Leave no trace of a scope that ended; when the connection cannot (a failed transaction), at its next use."""
        if self.connection is None:
            return
        try:
            self._bring_in_line()
        except (DatabaseError, WallDown):
            self._stands_in = UNKNOWN

    def connect(self) -> None:
        self._stands_in = UNKNOWN
        try:
            super().connect()  # type: ignore[misc]
        except BaseException:
            if self.connection is not None:
                self.connection.close()
                self.connection = None  # else the next query would find a connection without a wall
            raise

    def _cursor(self, name: str | None = None) -> Any:
        self.ensure_connection()  # type: ignore[attr-defined]
        self._bring_in_line()
        return super()._cursor(name)  # type: ignore[misc]

    def _rollback(self) -> None:
        self._stands_in = UNKNOWN
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        self._stands_in = scope_or_none()  # a failed transaction takes no statement before its rollback
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._stands_in = UNKNOWN
