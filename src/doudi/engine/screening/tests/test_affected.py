"""Whom a change touches equals two screenings, row for row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Pack
from doudi.engine.policy.tests.small import BASIC, SMALL, changed, loaded
from doudi.engine.screening.affected import Affected, affected
from doudi.engine.screening.household import Enrolment, Household, Person
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.tests.plans import AS_OF, HERE
from doudi.engine.words import Refused

OLD = load(SMALL)
Rows = dict[tuple[str, str], tuple[Any, ...]]


def people() -> list[Household]:
    """Wages and savings around every limit, in two townships, some enrolled."""
    found = []
    for n in range(60):
        place = (HERE, "341503100211")[n % 2]
        person = Person(f"p{n}", "head", place, {"wage": Decimal(n * 25), "pension": Decimal(0),
                        "disability": ("none", "mild", "severe")[n % 3], "lives_here": True})  # fmt: skip
        facts = {"residence": "rural", "savings": None if n % 7 == 0 else Decimal(n * 300), "homes": n % 3}
        enrolled = (Enrolment("household", f"h{n}", "basic", Decimal("100.00")),) if n % 4 == 0 else ()
        found.append(Household(f"h{n}", place, facts, (person,), enrolled))
    return found


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    return write(folder, OLD, AS_OF, people())


def screened(pack: Pack, snapshot: Path, out: Path) -> Rows:
    """(programme, subject) → state, amount, of every subject, read from an ordinary screening."""
    population = read(snapshot, pack)
    planned = plan(pack, AS_OF, population.counties())
    run(planned, population, out)
    found: Rows = {}
    for p in planned.programmes.values():
        files = str(out / f"outcomes_{p.subject}" / "*.parquet")
        query = f"SELECT {p.subject}_id, {p.name}__state::VARCHAR, {p.name}__amount FROM read_parquet(?)"
        found |= {(p.name, id): (state, amount) for id, state, amount in duckdb.execute(query, [files]).fetchall()}
    return found


def touched(old: Rows, new: Rows) -> Rows:
    """What the module promises, said once more in plain Python."""
    silent = ("not_applicable", "not_eligible")
    nothing = ("", None)
    pairs = {key: (old.get(key, nothing), new.get(key, nothing)) for key in old.keys() | new.keys()}
    return {
        key: (a[0], b[0], a[1], b[1])
        for key, (a, b) in pairs.items()
        if a != b and (key in old or b[0] not in silent) and (key in new or a[0] not in silent)
    }


def written(out: Path) -> Rows:
    rows = duckdb.execute(
        "SELECT programme, subject_id, before, after, amount_before, amount_after FROM read_parquet(?)", [str(out)]
    ).fetchall()
    assert rows == sorted(rows, key=lambda r: r[0])
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def poorer() -> Pack:
    """A lower standard for one programme, and the other one is gone."""
    files = changed("pack.yaml", "other_programmes: [orphans]", "other_programmes: [orphans, disabled]")
    for name in [n for n in files if n.startswith("programmes/disabled/")]:
        del files[name]
    examples = files["programmes/basic/examples.yaml"].splitlines(keepends=True)
    files["programmes/basic/examples.yaml"] = b"".join(line for line in examples if b"disabled:" not in line)
    files["programmes/basic/standards.csv"] = files["programmes/basic/standards.csv"].replace(b"600.00", b"550.00")
    return loaded(files)


@pytest.mark.slow
def test_the_touched_are_those_of_two_screenings_row_for_row(snapshot: Path, tmp_path: Path) -> None:
    new = poorer()
    found = affected(OLD, new, snapshot, tmp_path / "touched.parquet")
    expected = touched(screened(OLD, snapshot, tmp_path / "a"), screened(new, snapshot, tmp_path / "b"))
    assert {programme for programme, _ in expected} == {"basic", "disabled"}
    assert written(tmp_path / "touched.parquet") == expected
    assert counted(found) == summed(expected)


@pytest.mark.slow
def test_the_same_pack_touches_nobody(snapshot: Path, tmp_path: Path) -> None:
    assert affected(OLD, OLD, snapshot, tmp_path / "touched.parquet").transitions == ()
    assert written(tmp_path / "touched.parquet") == {}


def counted(found: Affected) -> dict[Any, Any]:
    return {
        (t.programme, t.township, t.before, t.after): (t.n, t.amount_before, t.amount_after) for t in found.transitions
    }


def summed(rows: Rows) -> dict[Any, Any]:
    places = {x.id: h.division[:9] + "000" for h in people() for x in (h, *h.persons)}
    sums: dict[Any, list[Any]] = defaultdict(lambda: [0, Decimal("0.00"), Decimal("0.00")])
    for (programme, subject), (before, after, old, new) in rows.items():
        at = sums[programme, places[subject], before, after]
        at[0] += 1
        at[1] += old or 0
        at[2] += new or 0
    return {key: tuple(values) for key, values in sums.items()}


@pytest.mark.slow
def test_the_file_names_what_failed_before_and_after(snapshot: Path, tmp_path: Path) -> None:
    stricter = loaded(changed(BASIC, "expr: homes <= 1", "expr: homes <= 0"))
    affected(OLD, stricter, snapshot, tmp_path / "touched.csv")
    rows = duckdb.execute("SELECT * FROM read_csv(?) WHERE programme = 'basic'", [str(tmp_path / "touched.csv")])
    names = [d[0] for d in rows.description]
    lost = [dict(zip(names, r, strict=True)) for r in rows.fetchall()]
    assert {r["failed_after"] for r in lost if r["after"] == "not_eligible"} == {"one_home"}
    assert not any(r["failed_before"] for r in lost if r["before"] == "missed")


def test_a_snapshot_that_one_pack_cannot_read_is_refused(snapshot: Path) -> None:
    blind = replace(OLD, facts={n: f for n, f in OLD.facts.items() if n != "homes"})
    with pytest.raises(Refused):
        affected(OLD, blind, snapshot)
