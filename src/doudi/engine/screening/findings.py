"""Clues (核查线索) from the states of a chunk: what a person should look at, never a verdict.

missed, amount and no_longer_eligible are exactly as many as their states; covered_to_verify is a clue only where a sign
asks for it; overlaps stand in `overlaps`.
"""

from __future__ import annotations

from datetime import date

from doudi.engine.policy.model import PlannedProgramme
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_enrolments import column
from doudi.engine.screening.overlaps import overlaps
from doudi.engine.screening.sql import quoted, text

COLUMNS = (
    "finding_id", "kind", "subject_type", "subject_id", "household_id", "division", "programme", "other",
    "current_amount", "due_amount", "failed", "unknown", "priority", "priority_parts", "first_seen",
)  # fmt: skip
ORDER = "division, household_id, subject_type, subject_id, programme, kind, other"
KINDS = {
    "missed": "missed", "amount": "covered_wrong_amount", "no_longer_eligible": "covered_not_eligible",
    "to_verify": "to_verify",
}  # fmt: skip
_HIGHEST = 100


def select_findings(chunk: Chunk, person_file: str) -> str:
    """SELECT of every finding of a chunk, unordered. person_file: outcomes_person of the chunk, written before."""
    parts = []
    for p in chunk.plan.programmes.values():
        if p.name not in chunk.reported:
            continue
        parts.append(_of_programme(chunk, p, person_file))
        parts += [part for e in p.excludes if not e.mirrored for part in overlaps(chunk, p, e, person_file)]
    columns = ", ".join(c for c in COLUMNS if c not in ("finding_id", "first_seen"))
    key = "concat_ws('|', 'doudi-finding/1', kind, subject_type, subject_id, programme, coalesce(other, ''))"
    rows = " UNION ALL ".join(parts) or _nothing()
    return (
        f"SELECT left(sha256({key}), 32) AS finding_id, {columns}, {_day(chunk.plan.as_of)} AS first_seen FROM ({rows})"
    )


def _of_programme(chunk: Chunk, p: PlannedProgramme, person_file: str) -> str:
    def at(what: str) -> str:
        return quoted(f"{p.name}~{what}")

    state, asks = at("state"), at("asks")
    cases = " ".join(f"WHEN {state} = '{s}'::state THEN '{kind}'" for kind, s in KINDS.items())
    kind = f"CASE {cases} WHEN {state} = 'covered_to_verify'::state AND {asks} THEN 'to_verify' END"
    current = column(p.subject, p.name, "current")
    enrolled = column(p.subject, p.name, "in")
    # In doubt without an unknown condition: it is the amount that is unknown.
    in_doubt = f"{at('outcome')} = 'needs_verification'::outcome AND {at('unknown')} = 0"
    unknown = f"CASE WHEN {in_doubt} THEN ['amount'] ELSE {_names(p, at('unknown'))} END"
    columns = (
        f"{kind} AS kind, '{p.subject}' AS subject_type, {p.subject}_id AS subject_id, household_id, division, "
        f"{text(p.name)} AS programme, NULL::VARCHAR AS other, "
        f"CASE WHEN {quoted(enrolled)} THEN {quoted(current)} END AS current_amount, {at('amount')} AS due_amount, "
        f"{_names(p, at('failed'))} AS failed, {unknown} AS unknown, {_priority(p, at('priority'))}"
    )
    return f"SELECT * FROM (SELECT {columns} FROM {_rows(chunk, p, person_file)}) WHERE kind IS NOT NULL"


def _rows(chunk: Chunk, p: PlannedProgramme, person_file: str) -> str:
    """Subjects that can have a finding; persons are computed again, but only these few."""
    if p.subject == "household":
        return chunk.household_table
    states = ", ".join(f"'{s}'" for s in (*KINDS.values(), "covered_to_verify"))
    state = quoted(f"{p.name}__state")
    few = f"SELECT person_id FROM read_parquet({text(person_file)}) WHERE {state}::VARCHAR IN ({states})"
    return f"({chunk.persons(f' WHERE s.person_id IN ({few})')})"


def _names(p: PlannedProgramme, mask: str) -> str:
    """The names of the conditions in a mask, in order of their bits."""
    if not p.conditions:
        return "[]::VARCHAR[]"
    names = ", ".join(f"CASE WHEN {mask}::BIGINT & {1 << c.bit} <> 0 THEN {text(c.name)} END" for c in p.conditions)
    return f"list_filter([{names}], lambda n: n IS NOT NULL)"


def _priority(p: PlannedProgramme, mask: str) -> str:
    if not p.priority:
        return "0 AS priority, []::VARCHAR[] AS priority_parts"
    tests = [(f"{mask}::BIGINT & {1 << i} <> 0", part) for i, part in enumerate(p.priority)]
    points = " + ".join(f"CASE WHEN {test} THEN {int(part.points)} ELSE 0 END" for test, part in tests)
    names = ", ".join(f"CASE WHEN {test} THEN {text(part.name)} END" for test, part in tests)
    return f"least({points}, {_HIGHEST}) AS priority, list_filter([{names}], lambda n: n IS NOT NULL) AS priority_parts"


def _nothing() -> str:
    kinds = "NULL::VARCHAR AS kind, NULL::VARCHAR AS subject_type, NULL::VARCHAR AS subject_id"
    places = "NULL::VARCHAR AS household_id, NULL::VARCHAR AS division, NULL::VARCHAR AS programme"
    amounts = "NULL::VARCHAR AS other, NULL::DECIMAL(14,2) AS current_amount, NULL::DECIMAL(14,2) AS due_amount"
    lists = "[]::VARCHAR[] AS failed, []::VARCHAR[] AS unknown, 0 AS priority, []::VARCHAR[] AS priority_parts"
    return f"SELECT {kinds}, {places}, {amounts}, {lists} WHERE FALSE"


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"
