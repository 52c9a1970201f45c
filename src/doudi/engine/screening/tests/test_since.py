"""A delta: what it reads, whom it recomputes, what it refuses, and that made whole it is a full screening."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from doudi.engine.policy.model import Plan
from doudi.engine.screening import basis as bases
from doudi.engine.screening.compact import compact
from doudi.engine.screening.household import Enrolment, Household
from doudi.engine.screening.kept_plan import keep_plan, kept_plan
from doudi.engine.screening.layers import read_earlier
from doudi.engine.screening.run import run
from doudi.engine.screening.since import merged, read_since
from doudi.engine.screening.snapshot import Snapshot
from doudi.engine.screening.summary import Summary
from doudi.engine.screening.tests import plans
from doudi.engine.screening.tests.made import write_villages
from doudi.engine.screening.tests.plans import COUNTY, DIBAO, HERE, NATION, PACK, household, person
from doudi.engine.screening.tests.test_run import people_of, rows
from doudi.engine.words import Refused

A, B, C, D = HERE, "341503203205", "341503203206", "341503203207"
LAW = replace(PACK, other_programmes=("dibao", "tekun"))
PLAN = replace(plans.PLAN, pack=LAW)
TABLES = ("outcomes_person", "outcomes_household", "findings", "inputs")
DIBAO_OF = Enrolment("household", "", "dibao", Decimal("500.00"))

FEWER = replace(DIBAO, conditions=DIBAO.conditions[:1])

pytestmark = pytest.mark.slow


def family(id: str, place: str, wage: str = "100", **more: Any) -> Household:
    persons = tuple(replace(person(f"{id}.{n}", wage=wage), division=place) for n in range(2))
    enrolments = tuple(replace(e, subject_id=id) for e in more.pop("enrolments", ()))
    return replace(household(*persons, division=place, enrolments=enrolments, **more), id=id)


PEOPLE = [family("a1", A), family("a2", A, enrolments=(DIBAO_OF,)), family("b1", B), family("b2", B, "9000"),
          family("c1", C), family("c2", C, enrolments=(DIBAO_OF,))]  # fmt: skip


class Office:
    """Screens population after population, each since the last."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.n = folder, 0

    @property
    def out(self) -> Path:
        return self.folder / f"out{self.n}"

    def screen(self, people: Iterable[Household], plan: Plan = PLAN, **more: Any) -> tuple[Snapshot, Summary]:
        """The delta since the last one (the first: everybody) of these people."""
        self.n += 1
        made = write_villages(self.folder / f"snapshot{self.n}", people)
        last = self.folder / f"out{self.n - 1}"
        earlier = read_earlier(last) if self.n > 1 else None
        law = replace(LAW, hash=plan.pack.hash)
        snapshot = read_since(made, law, earlier, plan.as_of) if earlier else people_of(made)
        return snapshot, run(plan, snapshot, self.out, threads=1, since=earlier, **more)

    def is_whole(self, plan: Plan = PLAN) -> None:
        """The last delta, made whole, equals a full screening but for when clues were first seen."""
        full, last = self.folder / f"full{self.n}", self.out
        run(plan, people_of(self.folder / f"snapshot{self.n}"), full, threads=1)
        compact(last, threads=1)
        for table in TABLES:
            mine = [row[:-1] if table == "findings" else row for row in rows(last, table)]
            assert mine == [row[:-1] if table == "findings" else row for row in rows(full, table)], table


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.screen(PEOPLE)
    return made


def counted(summary: Summary) -> dict[str, int]:
    assert summary.delta is not None
    return {why: n for why, n in summary.delta["households"].items() if n}


def test_unchanged_files_stay_unread(office: Office) -> None:
    snapshot, summary = office.screen([*PEOPLE[:2], family("b1", B, "300"), *PEOPLE[3:]])
    assert {p.parent.name for p in snapshot.tables["person"].files} == {"b"}
    assert counted(summary) == {"changed": 1}
    assert {row[0] for row in rows(office.out, "outcomes_household")} == {"b1"}
    assert summary.snapshot["persons"] == 12 and summary.conservation["dibao"]["n_subjects"] == 1
    office.is_whole()


def test_nothing_changed_recomputes_nobody_and_is_made_whole(office: Office) -> None:
    _, summary = office.screen(PEOPLE)
    assert counted(summary) == {} and rows(office.out, "findings") == []
    office.is_whole()


def test_a_village_that_is_gone_leaves_the_whole(office: Office) -> None:
    _, summary = office.screen(PEOPLE[:4])
    assert counted(summary) == {"removed": 2}
    office.is_whole()


def test_an_enrolment_is_found_where_its_household_moved_to(tmp_path: Path) -> None:
    office, far = Office(tmp_path), family("d1", D)
    office.screen([*PEOPLE, far])
    moved = replace(family("a2", C, enrolments=(DIBAO_OF,)))
    snapshot, summary = office.screen([PEOPLE[0], moved, *PEOPLE[2:], far])
    assert "d" not in {p.parent.name for p in snapshot.tables["person"].files}
    assert counted(summary) == {"moved": 1}
    office.is_whole()
    # The file of the enrolments of a is the same; now it ends there, and only that file changes.
    _, summary = office.screen([PEOPLE[0], replace(moved, enrolments=()), *PEOPLE[2:], far])
    assert counted(summary) == {"changed": 1}
    office.is_whole()


def test_a_day_that_came_is_recomputed_where_it_came(office: Office) -> None:
    soon = replace(DIBAO_OF, starts_on=date(2020, 8, 1))
    office.screen([*PEOPLE[:4], family("c1", C, enrolments=(soon,)), PEOPLE[5]])
    later = replace(PLAN, as_of=date(2020, 8, 1))
    _, summary = office.screen([*PEOPLE[:4], family("c1", C, enrolments=(soon,)), PEOPLE[5]], later)
    assert counted(summary) == {"due": 1}
    office.is_whole(later)


def test_a_figure_of_the_county_is_seen_there(office: Office) -> None:
    key = ("dibao.standard", "rural")
    dearer = {**COUNTY, key: replace(COUNTY[key], value=Decimal("601.00"))}
    plan = replace(PLAN, area_values={"": NATION, "341503": dearer}, pack=replace(LAW, hash="2"))
    _, summary = office.screen(PEOPLE, plan)
    assert counted(summary) == {"figures": 6}
    office.is_whole(plan)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"programmes": {"dibao": replace(DIBAO, conditions=DIBAO.conditions[:1])}},
            "rules changed that everybody is judged by (dibao",
        ),
        ({"as_of": date(2020, 7, 19)}, "later day (2020-07-20)"),
    ],
)
def test_what_touches_everybody_screens_everybody_and_says_so(
    office: Office, changes: dict[str, Any], why: str
) -> None:
    plan = replace(PLAN, **changes)
    first = {row[0]: row[-1] for row in rows(office.out, "findings")}
    _, summary = office.screen(PEOPLE, plan)
    (note,) = [n for n in summary.notes if n.code == "since.everybody"]
    assert summary.delta is None and why in note.en
    assert summary.conservation["dibao"]["n_subjects"] == 6
    assert compact(office.out) is None, "it is whole"
    kept = {row[0]: row[-1] for row in rows(office.out, "findings")}
    assert all(kept[id] == first[id] for id in kept.keys() & first.keys()) and kept.keys() & first.keys()


def test_another_version_of_the_engine_screens_everybody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.out / bases.NAME
    path.write_text(path.read_text("utf-8").replace(bases.ENGINE["version"], "1.0.0"), "utf-8")
    _, summary = office.screen(PEOPLE)
    assert summary.delta is None and any("1.0.0" in note.en for note in summary.notes)


def test_a_clue_keeps_the_day_it_was_first_seen(office: Office) -> None:
    later = replace(PLAN, as_of=date(2020, 8, 1))
    office.screen([family("a1", A, "110"), *PEOPLE[1:]], later)
    office.is_whole(later)
    seen = {row[3]: row[-1] for row in rows(office.out, "findings")}
    assert seen["a1"] == PLAN.as_of
    office.screen([family("a1", A, "110"), *PEOPLE[1:], family("a3", A)], later)
    assert {row[3]: row[-1] for row in rows(office.out, "findings")} == {"a3": later.as_of}


def test_a_delta_may_take_the_place_of_what_it_is_since(office: Office) -> None:
    made = write_villages(office.folder / "next", [*PEOPLE[:5], family("c2", C)])
    earlier = read_earlier(office.out)
    run(PLAN, read_since(made, LAW, earlier), office.out, threads=1, since=earlier)
    assert {row[0] for row in rows(office.out, "outcomes_household")} == {"c2"}
    compact(office.out)
    assert len(rows(office.out, "outcomes_household")) == 6


# ---- refused ---------------------------------------------------------------------------------------------------------
def refused(office: Office, people: Iterable[Household], plan: Plan = PLAN, **more: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        office.screen(people, plan, **more)
    assert all(f.text("zh") and f.text("en") for f in caught.value.faults)
    return [f.code for f in caught.value.faults]


def test_an_id_that_stands_in_an_unread_file_is_refused(office: Office) -> None:
    twice = replace(family("b1", B), persons=(replace(person("a1.0"), division=B),))
    assert refused(office, [*PEOPLE[:2], twice, *PEOPLE[3:]]) == ["snapshot.repeated"]


def test_an_enrolment_whose_household_is_gone_is_refused(office: Office) -> None:
    office.screen([*PEOPLE[:5], family("c2", B, enrolments=(DIBAO_OF,))])
    made = [*PEOPLE[:5], replace(family("c3", B), enrolments=(replace(DIBAO_OF, subject_id="c2"),))]
    assert refused(office, made) == ["snapshot.orphan_subject"]


def test_a_household_without_members_is_refused(office: Office) -> None:
    assert refused(office, [*PEOPLE[:5], replace(PEOPLE[5], persons=())]) == ["snapshot.empty_household"]


def test_a_wrong_cell_in_a_changed_file_is_refused(office: Office) -> None:
    assert refused(office, [*PEOPLE[:5], family("c2", C, savings="9o")]) == ["snapshot.not_money"]


def test_another_population_is_refused(office: Office) -> None:
    assert refused(office, [family("x1", A)]) == ["since.population"]


def test_other_programmes_and_another_pack_are_refused(office: Office) -> None:
    assert refused(office, PEOPLE, programmes=("dibao",)) == ["since.programmes"]
    office.n = 1
    other = replace(PLAN, pack=replace(LAW, id="other"))
    snapshot = people_of(office.folder / "snapshot1")
    with pytest.raises(Refused) as caught:
        run(other, snapshot, office.folder / "new", threads=1, since=read_earlier(office.out))
    assert [f.code for f in caught.value.faults] == ["since.pack"]


def test_what_is_no_screening_or_of_another_format_is_refused(office: Office, tmp_path: Path) -> None:
    for path, code in ((tmp_path / "nothing", "since.no_screening"), (office.folder, "since.no_screening")):
        with pytest.raises(Refused) as caught:
            read_earlier(path)
        assert [f.code for f in caught.value.faults] == [code]
    told = json.loads((office.out / bases.NAME).read_text("utf-8"))
    (office.out / bases.NAME).write_text(json.dumps(told | {"format": "doudi-basis/0"}), "utf-8")
    with pytest.raises(Refused) as caught:
        read_earlier(office.out)
    assert [f.code for f in caught.value.faults] == ["since.format"]


# ---- small things ----------------------------------------------------------------------------------------------------
def test_a_kept_plan_is_the_plan(tmp_path: Path) -> None:
    keep_plan(PLAN, tmp_path)
    assert kept_plan(tmp_path) == PLAN


def test_spans_that_meet_are_one() -> None:
    assert merged([("5", "7"), ("", ""), ("1", "2"), ("6", "9"), ("2", "3")]) == [("1", "3"), ("5", "9")]
