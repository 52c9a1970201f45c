"""Writes name the table itself, because a view cannot be written; updates and deletes then say again what the view
says, so that a foreign row is no row instead of an error. The sub-select looks up one key: unbound to the outer row
it would read the whole scope for every single update.
"""

from __future__ import annotations

from typing import Any

from django.db.models.sql import compiler
from django.db.models.sql.compiler import SQLAggregateCompiler, SQLCompiler
from django.db.models.sql.where import AND, ExtraWhere

from doudi.office.access.walls import is_scoped

__all__ = ["SQLAggregateCompiler", "SQLCompiler", "SQLDeleteCompiler", "SQLInsertCompiler", "SQLUpdateCompiler"]

# The stubs know neither `_as_sql` nor the narrower answers of the three.
_Insert: Any = compiler.SQLInsertCompiler
_Update: Any = compiler.SQLUpdateCompiler
_Delete: Any = compiler.SQLDeleteCompiler


def _only_mine(query: Any) -> None:
    table, key = (f'"{name}"' for name in (query.model._meta.db_table, query.model._meta.pk.column))
    clause = f"{table}.{key} IN (SELECT mine.{key} FROM temp.{table} mine WHERE mine.{key} = {table}.{key})"
    query.where.add(ExtraWhere([clause], ()), AND)


def _the_table(sql: str, verb: str, query: Any) -> str:
    table = f'"{query.model._meta.db_table}"'
    start, named = f"{verb} {table}", f"{verb} main.{table}"
    return named + sql.removeprefix(start) if sql.startswith(start) else sql


class SQLInsertCompiler(_Insert):
    def as_sql(self) -> Any:
        statements = super().as_sql()
        if not is_scoped(self.query.model):
            return statements
        verb = self.connection.ops.insert_statement(on_conflict=self.query.on_conflict)
        return [(_the_table(sql, verb, self.query), params) for sql, params in statements]


class SQLUpdateCompiler(_Update):
    def pre_sql_setup(self) -> None:
        super().pre_sql_setup()
        if is_scoped(self.query.model):
            _only_mine(self.query)

    def as_sql(self) -> Any:
        sql, params = super().as_sql()
        return (_the_table(sql, "UPDATE", self.query) if is_scoped(self.query.model) else sql), params


class SQLDeleteCompiler(_Delete):
    def _as_sql(self, query: Any) -> Any:
        if not is_scoped(query.model):
            return super()._as_sql(query)
        _only_mine(query)
        sql, params = super()._as_sql(query)
        return _the_table(sql, "DELETE FROM", query), params
