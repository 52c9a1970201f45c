"""`--since`: which households are to be recomputed, and what is kept so that the delta can be made whole.

A household is recomputed when its rows changed (the fingerprint of inputs.parquet), when a day has come on which time
alone can change an answer, when it is new, or when a figure changed in its county. One that is no longer there, or
stands in another division, leaves the earlier one. A changed rule is seen by everybody: then everybody is screened.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from doudi.engine.policy.model import Entity, Plan
from doudi.engine.screening.basis import Basis
from doudi.engine.screening.chunk_files import copy, reading
from doudi.engine.screening.duckdb_enrolments import Enrolments, held_in
from doudi.engine.screening.duckdb_history import PLACE
from doudi.engine.screening.duckdb_input import JOINS, Input, Range
from doudi.engine.screening.duckdb_source import fingerprints
from doudi.engine.screening.layers import BASE, DELTA, DELTA_FORMAT, DROPPED, Earlier
from doudi.engine.screening.notes import Note
from doudi.engine.screening.pieces import make_pieces
from doudi.engine.screening.reach import reach
from doudi.engine.screening.rules import Changed, changed
from doudi.engine.screening.summary import Population
from doudi.engine.screening.work import Work, write_json
from doudi.engine.words import Fault, Refused, Said

WHYS = ("new", "changed", "moved", "due", "figures", "removed")
_LISTED = 8  # names of changed rules in a note


def refuse_foreign(earlier: Earlier, now: Basis) -> None:
    """Raises Refused when an earlier screening answers another question: another pack, other programmes."""
    refuse_other_pack(earlier, now.pack)
    before = earlier.basis
    if before.only != now.only:
        named = {k: ", ".join(v) or Said("since.all") for k, v in (("before", before.only), ("now", now.only))}
        raise Refused(Fault("since.programmes", named, "--since"))


def refuse_other_pack(earlier: Earlier, pack: str) -> None:
    if earlier.basis.pack != pack:
        raise Refused(Fault("since.pack", {"before": earlier.basis.pack, "now": pack}, "--since"))


def why_everybody(before: Basis, now: Basis) -> tuple[Said, ...]:
    """Why nobody's earlier answer may be kept; empty when it may."""
    reasons = []
    if before.engine != now.engine:
        fields = {k: f"doudi {e['doudi']}, {e['name']} {e['version']}" for k, e in _engines(before, now)}
        reasons.append(Said("since.engine", fields))
    if now.as_of < before.as_of:
        reasons.append(Said("since.earlier_day", {"before": before.as_of, "now": now.as_of}))
    if before.overrides != now.overrides:
        reasons.append(Said("since.columns"))
    if rules := changed(before.rules, now.rules).rules:
        names = ", ".join(rules[:_LISTED]) + ("…" if len(rules) > _LISTED else "")
        reasons.append(Said("since.rules", {"names": names}))
    return tuple(reasons)


def _engines(before: Basis, now: Basis) -> list[tuple[str, dict[str, str]]]:
    unknown = {"doudi": "?", "name": "", "version": "?"}
    return [(k, unknown | b.engine) for k, b in (("before", before), ("now", now))]


# ---- who is to be recomputed -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Differences:
    """Households that differ from an earlier screening: FROM of household_id, now, was (divisions), why."""

    rows: str
    counts: dict[str, int]  # by `why`; a household in another division is both new and removed in the rows


def differences(
    makers: list[duckdb.DuckDBPyConnection],
    work: Work,
    plan: Plan,
    source: Input,
    earlier: Earlier,
    now: Basis,
    ranges: list[Range],
) -> Differences:
    """Compare range by range. plan: lowered. Raises Refused when not one household is the same."""
    seen = _seen(plan, changed(earlier.basis.rules, now.rules))

    def make(con: duckdb.DuckDBPyConnection, number: int, folder: Path) -> None:
        chunk = source.source(ranges[number], JOINS[0])
        ids: dict[Entity, str] = {"household": chunk.household, "person": chunk.person}
        enrolments = Enrolments(plan, chunk.enrolment, ids, chunk.held)
        for statement in enrolments.statements(()):
            con.execute(statement)
        present = fingerprints(plan, chunk, reach(plan, now.only or plan.programmes), enrolments, seen)
        tests = [w for w in (ranges[number].where("division").removeprefix(" WHERE "), source.snapshot.where) if w]
        before = earlier.table("inputs", f" WHERE {' AND '.join(f'({t})' for t in tests)}" if tests else "")
        copy(con, _compared(present, before, plan), folder / "rows.parquet")

    make_pieces(makers, work, "differences", len(ranges), make)
    con = makers[0]
    rows = reading([work.chunk(n, "differences") / "rows.parquet" for n in range(len(ranges))])
    why = f"SELECT CASE WHEN count(*) = 2 THEN 'moved' ELSE min(why) END AS why FROM {rows} GROUP BY household_id"
    counts = dict.fromkeys(WHYS, 0) | dict(con.execute(f"SELECT why, count(*) FROM ({why}) GROUP BY why").fetchall())
    if earlier.basis.households and now.households and counts["new"] == now.households:
        raise Refused(Fault("since.population", {"path": str(earlier.path)}, "--since"))
    return Differences(rows, counts)


def _compared(present: str, before: str, plan: Plan) -> str:
    is_due = f"b.due_on <= DATE '{plan.as_of.isoformat()}'"
    return (
        "SELECT coalesce(n.household_id, b.household_id) AS household_id, n.division AS now, b.division AS was, "
        "CASE WHEN b.household_id IS NULL THEN 'new' WHEN n.household_id IS NULL THEN 'removed' "
        f"WHEN n.fingerprint <> b.fingerprint THEN 'changed' WHEN {is_due} THEN 'due' ELSE 'figures' END AS why "
        f"FROM ({present}) n FULL JOIN {before} b ON n.household_id = b.household_id AND n.division = b.division "
        "WHERE n.household_id IS NULL OR b.household_id IS NULL OR n.fingerprint <> b.fingerprint "
        f"OR {is_due} OR n.seen"
    )


def _seen(plan: Plan, found: Changed) -> dict[Entity, str]:
    """Which rows see a changed figure: by their division, or by the registered place that their facts name."""

    def of(entity: Entity) -> str:
        tests = [_in_counties("division", found.divisions)]
        if "hukou_division" in plan.facts and plan.facts["hukou_division"].entity == entity:
            tests.append(_in_counties("hukou_division", found.registered))
        return " OR ".join(t for t in tests if t) or "FALSE"

    return {"household": of("household"), "person": of("person")}


def _in_counties(column: str, counties: frozenset[str]) -> str:
    listed = ", ".join(f"'{c}'" for c in sorted(counties))
    return f"coalesce(left(s.{column}, 6) IN ({listed}), FALSE)" if listed else ""


# ---- their rows ------------------------------------------------------------------------------------------------------
def narrowed(con: duckdb.DuckDBPyConnection, source: Input, found: Differences, folder: Path) -> Input:
    """The rows of the households to recompute, in order, in files of their own."""
    folder.mkdir(exist_ok=True)
    wanted = f"(SELECT household_id, now AS {PLACE} FROM {found.rows} WHERE now IS NOT NULL)"
    own = "p.*" if source.division == "division" else f"p.* EXCLUDE ({PLACE})"
    queries = {
        "household": f"SELECT h.* FROM {source.household} h JOIN {wanted} USING (household_id) "
        "ORDER BY division, household_id",
        "person": f"SELECT {own}, w.{PLACE} FROM {source.person} p JOIN {wanted} w USING (household_id) "
        f"ORDER BY {PLACE}, household_id, person_id",
    }
    files = {name: folder / f"{name}.parquet" for name in (*queries, "enrolment")}
    for name, query in queries.items():
        _once(con, query, files[name])
    persons, households = (f"read_parquet('{files[name]}')" for name in ("person", "household"))
    enrolment = None
    if source.enrolment:
        ids = f"SELECT 'person', person_id FROM {persons} UNION ALL SELECT 'household', household_id FROM {households}"
        mine = f"SELECT e.* FROM ({source.enrolment}) e WHERE (subject_type, subject_id) IN ({ids})"
        _once(con, mine, files["enrolment"])
        enrolment = f"SELECT * FROM read_parquet('{files['enrolment']}')"
    counts = [con.execute(f"SELECT count(*) FROM {rows}").fetchall()[0][0] for rows in (households, persons)]
    return replace(
        source,
        person=persons,
        household=households,
        division=PLACE,
        households=counts[0],
        persons=counts[1],
        enrolment=enrolment,
        held=held_in(con, enrolment) if enrolment else {},
    )


def _once(con: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    if not file.exists():
        part = file.with_suffix(".part")
        copy(con, query, part)
        part.replace(file)


# ---- what is kept ----------------------------------------------------------------------------------------------------
def told(earlier: Earlier, source: Input, found: Differences) -> dict[str, Any]:
    """The object `delta` of a delta's summary."""
    since = {"path": str(earlier.path), "as_of": earlier.basis.as_of, "run": earlier.basis.run}
    recomputed = {"households": source.households, "persons": source.persons}
    return {"since": since, "recomputed": recomputed, "households": found.counts}


def keep_base(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    earlier: Earlier,
    found: Differences,
    source: Input,
    notes: tuple[Note, ...],
) -> None:
    """Everything else that making the delta whole needs. source, notes: of the whole snapshot."""
    stays = f"household_id IN (SELECT household_id FROM {found.rows} WHERE now IS NOT NULL)"
    gone = f"SELECT household_id, was AS division, NOT {stays} AS removed FROM {found.rows} WHERE was IS NOT NULL"
    copy(con, f"{gone} ORDER BY division, household_id", folder / DROPPED)
    earlier.link_layers(folder / BASE)
    people = asdict(Population.of(source.snapshot)) | {"as_of": source.snapshot.as_of.isoformat()}
    kept = {
        "format": DELTA_FORMAT,
        "population": people,
        "together": source.together and earlier.together,
        "notes": [[n.code, n.zh, n.en, n.programme] for n in notes],
    }
    write_json(folder / DELTA, kept)
