"""Whom a change of the law touches: two screenings of one snapshot, row for row.

A subject is touched when its state or its amount differs. Where only one of the packs has the programme, whoever it
says something about is: all but not_applicable and not_eligible.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from doudi.engine.policy import plan
from doudi.engine.policy.model import Entity, Pack, Plan, PlannedProgramme
from doudi.engine.screening.duckdb_input import connect
from doudi.engine.screening.python import AMOUNT_BIT
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.sql import quoted, text

_SILENT = "('not_applicable', 'not_eligible')"
_ORDER = "programme, division, household_id, subject_id"


@dataclass(frozen=True, slots=True)
class Transition:
    """Subjects of one programme and township that went from one state to another (empty: no such programme).

    Amounts: what would be due, in yuan per period of the programme, before and after.
    """

    programme: str
    subject_type: Entity
    township: str  # 12 digits
    before: str
    after: str
    n: int
    amount_before: Decimal
    amount_after: Decimal


@dataclass(frozen=True, slots=True)
class Affected:
    as_of: date
    snapshot_as_of: date
    persons: int
    households: int
    transitions: tuple[Transition, ...]


def affected(old: Pack, new: Pack, snapshot: Path, out: Path | None = None, *, as_of: date | None = None) -> Affected:
    """Screen a snapshot under both packs and compare. out: where the touched subjects are written, .csv or .parquet.

    Raises Refused for a snapshot that one of the packs cannot read.
    """
    with TemporaryDirectory(prefix="doudi-diff-") as temp:
        folder = Path(temp).resolve()
        sides: list[tuple[Plan, Path]] = []
        for name, pack in (("old", old), ("new", new)):
            people = read(snapshot, pack)
            planned = plan(pack, as_of or people.as_of, people.counties())
            run(planned, people, folder / name)
            sides.append((planned, folder / name))
        con = connect((str(folder),), folder / "spill", 2**29)
        touched = folder / "touched.parquet"
        rows = " UNION ALL ".join(_programmes(*sides)) or _nobody()
        con.execute(f"COPY (SELECT * FROM ({rows}) ORDER BY {_ORDER}) TO {text(str(touched))} (FORMAT parquet)")
        if out is not None:
            _hand_over(con, touched, out)
        sizes = (people.tables["person"].rows, people.tables["household"].rows)
        return Affected(planned.as_of, people.as_of, *sizes, tuple(_transitions(con, touched)))


def _programmes(old: tuple[Plan, Path], new: tuple[Plan, Path]) -> Iterator[str]:
    """SELECT of the touched subjects, one for each programme and kind of subject."""
    for name in sorted({*old[0].programmes, *new[0].programmes}):
        a, b = old[0].programmes.get(name), new[0].programmes.get(name)
        if a and b and a.subject == b.subject:
            yield _of_both((a, old), (b, new))
        else:
            yield from (_of_one(p, *side, is_old=side is old) for p, side in ((a, old), (b, new)) if p)


def _of_both(old: tuple[PlannedProgramme, tuple[Plan, Path]], new: tuple[PlannedProgramme, tuple[Plan, Path]]) -> str:
    (a, (plan_a, out_a)), (b, (plan_b, out_b)) = old, new
    state, amount = (quoted(f"{a.name}__{what}") for what in ("state", "amount"))
    key = f"{a.subject}_id"
    return (
        f"SELECT {_subject(a, 'a')}, a.{state}::VARCHAR AS before, b.{state}::VARCHAR AS after, "
        f"a.{amount} AS amount_before, b.{amount} AS amount_after, {_masks(plan_a, a, 'a', 'before')}, "
        f"{_masks(plan_b, b, 'b', 'after')} FROM {_files(out_a, a.subject)} a "
        f"JOIN {_files(out_b, b.subject)} b ON b.{key} = a.{key} "
        f"WHERE a.{state}::VARCHAR <> b.{state}::VARCHAR OR a.{amount} IS DISTINCT FROM b.{amount}"
    )


def _of_one(p: PlannedProgramme, planned: Plan, out: Path, *, is_old: bool) -> str:
    state, amount = (f"a.{quoted(f'{p.name}__{what}')}" for what in ("state", "amount"))
    sides = (f"{state}::VARCHAR", "''"), (amount, "NULL::DECIMAL(14,2)")
    states, amounts = sides if is_old else ((x[1], x[0]) for x in sides)
    masks = [_masks(planned, p, "a", "before"), _no_masks("after")]
    if not is_old:
        masks = [_no_masks("before"), _masks(planned, p, "a", "after")]
    return (
        f"SELECT {_subject(p, 'a')}, {states[0]} AS before, {states[1]} AS after, {amounts[0]} AS amount_before, "
        f"{amounts[1]} AS amount_after, {', '.join(masks)} FROM {_files(out, p.subject)} a "
        f"WHERE {state}::VARCHAR NOT IN {_SILENT}"
    )


def _nobody() -> str:
    names = ("programme", "subject_type", "subject_id", "household_id", "division", "before", "after")
    masks = [f"failed_{s}" for s in ("before", "after")] + [f"unknown_{s}" for s in ("before", "after")]
    columns = [f"''::VARCHAR AS {n}" for n in (*names, *masks)]
    columns += [f"NULL::DECIMAL(14,2) AS amount_{s}" for s in ("before", "after")]
    return f"SELECT {', '.join(columns)} WHERE FALSE"


def _subject(p: PlannedProgramme, table: str) -> str:
    return (
        f"{text(p.name)} AS programme, {text(p.subject)} AS subject_type, {table}.{p.subject}_id AS subject_id, "
        f"{table}.household_id, {table}.division"
    )


def _masks(planned: Plan, p: PlannedProgramme, table: str, side: str) -> str:
    """Names of what failed and of what is unknown, apart by a space: bits may have moved, names have not."""
    declared = planned.pack.programmes[p.name].conditions if p.name in planned.pack.programmes else p.conditions
    named = [(c.bit, c.name) for c in declared] + [(AMOUNT_BIT, "amount")]
    found = []
    for what in ("failed", "unknown"):
        mask = f"{table}.{quoted(f'{p.name}__{what}')}"
        parts = ", ".join(f"CASE WHEN {mask} & {1 << bit} <> 0 THEN {text(name)} END" for bit, name in named)
        found.append(f"concat_ws(' ', {parts}) AS {what}_{side}")
    return ", ".join(found)


def _no_masks(side: str) -> str:
    return f"'' AS failed_{side}, '' AS unknown_{side}"


def _files(out: Path, entity: Entity) -> str:
    return f"read_parquet({text(str(out / f'outcomes_{entity}' / '*.parquet'))})"


def _transitions(con: duckdb.DuckDBPyConnection, touched: Path) -> Iterable[Transition]:
    rows = con.execute(
        "SELECT programme, subject_type, left(division, 9), before, after, count(*), "
        "coalesce(sum(amount_before), 0)::DECIMAL(18,2), coalesce(sum(amount_after), 0)::DECIMAL(18,2) "
        f"FROM read_parquet({text(str(touched))}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for programme, subject, township, *rest in rows:
        yield Transition(programme, subject, township.ljust(12, "0"), *rest)


def _hand_over(con: duckdb.DuckDBPyConnection, touched: Path, out: Path) -> None:
    """Made beside and renamed into place."""
    made = touched
    if out.suffix == ".csv":
        made = touched.with_suffix(".csv")
        source = f"SELECT * FROM read_parquet({text(str(touched))})"
        con.execute(f"COPY ({source}) TO {text(str(made))} (FORMAT csv, HEADER)")
    part = out.with_name(out.name + ".part")
    shutil.copyfile(made, part)
    part.replace(out)
