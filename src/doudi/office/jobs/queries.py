from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Case, Count, Min, When

from doudi.office.jobs.clock import business_clock
from doudi.office.jobs.models import Job

_RUNNING_FIRST = Case(When(state=Job.State.RUNNING, then=0), default=1)
__all__ = ["Load", "Progress", "business_clock", "load", "progress_of"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. n of total in the task's unit; per second; seconds left (None = cannot be told yet)."""

    state: str
    n: int
    total: int
    rate: float | None
    eta: int | None
    attempts: int
    error: str


def progress_of(task: str, subject_id: UUID | str) -> Progress | None:
    """The job of a task for a subject that runs, else the newest, for pages that show it; None when there was none."""
    rows = Job.objects.filter(task=task, subject_id=str(subject_id))
    job = rows.order_by(_RUNNING_FIRST, "-created_at", "-id").first()
    if job is None:
        return None
    rate = _rate(job)
    left = job.total - job.n
    eta = round(left / rate) if rate and left >= 0 and job.state == Job.State.RUNNING else None
    return Progress(job.state, job.n, job.total, rate, eta, job.attempts, job.error)


def _rate(job: Job) -> float | None:
    if job.started_at is None or job.n == 0:
        return None
    seconds = ((job.finished_at or datetime.now(UTC)) - job.started_at).total_seconds()
    done = job.n - job.n_before if job.n > job.n_before else job.n
    return done / seconds if seconds > 0 else None


@dataclass(frozen=True, slots=True)
class Load:
    """Jobs by state, and since when (seconds) the oldest one whose time has come waits."""

    by_state: dict[str, int]
    oldest_waiting: float


def load() -> Load:
    """What the worker has before it; for `/metrics`."""
    counts = dict(Job.objects.values_list("state").annotate(n=Count("id")))
    now = datetime.now(UTC)
    first = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now).aggregate(at=Min("run_at"))["at"]
    return Load({s: counts.get(s, 0) for s in Job.State.values}, (now - first).total_seconds() if first else 0.0)
