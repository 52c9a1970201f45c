"""The rows of one chunk as SQL, and the fingerprint of all that the answers of a household rest on."""

from __future__ import annotations

from dataclasses import dataclass

from doudi.engine.policy.model import Entity, Plan
from doudi.engine.screening.duckdb_enrolments import AllHeld, Enrolments
from doudi.engine.screening.reach import Reach
from doudi.engine.screening.sql import quoted

KEYS: dict[Entity, tuple[str, ...]] = {
    "household": ("household_id", "division"),
    "person": ("person_id", "household_id", "division"),
}
KEY, PRINT, DUE = '"row:key"', '"row:print"', '"row:due"'


@dataclass(frozen=True, slots=True)
class Source:
    """A snapshot as SQL of one chunk: queries or table names.

    person, household: the ids, division, role, facts by name; an overridden variable x as `x`, and `x__given` where
    the cell says anything (a given NULL is an explicit unknown); `row:key`, what joins a household and its members (a
    number joins far faster than a text).
    enrolment: the format's columns, or None when the table is absent; held: what it holds.
    counties: those of the snapshot (six digits); here: those that the divisions of this chunk lie in (None: all).
    """

    person: str
    household: str
    enrolment: str | None
    held: AllHeld
    facts: dict[Entity, frozenset[str]]
    overrides: dict[Entity, frozenset[str]]
    counties: frozenset[str]
    here: frozenset[str] | None = None


def row_print(plan: Plan, source: Source, reached: Reach, entity: Entity) -> str:
    """A hash of all that answers read of a row `s`.

    Hashed once more: the last column goes plainly into the hash of a row, so that two members who exchange their
    values would else cancel out in the household's XOR.
    """
    shown = [*KEYS[entity], *(["role"] if entity == "person" else [])]
    columns = [f"s.{key}" for key in shown]
    for name in reached.of("fact"):
        if name not in shown and name in plan.facts and plan.facts[name].entity == entity:
            columns.append(f"s.{quoted(name)}" if name in source.facts[entity] else "NULL")
    for name in sorted(source.overrides[entity].intersection(reached.of("definition"))):
        columns += [f"s.{quoted(name)}", f"s.{quoted(name + '__given')}"]
    return f"hash(hash({', '.join(columns)}))"


def fingerprints(plan: Plan, source: Source, reached: Reach, enrolments: Enrolments, seen: dict[Entity, str]) -> str:
    """SELECT of household_id, division, fingerprint as in inputs, and whether `seen` holds for a row of the household.

    seen: a condition on the rows `s` of each kind. Needs the enrolments folded (`enrolments.statements(())`).
    """

    def rows(entity: Entity) -> str:
        shown, _ = enrolments.prints(entity, row_print(plan, source, reached, entity))
        keys = ", ".join(f"s.{key}" for key in (*KEYS[entity], KEY))
        table = source.person if entity == "person" else source.household
        return f"SELECT {keys}, {shown}, {seen[entity]} AS seen FROM ({table}) s{enrolments.join(entity)}"

    members = f"SELECT {KEY}, bit_xor({PRINT}) AS {PRINT}, bool_or(seen) AS seen FROM ({rows('person')}) GROUP BY {KEY}"
    return (
        f"SELECT b.household_id, b.division, xor(b.{PRINT}, coalesce(a.{PRINT}, 0)) AS fingerprint, "
        "coalesce(a.seen, FALSE) OR coalesce(b.seen, FALSE) AS seen "
        f"FROM ({rows('household')}) b LEFT JOIN ({members}) a ON a.{KEY} = b.{KEY}"
    )
