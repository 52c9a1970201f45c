"""Clues (核查线索) from the states of a chunk: what a person should look at, never a verdict.

missed, amount and no_longer_eligible are exactly as many as their states; covered_to_verify is a clue only where a sign
asks for it; overlaps stand in `overlaps`.
"""

from __future__ import annotations

from datetime import date

from doudi.engine.policy.model import PlannedProgramme
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_enrolments import column
from doudi.engine.screening.duckdb_source import KEYS
from doudi.engine.screening.overlaps import overlaps
from doudi.engine.screening.python import AMOUNT_BIT
from doudi.engine.screening.risks import risks
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
_FOUND = "found_person"
_HIGHEST = 100


def found_persons(chunk: Chunk, person_file: str) -> str:
    """CREATE of the persons that can have a finding, to be run before `select_findings`.

    person_file: outcomes_person of the chunk, which says all of them but the signs: only where a programme has signs
    are they computed again, for these few.
    """
    programmes = chunk.programmes("person")
    read = [column for p in programmes for column in _read_back(p)]
    asked = [f"{p.name}{what}" for p in programmes for what in ("~asks", "~priority")]
    signs = [n for n in asked if chunk.items.all[n].reads]
    columns = [f"s.{name}" for name in KEYS["person"]]
    columns += [f"s.{quoted(p.name + what)}" for p in programmes for what in _WHAT]
    columns += [
        chunk.enrolments.select(column("person", p.name, what)) for p in programmes for what in ("in", "current")
    ]
    columns += [f"g.{quoted(n)}" if n in signs else f"{_NO_SIGN[n.split('~')[1]]} AS {quoted(n)}" for n in asked]
    states = ", ".join(f"'{state}'" for state in (*KINDS.values(), "covered_to_verify"))
    some = " OR ".join(f"{quoted(p.name + '__state')}::VARCHAR IN ({states})" for p in programmes) or "FALSE"
    few = f"FROM read_parquet({text(person_file)}) WHERE {some}"
    rows = f"(SELECT {', '.join([*KEYS['person'], *read])} {few}) s{chunk.enrolments.join('person')}"
    if signs:
        again = chunk.persons(f" WHERE s.person_id IN (SELECT person_id {few})", signs)
        rows += f" JOIN ({again}) g ON g.person_id = s.person_id"
    return f"CREATE OR REPLACE TEMP TABLE {_FOUND} AS SELECT {', '.join(columns)} FROM {rows}"


_WHAT = ("~outcome", "~amount", "~failed", "~unknown", "~state")
_NO_SIGN = {"asks": "TRUE", "priority": "0::UTINYINT"}


def _read_back(p: PlannedProgramme) -> list[str]:
    """The columns of the file as a chunk names them."""
    kinds = ("::outcome", "", "", f" & {(1 << AMOUNT_BIT) - 1}", "::state")
    return [
        f"{quoted(p.name + what.replace('~', '__'))}{kind} AS {quoted(p.name + what)}"
        for what, kind in zip(_WHAT, kinds, strict=True)
    ]


def select_findings(chunk: Chunk, person_file: str) -> str:
    """SELECT of every finding of a chunk, unordered. person_file: as before."""
    parts = []
    for p in chunk.plan.programmes.values():
        if p.name not in chunk.reported:
            continue
        parts.append(_of_programme(chunk, p))
        parts += [part for e in p.excludes if not e.mirrored for part in overlaps(chunk, p, e, person_file)]
    parts += risks(chunk)
    columns = ", ".join(c for c in COLUMNS if c not in ("finding_id", "first_seen"))
    named = "coalesce(programme, ''), coalesce(other, '')"
    key = f"concat_ws('|', 'doudi-finding/1', kind, subject_type, subject_id, {named})"
    rows = " UNION ALL ".join(parts) or _nothing()
    return (
        f"SELECT left(sha256({key}), 32) AS finding_id, {columns}, {_day(chunk.plan.as_of)} AS first_seen FROM ({rows})"
    )


def _of_programme(chunk: Chunk, p: PlannedProgramme) -> str:
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
    rows = chunk.household_table if p.subject == "household" else _FOUND
    states = ", ".join(f"'{state}'::state" for state in KINDS.values())
    # Few rows pass; everything else is said only of these.
    some = f"{state} IN ({states}) OR ({state} = 'covered_to_verify'::state AND {asks})"
    return f"SELECT {columns} FROM {rows} WHERE {some}"


def _names(p: PlannedProgramme, mask: str) -> str:
    """The names of the conditions in a mask, in order of their bits."""
    if not p.conditions:
        return "[]::VARCHAR[]"
    names = ", ".join(f"CASE WHEN {mask}::BIGINT & {1 << c.bit} <> 0 THEN {text(c.name)} END" for c in p.conditions)
    return f"CASE WHEN {mask} = 0 THEN []::VARCHAR[] ELSE list_filter([{names}], lambda n: n IS NOT NULL) END"


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
