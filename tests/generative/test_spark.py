"""Spark computes, and the folder is the one that DuckDB makes: every row, value and figure."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import law
from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Pack
from doudi.engine.screening.dialects.rewriting import translated
from doudi.engine.screening.dialects.spark import SPARK
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import Snapshot, read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.spark import session
from doudi.engine.screening.tests import bulk, seasons
from doudi.engine.screening.tests.made import write_snapshot
from doudi.engine.screening.tests.plans import PACK, PLAN
from doudi.engine.screening.tests.test_duckdb import population
from tests.generative.edges import edges
from tests.generative.packs import random_draft
from tests.generative.people import random_people
from tests.generative.test_other_engines import anybody, edges_by_duckdb
from tests.generative.test_shipped_pack import AS_OF, VILLAGES

pytest.importorskip("pyspark", reason="the extra doudi[spark] is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("DOUDI_LONG"), reason="make test-long: a JVM and a minute"),
    pytest.mark.filterwarnings("default"),  # pyspark's own
]
PACKS = Path(bulk.__file__).parent / "packs"


def pack_of(name: str, folder: Path) -> Pack:
    if name.startswith("random"):
        return load(random_draft(int(name.removeprefix("random"))).write(folder))
    made = {"fourteen": lambda: law.write(folder), "seasons": lambda: seasons.written(folder, seasons.FILES)}
    return load(made[name]() if name in made else PACKS / name)


def snapshot_of(name: str, pack: Pack, folder: Path) -> Snapshot:
    folder.mkdir()
    is_random = name.startswith("random")
    people = random_people(3100, pack, AS_OF, 400) if is_random else [anybody(n, pack) for n in range(400)]
    return read(write(folder, pack, AS_OF, people), pack)


@pytest.mark.parametrize("name", ["fourteen", "seasons", "scales", "exclusions", "random3100", "random3110"])
def test_spark_makes_the_same_folder(name: str, tmp_path: Path) -> None:
    pack = pack_of(name, tmp_path / "pack")
    snapshot = snapshot_of(name, pack, tmp_path / "snapshot")
    planned = plan(pack, AS_OF, VILLAGES)
    for engine in ("duckdb", "spark"):
        run(planned, snapshot, tmp_path / engine, threads=2, persons_in_chunk=300, engine=engine)
    ours, theirs = contents(tmp_path / "duckdb"), contents(tmp_path / "spark")
    assert ours.keys() == theirs.keys()
    for table, rows in ours.items():
        assert rows == theirs[table], table


def test_whoever_lives_elsewhere_stands_where_he_stood(tmp_path: Path) -> None:
    households = population(300, seed=11)
    assert any(p.division != h.division for h in households for p in h.persons)
    snapshot = read(
        write_snapshot(tmp_path / "snapshot", households), replace(PACK, other_programmes=("dibao", "tekun"))
    )
    for engine in ("duckdb", "spark"):
        run(PLAN, snapshot, tmp_path / engine, threads=2, persons_in_chunk=200, engine=engine)
    assert contents(tmp_path / "duckdb") == contents(tmp_path / "spark")


def test_the_edges_of_each_operator_are_the_same_on_spark(tmp_path: Path) -> None:
    with session(tmp_path, 2, 2**30) as spark:
        theirs = tuple(spark.sql(translated(edges(), SPARK).query).collect()[0])
    assert [(n, a, b) for n, (a, b) in enumerate(zip(edges_by_duckdb(), theirs, strict=True)) if a != b] == []


def contents(out: Path) -> dict[str, Any]:
    """Every table with its types and rows in order, every JSON but for the figures of the run."""
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*.parquet")):
        table = duckdb.sql(f"FROM read_parquet('{path}')")
        found[str(path.relative_to(out))] = (table.columns, table.types, table.fetchall())
    for name in ("summary", "conditions", "basis"):
        found[name] = json.loads((out / f"{name}.json").read_text("utf-8"))
        found[name].pop("run", None)
    return found
