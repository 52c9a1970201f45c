"""A checked snapshot as DuckDB meets it: in order, cut into chunks of whole households, read by locked connections.

The order of the output is (division, household_id, person_id). Parquet files that stand in it, each person in the
division of the household, are read where they are; anything else is sorted once into the work folder.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import duckdb

from doudi.engine.policy.model import Entity, Plan, Scalar
from doudi.engine.screening.duckdb_enrolments import AllHeld, held_in
from doudi.engine.screening.duckdb_history import PLACE, History, told_in
from doudi.engine.screening.duckdb_items import declare_types
from doudi.engine.screening.duckdb_source import KEY, Source
from doudi.engine.screening.snapshot import Snapshot, Table
from doudi.engine.screening.sql import text

_LAID_OUT = 1_000_000  # rows of the table `fact` laid out at once
ENTITIES: tuple[Entity, ...] = ("person", "household")
Place = tuple[str, str]  # division, household_id
SMALLEST, LARGEST = 300_000, 750_000  # persons in a chunk: planning shows below, memory above
# What joins a household and its members: a number is far faster than a text; the text itself never collides.
JOINS = ("hash(household_id)", "household_id")


@dataclass(frozen=True, slots=True)
class Range:
    """Households from `low` (included) to `high` (not included) in the order of the output; None is open."""

    low: Place | None
    high: Place | None

    def where(self, division: str) -> str:
        tests = []
        if self.low:
            d, h = text(self.low[0]), text(self.low[1])
            # The first test is implied; it lets whole row groups be skipped.
            tests.append(f"{division} >= {d} AND ({division} > {d} OR household_id >= {h})")
        if self.high:
            d, h = text(self.high[0]), text(self.high[1])
            tests.append(f"{division} <= {d} AND ({division} < {d} OR household_id < {h})")
        return f" WHERE {' AND '.join(tests)}" if tests else ""

    def meets(self, county: str) -> bool:
        """Whether a household of this county (six digits) can be in the range."""
        return (not self.low or county >= self.low[0][:6]) and (not self.high or county <= self.high[0][:6])


@dataclass(frozen=True, slots=True)
class Input:
    """Where persons and households are read, in order.

    division: the column of persons that orders households; together: every person's own division is that one.
    """

    snapshot: Snapshot
    person: str
    household: str
    division: str
    together: bool
    households: int
    persons: int
    counties: frozenset[str]  # six digits
    enrolment: str | None
    held: AllHeld
    history: dict[Entity, History]
    seams: tuple[str, ...] = ()  # counties whose figures differ from those of the county before

    def source(self, part: Range, key: str) -> Source:
        """The snapshot's rows of one chunk; key: SQL of what joins a household and its members."""

        def rows(entity: Entity, relation: str, division: str) -> str:
            plain = f"SELECT *, {key} AS {KEY} FROM {relation}{part.where(division)}"
            return self.history[entity].joined(plain, part.where(PLACE))

        def names(entity: Entity) -> frozenset[str]:
            plain = self.snapshot.tables[entity].columns
            return frozenset((*plain, *(f.name for f in self.history[entity].facts)))

        overrides = {e: self.snapshot.tables[e].overrides for e in ENTITIES}
        return Source(
            rows("person", self.person, self.division),
            rows("household", self.household, "division"),
            self.enrolment,
            self.held,
            {e: names(e) for e in ENTITIES},
            {e: frozenset((*overrides[e], *self.history[e].overrides)) for e in ENTITIES},
            self.counties,
            frozenset(filter(part.meets, self.counties)) if self.together else None,
        )


def connect(folders: tuple[str, ...], temp: Path, memory: int) -> duckdb.DuckDBPyConnection:
    """One core's connection: may read and write only these folders, and nothing can be changed afterwards.

    memory: bytes that DuckDB may use before it spills into `temp`.
    """
    temp.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": "false"})
    con.execute(f"SET memory_limit = '{memory // 1024}KiB'")
    con.execute("SET preserve_insertion_order = true")
    # Every join is written with the many rows first: estimates may not turn one round, or the rows lose their order.
    con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    con.execute(f"SET allowed_directories = [{', '.join(text(f) for f in (*folders, str(temp)))}]")
    con.execute(f"SET temp_directory = {text(str(temp))}")
    for statement in declare_types():
        con.execute(statement)
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def prepare(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, folder: Path, plan: Plan) -> Input:
    """The snapshot in order: as it stands when it is, else sorted into `folder`. plan: which other months are read."""
    person, household = snapshot.tables["person"], snapshot.tables["household"]
    counties = frozenset(code[:6] for code in snapshot.counties())
    enrolled = snapshot.tables.get("enrolment")
    enrolment = f"SELECT * REPLACE (persons::VARCHAR[] AS persons) FROM {enrolled.source}" if enrolled else None
    held = held_in(con, enrolment) if enrolment else {}
    sources = {"person": person.source, "household": household.source}
    in_order = _stands_in_order(con, person, household)
    if not in_order:
        sources = {name: _put_in_order(con, snapshot, name, folder) for name in sources}
    division = "division" if in_order else PLACE
    subjects: dict[Entity, tuple[str, str]] = {
        "person": (sources["person"], division),
        "household": (sources["household"], "division"),
    }
    return Input(
        snapshot, sources["person"], sources["household"], division,
        in_order or not _strays(con, sources["person"]), household.rows, person.rows, counties, enrolment, held,
        _history(con, snapshot, folder, plan, subjects), _seams(plan, counties),
    )  # fmt: skip


def _seams(plan: Plan, counties: frozenset[str]) -> tuple[str, ...]:
    def figures(county: str) -> dict[tuple[str, str | None], Scalar]:
        return {cell: found.value for cell, found in plan.area_values.get(county, {}).items()}

    return tuple(there for here, there in pairwise(sorted(counties)) if figures(here) != figures(there))


def _history(
    con: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    folder: Path,
    plan: Plan,
    subjects: dict[Entity, tuple[str, str]],
) -> dict[Entity, History]:
    """What was told of other months, laid out into `folder` where the plan reads any of it.

    subjects: what they are read from, and the column that holds the division of the household.
    """
    tables = snapshot.tables
    told = told_in(con, tables["fact"].source) if "fact" in tables else frozenset()
    found: dict[Entity, History] = {}
    for entity in ENTITIES:
        mine = History(plan, entity, told, frozenset(tables[entity].columns))
        rows = mine.rows(tables["fact"].source) if told else ""
        if rows:
            layout = _laid_out(con, mine, rows, folder / f"told_{entity}")
            query = mine.placed(layout, *subjects[entity])
            mine = replace(mine, laid_out=_written_once(con, query, folder / f"fact_{entity}.parquet"))
        found[entity] = mine
    return found


def _laid_out(con: duckdb.DuckDBPyConnection, history: History, rows: str, folder: Path) -> str:
    """SELECT of one row per subject. Many are laid out part by part: all at once would need memory for everybody."""
    n = con.execute(f"SELECT count(*) FROM ({rows})").fetchall()[0][0]
    parts = -(-n // _LAID_OUT)
    if parts <= 1:
        return history.layout(rows)
    apart = folder / "apart"
    if not apart.exists():
        part = folder / "apart.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        query = f"SELECT *, hash(subject_id) % {parts} AS part FROM ({rows})"
        con.execute(f"COPY ({query}) TO {text(str(part))} (FORMAT parquet, PARTITION_BY (part))")
        part.rename(apart)
    made = []
    for mine in sorted(apart.iterdir()):
        one = f"FROM read_parquet({text(str(mine / '*.parquet'))})"
        _written_once(con, history.layout(one), path := folder / f"{mine.name}.parquet")
        made.append(text(str(path)))
    return f"FROM read_parquet([{', '.join(made)}])"


def _strays(con: duckdb.DuckDBPyConnection, person: str) -> bool:
    """Whether anybody stands in another division than his household."""
    return bool(con.execute(f"SELECT count(*) FROM {person} WHERE division <> {PLACE}").fetchall()[0][0])


def _put_in_order(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, name: str, folder: Path) -> str:
    return _written_once(con, _sorted(snapshot, name), folder / f"{name}.parquet")


def _written_once(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> str:
    """The rows of a query as a file; what an interrupted run of the same work left there is taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_suffix(".part")
        con.execute(f"COPY ({query}) TO {text(str(part))} (FORMAT parquet, PARQUET_VERSION v2)")
        part.replace(path)
    return f"read_parquet({text(str(path))})"


def chunks(
    con: duckdb.DuckDBPyConnection, source: Input, threads: int, memory: int, persons: int | None = None
) -> list[Range]:
    """Ranges of about equally many households; the same for the same snapshot, threads and memory.

    persons: about how many in a chunk; by default what suits the memory (bytes) and keeps every thread busy.
    """
    largest = max(50_000, min(LARGEST, LARGEST * memory // 2**30))
    wanted = max(-(-source.persons // largest), min(threads, source.persons // SMALLEST), 1)
    wanted = -(-wanted // threads) * threads if wanted > 1 else 1
    wanted = wanted if persons is None else max(1, source.persons // persons)
    firsts = [source.households * i // wanted for i in range(1, wanted)]
    if firsts and source.seams:
        firsts = _at_seams(con, source, firsts, reach=source.households // wanted // 8)
    rows = con.execute(
        f"SELECT division, household_id FROM (SELECT division, household_id, row_number() OVER () - 1 AS nth "
        f"FROM {source.household}) WHERE nth IN ({', '.join(map(str, firsts)) or 'NULL'}) ORDER BY nth"
    ).fetchall()
    cuts: list[Place] = [(d, h) for d, h in rows]
    return [Range(low, high) for low, high in zip([None, *cuts], [*cuts, None], strict=True)]


def _at_seams(con: duckdb.DuckDBPyConnection, source: Input, firsts: list[int], reach: int) -> list[int]:
    """First households of chunks, moved to a seam within reach: where a chunk has one set of figures, nothing joins."""
    counted = f"SELECT left(division, 6) AS county, count(*) FROM {source.household} GROUP BY county ORDER BY county"
    seams, before = [], 0
    for county, n in con.execute(counted).fetchall():
        seams += [before] if county in source.seams else []
        before += n

    def moved(first: int) -> int:
        near = (seam for seam in seams if abs(seam - first) <= reach)
        return min(near, key=lambda seam: abs(seam - first), default=first)

    return sorted({moved(first) for first in firsts})


def _stands_in_order(con: duckdb.DuckDBPyConnection, person: Table, household: Table) -> bool:
    """Households in order, the members of each together and in its division, so that a range of one is one of both.

    The (division, household) pairs that persons name, one after the other, have the number and the sum of hashes of
    the households. Whether persons stand in order too is seen in what is written (`run`).
    """
    if any(file.suffix != ".parquet" for t in (person, household) for file in t.files):
        return False
    key = "hash(division, household_id)"
    same = "household_id = lag(household_id) OVER () AND division = lag(division) OVER ()"
    named = f"SELECT CASE WHEN NOT coalesce({same}, FALSE) THEN {key} END AS key FROM {person.source}"
    members = con.execute(f"SELECT count(key), sum(key) FROM ({named})").fetchall()[0]
    before = (
        "division < lag(division) OVER () OR "
        "(division = lag(division) OVER () AND household_id < lag(household_id) OVER ())"
    )
    homes = f"SELECT {before} AS astray, {key} AS key FROM {household.source}"
    astray, *there = con.execute(
        f"SELECT count(*) FILTER (WHERE astray), count(key), sum(key) FROM ({homes})"
    ).fetchall()[0]
    return not astray and list(members) == there


def _sorted(snapshot: Snapshot, name: str) -> str:
    household = snapshot.tables["household"].source
    if name == "household":
        return f"SELECT * FROM {household} ORDER BY division, household_id"
    return (
        f"SELECT p.*, h.division AS {PLACE} FROM {snapshot.tables['person'].source} p "
        f"JOIN (SELECT household_id, division FROM {household}) h ON h.household_id = p.household_id "
        f"ORDER BY {PLACE}, p.household_id, p.person_id"
    )
