"""The heartbeat of a running job: seen from outside while the task's own transaction is still open."""

from __future__ import annotations

import threading
import time

import pytest
from django.conf import LazySettings
from django.db import transaction

from doudi.office.jobs import registry
from doudi.office.jobs.actions import later, progress, task
from doudi.office.jobs.leases import take
from doudi.office.jobs.models import Job
from doudi.office.jobs.worker import attempt

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _short_lease(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.JOB_LEASE = 1
    monkeypatch.setattr(registry, "_tasks", {})


def run(task_name: str) -> Job:
    with transaction.atomic():
        later(task_name, "s1")
    job = take("w")
    assert job
    attempt(job, threading.Event())
    job.refresh_from_db()
    return job


def test_a_task_longer_than_its_lease_keeps_it_and_shows_its_progress() -> None:
    shown: list[tuple[int, int]] = []

    def long(subject_id: str) -> None:
        for n in range(1, 31):
            progress(n, 30)
            time.sleep(0.05)
            assert take("thief") is None
            shown.extend(Job.objects.values_list("n", "total"))

    task("jobs.long")(long)
    job = run("jobs.long")
    assert (job.state, job.attempts, job.n, job.total) == ("done", 1, 30, 30)
    assert any(0 < n < 30 and total == 30 for n, total in shown)


def test_a_task_that_lost_its_lease_is_told_to_stop() -> None:
    reached: list[int] = []

    def robbed(subject_id: str) -> None:
        Job.objects.update(worker="another")
        for n in range(60):
            reached.append(n)
            progress(n, 60)
            time.sleep(0.05)

    task("jobs.robbed")(robbed)
    job = run("jobs.robbed")
    assert job.state == "running" and job.worker == "another" and len(reached) < 60
