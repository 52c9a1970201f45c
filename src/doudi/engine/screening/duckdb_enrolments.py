"""Enrolments in bulk: folded to one row per subject of a chunk, joined where a programme is read.

What nobody is enrolled in costs nothing: the snapshot's pairs of subject and programme are known before any SQL is
written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from doudi.engine.policy.model import Enrolled, Entity, Plan
from doudi.engine.screening.repeats import barred_sql
from doudi.engine.screening.sql import Sql, quoted, stored, text

TABLE = "enrolments"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FEW = 50_000  # rows folded as they are: cheaper than finding those of the chunk
_ABSENT = {
    "in": "FALSE",
    "current": "CAST(0 AS DECIMAL(14,2))",
    "whole": "FALSE",
    "had": "FALSE",
    "persons": "[]::VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Held:
    """How many enrolments one kind of subject has in one programme, and whether any names its persons."""

    rows: int
    names_persons: bool


AllHeld = dict[tuple[str, str], Held]  # (subject type, programme)


def held_in(con: duckdb.DuckDBPyConnection, enrolment: str) -> AllHeld:
    """What a snapshot's enrolments hold. enrolment: SELECT of the format's columns."""
    rows = con.execute(
        "SELECT subject_type, programme, count(*), bool_or(persons IS NOT NULL) "
        f"FROM ({enrolment}) GROUP BY subject_type, programme"
    ).fetchall()
    return {(subject, programme): Held(n, named) for subject, programme, n, named in rows}


def column(entity: str, programme: str, what: str) -> str:
    """A column about enrolments: in, current (sum of amounts), whole (every member), persons (those named), had (given
    before, which bars the next time)."""
    return f"{entity}:{programme}~{what}"


def is_column(name: str, entity: str | None = None) -> bool:
    """Whether a name is such a column (of an entity)."""
    of = (f"{entity}:",) if entity else ("household:", "person:")
    return name.startswith(of) and "~" in name


def _on_its_day(node: Enrolled) -> str:
    """What the columns of a programme are called: `P`, or `P@2020-04-01` for another day than the run's."""
    return node.programme if node.on is None else f"{node.programme}@{node.on.isoformat()}"


def _named(programme: str) -> tuple[str, date | None]:
    """The programme and the day of such a name."""
    plain, at, day = programme.rpartition("@")
    return (plain, date.fromisoformat(day)) if at and _DAY.fullmatch(day) else (programme, None)


def _live(day: date) -> str:
    """SQL: whether an enrolment is in force on a day."""
    on = f"DATE '{day.isoformat()}'"
    return f"(coalesce(starts_on <= {on}, TRUE) AND coalesce(ends_on >= {on}, TRUE))"


class Enrolments:
    """Columns and statements about the enrolments in force of one chunk's subjects."""

    def __init__(self, plan: Plan, enrolment: str | None, ids: dict[Entity, str], held: AllHeld) -> None:
        """ids: SELECT of a chunk's persons, of its households."""
        self.plan, self.enrolment, self.ids, self.held = plan, enrolment, ids, held

    # ---- in expressions ----------------------------------------------------------------------------------------------
    def reads(self, node: Enrolled) -> set[str]:
        """The columns that `enrolled()` or `enrolled_amount()` reads."""
        of = _on_its_day(node)
        if node.type == "money":
            return {column(self._paid_to(node), of, "current")}
        if node.entity == "household":
            return {column("household", of, "in")}
        found = {column("person", of, "in")}
        if household := self.held.get(("household", node.programme)):
            found |= {column("household", of, w) for w in ("in", *self._who(household))}
        return found

    def sql(self, node: Enrolled) -> Sql:
        of = _on_its_day(node)
        if node.type == "money":
            return stored(quoted(column(self._paid_to(node), of, "current")), "money")
        if node.entity == "household":
            return Sql(quoted(column("household", of, "in")), "bool")
        himself = quoted(column("person", of, "in"))
        household = self.held.get(("household", node.programme))
        if household is None:
            return Sql(himself, "bool")
        inside, whole, named = (quoted(column("household", of, w)) for w in ("in", "whole", "persons"))
        covered = f"({inside} AND ({whole} OR list_contains({named}, person_id)))" if self._who(household) else inside
        return Sql(f"({himself} OR {covered})", "bool")

    def _who(self, household: Held) -> tuple[str, ...]:
        return ("whole", "persons") if household.names_persons else ()

    def _paid_to(self, node: Enrolled) -> Entity:
        """Whose enrolment carries the amount: the household's where the programme is a household's."""
        decided = self.plan.programmes.get(node.programme)
        return "household" if decided is not None and decided.subject == "household" else node.entity

    # ---- one row per subject -----------------------------------------------------------------------------------------
    def statements(self, programmes: Iterable[str]) -> list[str]:
        """The folded tables, for the kinds of subject that have enrolments. programmes: also as `P@2020-04-01`."""
        columns = [
            f"{self._due()} AS due",
            # Whose it is goes in too: one that passes from a member to another would else change nothing.
            "bit_xor(hash(hash(subject_type, subject_id, programme, amount, period, starts_on, ends_on, persons))) "
            "AS print",
        ]
        statements = []
        for entity in (e for e in self.ids if self.has(e)):
            folded = [c for p in sorted(set(programmes)) for c in self._folded(entity, p)]
            statements.append(
                f"CREATE OR REPLACE TEMP TABLE {TABLE}_{entity} AS SELECT subject_id, {', '.join(columns + folded)} "
                f"FROM (SELECT *, {_live(self.plan.as_of)} AS live FROM ({self._rows(entity)})) GROUP BY subject_id"
            )
        return statements

    def _folded(self, entity: Entity, programme: str) -> list[str]:
        """The columns of one programme that somebody of this kind holds."""
        plain, day = _named(programme)
        held = self.held.get((entity, plain))
        if held is None:
            return []
        live = _live(day) if day else "live"
        mine = f"FILTER (WHERE {live} AND programme = {text(plain)})"
        unpaid = f"count(*) FILTER (WHERE {live} AND programme = {text(plain)} AND amount IS NULL)"
        total = f"TRY_CAST(coalesce(sum(amount) {mine}, 0) AS DECIMAL(14,2))"
        found = [
            f"count(*) {mine} > 0 AS {quoted(programme + '~in')}",
            f"CASE WHEN {unpaid} = 0 THEN {total} END AS {quoted(programme + '~current')}",
        ]
        if barred := self._barred(plain):
            found.append(
                f"count(*) FILTER (WHERE programme = {text(plain)} AND {barred[0]}) > 0 AS {quoted(programme + '~had')}"
            )
        if not held.names_persons:
            return [*found, f"count(*) {mine} > 0 AS {quoted(programme + '~whole')}"]
        return [
            *found,
            f"coalesce(bool_or(persons IS NULL) {mine}, FALSE) AS {quoted(programme + '~whole')}",
            f"flatten(list(persons) {mine}) AS {quoted(programme + '~persons')}",
        ]

    def _barred(self, programme: str) -> tuple[str, str] | None:
        planned = self.plan.programmes.get(programme)
        return None if planned is None else barred_sql(planned, self.plan.as_of)

    def _due(self) -> str:
        """The next day on which an enrolment begins or has ended, or no longer bars another one."""
        day = f"DATE '{self.plan.as_of.isoformat()}'"
        dues = [f"min(CASE WHEN starts_on > {day} THEN starts_on WHEN ends_on >= {day} THEN ends_on + 1 END)"]
        for name in self.plan.programmes:
            if barred := self._barred(name):
                dues.append(f"min(CASE WHEN programme = {text(name)} AND {barred[0]} THEN {barred[1]} END)")
        return f"least({', '.join(dues)})" if len(dues) > 1 else dues[0]

    def has(self, entity: Entity) -> bool:
        """Whether any subject of this kind is enrolled in anything."""
        return any(subject == entity for subject, _ in self.held)

    def _rows(self, entity: Entity) -> str:
        mine = f"SELECT * FROM ({self.enrolment}) WHERE subject_type = '{entity}'"
        if sum(held.rows for (subject, _), held in self.held.items() if subject == entity) <= _FEW:
            return mine
        # A join, not IN: the few enrolments are hashed, not everybody.
        here = f"SELECT {entity}_id AS subject_id FROM ({self.ids[entity]})"
        return f"SELECT e.* FROM ({here}) JOIN ({mine}) e USING (subject_id)"

    # ---- on the rows of subjects `s` ---------------------------------------------------------------------------------
    def join(self, entity: Entity) -> str:
        return f" LEFT JOIN {TABLE}_{entity} e ON e.subject_id = s.{entity}_id" if self.has(entity) else ""

    def select(self, name: str) -> str:
        """One column of `column` for each subject, enrolled or not."""
        entity, rest = name.split(":", 1)
        programme, what = rest.rsplit("~", 1)
        if (entity, _named(programme)[0]) not in self.held:
            return f"{_ABSENT[what]} AS {quoted(name)}"
        found = f"e.{quoted(f'{programme}~{what}')}"
        return f"CASE WHEN e.subject_id IS NULL THEN {_ABSENT[what]} ELSE {found} END AS {quoted(name)}"

    def prints(self, entity: Entity, own: str) -> list[str]:
        """Columns of subjects: the hash of a row (`own`) with its enrolments, and their next day (NULL: none)."""
        if not self.has(entity):
            return [f'{own} AS "row:print"', 'NULL::DATE AS "row:due"']
        return [f'xor({own}, coalesce(e.print, 0)) AS "row:print"', 'e.due AS "row:due"']
