"""The columns a table may have, and for each kind: typed SQL of a cell and what makes a cell wrong.

A cell is wrong or right by SQL alone, so that a million rows are judged in one scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date
from decimal import Decimal
from typing import Literal

from doudi.engine.policy.lived import lived_between
from doudi.engine.policy.model import Entity, Fact, Pack, Scalar, Type
from doudi.engine.screening.household import UNKNOWN
from doudi.engine.screening.python import zero

# A reference is an id that must stand in another table, where it was judged.
Role = Literal["id", "reference", "division", "value", "required", "list"]
SQL_TYPES: dict[Type, str] = {
    "bool": "BOOLEAN",
    "int": "BIGINT",
    "money": "DECIMAL(14,2)",
    "number": "DECIMAL(18,6)",
    "rate": "DECIMAL(18,6)",
    "date": "DATE",
    "text": "VARCHAR",
    "enum": "VARCHAR",
    "area": "VARCHAR",
}
_INTEGERS = r"(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)"
_PHYSICAL: dict[Type, str] = {
    "bool": r"BOOLEAN|VARCHAR",
    "int": rf"{_INTEGERS}|DECIMAL\(\d+,0\)|VARCHAR",
    "money": rf"{_INTEGERS}|DECIMAL\(\d+,[0-2]\)|VARCHAR",
    "number": rf"{_INTEGERS}|DECIMAL\(\d+,[0-6]\)|VARCHAR",
    "rate": rf"{_INTEGERS}|DECIMAL\(\d+,[0-6]\)|VARCHAR",
    "date": r"DATE|VARCHAR",
    "text": r"VARCHAR|ENUM\(.*\)|UUID",
    "enum": r"VARCHAR|ENUM\(.*\)",
    "area": r"VARCHAR|ENUM\(.*\)",
}
# What can be planted in a made-up population: a finding of one of the kinds, or none.
TRUTHS = ("clean", "missed", "no_longer_eligible", "amount", "to_verify", "overlap", "risk")
_LARGEST_INT = 10**15 - 1  # as many digits as a text may write
_APART = r"[\s;,\[\]\"]+"
_WRITTEN: dict[Type, str] = {
    "int": r"-?[0-9]{1,15}",
    "money": r"-?[0-9]{1,12}(\.[0-9]{1,2})?",
    "number": r"-?[0-9]{1,12}(\.[0-9]{1,6})?",
    "rate": r"-?[0-9]{1,12}(\.[0-9]{1,6})?",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
_INVISIBLE = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one table.

    name: in the file; target: the name rules read (`dibao.income` for the column `dibao__income`).
    fact: the pack's fact behind it, if any; is_override: it replaces a variable.
    """

    name: str
    type: Type
    role: Role = "value"
    target: str = ""
    fact: Fact | None = None
    is_override: bool = False
    values: tuple[str, ...] = ()
    min: Decimal | int | None = None
    max: Decimal | int | None = None
    earliest: date | None = None
    latest: date | None = None

    @property
    def takes_unknown(self) -> bool:
        return self.fact is not None or self.is_override


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of wrong cell: code of the fault and SQL that is true for one."""

    code: str
    wrong: str


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: Scalar) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return "'" + value.replace("'", "''") + "'"


def columns_of(table: str, pack: Pack, as_of: date) -> dict[str, Column]:
    """Every column that a table may have, by its name in the file."""
    return {c.name: c for c in _MAKERS[table](pack, as_of)}


def _person(pack: Pack, as_of: date) -> Iterator[Column]:
    yield Column("person_id", "text", "id")
    yield Column("household_id", "text", "reference")
    yield Column("division", "area", "division")
    yield Column("role", "enum", values=pack.roles)
    yield from _of_entity("person", pack, as_of)


def _household(pack: Pack, as_of: date) -> Iterator[Column]:
    yield Column("household_id", "text", "id")
    yield Column("division", "area", "division")
    yield from _of_entity("household", pack, as_of)


def _of_entity(entity: Entity, pack: Pack, as_of: date) -> Iterator[Column]:
    for fact in pack.facts.values():
        if fact.entity == entity and fact.name not in ("role", "division"):
            earliest, latest = lived_between(fact, as_of)
            yield Column(
                fact.name, fact.type, "value", fact.name, fact, False, fact.values, fact.min, fact.max, earliest, latest
            )
    for variable in pack.variables.values():
        if variable.entity == entity:
            yield Column(variable.name.replace(".", "__"), variable.type, target=variable.name, is_override=True)


def _enrolment(pack: Pack, as_of: date) -> Iterator[Column]:
    yield from _subject()
    programmes = (*pack.programmes, *pack.other_programmes)
    yield Column("programme", "enum", "required", values=programmes)
    yield Column("amount", "money", min=0)
    yield Column("period", "enum", values=("month", "year", "once"))
    yield Column("starts_on", "date", latest=as_of.replace(day=1, year=min(as_of.year + 1, MAXYEAR)))
    yield Column("ends_on", "date")
    yield Column("persons", "text", "list")


def _subject() -> Iterator[Column]:
    yield Column("subject_type", "enum", "required", values=("person", "household"))
    yield Column("subject_id", "text", "reference")


def _fact(pack: Pack, as_of: date) -> Iterator[Column]:
    yield from _subject()
    variables = (name.replace(".", "__") for name in pack.variables)
    yield Column("fact", "enum", "required", values=(*pack.facts, *variables))
    yield Column("period", "text", "required")
    yield Column("value", "text", "required")


def _unknown(pack: Pack, as_of: date) -> Iterator[Column]:
    yield from _subject()
    yield Column("fact", "enum", "required", values=tuple(pack.facts))


def _truth(pack: Pack, as_of: date) -> Iterator[Column]:
    yield from _subject()
    yield Column("programme", "enum", values=(*pack.programmes, *pack.other_programmes))
    yield Column("kind", "enum", "required", values=TRUTHS)
    yield Column("why", "text")


_MAKERS = {
    "person": _person,
    "household": _household,
    "enrolment": _enrolment,
    "fact": _fact,
    "unknown": _unknown,
    "truth": _truth,
}
NEEDED = {
    "person": ("person_id", "household_id", "division", "role"),
    "household": ("household_id", "division"),
    "enrolment": ("subject_type", "subject_id", "programme", "amount", "period", "starts_on", "ends_on"),
    "fact": ("subject_type", "subject_id", "fact", "period", "value"),
    "unknown": ("subject_type", "subject_id", "fact"),
    "truth": ("subject_type", "subject_id", "programme", "kind", "why"),
}


def sql_type(column: Column) -> str:
    return "VARCHAR[]" if column.role == "list" else SQL_TYPES[column.type]


def takes(column: Column, physical: str) -> bool:
    """Whether a column of this file type can hold the values: money never stands in a float."""
    if column.role == "list":
        return physical in ("VARCHAR", "VARCHAR[]")
    if column.role in ("id", "reference"):  # compared as texts, by code point
        return physical == "VARCHAR"
    return re.fullmatch(_PHYSICAL[column.type], physical, re.DOTALL) is not None


def typed(column: Column, physical: str) -> str:
    """SQL of the cell's value; NULL for an empty, unknown or wrong cell."""
    q, kind = quoted(column.name), SQL_TYPES[column.type]
    if column.role == "list":
        # In a CSV cell the ids stand as a JSON list or apart by spaces, commas or semicolons.
        parts = f"regexp_split_to_array({q}, '{_APART}')"
        return q if physical == "VARCHAR[]" else f"list_filter({parts}, lambda x: x <> '')"
    if physical == "VARCHAR" and column.type == "bool":
        return f"CASE {q} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
    if physical == "VARCHAR" and column.type in _WRITTEN:
        return f"CASE WHEN regexp_full_match({q}, '{_WRITTEN[column.type]}') THEN TRY_CAST({q} AS {kind}) END"
    if physical == "VARCHAR" and column.takes_unknown:
        return f"nullif({q}, '{UNKNOWN}')"
    return q if physical == kind else f"TRY_CAST({q} AS {kind})"


def scalar_of(written: str, type: Type) -> Scalar:
    """A value of the table `fact`, which writes all of them as text; `unknown` stays."""
    if written == UNKNOWN or type in ("text", "enum", "area"):
        return written
    if type == "bool":
        return written == "true"
    if type == "int":
        return int(written)
    return date.fromisoformat(written) if type == "date" else Decimal(written)


def is_unknown(column: Column, physical: str) -> str:
    """SQL that is true where the cell says `unknown` in so many letters."""
    return f"({quoted(column.name)} IS NOT DISTINCT FROM '{UNKNOWN}')" if physical == "VARCHAR" else "FALSE"


def absent(fact: Fact, default: bool) -> str:
    """SQL of what stands for a fact that nobody told: presumed, else (under `missing: default`) its default."""
    value = fact.presumed
    if value is None and default:
        value = fact.default if fact.default is not None else zero(fact.type)
    return "NULL" if value is None else f"CAST({literal(value)} AS {SQL_TYPES[fact.type]})"


def filled(column: Column, value: str, unknown: str, default: bool) -> str:
    """SQL of a fact as rules see it: given, else what stands for one that is not."""
    if column.fact is None or (otherwise := absent(column.fact, default)) == "NULL":
        return value
    seen = f"coalesce({value}, {otherwise})"
    return seen if unknown == "FALSE" else f"CASE WHEN NOT {unknown} THEN {seen} END"


def wrong_cells(column: Column, physical: str) -> Iterator[Cell]:
    """Every kind of wrong cell this column can have, as SQL over the raw table."""
    q, value = quoted(column.name), typed(column, physical)
    if column.role in ("id", "reference", "required", "division"):
        yield Cell("snapshot.empty", f"({q} IS NULL OR CAST({q} AS VARCHAR) = '')")
    if column.role == "id":
        yield Cell("snapshot.id", f"(length({q}) > 64)")
        yield Cell("snapshot.id_invisible", f"regexp_matches(CAST({q} AS VARCHAR), '{_INVISIBLE}')")
    if column.role == "list":
        return
    exempt = f" AND {q} <> '{UNKNOWN}'" if physical == "VARCHAR" and column.takes_unknown else ""
    if (column.type in _WRITTEN or column.type == "bool") and physical != SQL_TYPES[column.type]:
        yield Cell(f"snapshot.not_{column.type}", f"({q} IS NOT NULL AND ({value}) IS NULL{exempt})")
    if column.type == "enum":
        allowed = ", ".join(literal(v) for v in column.values) or "NULL"
        yield Cell("snapshot.not_value", f"(({value}) IS NOT NULL AND {value} NOT IN ({allowed}))")
    if column.type == "int" and physical != "VARCHAR":
        yield Cell("snapshot.int_large", f"({value} NOT BETWEEN -{_LARGEST_INT} AND {_LARGEST_INT})")
    if column.min is not None:
        yield Cell("snapshot.below", f"({value} < {literal(column.min)})")
    if column.max is not None:
        yield Cell("snapshot.above", f"({value} > {literal(column.max)})")
    if column.earliest is not None:
        yield Cell("snapshot.long_ago", f"({value} < {literal(column.earliest)})")
    if column.latest is not None:
        yield Cell("snapshot.future", f"({value} > {literal(column.latest)})")
