"""Faults of the table `fact`: what is told of a month or year must fit the kind of its fact, stand once, be past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

import duckdb

from doudi.engine.policy.model import Fact, Pack, Period, Variable
from doudi.engine.policy.periods import period_on
from doudi.engine.screening.history import is_shared
from doudi.engine.screening.snapshot.checks import Raw, rows_of, rows_twice
from doudi.engine.screening.snapshot.columns import Cell, Column, literal, quoted, wrong_cells
from doudi.engine.words import Fault

_FORMS: dict[Period, str] = {"month": "[12][0-9]{3}-(0[1-9]|1[0-2])", "year": "[12][0-9]{3}"}
_NAME, _PERIOD, _VALUE = (f"CAST({quoted(c)} AS VARCHAR)" for c in ("fact", "period", "value"))
_SAME = "subject_type, subject_id, fact, period"


def declared(pack: Pack) -> dict[str, Fact | Variable]:
    """What the table can tell of, by the name it writes: facts, and variables as the column that replaces one."""
    return {**{n.replace(".", "__"): v for n, v in pack.variables.items()}, **pack.facts}


def fact_faults(con: duckdb.DuckDBPyConnection, raw: Raw, pack: Pack, as_of: date) -> Iterator[Fault]:
    """Every kind of wrong row counted by one scan, then the rows of those that occur."""
    known = declared(pack)
    said = [n for (n,) in con.execute(f"SELECT DISTINCT {_NAME} FROM {raw.source} ORDER BY ALL").fetchall()]
    told = {n: known[n] for n in said if n in known}
    kinds = [*_wrong_periods(raw.columns["period"], told, as_of), *_wrong_values(raw, told)]
    counts = ", ".join(f"count(*) FILTER (WHERE {cell.wrong})" for _, cell in kinds)
    for (column, cell), n in zip(kinds, con.execute(f"SELECT {counts} FROM {raw.source}").fetchall()[0], strict=True):
        if n:
            yield from rows_of(con, raw, column, cell, n)
    told_of = {"name": "fact", "period": "period"}
    yield from rows_twice(con, raw, _SAME, Fault("snapshot.told_twice", told_of, column="period"))


def _wrong_periods(column: Column, told: Mapping[str, Fact | Variable], as_of: date) -> Iterator[tuple[Column, Cell]]:
    """Of the wrong form; of a kind that the fact has not; of the run's own period, or one that lies ahead."""
    forms = "|".join(_FORMS.values())
    yield column, Cell("snapshot.not_period", f"({_PERIOD} <> '' AND NOT {_has(forms)})")
    months = _among(n for n, x in told.items() if x.period == "month" and not _shares(x))
    shared = _among(n for n, x in told.items() if _shares(x))
    years = _among(n for n, x in told.items() if x.period == "year")
    always = _among(n for n, x in told.items() if x.period == "eternity")
    month, year = _has(_FORMS["month"]), _has(_FORMS["year"])
    yield column, Cell("snapshot.period_of_month", f"({months} AND {year})")
    yield column, Cell("snapshot.period_of_year", f"({years} AND {month})")
    yield column, Cell("snapshot.period_of_eternity", f"({always} AND {_has(forms)})")
    now: dict[str, str] = {month: period_on(as_of, "month"), year: period_on(as_of, "year")}
    of_kind = {month: f"({months} OR {shared})", year: f"({years} OR {shared})"}
    for form, here in now.items():
        yield column, Cell("snapshot.period_ahead", f"({of_kind[form]} AND {form} AND {_PERIOD} > {literal(here)})")
    own = (
        f"(({of_kind[month]} AND {_PERIOD} = {literal(now[month])}) OR ({years} AND {_PERIOD} = {literal(now[year])}))"
    )
    yield column, Cell("snapshot.period_own", own)


def _wrong_values(raw: Raw, told: Mapping[str, Fact | Variable]) -> Iterator[tuple[Column, Cell]]:
    for name, x in told.items():
        for column, rows in _values(x):
            wanted = f"{_NAME} = {literal(name)} AND {_VALUE} <> ''{rows}"
            for cell in wrong_cells(column, raw.types["value"]):
                yield column, Cell(cell.code, f"({wanted} AND {cell.wrong})")


def _values(x: Fact | Variable) -> Iterator[tuple[Column, str]]:
    """What a value may be, and of which rows: a whole year holds twelve times what a month may."""
    if isinstance(x, Variable):
        yield Column("value", x.type, is_override=True), ""
        return
    month = Column("value", x.type, fact=x, values=x.values, min=x.min, max=x.max)
    if not is_shared(x):
        yield month, ""
        return
    low, high = (None if limit is None else limit * 12 for limit in (x.min, x.max))
    yield month, f" AND NOT {_has(_FORMS['year'])}"
    yield replace(month, min=low, max=high), f" AND {_has(_FORMS['year'])}"


def _shares(x: Fact | Variable) -> bool:
    return isinstance(x, Fact) and is_shared(x)


def _among(names: Iterable[str]) -> str:
    found = ", ".join(map(literal, names))
    return f"{_NAME} IN ({found})" if found else "FALSE"


def _has(form: str) -> str:
    return f"regexp_full_match({_PERIOD}, '{form}')"
