"""Asking for a screening, carrying it out in a child, filing what it found; interrupted, it goes on."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from doudi.engine import policy
from doudi.engine.screening.snapshot import read
from doudi.engine.words import Fault, Refused
from doudi.office.access import NotAllowed, OutOfScope, system_scope
from doudi.office.access.models import User
from doudi.office.access.scopes import scope
from doudi.office.audit.models import Entry
from doudi.office.jobs.models import Job
from doudi.office.jobs.worker import drain
from doudi.office.law.queries import pack_of
from doudi.office.monitoring import actions, tasks
from doudi.office.monitoring.actions import ask_for_screening, run_screening
from doudi.office.monitoring.models import Finding, Run, StateCount
from doudi.office.monitoring.snapshot import write_snapshot
from doudi.office.monitoring.tests.office import AT, COUNTY, MONDAY, OTHER_COUNTY, edition, household, signed_in
from doudi.office.registry.models import Household, Observation
from doudi.office.registry.tests.files import COUNTY as AREA
from doudi.office.registry.tests.people import home, observe, person, source

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def ask(role: str = "county", area: str = COUNTY) -> Run:
    signed_in(role, area)
    user = User.objects.get(username=role)
    with scope(user, "findings", on=MONDAY):
        return ask_for_screening(area=AREA, by=user, at=AT)


def test_the_county_asks_and_asking_again_while_it_waits_is_the_same_run() -> None:
    with system_scope("test"):
        edition()
    signed_in("county", COUNTY)
    user = User.objects.get()
    with scope(user, "findings", on=MONDAY):
        first, second = (ask_for_screening(area=AREA, by=user, at=AT) for _ in range(2))
        assert first.pk == second.pk and first.as_of == MONDAY
        assert Entry.objects.filter(act="monitoring.asked_for_screening").count() == 1
    assert Job.objects.filter(task="monitoring.screen", subject_id=COUNTY).count() == 1


def test_a_screening_asked_at_night_is_of_the_local_day() -> None:
    with system_scope("test"):
        edition()
        run = ask_for_screening(area=AREA, by="test", at=AT.replace(day=19, hour=17))
    assert run.as_of == MONDAY


@pytest.mark.parametrize(
    ("role", "area", "refusal"), [("reviewer", COUNTY, NotAllowed), ("county", OTHER_COUNTY, OutOfScope)]
)
def test_others_may_not_ask(role: str, area: str, refusal: type[Exception]) -> None:
    with system_scope("test"):
        edition()
    with pytest.raises(refusal):
        ask(role, area)
    with system_scope("test"):
        assert not Run.objects.exists() and not Job.objects.exists()


def test_the_page_refuses_the_reviewer_and_takes_the_county() -> None:
    with system_scope("test"):
        edition()
    assert signed_in("reviewer", COUNTY).post("/findings/compare").status_code == 403
    assert signed_in("county", COUNTY).post("/findings/compare")["Location"] == "/findings"
    with system_scope("test"):
        assert Run.objects.get().state == "queued"


class Killed(BaseException):
    """As if the process had died here."""


def test_killed_while_filing_it_goes_on_and_files_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with system_scope("test"):
        edition()
        household()
        household("梅长贵", "341503203210", income="900.00")
        run = ask_for_screening(area=AREA, by="test", at=AT)

        def die(name: str) -> None:
            if name == "monitoring.filing":
                raise Killed

        monkeypatch.setattr(actions, "failpoint", die)
        with pytest.raises(Killed):
            run_screening(run=run, at=AT)
        assert Finding.objects.count() == 1 and Run.objects.get().state == "running"
        monkeypatch.undo()
        monkeypatch.setattr(actions, "run_in_child", None)  # what the child left is taken up, not computed again
        again = run_screening(run=Run.objects.select_related("edition").get(), at=AT)
        assert again.state == "done" and (again.n_households, again.n_persons) == (2, 2)
        (found,) = Finding.objects.all()
        assert (found.kind, found.due_fen, found.state) == ("missed", 20000, "unsent")
        assert sum(StateCount.objects.values_list("n", flat=True)) == 2
        assert run_screening(run=again, at=AT).finished_at == again.finished_at, "done is done"
        assert Entry.objects.filter(act="monitoring.screened").count() == 1
        assert not (Path(settings.DATA_DIR) / "runs" / str(run.pk) / "snapshot").exists()


def test_a_refusal_or_a_child_that_falls_is_kept_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with system_scope("test"):
        edition()
        run = ask_for_screening(area=AREA, by="test", at=AT)

    def refuse(**kwargs: Any) -> None:
        raise Refused(Fault("monitoring.broke"))

    monkeypatch.setattr(tasks, "run_screening", refuse)
    drain()
    with system_scope("test"):
        assert Run.objects.get(pk=run.pk).state == "failed" and "monitoring.broke" in Run.objects.get().fault


# ---- what the engine gets to read ----------------------------------------------------------------------------------
def columns(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_snapshot_holds_facts_and_no_name_and_the_engine_takes_it(tmp_path: Path) -> None:
    with system_scope("test"):
        pack = pack_of(edition())
        made = household()
        assert write_snapshot(tmp_path / "s", AREA, MONDAY, pack) == (1, 1)
    (row,) = columns(tmp_path / "s", "household")
    assert (row["household_id"], row["savings"], row["homes"]) == (str(made.pk), "8000.00", "1")
    assert not [file for file in (tmp_path / "s").iterdir() if "贾守田" in file.read_text("utf-8")]
    assert read(tmp_path / "s", pack).counties() and policy.plan(pack, MONDAY, [COUNTY])


def test_asked_in_vain_and_differing_words_are_unknown_while_a_lapsed_one_falls_silent(tmp_path: Path) -> None:
    with system_scope("test"):
        pack = pack_of(edition())
        asked, lapsed = (n for n, f in list(pack.facts.items()) if n in ("is_deceased", "in_custody"))
        made = home("341503203204")
        made.head = person("贾守田", made)
        made.save()
        observe(made.head, "2020-07-01", **{asked: "unknown"})
        Observation.objects.create(
            area_code=made.area_code,
            person=made.head,
            facts={lapsed: True},
            source=source("household_survey"),
            observed_on=date(2020, 5, 20),
            valid_to=date(2020, 6, 22),
            recorded_at=AT,
            recorded_by="test",
        )
        observe(made, "2020-07-01", "visit_of_one", homes=1)
        observe(made, "2020-07-01", "visit_of_another", homes=2)
        write_snapshot(tmp_path / "s", AREA, MONDAY, pack)
    assert [(r["subject_type"], r["fact"]) for r in columns(tmp_path / "s", "unknown")] == [("person", asked)]
    assert columns(tmp_path / "s", "person")[0][lapsed] == "", "silent: the engine presumes again"
    assert columns(tmp_path / "s", "household")[0]["homes"] == ""


def test_a_value_the_pack_does_not_take_asks_about_one_household_and_stops_no_screening(tmp_path: Path) -> None:
    with system_scope("test"):
        pack = pack_of(edition())
        made = home("341503203204")
        made.head = person("单未来", made)
        made.save()
        observe(made.head, "2020-07-01", birth_date="2099-01-01", sex="X")
        observe(made, "2020-07-01", homes=-1)
        write_snapshot(tmp_path / "s", AREA, MONDAY, pack)
    (row,) = columns(tmp_path / "s", "person")
    assert (row["birth_date"], row["sex"]) == ("", "")
    assert columns(tmp_path / "s", "household")[0]["homes"] == ""
    assert read(tmp_path / "s", pack).counties(), "the engine takes it"


def test_as_of_leaves_out_what_was_seen_later_and_households_that_had_not_begun(tmp_path: Path) -> None:
    with system_scope("test"):
        pack = pack_of(edition())
        household()
        late = household("梅长贵")
        Household.objects.filter(pk=late.pk).update(started_on=MONDAY)
        write_snapshot(tmp_path / "s", AREA, MONDAY.replace(day=15), pack)
    (row,) = columns(tmp_path / "s", "household")
    assert row["savings"] == "", "the visit was on the 16th"
