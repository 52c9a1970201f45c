"""Whose turn it is: one screening of an area runs at a time, and at most one more waits behind it.

A screening that broke off is taken up again when its lease ends, and by then a newer one may have been asked for, or be
done. Would the older one file its clues now, it would bring back what the newer one let vanish, and take from it the
clues that people have closed: the bottom line would be false. So a newer screening that waits, runs or is done takes
the turn of every older one, which files nothing more and says so.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from doudi.office.audit.actions import record
from doudi.office.monitoring.models import Run

LIVE = (Run.State.QUEUED, Run.State.RUNNING)
ENDED = (Run.State.DONE, Run.State.SUPERSEDED)
TASK = "monitoring.screen"


class TurnLost(Exception):
    """A newer screening of the area has taken over, or another worker has finished this one: nothing may be filed."""

    def __init__(self, run: Run) -> None:
        self.run = run
        super().__init__(f"{run.pk} must not file")


def folder_of(run: Run) -> Path:
    """Where the snapshot and the output of a screening stand."""
    return Path(settings.DATA_DIR) / "runs" / str(run.pk)


def next_run(area: str) -> Run | None:
    """The newest screening of an area that still owes its result."""
    rows = Run.objects.select_related("edition").filter(area_code=area)
    newest = rows.order_by("-asked_at", "-pk").first()
    return newest if newest and newest.state not in ENDED else None


@transaction.atomic
def begin(run: Run, *, at: datetime) -> bool:
    """Give a screening its turn; False when it has none, being done or older than one that has. Safe to repeat."""
    locked = Run.objects.select_for_update().get(pk=run.pk)
    mine = Q(asked_at__lt=run.asked_at) | Q(asked_at=run.asked_at, pk__lte=run.pk)
    others = Run.objects.select_for_update().filter(area_code=run.area_code)
    if locked.state not in ENDED and others.exclude(mine).exclude(state=Run.State.FAILED).exists():
        give_way([locked], by=TASK, at=at)
    if locked.state in ENDED:
        run.state = locked.state
        return False
    give_way(others.filter(mine, state__in=LIVE).exclude(pk=run.pk), by=TASK, at=at)
    run.state, run.fault = Run.State.RUNNING, ""
    run.save(update_fields=["state", "fault"])
    return True


def give_way(older: Iterable[Run] | QuerySet[Run], *, by: Any, at: datetime) -> None:
    """In the caller's transaction: these screenings end without a result, for a newer one."""
    for run in older:
        run.state = Run.State.SUPERSEDED
        run.save(update_fields=["state"])
        record("monitoring.superseded", run, by=by, at=at)
        shutil.rmtree(folder_of(run), ignore_errors=True)


def hold(run: Run) -> None:
    """Keep the turn until the caller's transaction ends. Raises TurnLost."""
    held = Run.objects.select_for_update().filter(pk=run.pk, state=Run.State.RUNNING)
    if not held.values_list("pk", flat=True).first():
        raise TurnLost(run)
