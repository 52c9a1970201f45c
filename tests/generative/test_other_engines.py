"""One plan in other databases' words: PostgreSQL answers every subject as DuckDB does."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from benchmarks import law
from doudi.demo.synth import synth
from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Pack, Plan
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.dialects.portable import Portable
from doudi.engine.screening.dialects.postgres import POSTGRES
from doudi.engine.screening.dialects.rewriting import Dialect, translated
from doudi.engine.screening.dialects.spark import SPARK
from doudi.engine.screening.duckdb_enrolments import Held
from doudi.engine.screening.duckdb_items import declare_types
from doudi.engine.screening.duckdb_source import Source
from doudi.engine.screening.household import Enrolment, Household
from doudi.engine.screening.snapshot import Snapshot, read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.tests import bulk, seasons
from tests import postgres
from tests.generative.edges import edges
from tests.generative.elsewhere import by_duckdb, by_postgres, prepared
from tests.generative.packs import random_draft
from tests.generative.people import random_household, random_people
from tests.generative.test_shipped_pack import AS_OF, VILLAGES

LONG = bool(os.environ.get("DOUDI_LONG"))
PACKS = range(3000, 3600 if LONG else 3010, 10)  # those of AS_OF

pytestmark = pytest.mark.slow


# ---- packs of the tests ----------------------------------------------------------------------------------------------
def packs(folder: Path) -> Iterator[tuple[str, Pack]]:
    """The benchmark's fourteen programmes, months and years, scales, exclusions, words, defaults."""
    yield "fourteen", load(law.write(folder / "fourteen"))
    yield "seasons", load(seasons.written(folder / "seasons", seasons.FILES))
    for path in sorted((Path(bulk.__file__).parent / "packs").iterdir()):
        yield path.name, load(path)


def on_paper(plan: Plan) -> Portable:
    """The statements for a snapshot that holds every fact and enrolments in every programme."""
    low = lowered(plan)
    held = {(e, p): Held(1, True) for e in ("household", "person") for p in low.programmes}
    facts = {e: frozenset(f.name for f in low.facts.values() if f.entity == e) for e in ("household", "person")}
    none: dict[str, frozenset[str]] = {"household": frozenset(), "person": frozenset()}
    counties = frozenset(v[:6] for v in VILLAGES)
    return Portable.of(low, Source("person", "household", "enrolment", held, facts, none, counties))


def parses(portable: Portable, name: str, *dialects: Dialect) -> None:
    for dialect in dialects:
        for statement in portable.script(dialect)[len(dialect.before) :]:
            tree = sqlglot.parse_one(statement, dialect=dialect.name)
            # What sqlglot does not understand it keeps as a Command, without an error.
            assert isinstance(tree, exp.Select | exp.Create | exp.Cache), (name, statement)


def test_packs_of_the_tests_can_be_said_elsewhere(tmp_path: Path) -> None:
    for name, pack in islice(packs(tmp_path), None if LONG else 1):
        parses(on_paper(plan(pack, AS_OF, VILLAGES)), name, SPARK, POSTGRES)


# ---- rows ------------------------------------------------------------------------------------------------------------
def equal_there(plan: Plan, snapshot: Snapshot, folder: Path) -> int:
    """Every row of PostgreSQL is DuckDB's. Gives the number of rows."""
    with prepared(plan, snapshot, folder) as (con, portable), postgres.session() as there:
        parses(portable, plan.pack.id, SPARK)  # PostgreSQL's is run
        ours, theirs = by_duckdb(con, portable), by_postgres(con, portable, there)
    for of in ("households", "persons"):
        assert len(ours[of]) == len(theirs[of])
        different = [pair for pair in zip(ours[of], theirs[of], strict=True) if pair[0] != pair[1]]
        assert different == []
    return sum(map(len, ours.values()))


def test_the_edges_of_each_operator_are_the_same_on_postgresql() -> None:
    ours = edges_by_duckdb()
    with postgres.session() as there:
        for statement in POSTGRES.before:
            there.execute(statement)
        theirs = there.execute(translated(edges(), POSTGRES).query).fetchall()[0]
    assert [(n, a, b) for n, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b] == []


def edges_by_duckdb() -> tuple[Any, ...]:
    with duckdb.connect() as con:
        for statement in declare_types():
            con.execute(statement)
        return con.execute(edges()).fetchall()[0]


def snapshot_of(pack: Pack, people: list[Household], folder: Path) -> Snapshot:
    folder.mkdir()
    return read(write(folder, pack, AS_OF, people), pack)


def test_the_shipped_pack_decides_alike_on_postgresql(tmp_path: Path) -> None:
    pack = load("cn")
    synth(tmp_path / "made", persons=2000, seed=5, as_of=AS_OF)
    snapshot = read(tmp_path / "made", pack)
    assert equal_there(plan(pack, AS_OF, snapshot.counties()), snapshot, tmp_path / "work") > 2600


@pytest.mark.parametrize("seed", PACKS)
def test_random_law_decides_alike_on_postgresql(seed: int, tmp_path: Path) -> None:
    draft = random_draft(seed)
    assert draft.as_of == AS_OF
    pack = load(draft.write(tmp_path / "pack"))
    snapshot = snapshot_of(pack, random_people(seed, pack, AS_OF, 120), tmp_path / "snapshot")
    assert equal_there(plan(pack, AS_OF, snapshot.counties()), snapshot, tmp_path / "work") > 240


@pytest.mark.skipif(not LONG, reason="make test-long: a minute on PostgreSQL")
def test_every_pack_of_the_tests_decides_alike_on_postgresql(tmp_path: Path) -> None:
    for name, pack in packs(tmp_path):
        people = [anybody(n, pack) for n in range(150)]
        snapshot = snapshot_of(pack, people, tmp_path / f"{name}.snapshot")
        for as_of in (AS_OF, date(2021, 3, 1)):
            assert equal_there(plan(pack, as_of, VILLAGES), snapshot, tmp_path / f"{name}.{as_of}") > 300


def anybody(n: int, pack: Pack) -> Household:
    """A random household of any pack, enrolled here and there in what that pack has."""
    rng = random.Random(f"anybody {n}")
    h = random_household(f"h{n:05d}", pack, AS_OF, holes=(n % 4) * 0.15)
    kinds = [("household", [h.id]), ("person", [p.id for p in h.persons])]
    enrolments = []
    for p in pack.programmes.values():
        if rng.random() < 0.3:
            kind, ids = next(k for k in kinds if k[0] == p.subject)
            amount, ends = rng.choice([(None, None), (rng.randint(1, 900), None), (rng.randint(1, 900), AS_OF)])
            enrolments.append(Enrolment(kind, rng.choice(ids), p.name, amount, "month", None, ends, None))
    persons = tuple(replace(p, role=rng.choice(pack.roles)) for p in h.persons)
    return replace(h, persons=persons, enrolments=tuple(enrolments))
