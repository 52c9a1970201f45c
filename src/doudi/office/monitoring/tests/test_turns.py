"""One screening of an area at a time; an older one never files over a newer one, wherever it was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from doudi.office.access import system_scope
from doudi.office.audit.models import Entry
from doudi.office.jobs.models import Job
from doudi.office.jobs.worker import drain
from doudi.office.monitoring import actions, turns
from doudi.office.monitoring.actions import ask_for_screening, run_screening, settle_finding
from doudi.office.monitoring.models import Finding, Run
from doudi.office.monitoring.queries import latest_runs, still_found
from doudi.office.monitoring.tests.office import AT, COUNTY, OTHER_COUNTY, clue, edition, finished_run, household
from doudi.office.monitoring.turns import folder_of, next_run
from doudi.office.registry.models import Household
from doudi.office.registry.tests.files import COUNTY as AREA

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def everywhere() -> Iterator[None]:
    with system_scope("test"):
        edition()
        yield


class Killed(BaseException):
    """As if the process had died here."""


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Household]:
    """Households about which every screening finds one clue, without the engine."""
    homes = [household()]

    def screened(run: Run) -> Any:
        return folder_of(run) / "out"

    monkeypatch.setattr(actions, "_screened", screened)
    monkeypatch.setattr(actions.output, "clues", lambda out: [[clue(h, f"c{i}") for i, h in enumerate(homes)]])
    monkeypatch.setattr(actions.output, "state_counts", lambda out, subjects: [])
    return homes


def ask(minutes: int = 0) -> Run:
    return ask_for_screening(area=AREA, by="test", at=AT + timedelta(minutes=minutes))


def killed_while_filing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(name: str) -> None:
        if name == "monitoring.filing":
            raise Killed

    with monkeypatch.context() as armed, pytest.raises(Killed):
        armed.setattr(actions, "failpoint", die)
        run_screening(run=run, at=AT)


def state(run: Run) -> str:
    return str(Run.objects.get(pk=run.pk).state)


def test_asked_while_one_runs_exactly_one_waits_behind_it() -> None:
    running = ask()
    Run.objects.update(state="running")
    behind = ask(1)
    assert behind.pk != running.pk and ask(2).pk == ask(3).pk == behind.pk
    assert Run.objects.count() == 2 and Job.objects.filter(task="monitoring.screen", subject_id=COUNTY).count() == 1


def test_the_database_lets_one_run_and_one_wait() -> None:
    for state in ("queued", "running"):
        finished_run(state=state, finished_at=None)
        finished_run(OTHER_COUNTY, state=state, finished_at=None)
        with pytest.raises(IntegrityError), transaction.atomic():
            finished_run(state=state, finished_at=None)


def test_two_who_ask_in_the_same_moment_get_the_same_run(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask()
    monkeypatch.setattr(actions, "_waiting", lambda area: None)
    assert ask().pk == first.pk
    assert Entry.objects.filter(act="monitoring.asked_for_screening").count() == 1


def test_one_that_waits_since_yesterday_gives_way_to_one_of_today() -> None:
    yesterday = ask()
    today = ask(24 * 60)
    assert (state(yesterday), state(today)) == ("superseded", "queued")


def test_a_killed_screening_does_not_file_over_a_newer_one(
    found: list[Household], monkeypatch: pytest.MonkeyPatch
) -> None:
    older = ask()
    killed_while_filing(older, monkeypatch)
    newer = ask(1)
    assert run_screening(run=newer, at=AT).state == "done"
    settle_finding(finding=Finding.objects.get(), reason="已核实", by="test", at=AT)
    found.append(household("梅长贵"))  # what the older one would have found besides
    resumed = run_screening(run=Run.objects.select_related("edition").get(pk=older.pk), at=AT)
    assert (resumed.state, resumed.finished_at) == ("superseded", None)
    (kept,) = Finding.objects.filter(still_found(latest_runs()))
    assert kept.last_run_id == newer.pk and Finding.objects.count() == 1
    assert Entry.objects.get(act="monitoring.superseded").subject_id == str(older.pk)


def test_a_killed_screening_gives_way_to_one_that_waits(
    found: list[Household], monkeypatch: pytest.MonkeyPatch
) -> None:
    older = ask()
    killed_while_filing(older, monkeypatch)
    newer = ask(1)
    chosen = next_run(COUNTY)
    assert chosen and chosen.pk == newer.pk, "the job taken up again is the area's, and looks for the newest"
    assert run_screening(run=chosen, at=AT).state == "done"
    assert (state(older), next_run(COUNTY)) == ("superseded", None)


def test_one_that_only_stalled_stops_at_its_next_chunk(found: list[Household], monkeypatch: pytest.MonkeyPatch) -> None:
    older = ask()

    def chunks(out: Any) -> Iterator[list[Any]]:
        yield [clue(found[0], "c1")]
        Run.objects.filter(pk=older.pk).update(state="superseded")  # a newer one began meanwhile, elsewhere
        yield [clue(household("梅长贵"), "c2")]

    monkeypatch.setattr(actions.output, "clues", chunks)
    assert run_screening(run=older, at=AT).state == "superseded"
    assert [f.code for f in Finding.objects.all()] == ["c1"]


def test_one_that_another_worker_finished_files_and_records_nothing_more(
    found: list[Household], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask()

    def done_elsewhere(out: Any, subjects: Any) -> list[Any]:
        Run.objects.filter(pk=run.pk).update(state="done", finished_at=AT)
        return []

    monkeypatch.setattr(actions.output, "state_counts", done_elsewhere)
    assert run_screening(run=run, at=AT + timedelta(minutes=5)).finished_at == AT
    assert not Entry.objects.filter(act="monitoring.screened").exists()


def test_one_that_failed_is_not_tried_again_after_a_newer_one_is_done(found: list[Household]) -> None:
    older = ask()
    Run.objects.update(state="failed")
    assert run_screening(run=ask(1), at=AT).state == "done"
    assert run_screening(run=older, at=AT).state == "superseded"


def test_a_newer_one_that_failed_takes_nobodys_turn(found: list[Household]) -> None:
    older = ask()
    finished_run(state="failed", finished_at=None)
    assert run_screening(run=older, at=AT).state == "done"


def test_the_worker_carries_out_what_waits_and_a_job_without_a_run_is_no_error(found: list[Household]) -> None:
    run = ask()
    drain()
    assert state(run) == "done"
    with transaction.atomic():
        actions.later("monitoring.screen", COUNTY)
    drain()
    assert set(Job.objects.filter(task="monitoring.screen").values_list("state", flat=True)) == {"done"}


def test_what_gave_way_leaves_no_folder(found: list[Household]) -> None:
    waiting = ask()
    folder_of(waiting).mkdir(parents=True)
    with transaction.atomic():
        turns.give_way([waiting], by="test", at=AT)
    assert not folder_of(waiting).exists()
