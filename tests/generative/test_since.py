"""A chain of deltas, made whole now and then, equals a full screening of the last day: rows, counts, report."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Pack
from doudi.engine.screening.compact import compact
from doudi.engine.screening.household import Household
from doudi.engine.screening.layers import read_earlier
from doudi.engine.screening.run import run
from doudi.engine.screening.since import read_since
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from tests.generative import test_shipped_pack
from tests.generative.changes import Changes, later
from tests.generative.packs import Draft, random_draft
from tests.generative.people import Draw, random_household
from tests.generative.test_shipped_pack import AS_OF, VILLAGES

LONG = bool(os.environ.get("DOUDI_LONG"))
SEEDS = range(60 if LONG else 2)
STEPS = 6 if LONG else 3
HOUSEHOLDS = 60
PLACES = (*VILLAGES, "341503203201", "341503203202", "341503003002", "520502001002", "520502002001")
TABLES = ("outcomes_person", "outcomes_household", "findings", "inputs")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", SEEDS)
def test_random_law_and_random_changes(seed: int, tmp_path: Path) -> None:
    law = random_draft(500 + 10 * seed)
    assert law.as_of == AS_OF
    pack = load(law.write(tmp_path / "law"))

    def maker(n: int) -> Household:
        return random_household(f"h{seed * 10_000 + n:07d}", pack, AS_OF, holes=0.2)

    def value(rng: random.Random, fact: str) -> object:
        return Draw(rng, pack, AS_OF, 0, [], {}).value(pack.facts[fact])

    programmes = (("household", "first"), ("person", "second"), ("household", "other"), ("person", "other"))
    _chain(tmp_path, f"random {seed}", law, pack, maker, value, programmes)


@pytest.mark.parametrize("seed", SEEDS[: max(1, len(SEEDS) // 2)])
def test_the_shipped_law_and_random_changes(seed: int, tmp_path: Path) -> None:
    pack = load("cn")

    def maker(n: int) -> Household:
        return test_shipped_pack.random_household(seed * 10_000 + n, pack)

    def value(rng: random.Random, fact: str) -> object:
        return test_shipped_pack._value(rng, pack, pack.facts[fact])

    programmes = (("household", "dibao"), ("person", "tekun"))
    _chain(tmp_path, f"shipped {seed}", None, pack, maker, value, programmes)


def _chain(folder: Path, name: str, law: Draft | None, pack: Pack, maker, value, programmes) -> None:
    rng = random.Random(name)
    changes = Changes(rng, pack, PLACES, maker, value, programmes)
    people: dict[str, Household] = {}
    for _ in range(HOUSEHOLDS):
        changes.add(people)
    day, in_parts = AS_OF, rng.random() < 0.8
    last = folder / "out0"
    first_seen = _step(folder, 0, pack, day, people.values(), in_parts, last, None, {})
    for n in range(1, STEPS + 1):
        people = changes.apply(people, rng.choice([0, 1, 5, 25]))
        day = later(rng, day)
        if law and rng.random() < 0.5:
            pack = _amended(law, folder / "law", rng, n)
        out = folder / f"out{n}"
        first_seen = _step(folder, n, pack, day, people.values(), in_parts, out, last, first_seen)
        if rng.random() < 0.5:
            shutil.rmtree(last)  # a delta stands on its own
        if rng.random() < 0.5:
            compact(out, threads=1)
        last = out


def _step(
    folder: Path, n: int, pack: Pack, day: date, people: Iterable[Household], in_parts: bool, out: Path,
    since: Path | None, first_seen: dict[str, date],
) -> dict[str, date]:  # fmt: skip
    """Screen, compare what was made whole with a full screening; gives when each clue was first seen."""
    made = folder / f"snapshot{n}"
    made.mkdir()
    write(made, pack, AS_OF, people)
    if in_parts:
        _in_parts(made)
    snapshot = read(made, pack)
    planned = plan(pack, day, snapshot.counties())
    how: dict[str, Any] = {"threads": 1, "persons_in_chunk": 50}
    run(planned, snapshot, folder / f"full{n}", **how)
    if since is None:
        run(planned, snapshot, out, **how)
        whole = out
    else:
        earlier = read_earlier(since)
        run(planned, read_since(made, pack, earlier, day), out, **how, since=earlier)
        whole = folder / f"whole{n}"
        shutil.copytree(out, whole)
        compact(whole, threads=1)
        assert compact(whole, threads=1) is None  # harmless twice
    return _same(folder / f"full{n}", whole, day, first_seen)


def _same(full: Path, whole: Path, day: date, first_seen: dict[str, date]) -> dict[str, date]:
    for table in TABLES:
        expected, found = rows(full, table), rows(whole, table)
        if table == "findings":
            expected = [{**r, "first_seen": first_seen.get(r["finding_id"], day)} for r in expected]
        assert found == expected, table
    assert _told(whole) == _told(full)
    assert json.loads((whole / "conditions.json").read_text()) == json.loads((full / "conditions.json").read_text())
    if not any(n["code"] == "since.everybody" for n in json.loads((whole / "summary.json").read_text())["notes"]):
        assert (whole / "report.html").read_text("utf-8") == (full / "report.html").read_text("utf-8")
    assert {p.name for p in whole.iterdir()} == {p.name for p in full.iterdir()}
    return {r["finding_id"]: r["first_seen"] for r in rows(whole, "findings")}


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    path = out / table / "*.parquet" if table.startswith("outcomes") else out / f"{table}.parquet"
    found = duckdb.execute(f"SELECT * FROM read_parquet('{path}')")
    names = [d[0] for d in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _told(out: Path) -> dict[str, Any]:
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    notes = [note for note in summary["notes"] if note["code"] != "since.everybody"]
    return {**summary, "notes": notes, "run": None}


def _in_parts(folder: Path) -> None:
    """The same snapshot as Parquet, a file for each village: those of unchanged villages are the same bytes again."""
    orders = {"person": "household_id, person_id", "household": "household_id", "enrolment": "ALL"}
    tables = {table: f"read_csv('{folder}/{table}.csv', all_varchar = true, header = true)" for table in orders}
    homes = f"SELECT 'household' AS t, household_id AS id, division AS home FROM {tables['household']} UNION ALL "
    homes += f"SELECT 'person', person_id, h.division FROM {tables['person']} JOIN {tables['household']} h USING "
    homes += "(household_id)"
    place = {"enrolment": "subject_type = t AND subject_id = id"}
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for table, order in orders.items():
        entries = []
        for village in PLACES:
            path = folder / f"{table}-{village}.parquet"
            here = place.get(table, f"t = '{table}' AND {table}_id = id")
            rows = (
                f"SELECT s.* FROM {tables[table]} s JOIN ({homes}) ON {here} WHERE home = '{village}' ORDER BY {order}"
            )
            duckdb.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
            n = duckdb.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]
            entries.append({"path": path.name, "rows": n, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
        manifest["tables"][table]["files"] = entries
    for table in orders:
        (folder / f"{table}.csv").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def _amended(law: Draft, folder: Path, rng: random.Random, n: int) -> Pack:
    """Another edition: a figure, a tolerance, a formula, or only a name."""
    kind = rng.choice(["figure", "figure", "tolerance", "formula", "edition"])
    programme = law.files["programmes/first/programme.yaml"]
    if kind == "figure":
        figures = [p for p in law.files["parameters.yaml"].values() if p["type"] == "money" and p.get("values")]
        plain = [f for p in figures for f in p["values"].values() if isinstance(f["value"], str)]
        rng.choice(plain)["value"] = f"{600 + n}.00"
    elif kind == "tolerance" and "amount" in programme:
        programme["amount"]["tolerance"] = f"{n}.50"
    elif kind == "formula":
        programme["conditions"][0]["expr"] = f"not ({programme['conditions'][0]['expr']})"
    else:
        law.files["pack.yaml"]["edition"] = f"{n}"
    return load(law.write(folder))
