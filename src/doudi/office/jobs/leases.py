"""Who works on which job, and until when.

A worker that takes a job holds it for the length of a lease and renews it while it works. One that dies stops
renewing, so the job is found again when its lease ends; one that only stalled finds its lease lost and must stop,
because every change here is guarded by the worker's name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from doudi.office.jobs.models import Job
from doudi.office.jobs.registry import named

QUEUED, RUNNING, DONE, FAILED = Job.State.QUEUED, Job.State.RUNNING, Job.State.DONE, Job.State.FAILED
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=1)


class LeaseLost(Exception):
    """Another worker took the job over; this one must stop without writing."""


def due(now: datetime) -> QuerySet[Job]:
    """Jobs whose time has come and those whose worker died, oldest first; one at a time per task and subject."""
    same = Job.objects.filter(task=OuterRef("task"), subject_id=OuterRef("subject_id"), state=RUNNING)
    waiting = Q(state=QUEUED, run_at__lte=now) & ~Exists(same)
    return Job.objects.filter(waiting | Q(state=RUNNING, lease_until__lt=now)).order_by("run_at", "id")


def take(worker: str) -> Job | None:
    """The next job, leased to this worker; None when there is nothing to do. Jobs that died too often are given up."""
    if not due(datetime.now(UTC)).exists():  # without the write lock: an idle worker disturbs nobody
        return None
    with transaction.atomic():
        now = datetime.now(UTC)
        while job := due(now).select_for_update(skip_locked=True, of=("self",)).first():
            if job.state == RUNNING and job.attempts >= named(job.task).attempts:
                _end(job, FAILED, "its process died each time")
                continue
            job.state, job.worker, job.lease_until = RUNNING, worker, now + lease()
            job.attempts += 1
            job.started_at, job.n_before, job.error = now, job.n, ""
            job.save()
            return job
    return None


def lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE)


def renew(job: Job, n: int, total: int) -> None:
    """Keep the job and show its progress. Raises LeaseLost."""
    if not _mine(job).update(lease_until=datetime.now(UTC) + lease(), n=n, total=total):
        raise LeaseLost(str(job))


def finish(job: Job, n: int, total: int) -> None:
    """The work is done. Raises LeaseLost."""
    changes = {"state": DONE, "lease_until": None, "finished_at": datetime.now(UTC), "n": n, "total": total}
    if not _mine(job).update(**changes):
        raise LeaseLost(str(job))


@transaction.atomic
def give_back(job: Job) -> None:
    """The worker stops: the job waits for the next one, and the interrupted attempt does not count."""
    if held := _mine(job).select_for_update().first():
        held.attempts -= 1
        _queue_again(held, datetime.now(UTC), "")


@transaction.atomic
def fail(job: Job, error: str) -> None:
    """The task raised: try again after a pause that triples, or give up after the task's attempts."""
    if held := _mine(job).select_for_update().first():
        if held.attempts >= named(held.task).attempts:
            _end(held, FAILED, error)
            return
        pause = min(_FIRST_PAUSE * 3 ** (held.attempts - 1), _LONGEST_PAUSE)
        _queue_again(held, datetime.now(UTC) + pause, error)


def _mine(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=RUNNING, worker=job.worker)


def _queue_again(job: Job, run_at: datetime, error: str) -> None:
    if Job.objects.filter(task=job.task, subject_id=job.subject_id, state=QUEUED).exists():
        _end(job, DONE, "left to the one queued since")
        return
    job.state, job.lease_until, job.run_at, job.error = QUEUED, None, run_at, error
    job.save()


def _end(job: Job, state: str, error: str) -> None:
    job.state, job.lease_until, job.finished_at, job.error = state, None, datetime.now(UTC), error
    job.save()
