"""Values of other months in bulk: the table `fact`, laid out once with a column for each name that the plan reads.

Laid out in the order of the output, so that each chunk reads its own part. A month that shares its year (`history.py`)
is worked out beside the row of its subject, where the month of the run stands. What nobody told costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from doudi.engine.policy.model import Entity, Fact, Plan
from doudi.engine.policy.periods import period_of, plain_name
from doudi.engine.screening.emit_sql import quotient
from doudi.engine.screening.history import is_shared, month_name, month_of, year_name
from doudi.engine.screening.snapshot.columns import Column, absent, is_unknown, literal, typed
from doudi.engine.screening.sql import FINEST, SQL_TYPES, WIDEST, Sql, quoted, text
from doudi.engine.values import Month

SHARED = f"DECIMAL({WIDEST},{FINEST})"  # a twelfth has six decimals, whatever the fact has
PLACE = "place"  # the division of the household, which orders the output
Told = frozenset[tuple[str, str]]  # (subject type, name as in `Household.facts`: `income@2020-04`)


def told_in(con: duckdb.DuckDBPyConnection, fact: str) -> Told:
    """Whose which value of which period the table holds. fact: what its rows are read from."""
    rows = con.execute(f"SELECT DISTINCT subject_type, fact, period FROM {fact}").fetchall()
    return frozenset((subject, f"{name.replace('__', '.')}@{period}") for subject, name, period in rows)


@dataclass(frozen=True, slots=True)
class History:
    """The columns of other periods for one kind of subject; all are as rules see them, as in `snapshot.Table.source`.

    plain: the columns of the subject's own table; laid_out: a FROM expression, set where the table holds any of them.
    """

    plan: Plan
    entity: Entity
    told: Told
    plain: frozenset[str]
    laid_out: str = ""

    @property
    def facts(self) -> list[Fact]:
        """Facts that are no plain column: of other periods, and those that may share a year."""
        mine = (f for f in self.plan.facts.values() if f.entity == self.entity)
        return [f for f in mine if period_of(f.name) or is_shared(f)]

    @property
    def overrides(self) -> list[str]:
        """Variables of other periods that somebody told."""
        found = (d for d in self.plan.definitions.values() if period_of(d.name) and d.entity == self.entity)
        found = (d for d in found if plain_name(d.name) not in self.plan.pack.neutralised)
        return sorted(d.name for d in found if self._is_told(d.name))

    def rows(self, fact: str) -> str:
        """SELECT of the table's rows that are read; empty where none is. fact: what the table is read from."""
        names = sorted({_written(n) for n in self._read()})
        listed = ", ".join(map(text, names))
        mine = f"subject_type = '{self.entity}' AND fact IN ({listed})"
        return f"SELECT subject_id, fact, period, value FROM {fact} WHERE {mine}" if names else ""

    def layout(self, rows: str) -> str:
        """SELECT of one row per subject with the texts told. rows: SELECT of some subjects' rows."""
        texts = ", ".join(f"any_value(value) FILTER (WHERE {_row_of(n)}) AS {quoted(n)}" for n in sorted(self._read()))
        return f"SELECT subject_id, {texts} FROM ({rows}) GROUP BY subject_id"

    def placed(self, layout: str, subjects: str, division: str) -> str:
        """The laid out rows in the order of the output.

        subjects: what the subjects are read from; division: the column with the division of the household.
        """
        return (
            f"SELECT f.*, s.{division} AS {PLACE}, s.household_id FROM ({layout}) f "
            f"JOIN {subjects} s ON s.{self.entity}_id = f.subject_id ORDER BY {PLACE}, s.household_id, f.subject_id"
        )

    def joined(self, rows: str, where: str) -> str:
        """The subjects with these columns. rows: SELECT of the plain ones; where: the chunk's part of laid_out."""
        replaced = [f"{self._fact(f)} AS {quoted(f.name)}" for f in self.facts if f.name in self.plain]
        added = [f"{self._fact(f)} AS {quoted(f.name)}" for f in self.facts if f.name not in self.plain]
        for name in self.overrides:
            given = f"f.{quoted(name)} IS NOT NULL AS {quoted(name + '__given')}"
            added += [f"{typed(self._column(name), 'VARCHAR')} AS {quoted(name)}", given]
        if not replaced and not added:
            return rows
        star = f"s.* REPLACE ({', '.join(replaced)})" if replaced else "s.*"
        join = (
            f" LEFT JOIN (FROM {self.laid_out}{where}) f ON f.subject_id = s.{self.entity}_id" if self.laid_out else ""
        )
        return f"SELECT {', '.join([star, *added])} FROM ({rows}) s{join}"

    # ---- what is laid out ------------------------------------------------------------------------------------------
    def _read(self) -> set[str]:
        """Names in the table that the columns are made of."""
        names = {f.name for f in self.facts} | set(self.overrides)
        for fact in (f for f in self.facts if is_shared(f)):
            names |= {*self._months(fact), self._year(fact)}
        return {n for n in names if self._is_told(n)}

    def _is_told(self, name: str) -> bool:
        return (self.entity, name) in self.told

    # ---- one column ------------------------------------------------------------------------------------------------
    def _column(self, name: str) -> Column:
        """The text of a told value as a column that the snapshot's own SQL can read."""
        fact = self.plan.facts.get(name)
        declared = fact or self.plan.definitions[name]
        return Column(name, declared.type, fact=fact, is_override=fact is None)

    def _fact(self, fact: Fact) -> str:
        """A fact as rules see it: told, else its part of a year, else what stands for one that nobody told."""
        kind = SHARED if is_shared(fact) else SQL_TYPES[fact.type]
        parts = list(self._parts(fact))
        otherwise = absent(fact, self.plan.pack.missing == "default")
        if otherwise != "NULL":
            parts.append(otherwise)
        value = ", ".join(f"CAST({p} AS {kind})" for p in parts)
        seen = f"coalesce({value})" if parts else f"CAST(NULL AS {kind})"
        lost = self._lost(fact)
        return f"CASE WHEN NOT ({lost}) THEN {seen} END" if lost else seen

    def _parts(self, fact: Fact) -> Iterator[str]:
        if (own := self._own(fact, fact.name)) is not None:
            yield own[0]
        if is_shared(fact) and self._is_told(self._year(fact)):
            yield self._part_of_year(fact)

    def _own(self, fact: Fact, name: str) -> tuple[str, str] | None:
        """SQL of a month's own value and of whether it is said to be unknown; None where nobody told it."""
        if name in self.plain:
            return f"s.{quoted(name)}", f"s.{quoted(name + '__said')}"
        if not self._is_told(name):
            return None
        column = Column(name, fact.type, fact=fact)
        return typed(column, "VARCHAR"), is_unknown(column, "VARCHAR")

    def _lost(self, fact: Fact) -> str:
        """Whether the value is said to be unknown, or its part of the year cannot be told."""
        own = self._own(fact, fact.name)
        said = [own[1]] if own else []
        if is_shared(fact) and self._is_told(self._year(fact)):
            whole = is_unknown(Column(self._year(fact), fact.type, fact=fact), "VARCHAR")
            part = self._part_of_year(fact)
            limits = [(sign, limit) for sign, limit in (("<", fact.min), (">", fact.max)) if limit is not None]
            others = [whole, *(told[1] for told in self._told_months(fact))]
            others += [f"coalesce({part} {sign} {literal(limit)}, FALSE)" for sign, limit in limits]
            is_given = f"{quoted(self._year(fact))} IS NOT NULL"
            missing = f"{own[0]} IS NULL" if own else "TRUE"
            said.append(f"({is_given} AND {missing} AND ({' OR '.join(others)}))")
        return " OR ".join(said)

    def _part_of_year(self, fact: Fact) -> str:
        whole = typed(Column(self._year(fact), fact.type, fact=fact), "VARCHAR")
        own = [value for value, _ in self._told_months(fact)]
        known = " + ".join(f"coalesce(CAST({v} AS DECIMAL(38,6)), 0)" for v in own) or "0"
        n = " - ".join(["12", *(f"({v} IS NOT NULL)::INTEGER" for v in own)])
        left = Sql(f"TRY_CAST(CAST({whole} AS DECIMAL(38,6)) - ({known}) AS {SHARED})", fact.type, WIDEST, FINEST)
        return quotient(fact.type, left, Sql(f"({n})", "int", 2), FINEST).text

    def _told_months(self, fact: Fact) -> list[tuple[str, str]]:
        found = (self._own(fact, name) for name in self._months(fact))
        return [told for told in found if told is not None]

    def _months(self, fact: Fact) -> list[str]:
        as_of, year = self.plan.as_of, month_of(fact.name, self.plan.as_of).year
        return [month_name(plain_name(fact.name), Month(year, n), as_of) for n in range(1, 13)]

    def _year(self, fact: Fact) -> str:
        return year_name(plain_name(fact.name), month_of(fact.name, self.plan.as_of).year)


def _written(name: str) -> str:
    """As the table writes a name: a variable of a programme like the column of a snapshot."""
    return plain_name(name).replace(".", "__")


def _row_of(name: str) -> str:
    return f"fact = {text(_written(name))} AND period = {text(period_of(name))}"
