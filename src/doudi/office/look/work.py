"""What waits for somebody today. Each room tells its own tasks; the desk adds them up and shows them in one order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

from doudi.office.look.parts import Clock

Due = Literal["overdue", "today", "soon", "later", "undated", "waiting"]
DUES: tuple[Due, ...] = ("overdue", "today", "soon", "later", "undated", "waiting")
SOON = 3  # days ahead that still count as soon


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the work list: what to do for whom, why now, and one verb.

    who: a household or person; where: the village; url: where the verb leads. main: the verb is the one to press first.
    since: the day from which it waits, shown where nobody has set a term.
    """

    due: Due
    clock: Clock | None
    what: str
    who: str
    where: str
    why: str
    verb: str
    url: str
    household: UUID | None = None
    main: bool = False
    since: date | None = None


class WorkSource(Protocol):
    """A room's open work in a scope. `total` and `counts` are two queries: the bottom line compares them."""

    def total(self, scope: Any, today: date) -> int: ...

    def counts(self, scope: Any, today: date) -> Mapping[Due, int]: ...

    def tasks(self, scope: Any, today: date, due: Due, limit: int) -> Sequence[Task]: ...

    def done(self, scope: Any, today: date) -> int: ...


sources: list[WorkSource] = []


def due_of(on: date | None, today: date) -> Due:
    """Where a day stands seen from today."""
    if on is None:
        return "undated"
    if on < today:
        return "overdue"
    if on == today:
        return "today"
    return "soon" if on <= today + timedelta(days=SOON) else "later"
