"""A plan's statements over three plain tables `person`, `household`, `enrolment`, for whatever database holds them.

The rows are those that rules see: checked, presumed values filled in, other months worked out. DuckDB makes them from
the snapshot (`rows`), whoever runs the statements only computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from doudi.engine.policy.model import Plan
from doudi.engine.screening.dialects.rewriting import Dialect, Statement, translated
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_source import Source
from doudi.engine.screening.outputs import select_household, select_person

# The id itself joins a household and its members: a hash of DuckDB is no other database's.
JOINS = "household_id"


@dataclass(frozen=True, slots=True)
class Portable:
    """rows: by table, the DuckDB query of what it holds; chunk: the same plan, reading those tables."""

    chunk: Chunk
    rows: dict[str, str]

    @staticmethod
    def of(plan: Plan, source: Source, programmes: tuple[str, ...] = ()) -> Portable:
        """plan: lowered. source: the rows of everybody, joined by `JOINS`. programmes: only these, empty for all."""
        rows = {"person": source.person, "household": source.household}
        if source.enrolment is not None:
            rows["enrolment"] = source.enrolment
        plain = replace(
            source, person="SELECT * FROM person", household="SELECT * FROM household",
            enrolment=source.enrolment and "SELECT * FROM enrolment",
        )  # fmt: skip
        return Portable(Chunk(plan, plain, programmes), rows)

    def tables(self, dialect: Dialect) -> Iterator[Statement]:
        """The tables of the computation in order; the last one has the answers of households."""
        for statement in (self.chunk.parameters.table(), *self.chunk.statements):
            yield translated(statement, dialect)

    def households(self, dialect: Dialect) -> str:
        """SELECT of outcomes_household."""
        return translated(select_household(self.chunk), dialect).query

    def persons(self, dialect: Dialect) -> str:
        """SELECT of outcomes_person, unordered."""
        return translated(select_person(self.chunk), dialect).query

    def script(self, dialect: Dialect) -> list[str]:
        """Every statement of a session: what it needs first, the tables, then the answers of households and persons."""
        made = [dialect.create(s.table, s.query) for s in self.tables(dialect)]
        return [*dialect.before, *made, self.households(dialect), self.persons(dialect)]
