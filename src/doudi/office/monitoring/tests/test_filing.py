"""Clues become findings: new, renewed, gone, come back; what a person closed stays closed until it changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from doudi.office.access import system_scope
from doudi.office.jobs.writes import LIMIT_SECONDS, watched
from doudi.office.monitoring.filing import file_clues, file_states, let_vanish
from doudi.office.monitoring.models import Finding, Run, StateCount
from doudi.office.monitoring.tests.office import AT, clue, finished_run, household
from doudi.office.registry.tests.people import OTHER_VILLAGE, VILLAGE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HERE = ("341503", "341503:")


@pytest.fixture(autouse=True)
def everywhere() -> Iterator[None]:
    with system_scope("test"):
        yield


def close(code: str = "c1") -> None:
    Finding.objects.filter(code=code, state="unsent").update(
        state="closed", settled_at=AT, settled_by="甄科长", settled_reason="已迁出"
    )


def states() -> list[tuple[int, str]]:
    return list(Finding.objects.order_by("episode").values_list("episode", "state"))


def test_a_new_clue_starts_unsent_and_filing_it_twice_is_harmless() -> None:
    home, run = household(), finished_run()
    assert (file_clues(run, [clue(home)]), file_clues(run, [clue(home)])) == (1, 0)
    (found,) = Finding.objects.all()
    assert (found.state, found.due_fen, found.household_id, found.person_id) == ("unsent", 20000, home.pk, None)


def test_a_clue_found_again_is_renewed_and_remembers_when_it_was_first_seen() -> None:
    home = household()
    file_clues(finished_run(), [clue(home)])
    later = finished_run()
    file_clues(later, [clue(home, due_amount=Decimal("150.00"), first_seen=date(2020, 8, 1))])
    (found,) = Finding.objects.all()
    assert (found.due_fen, found.last_run_id, found.first_seen) == (15000, later.pk, date(2020, 7, 20))


def test_a_sent_clue_stays_sent_when_it_is_found_again() -> None:
    home = household()
    file_clues(finished_run(), [clue(home)])
    Finding.objects.update(state="sent")
    file_clues(finished_run(), [clue(home)])
    assert states() == [(1, "sent")]


def test_what_a_run_no_longer_finds_vanishes_and_comes_back_as_a_new_episode() -> None:
    home = household()
    file_clues(finished_run(), [clue(home)])
    assert let_vanish(finished_run(), *HERE) == 1
    file_clues(finished_run(), [clue(home, first_seen=date(2020, 8, 1))])
    assert states() == [(1, "vanished"), (2, "unsent")]


def test_only_open_clues_of_the_area_vanish() -> None:
    home = household()
    file_clues(finished_run(), [clue(home, "closed"), clue(home, "open"), clue(household(area="520502001001"), "far")])
    close("closed")
    assert let_vanish(finished_run(), *HERE) == 1
    assert dict(Finding.objects.values_list("code", "state")) == {
        "closed": "closed",
        "open": "vanished",
        "far": "unsent",
    }


def test_a_closed_clue_stays_closed_until_what_it_says_has_changed() -> None:
    home = household()
    file_clues(finished_run(), [clue(home)])
    close()
    assert file_clues(finished_run(), [clue(home, priority=90)]) == 0
    assert states() == [(1, "closed")]
    assert file_clues(finished_run(), [clue(home, due_amount=Decimal("150.00"))]) == 1
    assert states() == [(1, "closed"), (2, "unsent")]


def test_a_closed_clue_that_is_found_again_counts_as_one_of_the_newest_run_and_nothing_else_of_it_changes() -> None:
    home = household()
    file_clues(finished_run(), [clue(home)])
    close()
    later = finished_run()
    file_clues(later, [clue(home, priority=90)])
    (kept,) = Finding.objects.all()
    assert (kept.last_run_id, kept.priority, kept.settled_reason) == (later.pk, 25, "已迁出")


def test_a_clue_follows_a_household_to_its_new_village() -> None:
    home = household()
    file_clues(finished_run(), [clue(home)])
    home.area_code = OTHER_VILLAGE
    file_clues(finished_run(), [clue(home)])
    assert Finding.objects.get().area_code == OTHER_VILLAGE


def test_counts_filed_again_replace_themselves() -> None:
    run = finished_run()
    for n in (3, 4):
        file_states(run, [(VILLAGE, "dibao", "missed", n)])
    assert list(StateCount.objects.values_list("n", flat=True)) == [4]


def test_the_database_keeps_one_open_finding_and_a_reason_for_each_closing() -> None:
    home = household()
    file_clues(finished_run(), [clue(home)])
    known = Finding.objects.get()
    for broken in ({"state": "closed"}, {"priority": 101}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        file_clues(Run.objects.first(), [])  # type: ignore[arg-type]
        known.pk, known.episode, known._state.adding = None, 2, True
        known.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_no_chunk_holds_the_database_for_long() -> None:
    home = household()
    chunk = [clue(home, f"c{n}") for n in range(300)]
    first, second = finished_run(), finished_run()
    with watched() as held:
        file_clues(first, chunk)
        file_clues(second, chunk)
        file_states(second, [(VILLAGE, "dibao", f"s{n}", n) for n in range(1200)])
        let_vanish(second, *HERE)
    assert held.busiest < LIMIT_SECONDS
    assert Finding.objects.filter(last_run=second).count() == 300
