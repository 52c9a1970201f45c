"""Many rows of one table at once: one prepared statement, no model machinery per row.

`bulk_create` compiles its statement anew for every batch and asks every field three questions per value: 1,300 imported
lines a second on two cores. The statement is still Django's own, so that it names the table as the walls want it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models, router
from django.db.models.base import ModelState
from django.db.models.sql import InsertQuery, UpdateQuery

from doudi.office.access import OutOfScope, current_scope
from doudi.office.access.models import Scoped

Row = Sequence[Any]
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Write:
    """One statement and the values of its rows, ready for the driver: running it computes and asks nothing."""

    using: str
    statement: str
    values: list[list[Any]]

    def run(self) -> None:
        if self.values:
            with connections[self.using].cursor() as cursor:
                cursor.executemany(self.statement, self.values)


def maker(model: type[M]) -> Callable[..., M]:
    """A quicker constructor for unsaved instances, by attname: made as a pickled instance is, without asking fields."""
    fields = _own(model)
    fresh = [(f.attname, f.default) for f in fields if f.has_default() and callable(f.default)]
    fixed = {f.attname: f.get_default() for f in fields if not (f.has_default() and callable(f.default))}

    def make(**given: Any) -> M:
        made = model.__new__(model)
        values = made.__dict__
        values.update(fixed)
        values.update(given)
        for name, default in fresh:
            if name not in given:
                values[name] = default()
        made._state = ModelState()
        return made

    return make


def update(model: type[models.Model], objects: Sequence[models.Model], names: Sequence[str]) -> None:
    """Save the named columns (by attname) of instances that are there. A row outside the scope is no row."""
    to_update(model, objects, names).run()


def to_insert(model: type[models.Model], objects: Sequence[Any]) -> Write:
    """Unsaved instances, or anything with the model's columns by attname, prepared; their keys were made before."""
    names = [f.attname for f in _own(model)]
    columns = attrgetter(*names)
    return to_insert_rows(model, names, [columns(o) for o in objects])


def to_insert_rows(model: type[models.Model], names: Sequence[str], rows: Sequence[Row]) -> Write:
    """Rows of plain values in the order of `names` (columns by attname; all that have no default are named), prepared.

    Raises OutOfScope when a row lies in an area outside the scope in force.
    """
    using = router.db_for_write(model)
    if not rows:
        return Write(using, "", [])
    if issubclass(model, Scoped):
        place = names.index(model.scope_column)
        _within_scope(model, {row[place] for row in rows})
    fields = [_field(model, name) for name in names]
    query = InsertQuery(model)
    query.insert_values(fields, [model()])
    ((statement, _),) = query.get_compiler(using).as_sql()
    return Write(using, statement, _prepared(rows, fields, connections[using]))


def to_update(model: type[models.Model], objects: Sequence[models.Model], names: Sequence[str]) -> Write:
    """`update`, prepared."""
    using = router.db_for_write(model)
    if not objects:
        return Write(using, "", [])
    fields = [_field(model, name) for name in names]
    statement, params, at = _update_statement(model, fields, using)
    columns = attrgetter(*names, "pk")
    prepared = _prepared([columns(o) for o in objects], [*fields, model._meta.pk], connections[using])
    rest = params[len(names) :]
    for row in prepared:
        key = row.pop()
        row.extend(rest)
        row[at] = key
    return Write(using, statement, prepared)


def _prepared(rows: Sequence[Row], fields: Sequence[Any], connection: Any) -> list[list[Any]]:
    """The values as the driver takes them: column by column, since most columns need nothing done."""
    columns = zip(*rows, strict=True)
    done = [_column(field, column, connection) for field, column in zip(fields, columns, strict=True)]
    return [list(row) for row in zip(*done, strict=True)]


def _update_statement(
    model: type[models.Model], fields: Sequence[models.Field[Any, Any]], using: str
) -> tuple[str, list[Any], int]:
    """Django's UPDATE of one row, its parameters, and the place of the key among them."""
    nobody = UUID(int=2**128 - 1)
    query: Any = model._default_manager.using(using).filter(pk=nobody).query.chain(UpdateQuery)
    query.add_update_fields([(f, None, _Waiting()) for f in fields])
    statement, params = query.get_compiler(using).as_sql()
    (key,) = _column(model._meta.pk, [nobody], connections[using])
    return statement, list(params), list(params).index(key)


class _Waiting:
    """Stands for a value that comes with each row."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [None]

    def resolve_expression(self, *args: Any, **kwargs: Any) -> _Waiting:
        return self

    contains_aggregate = contains_over_clause = False


def _within_scope(model: type[Scoped], areas: Iterable[str]) -> None:
    scope = current_scope()
    if not all(scope.covers(area) for area in areas):
        raise OutOfScope(f"{model.__name__}: this area is outside the scope")


def _own(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The columns we write; the database keeps generated ones itself."""
    return [f for f in model._meta.concrete_fields if not f.generated]


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    for field in model._meta.concrete_fields:
        if field.attname == name:
            return field
    raise FieldDoesNotExist(f"{model.__name__}.{name}")


def _column(field: models.Field[Any, Any], values: Sequence[Any], connection: Any) -> Sequence[Any]:
    """How values of this field are handed to the driver; the common kinds without asking the field."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    plain = connection.vendor == "sqlite"
    if isinstance(target, models.UUIDField):
        return [None if v is None else f"{v.int:032x}" for v in values] if plain else values
    if isinstance(target, models.CharField | models.TextField | models.IntegerField | models.BinaryField):
        return values
    if isinstance(target, models.JSONField) and plain:
        return [json.dumps(v) if v else _EMPTY.get(type(v)) or json.dumps(v) for v in values]

    def asked(value: Any) -> Any:
        return field.get_db_prep_save(value, connection=connection)

    # Days and instants repeat through a chunk, and the driver's form of one is dear.
    return [*map(cache(asked) if isinstance(target, models.DateField) else asked, values)]


_EMPTY: dict[type, str] = {dict: "{}", list: "[]"}
