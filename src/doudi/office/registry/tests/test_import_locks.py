"""An import works while others do: its transactions only write, and what changed meanwhile is not overwritten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, connections

from doudi.office.access import system_scope
from doudi.office.jobs.writes import LIMIT_SECONDS, watched
from doudi.office.registry.actions import NotInState, accept, observe
from doudi.office.registry.importing.store import Chunk
from doudi.office.registry.models import Batch, Household, Observation, Person
from doudi.office.registry.queries import prove_facts
from doudi.office.registry.tests.files import AT, COUPLE, HEAD, JULY, counts, csv_file, imported, received, use_pack
from doudi.office.registry.tests.people import source

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
LEDGER = (*HEAD, "work_income")


@pytest.fixture(autouse=True)
def office() -> Iterator[None]:
    with system_scope("test"):
        use_pack()
        yield


def elsewhere(act: Callable[[], object]) -> None:
    """Another worker does something on a connection of its own, and is done."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with system_scope("test.elsewhere"):
                act()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not failed, failed


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[int]:
    """Let `act` happen elsewhere once, when the first chunk is planned and not yet written; counts the plans."""
    plan, plans = Chunk.plan, []

    def planned(chunk: Chunk) -> Chunk:
        ready = plan(chunk)
        plans.append(1)
        if len(plans) == 1:
            elsewhere(act)
        return ready

    monkeypatch.setattr(Chunk, "plan", planned)
    return plans


def test_a_visit_told_while_a_chunk_was_planned_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    batch = received("person", csv_file(tmp_path, LEDGER, (*COUPLE[0], "900")), JULY)

    def visit() -> None:
        changgui = Person.objects.get(name="梅长贵")
        observe(changgui, {"is_student": False}, source=source("household_visit"), observed_on=JULY, by="test", at=AT)

    plans = meanwhile(monkeypatch, visit)
    done = accept(batch, by="test", at=AT)
    assert len(plans) == 2 and counts(done) == {"changed": 1, "ignored": 1}
    facts = Person.objects.get(name="梅长贵").facts
    assert facts["is_student"] is False and facts["work_income"] == "900.00"
    assert prove_facts(as_of=JULY).ok


def test_somebody_brought_by_two_lists_at_once_is_there_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = received("person", csv_file(tmp_path, HEAD, *COUPLE))
    other = csv_file(tmp_path, HEAD, COUPLE[0], name="other.csv")
    plans = meanwhile(monkeypatch, lambda: imported("person", other))
    done = accept(batch, by="test", at=AT)
    assert len(plans) > 2 and counts(done) == {"new": 1, "same": 1, "ignored": 1}
    assert (Person.objects.count(), Household.objects.count()) == (2, 1)


def test_what_does_not_concern_the_chunk_makes_nobody_plan_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = received("person", csv_file(tmp_path, HEAD, *COUPLE))
    plans = meanwhile(monkeypatch, lambda: source("household_visit"))
    accept(batch, by="test", at=AT)
    assert len(plans) == 1


def test_a_batch_that_another_worker_carried_on_is_left_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = received("person", csv_file(tmp_path, HEAD, *COUPLE))
    meanwhile(monkeypatch, lambda: accept(Batch.objects.get(pk=batch.pk), by="test", at=AT))
    with pytest.raises(NotInState):
        accept(batch, by="test", at=AT)
    done = Batch.objects.get(pk=batch.pk)
    assert done.state == "accepted" and counts(done) == {"new": 2, "ignored": 1} and done.mark == done.rows
    assert Observation.objects.filter(person__isnull=False).count() == 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one writer")
def test_no_transaction_of_an_import_holds_the_database_long(tmp_path: Path) -> None:
    people = [(f"甄{n:04}", number(n), "江店村", "户主", str(n)) for n in range(600)]
    batch = received("register:police_household_register", csv_file(tmp_path, HEAD, *people))
    with watched() as held:
        accept(batch, by="test", at=AT)
    assert counts(batch)["new"] == 600
    assert held.n >= 4 and held.busiest < LIMIT_SECONDS


def number(n: int) -> str:
    """The n-th invented identity number, with its check digit."""
    first = f"34159919{50 + n // 250:02}0101{n % 250 + 1:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]
