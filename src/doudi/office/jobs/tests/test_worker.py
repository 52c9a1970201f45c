"""Leases: done once, taken up after a death, given up in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from doudi.office.jobs import registry
from doudi.office.jobs.actions import forget_done, later, progress, task
from doudi.office.jobs.leases import LeaseLost, finish, renew, take
from doudi.office.jobs.models import Job
from doudi.office.jobs.queries import load, progress_of
from doudi.office.jobs.worker import attempt, drain, queue_recurring

pytestmark = pytest.mark.django_db
PAST = datetime(2020, 1, 1, tzinfo=UTC)
Register = Callable[..., list[str]]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Registers the task `jobs.example`, which notes each subject and then does what the test says."""
    monkeypatch.setattr(registry, "_tasks", {})

    def register(then: Callable[[], None] = lambda: None, attempts: int = 5) -> list[str]:
        seen: list[str] = []

        def run(subject_id: str) -> None:
            seen.append(subject_id)
            then()

        task("jobs.example", attempts=attempts)(run)
        return seen

    return register


def queue(subject_id: str = "s1") -> None:
    with transaction.atomic():
        later("jobs.example", subject_id)


def fall() -> None:
    raise ValueError("341599".ljust(18, "0"))


def test_each_job_is_done_once(example: Register) -> None:
    seen = example()
    queue("a")
    queue("b")
    assert (drain(), drain(), seen) == (2, 0, ["a", "b"])


def test_a_job_in_the_future_waits(example: Register) -> None:
    seen = example()
    with transaction.atomic():
        later("jobs.example", "a", not_before=datetime.now(UTC) + timedelta(hours=1))
    assert (drain(), seen) == (0, [])


def test_a_failed_job_is_tried_again_after_a_pause_and_given_up_in_the_end(example: Register) -> None:
    example(fall, attempts=2)
    queue()
    drain()
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("queued", 1) and job.run_at > datetime.now(UTC)
    Job.objects.update(run_at=PAST)
    drain()
    job.refresh_from_db()
    assert job.state == "failed" and job.error.startswith("ValueError at test_worker.py:")


def test_an_error_keeps_no_words_of_its_message(example: Register, caplog: pytest.LogCaptureFixture) -> None:
    example(fall)
    queue()
    drain()
    assert "3415990" not in caplog.text + Job.objects.get().error
    assert "in fall" in caplog.text


def test_the_job_of_a_dead_worker_is_taken_up_when_its_lease_ends(example: Register) -> None:
    seen = example()
    queue()
    assert take("dead")
    assert drain() == 0, "the lease still runs"
    Job.objects.update(lease_until=PAST)
    assert (drain(), seen) == (1, ["s1"])
    assert Job.objects.get().attempts == 2


def test_a_job_that_kills_every_worker_is_given_up(example: Register) -> None:
    seen = example(attempts=2)
    queue()
    for _ in range(2):
        assert take("dead")
        Job.objects.update(lease_until=PAST)
    assert (drain(), seen, Job.objects.get().state) == (0, [], "failed")


def test_a_stalled_worker_cannot_finish_what_another_took_over(example: Register) -> None:
    example()
    queue()
    stalled = take("slow")
    assert stalled
    Job.objects.update(lease_until=PAST)
    assert take("other")
    for write in (renew, finish):
        with pytest.raises(LeaseLost):
            write(stalled, 1, 1)


def test_the_same_work_never_runs_twice_at_once(example: Register) -> None:
    example()
    queue()
    assert take("one")
    queue()
    assert take("two") is None


def test_a_stopping_worker_gives_its_job_back_uncounted(example: Register) -> None:
    stop = threading.Event()
    example(lambda: (stop.set(), progress(3, 10))[1])
    queue()
    job = take("w")
    assert job
    attempt(job, stop)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until) == ("queued", 0, None)


def test_progress_is_readable_by_pages(example: Register) -> None:
    example()
    queue()
    job = take("w")
    assert job
    Job.objects.update(started_at=datetime.now(UTC) - timedelta(seconds=10))
    renew(job, 50, 200)
    shown = progress_of("jobs.example", "s1")
    assert shown and (shown.state, shown.n, shown.total) == ("running", 50, 200)
    assert shown.rate == pytest.approx(5, rel=0.1) and shown.eta == pytest.approx(30, abs=3)
    assert load().by_state["running"] == 1


def test_pages_show_the_job_that_runs_and_not_the_one_behind_it(example: Register) -> None:
    example()
    queue()
    job = take("w")
    assert job
    renew(job, 50, 200)
    queue()
    shown = progress_of("jobs.example", "s1")
    assert shown and (shown.state, shown.n) == ("running", 50)


def test_a_resumed_job_counts_its_speed_from_where_it_stood(example: Register) -> None:
    example()
    queue()
    job = take("w")
    assert job
    Job.objects.update(started_at=datetime.now(UTC) - timedelta(seconds=10), n_before=1000)
    renew(job, 1050, 2000)
    shown = progress_of("jobs.example", "s1")
    assert shown and shown.rate == pytest.approx(5, rel=0.1)


def test_a_recurring_task_has_exactly_one_next_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_tasks", {})
    task("jobs.hourly", every=timedelta(hours=1))(lambda subject_id: None)
    queue_recurring()
    queue_recurring()
    assert Job.objects.count() == 1 and drain() == 1
    queue_recurring()
    assert drain() == 0, "the next run is an hour later"
    first, second = Job.objects.order_by("created_at")
    assert second.run_at - first.run_at == timedelta(hours=1)


def test_done_rows_are_forgotten_and_failed_ones_kept(example: Register) -> None:
    example(fall, attempts=1)
    queue()
    drain()
    example()
    queue()
    drain()
    assert forget_done(before=datetime.now(UTC)) == 1
    assert Job.objects.get().state == "failed"
