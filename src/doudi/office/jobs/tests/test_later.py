"""later(): a row in the caller's transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from doudi.office.jobs import registry
from doudi.office.jobs.actions import later, task
from doudi.office.jobs.models import Job
from doudi.office.jobs.registry import UnknownTask
from doudi.office.jobs.transactions import NoTransaction


@pytest.fixture(autouse=True)
def _a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_tasks", {})
    task("jobs.example")(lambda subject_id: None)


@pytest.mark.django_db
def test_twice_later_is_one_job() -> None:
    with transaction.atomic():
        later("jobs.example", "s1")
        later("jobs.example", "s1")
    assert Job.objects.get().state == "queued"


@pytest.mark.django_db
def test_a_running_job_does_not_stand_for_a_later_change() -> None:
    with transaction.atomic():
        later("jobs.example", "s1")
        Job.objects.update(state="running", lease_until=datetime.now(UTC))
        later("jobs.example", "s1")
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_the_job_goes_when_the_change_is_rolled_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        later("jobs.example", "s1")
        1 / 0  # noqa: B018
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_outside_a_transaction_and_for_unknown_tasks_it_raises() -> None:
    with pytest.raises(NoTransaction):
        later("jobs.example", "s1")
    with transaction.atomic(), pytest.raises(UnknownTask):
        later("jobs.exmaple", "s1")


@pytest.mark.django_db
def test_the_earlier_start_wins() -> None:
    with transaction.atomic():
        later("jobs.example", "s1", not_before=datetime.now(UTC) + timedelta(hours=1))
        later("jobs.example", "s1")
    assert Job.objects.get().run_at <= datetime.now(UTC)


def test_one_name_is_one_task() -> None:
    def other(subject_id: str) -> None: ...

    other.__module__ = "elsewhere"
    with pytest.raises(ValueError, match=r"jobs\.example"):
        task("jobs.example")(other)
