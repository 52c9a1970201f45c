"""Clues of a run become findings: kept, renewed, come back, or gone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction

from doudi.engine.values import Money
from doudi.office.monitoring.models import Finding, Run, StateCount
from doudi.office.monitoring.output import Clue
from doudi.office.registry.bulk import update

OPEN = (Finding.State.UNSENT, Finding.State.SENT)
CHUNK = 500  # rows of one write transaction
_SAID = ("current_fen", "due_fen", "failed", "unknown")
_FOLLOWS = ("area_code", "household_id", "last_run")  # of a closed clue: it counts where and while it is found again
_RENEWED = (*_SAID, "priority", "priority_parts", "last_run_id", "area_code", "household_id")


@transaction.atomic
def file_clues(run: Run, chunk: list[Clue]) -> int:
    """File one chunk in a transaction of its own and say how many are new or come back. Safe to do twice.

    A clue that a person closed stays closed, as one of this run, until what it says has changed; then it is a new
    episode.
    """
    latest: dict[str, Finding] = {}
    for known in Finding.objects.filter(code__in=[clue.finding_id for clue in chunk]).order_by("episode"):
        latest[known.code] = known
    created, renewed = [], []
    for clue in chunk:
        said = _said(run, clue)
        before = latest.get(clue.finding_id)
        if before is None:
            created.append(_finding(clue, said))
        elif before.state in OPEN:
            renewed.append(_updated(before, said))
        elif before.state == Finding.State.CLOSED and not _differs(before, said):
            renewed.append(_updated(before, {name: said[name] for name in _FOLLOWS}))
        else:
            created.append(_finding(clue, said, episode=before.episode + 1))
    Finding.objects.bulk_create(created)
    update(Finding, renewed, _RENEWED)  # Django's bulk_update of 300 rows held the lock for 900 ms
    return len(created)


def file_states(run: Run, counts: Iterable[tuple[str, str, str, int]]) -> None:
    """The count of every village and state of a run; filed again they replace themselves.

    In short transactions: nobody reads the counts of a run that is not done.
    """
    StateCount.objects.filter(run=run).delete()
    rows = (
        StateCount(run=run, area_code=division, programme=programme, state=state, n=n)
        for division, programme, state, n in counts
    )
    while chunk := list(islice(rows, CHUNK)):
        StateCount.objects.bulk_create(chunk)


@transaction.atomic
def let_vanish(run: Run, low: str, high: str) -> int:
    """Open findings of the area that this run did not find again are no longer work; nobody's closing is touched."""
    rows = Finding.objects.filter(area_code__gte=low, area_code__lt=high, state__in=OPEN).exclude(last_run=run)
    return int(rows.update(state=Finding.State.VANISHED))


def _said(run: Run, clue: Clue) -> dict[str, Any]:
    return {
        "area_code": clue.division,
        "household_id": UUID(clue.household_id),
        "current_fen": _fen(clue.current_amount),
        "due_fen": _fen(clue.due_amount),
        "failed": sorted(clue.failed or []),
        "unknown": sorted(clue.unknown or []),
        "priority": clue.priority,
        "priority_parts": list(clue.priority_parts or []),
        "last_run": run,
    }


def _fen(amount: Any) -> int | None:
    return None if amount is None else Money.of(amount).fen


def _finding(clue: Clue, said: dict[str, Any], episode: int = 1) -> Finding:
    return Finding(
        code=clue.finding_id,
        episode=episode,
        kind=clue.kind,
        person_id=clue.subject_id if clue.subject_type == "person" else None,
        programme=clue.programme or "",
        other=clue.other or "",
        first_seen=clue.first_seen,
        **said,
    )


def _updated(finding: Finding, said: dict[str, Any]) -> Finding:
    for name, value in said.items():
        setattr(finding, name, value)
    return finding


def _differs(finding: Finding, said: dict[str, Any]) -> bool:
    return any(getattr(finding, name) != said[name] for name in _SAID)
