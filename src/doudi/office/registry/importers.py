"""Rooms above bring their kinds of import here; the registry reads, recognises and matches, they add their own.

`register(kind, accept, undo)` in a room's `apps.py`. accept runs inside each chunk's transaction, after the registry
has stored its part, so that both stand or neither; undo runs inside the undo's transaction, before the registry's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from doudi.office.registry.models import Batch


@dataclass(frozen=True, slots=True)
class Accepted:
    """One line that went in. household: where the person lives; listed_with: under whose head the list shows them.

    values: every other recognised column by its meaning (`amount`, `account`), as text."""

    sheet: str
    row: int
    person: UUID
    household: UUID
    listed_with: UUID
    role: str
    area_code: str
    observed_on: date
    period: str
    values: Mapping[str, str]


Accept = Callable[[Batch, Sequence[Accepted], datetime, Any], Iterable[Accepted]]
Undo = Callable[[Batch, datetime, Any], None]


@dataclass(frozen=True, slots=True)
class Importer:
    """accept(batch, lines, at, by) returns the lines that changed something; undo(batch, at, by)."""

    kind: str
    accept: Accept
    undo: Undo


EVERY_REGISTER = "register:*"
_importers: dict[str, list[Importer]] = {}


def register(kind: str, accept: Accept, undo: Undo) -> None:
    """Add a handler for a kind of import: `person`, `household`, `register:NAME`, or a new one. Twice is once."""
    wanted = Importer(kind, accept, undo)
    found = _importers.setdefault(kind, [])
    if wanted not in found:
        found.append(wanted)


def importers_of(kind: str) -> Sequence[Importer]:
    """The handlers of a kind; those of every register (`register:*`) come first."""
    every = _importers.get(EVERY_REGISTER, ()) if kind.startswith("register:") else ()
    return (*every, *_importers.get(kind, ()))
