"""The table `fact` of a snapshot: everybody at once reads of other months what one household at a time reads."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Pack, Plan, Scalar
from doudi.engine.policy.periods import period_on
from doudi.engine.screening import duckdb_input
from doudi.engine.screening.duckdb_values import values_of
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from doudi.engine.screening.layers import read_earlier
from doudi.engine.screening.python import evaluate
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import Snapshot, read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.states import state_of
from doudi.engine.screening.tests.seasons import FILES, written

pytestmark = pytest.mark.slow

AS_OF = date(2020, 7, 20)
PLACES = ("341503203204", "341503003001", "520502001001")
MONTHS = [f"2020-{n:02d}" for n in range(1, 7)] + ["2019-12", "2019-07", "2019-01"]


def random_household(n: int, pack: Pack) -> Household:
    """One to three members with facts of now and of earlier months, some missing, some said to be unknown."""
    rng = random.Random(f"history {n}")
    id, place = f"h{n:03d}", rng.choice(PLACES)
    persons = tuple(
        Person(f"{id}.{m}", "child" if m else "head", place, facts(rng, pack, "person"))
        for m in range(rng.randint(1, 3))
    )
    paid = Enrolment("household", id, "aid", Decimal(rng.randint(0, 90)), "month", date(2020, rng.randint(3, 6), 1))
    enrolments = (
        (replace(paid, persons=(persons[0].id,) if rng.random() < 0.5 else None),) if rng.random() < 0.5 else ()
    )
    return Household(id, place, facts(rng, pack, "household"), persons, enrolments)


def facts(rng: random.Random, pack: Pack, entity: str) -> dict[str, Scalar]:
    told: dict[str, Scalar] = {}
    for fact in (f for f in pack.facts.values() if f.entity == entity):
        periods = {"month": MONTHS, "year": ["2019"], "eternity": []}[fact.period]
        whole = ["2020", "2019"] if fact.spread else []
        for at in ["", *periods, *whole]:
            if rng.random() < 0.7:
                told[f"{fact.name}@{at}" if at else fact.name] = value(rng, fact.type, fact.values)
    for variable in (v for v in pack.variables.values() if v.entity == entity and v.type == "money"):
        if rng.random() < 0.05 and variable.period == "month":
            told[f"{variable.name}@{rng.choice(MONTHS)}"] = value(rng, "money", ())
    return told


def value(rng: random.Random, kind: str, values: tuple[str, ...]) -> Scalar:
    if rng.random() < 0.1:
        return UNKNOWN
    if kind == "date":
        return date(rng.randint(1950, 2015), rng.randint(1, 12), rng.randint(1, 28))
    if kind == "enum":
        return rng.choice(values)
    return {"bool": rng.random() < 0.5, "int": rng.randint(0, 40)}.get(kind, Decimal(rng.randint(0, 60_000)) / 100)


def people(pack: Pack, n: int = 90) -> list[Household]:
    return [random_household(i, pack) for i in range(n)]


def snapshot_of(folder: Path, pack: Pack, households: list[Household], parquet: bool = False) -> Snapshot:
    folder.mkdir()
    write(folder, pack, AS_OF, households)
    return read(as_parquet(folder) if parquet else folder, pack)


def as_parquet(folder: Path) -> Path:
    """The same snapshot, each table sorted and typed as Parquet."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, table in manifest["tables"].items():
        target = folder / f"{name}.parquet"
        order = {"person": "division, household_id, person_id", "household": "division, household_id"}.get(name, "ALL")
        source = f"read_csv('{folder / name}.csv', all_varchar = true)"
        duckdb.sql(f"COPY (SELECT * FROM {source} ORDER BY {order}) TO '{target}' (FORMAT parquet)")
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        table["files"] = [{**table["files"][0], "path": target.name, "sha256": digest}]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.mark.parametrize("missing", ["unknown", "default"])
@pytest.mark.parametrize("parquet", [False, True])
def test_both_backends_read_every_month_alike(
    tmp_path: Path, missing: str, parquet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parquet:  # as with many rows: laid out part by part
        monkeypatch.setattr(duckdb_input, "_LAID_OUT", 200)
    pack = load(written(tmp_path / "pack", FILES, missing))
    snapshot = snapshot_of(tmp_path / "s", pack, people(pack), parquet)
    law = plan(pack, AS_OF, snapshot.counties())
    run(law, snapshot, tmp_path / "out", threads=2, persons_in_chunk=40)
    names = [n for n in law.definitions if ".." not in n]
    bulk = values_of(law, snapshot, [*names, *law.facts], tmp_path)
    decided = outcomes(law, tmp_path / "out")
    for h in people(pack):
        alone = evaluate(law, snapshot.household(h.id))
        for subject in (alone.household, *alone.persons):
            for name in (n for n in (*names, *law.facts) if n in subject):
                assert bulk[name, subject["#id"]] == subject[name], (name, subject["#id"])
            for name, v in subject["#verdicts"].items():
                state = state_of(law.programmes[name], subject["#verdicts"], subject["#enrolled"])
                said = (v.outcome, v.amount, v.failed, v.unknown, state)
                assert decided[name, subject["#id"]] == said, (name, subject["#id"])


def outcomes(law: Plan, out: Path) -> dict[tuple[str, str], tuple[Any, ...]]:
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for p in law.programmes.values():
        columns = ", ".join(f"{p.name}__{c}" for c in ("outcome", "amount", "failed", "unknown", "state"))
        rows = duckdb.sql(f"SELECT {p.subject}_id, {columns} FROM '{out}/outcomes_{p.subject}/*.parquet'").fetchall()
        found |= {(p.name, id): tuple(row) for id, *row in rows}
    return found


def test_a_household_from_a_snapshot_is_the_one_that_was_written(tmp_path: Path) -> None:
    pack = load(written(tmp_path / "pack", FILES))
    snapshot = snapshot_of(tmp_path / "s", pack, people(pack, 20))
    for h in people(pack, 20):
        assert snapshot.household(h.id) == h


def inputs(out: Path) -> dict[str, tuple[int, date]]:
    rows = duckdb.sql(f"SELECT household_id, fingerprint, due_on FROM '{out}/inputs.parquet'").fetchall()
    return {id: (mark, due) for id, mark, due in rows}


def test_what_is_told_of_another_month_is_in_the_fingerprint_and_a_delta_sees_it(tmp_path: Path) -> None:
    pack = load(written(tmp_path / "pack", FILES))
    before = people(pack, 30)
    moved = replace(before[3], facts=before[3].facts | {"rent@2020-06": Decimal("1.23")})
    unread = replace(before[4], facts=before[4].facts | {"size@2017-01": Decimal("1.23")})
    told = {"wage@2020-05": Decimal("4.56")}
    member = replace(before[5].persons[0], facts=before[5].persons[0].facts | told)
    after = [*before[:3], moved, unread, replace(before[5], persons=(member, *before[5].persons[1:])), *before[6:]]
    snapshots = [snapshot_of(tmp_path / name, pack, rows) for name, rows in (("a", before), ("b", after))]
    law = plan(pack, AS_OF, snapshots[0].counties())
    run(law, snapshots[0], tmp_path / "first", threads=1)
    run(law, snapshots[1], tmp_path / "full", threads=1)
    first, full = inputs(tmp_path / "first"), inputs(tmp_path / "full")
    assert {id for id in first if first[id] != full[id]} == {"h003", "h005"}
    assert max(due for _, due in full.values()) <= date(2020, 8, 1)
    run(law, snapshots[1], tmp_path / "delta", threads=1, since=read_earlier(tmp_path / "first"))
    assert inputs(tmp_path / "delta").keys() == {"h003", "h005"}
    whole, part = outcomes(law, tmp_path / "full"), outcomes(law, tmp_path / "delta")
    assert part == {key: said for key, said in whole.items() if key[1][:4] in ("h003", "h005")}


def test_a_day_of_another_month_takes_the_facts_as_they_stand(tmp_path: Path) -> None:
    pack = load(written(tmp_path / "pack", FILES))
    told = {"rent": Decimal("7.00"), "rent@2020-06": Decimal("6.00"), "rent@2020-04": Decimal("4.00")}
    home = Household("h", PLACES[0], told, (Person("a", "head", PLACES[0], {}),))
    snapshot = snapshot_of(tmp_path / "s", pack, [home])
    law = plan(pack, date(2020, 5, 2), snapshot.counties())
    assert period_on(law.as_of, "month") == "2020-05"
    alone = evaluate(law, snapshot.household("h"))
    bulk = values_of(law, snapshot, ["rent", "rent@2020-04"], tmp_path)
    for name, expected in (("rent", "7.00"), ("rent@2020-04", "4.00")):
        assert bulk[name, "h"] == alone.household[name] == Decimal(expected)
