"""The loop that does the work, one job after another."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from django.db import DatabaseError, connection, connections, transaction

from doudi.office.jobs.actions import later
from doudi.office.jobs.failpoints import failpoint
from doudi.office.jobs.leases import LeaseLost, fail, finish, give_back, take
from doudi.office.jobs.models import Job
from doudi.office.jobs.progress import Stopping, listener
from doudi.office.jobs.registry import named, recurring
from doudi.office.jobs.work import Work

logger = logging.getLogger(__name__)
_SHORTEST_IDLE, _LONGEST_IDLE = 0.05, 1.0
_RECURRING_EVERY = 60.0


def run(stop: threading.Event) -> None:
    """Work until told to stop. Idle, it asks the database once a second, without taking a lock."""
    worker, idle, looked = str(uuid4()), _SHORTEST_IDLE, -_RECURRING_EVERY
    while not stop.is_set():
        try:
            if time.monotonic() - looked > _RECURRING_EVERY:
                queue_recurring()
                looked = time.monotonic()
            job = take(worker)
            if job:
                attempt(job, stop)
        except DatabaseError as error:
            # The database went away. Whatever was being done is found again when its lease ends.
            logger.error("the database does not answer (%s); trying again", type(error).__name__)
            connections.close_all()
            job, idle = None, _LONGEST_IDLE
        if job:
            idle = _SHORTEST_IDLE
        else:
            stop.wait(idle)
            idle = min(idle * 2, _LONGEST_IDLE)


def drain() -> int:
    """Do everything that is due, in this process, and say how many jobs that was. For commands and tests."""
    n, stop, worker = 0, threading.Event(), str(uuid4())
    while job := take(worker):
        attempt(job, stop)
        n += 1
    return n


def attempt(job: Job, stop: threading.Event) -> None:
    """Run one leased job to one of its ends: done, queued again, given up, or lost to another worker."""
    work = Work(job, stop)
    token = listener.set(work)
    if not connection.in_atomic_block:  # in the transaction of a test no second connection would see the job
        work.start_heartbeat()
    try:
        failpoint("jobs.taken")
        named(job.task).run(job.subject_id)
        failpoint("jobs.ran")
        work.stop_heartbeat()
        finish(job, work.n, work.total)
    except LeaseLost:
        logger.warning("%s was taken over by another worker", job.task)
    except Stopping:
        work.stop_heartbeat()
        give_back(job)
    except Exception as error:
        work.stop_heartbeat()
        # No message: it may quote a person's data. The place and the kind of error are enough to find it.
        logger.error(
            "%s failed: %s\n%s", job.task, type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
        )
        fail(job, _place(error))
    finally:
        work.stop_heartbeat()
        listener.reset(token)


def queue_recurring() -> None:
    """See that each task that runs by itself has its next row; the last run says when."""
    for known in recurring():
        assert known.every
        last = Job.objects.filter(task=known.name, subject_id="").order_by("-created_at").first()
        if last and last.state in (Job.State.QUEUED, Job.State.RUNNING):
            continue
        with transaction.atomic():
            later(known.name, "", not_before=last.run_at + known.every if last else datetime.now(UTC))


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"[:200]
