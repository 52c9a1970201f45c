from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db import IntegrityError, router, transaction

from doudi.office.jobs.children import ChildFailed, run_in_child
from doudi.office.jobs.models import Job
from doudi.office.jobs.progress import progress
from doudi.office.jobs.registry import named, task
from doudi.office.jobs.transactions import require_transaction

__all__ = ["ChildFailed", "forget_done", "later", "progress", "run_in_child", "task"]


def later(
    name: str, subject_id: UUID | str, /, *, not_before: datetime | None = None, using: str | None = None
) -> None:
    """Queue a registered task by name for one subject, in the caller's transaction. Safe to call twice.

    not_before: real instant of the earliest start. A job of the same task and subject that is already running does
    not count: it may have read the state before this change, so one more is queued.
    Raises NoTransaction, UnknownTask.
    """
    using = using or router.db_for_write(Job)
    require_transaction(using)
    named(name)
    now = datetime.now(UTC)
    run_at = max(not_before or now, now)
    queued = Job.objects.using(using).filter(task=name, subject_id=str(subject_id), state=Job.State.QUEUED)
    for _ in range(3):
        # The lock keeps a worker from taking the waiting job before our change is committed.
        if waiting := queued.select_for_update().first():
            if run_at < waiting.run_at:
                queued.update(run_at=run_at)
            return
        try:
            with transaction.atomic(using=using):
                Job.objects.using(using).create(task=name, subject_id=str(subject_id), run_at=run_at, created_at=now)
            return
        except IntegrityError:
            continue
    raise RuntimeError(f"{name}({subject_id}) could not be queued: others took it three times in between")


def forget_done(*, before: datetime) -> int:
    """Delete rows of work that was done before an instant, a thousand at a time; returns how many."""
    old = Job.objects.filter(state=Job.State.DONE, finished_at__lt=before).order_by("id")
    n = 0
    while ids := list(old.values_list("id", flat=True)[:1000]):
        n += Job.objects.filter(id__in=ids).delete()[0]
    return n
