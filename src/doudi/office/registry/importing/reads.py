"""What a chunk read before its transaction opened, so that it can be asked again under the lock.

SQLite has one writer and every clerk waits for it; so a chunk reads, matches and seals first, and its transaction only
writes. Whoever changed in between what the chunk had read is noticed, and the chunk is done anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models

from doudi.office.registry.models import Household, Person

M = TypeVar("M", bound=models.Model)
_Answer = dict[Any, list[object]]
_LOCKED = (Person, Household)  # whoever speaks of one of these locks it first (PostgreSQL; SQLite has one writer)


class Reads:
    """The questions of one chunk and their answers. Ask through `rows`; then `still_hold` inside the transaction."""

    def __init__(self) -> None:
        self._version = _version()  # before the first question
        self._asked: list[tuple[models.QuerySet[Any], _Answer]] = []

    def rows(self, question: models.QuerySet[M]) -> list[M]:
        """The answer as instances, which the caller may change."""
        found = list(question)
        self._asked.append((question, _kept(found)))
        return found

    def still_hold(self) -> bool:
        """Are all answers the same now? To be asked inside the writing transaction, before the first write.

        SQLite knows whether any other connection has written at all; only then every question is asked again.
        """
        if self._version is not None and self._version == _version():
            return True
        return all(_kept(_again(question)) == answer for question, answer in self._asked)


def _version() -> int | None:
    """A number that differs after another connection of the same file has committed; None where there is none."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA data_version").fetchone()[0])


def _again(question: models.QuerySet[M]) -> models.QuerySet[M]:
    if question.model in _LOCKED:
        return question.order_by("pk").select_for_update(of=("self",))  # in one order: two chunks never wait crosswise
    return question.all()


def _kept(rows: Iterable[models.Model]) -> _Answer:
    """The columns of each row and of what was read with it, by key. Values are replaced in an instance, not changed."""
    return {row.pk: [*_columns(row), *(v for other in _beside(row) for v in _columns(other))] for row in rows}


def _beside(row: models.Model) -> list[models.Model]:
    return [other for other in row._state.fields_cache.values() if other is not None]


def _columns(row: models.Model) -> list[object]:
    held = row.__dict__
    return [held[f.attname] for f in row._meta.concrete_fields]
