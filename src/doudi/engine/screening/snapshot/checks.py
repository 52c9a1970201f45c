"""Every fault of a table's rows, each found by one scan of everybody and then named row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

import duckdb

from doudi.engine import divisions
from doudi.engine.divisions.listing import LISTED_ON
from doudi.engine.policy.model import Fact, Programme, Variable
from doudi.engine.policy.places import is_twelve_digits
from doudi.engine.screening.household import UNKNOWN
from doudi.engine.screening.snapshot.columns import NEEDED, Cell, Column, literal, quoted, takes, typed, wrong_cells
from doudi.engine.screening.snapshot.files import Opened
from doudi.engine.words import Fault, Said
from doudi.engine.words.near import nearest

_OTHER = {"person": "household", "household": "person"}
SHOWN = 20  # of one kind in one column; the rest is counted


@dataclass(frozen=True, slots=True)
class Raw:
    """A table as its files hold it: known columns with file types, and SQL over all files."""

    name: str
    files: tuple[Opened, ...]
    columns: dict[str, Column]
    types: dict[str, str]
    where: str = ""  # a condition on its rows

    @property
    def source(self) -> str:
        return f"(SELECT * FROM {self._all} WHERE {self.where})" if self.where else self._all

    @property
    def _all(self) -> str:
        if all(f.source.startswith("read_parquet") for f in self.files):
            paths = ", ".join(f.source.removeprefix("read_parquet(").removesuffix(")") for f in self.files)
            return f"read_parquet([{paths}], union_by_name = true)"
        return "(" + " UNION ALL BY NAME ".join(f"SELECT * FROM {f.source}" for f in self.files) + ")"

    @property
    def numbered(self) -> str:
        return "(" + " UNION ALL BY NAME ".join(f.numbered for f in self.files) + ")"


def column_faults(table: str, opened: Opened, columns: dict[str, Column]) -> Iterator[Fault]:
    """Columns that are missing, unknown (with a suggestion) or of a type that cannot hold them; promised rows."""
    file = opened.entry.path
    for name in NEEDED[table]:
        if name not in opened.types:
            yield Fault("snapshot.missing_column", {"name": name}, file, table=table, column=name)
    for name, physical in opened.types.items():
        if (column := columns.get(name)) is None:
            near = get_close_matches(name, columns, 1)
            code = "snapshot.unknown_column_near" if near else "snapshot.unknown_column"
            yield Fault(code, {"name": name, "near": near[0] if near else ""}, file, table=table, column=name)
        elif not takes(column, physical):
            wanted = "list" if column.role == "list" else "id" if column.role in ("id", "reference") else column.type
            fields = {"found": physical, "wanted": Said(f"snapshot.kind.{wanted}"), "as": Said(f"snapshot.as.{wanted}")}
            yield Fault("snapshot.type", fields, file, table=table, column=name)
    if opened.rows != opened.entry.rows:
        yield Fault("snapshot.rows", {"promised": opened.entry.rows, "found": opened.rows}, file, table=table)


def cell_faults(con: duckdb.DuckDBPyConnection, raw: Raw) -> Iterator[Fault]:
    """Wrong cells: one scan counts every kind of every column, then the rows of those that occur."""
    kinds = [(c, cell) for n, c in raw.columns.items() if n in raw.types for cell in wrong_cells(c, raw.types[n])]
    counts = ", ".join(f"count(*) FILTER (WHERE {cell.wrong})" for _, cell in kinds)
    for (column, cell), n in zip(kinds, con.execute(f"SELECT {counts} FROM {raw.source}").fetchall()[0], strict=True):
        if n:
            yield from rows_of(con, raw, column, cell, n)


def rows_of(con: duckdb.DuckDBPyConnection, raw: Raw, column: Column, cell: Cell, n: int) -> Iterator[Fault]:
    """The first of `n` rows with a wrong cell, each named; the rest is counted."""
    query = f"SELECT __file, __row, CAST({quoted(column.name)} AS VARCHAR) FROM {raw.numbered} WHERE {cell.wrong}"
    for file, row, text in con.execute(f"{query} ORDER BY ALL LIMIT {SHOWN}").fetchall():
        fields = {"value": _visible((text or "")[:60]), **_limits(column, text or "")}
        yield Fault(cell.code, fields, file, table=raw.name, row=row, column=column.name)
    if n > SHOWN:
        yield Fault("snapshot.more", {"n": n - SHOWN}, raw.files[0].entry.path, table=raw.name, column=column.name)


def _limits(column: Column, text: str) -> dict[str, Any]:
    return {
        "min": str(column.min),
        "max": str(column.max),
        "earliest": str(column.earliest),
        "latest": str(column.latest),
        "near": nearest(text, column.values),
        "allowed": _allowed(column.values),
    }


def _allowed(values: tuple[str, ...]) -> Said:
    if len(values) <= SHOWN:
        return Said("snapshot.allowed", {"names": ", ".join(values)})
    return Said("snapshot.allowed_more", {"names": ", ".join(values[:SHOWN]), "n": len(values)})


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def division_faults(con: duckdb.DuckDBPyConnection, raw: Raw, on: date) -> Iterator[Fault]:
    """Area codes that never were. Villages are only published to 2020: a year later their county is enough."""
    exact = (on - LISTED_ON).days < 366
    for name, column in raw.columns.items():
        if column.type != "area" or name not in raw.types:
            continue
        q = f"CAST({quoted(name)} AS VARCHAR)"
        codes = [c for (c,) in con.execute(f"SELECT DISTINCT {q} FROM {raw.source}").fetchall() if c]
        codes = [c for c in codes if not (column.takes_unknown and c == UNKNOWN)]
        malformed = [c for c in codes if not is_twelve_digits(c)]
        unknown = [c for c in codes if is_twelve_digits(c) and not _is_area(c, exact)]
        for code, bad in (("snapshot.not_area", malformed), ("snapshot.unknown_area", unknown)):
            if bad:
                cell = Cell(code, f"{q} IN ({', '.join(map(literal, bad))})")
                n = con.execute(f"SELECT count(*) FROM {raw.source} WHERE {cell.wrong}").fetchall()[0][0]
                yield from rows_of(con, raw, column, cell, n)


def _is_area(code: str, exact: bool) -> bool:
    return divisions.exists(code if exact else code[:6] + "000000")


def repeated_ids(con: duckdb.DuckDBPyConnection, raw: Raw) -> Iterator[Fault]:
    """The second and later rows of an id that must stand once."""
    key = f"{raw.name}_id"
    total, distinct = con.execute(f"SELECT count({key}), count(DISTINCT {key}) FROM {raw.source}").fetchall()[0]
    if total == distinct:
        return
    again = f"SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY __file, __row) AS __nth FROM {raw.numbered}"
    rows = con.execute(f"SELECT __file, __row, {key} FROM ({again}) WHERE __nth > 1 ORDER BY ALL LIMIT {SHOWN}")
    for file, row, text in rows.fetchall():
        yield Fault("snapshot.repeated", {"value": text}, file, table=raw.name, row=row, column=key)
    if total - distinct > SHOWN:
        fields = {"n": total - distinct - SHOWN}
        yield Fault("snapshot.more", fields, raw.files[0].entry.path, table=raw.name, column=key)


def enrolment_faults(con: duckdb.DuckDBPyConnection, raw: Raw) -> Iterator[Fault]:
    """Terms that end before they begin, and rows that stand twice: they would be paid twice.

    Different rows of one subject in one programme are lawful and add up (decision 0002).
    """
    value = {name: typed(column, raw.types[name]) for name, column in raw.columns.items() if name in raw.types}
    reversed_term = Cell("snapshot.ends_before", f"({value['ends_on']} < {value['starts_on']})")
    n = con.execute(f"SELECT count(*) FROM {raw.source} WHERE {reversed_term.wrong}").fetchall()[0][0]
    if n:
        yield from rows_of(con, raw, raw.columns["ends_on"], reversed_term, n)
    yield from _enrolled_twice(con, raw, value)


def _enrolled_twice(con: duckdb.DuckDBPyConnection, raw: Raw, value: dict[str, str]) -> Iterator[Fault]:
    persons = f"list_sort({value['persons']})" if "persons" in value else "NULL"
    period = f"coalesce(nullif(CAST({value['period']} AS VARCHAR), ''), 'month')"
    same = ", ".join(
        (*(value[n] for n in ("subject_type", "subject_id", "programme", "starts_on", "amount")), period, persons)
    )
    told = {"value": "subject_id", "programme": "programme"}
    yield from rows_twice(con, raw, same, Fault("snapshot.enrolled_twice", told, column="subject_id"))


def rows_twice(con: duckdb.DuckDBPyConnection, raw: Raw, same: str, fault: Fault) -> Iterator[Fault]:
    """Rows that repeat an earlier one. same: SQL of what makes two rows one; fault: what is said of each, its fields
    naming the columns that they show."""
    # Equal rows have equal hashes: where all differ, which is the rule, nothing need be sorted.
    total, different = con.execute(f"SELECT count(*), count(DISTINCT hash({same})) FROM {raw.source}").fetchall()[0]
    if total == different:
        return
    again = f"SELECT *, row_number() OVER (PARTITION BY {same} ORDER BY __file, __row) AS __nth FROM {raw.numbered}"
    shown = ", ".join(fault.fields.values())
    found = con.execute(f"SELECT __file, __row, {shown} FROM ({again}) WHERE __nth > 1 ORDER BY ALL")
    rows = found.fetchmany(SHOWN + 1)
    for file, row, *values in rows[:SHOWN]:
        fields = dict(zip(fault.fields, values, strict=True))
        yield replace(fault, fields=fields, file=file, table=raw.name, row=row)
    if len(rows) > SHOWN:
        n = con.execute(f"SELECT count(*) FROM ({again}) WHERE __nth > 1").fetchall()[0][0]
        yield Fault("snapshot.more", {"n": n - SHOWN}, raw.files[0].entry.path, table=raw.name, column=fault.column)


def programmes_of_others(
    con: duckdb.DuckDBPyConnection, raw: Raw, programmes: Mapping[str, Programme]
) -> Iterator[Fault]:
    """Enrolments of a person in what the pack decides for households, or the reverse: their payment would vanish."""
    for kind, other in _OTHER.items():
        names = [p.name for p in programmes.values() if p.subject == other]
        if names:
            listed = ", ".join(map(literal, names))
            wrong = f"(subject_type = '{kind}' AND CAST(programme AS VARCHAR) IN ({listed}))"
            n = con.execute(f"SELECT count(*) FROM {raw.source} WHERE {wrong}").fetchall()[0][0]
            if n:
                yield from rows_of(con, raw, raw.columns["programme"], Cell(f"snapshot.programme_of_{other}", wrong), n)


def other_subjects(
    con: duckdb.DuckDBPyConnection, raw: Raw, declared: Mapping[str, Fact | Variable]
) -> Iterator[Fault]:
    """Rows of the tables `fact` and `unknown` that say a person's fact of a household, or the reverse.

    declared: by the name that the table writes.
    """
    for kind, other in _OTHER.items():
        names = [name for name, x in declared.items() if x.entity == other]
        if not names:
            continue
        wrong = f"(subject_type = '{kind}' AND CAST(fact AS VARCHAR) IN ({', '.join(map(literal, names))}))"
        n = con.execute(f"SELECT count(*) FROM {raw.source} WHERE {wrong}").fetchall()[0][0]
        if n:
            yield from rows_of(con, raw, raw.columns["fact"], Cell(f"snapshot.fact_of_{other}", wrong), n)


def orphans(con: duckdb.DuckDBPyConnection, tables: dict[str, Raw]) -> Iterator[Fault]:
    """Rows that point to nobody: persons without household, households without members, subjects that are not there."""
    person, household = tables["person"], tables["household"]
    yield from _without(con, person, "household_id", household, "household_id", "TRUE", "snapshot.orphan_person")
    yield from _without(con, household, "household_id", person, "household_id", "TRUE", "snapshot.empty_household")
    for name in ("enrolment", "fact", "unknown", "truth"):
        if name in tables:
            kinds = con.execute(f"SELECT DISTINCT subject_type FROM {tables[name].source}").fetchall()
            for subjects in (x for x in (person, household) if (x.name,) in kinds):
                which = f"subject_type = '{subjects.name}'"
                key = f"{subjects.name}_id"
                yield from _without(con, tables[name], "subject_id", subjects, key, which, "snapshot.orphan_subject")
    if "enrolment" in tables:
        yield from _lost_members(con, tables["enrolment"], person)


def lost_members(raw: Raw, person: str) -> str:
    """SELECT of the ids that enrolments name and nobody has. raw: with the column `persons`; person: FROM of all."""
    known = f"SELECT person_id FROM {person} WHERE person_id <> ''"
    return (
        f"SELECT DISTINCT id FROM (SELECT unnest({_ids_named(raw)}) AS id FROM {raw.source}) WHERE id NOT IN ({known})"
    )


def _ids_named(raw: Raw) -> str:
    return typed(raw.columns["persons"], raw.types["persons"])


def _lost_members(con: duckdb.DuckDBPyConnection, raw: Raw, person: Raw) -> Iterator[Fault]:
    """Enrolments that name somebody for whom they were decided and who is nowhere."""
    if "persons" not in raw.types:
        return
    column, ids = raw.columns["persons"], _ids_named(raw)
    lost = con.execute(f"{lost_members(raw, person.source)} ORDER BY id").fetchall()
    for (id,) in lost[:SHOWN]:
        first = f"WHERE list_contains({ids}, {literal(id)}) ORDER BY ALL LIMIT 1"
        file, row = con.execute(f"SELECT __file, __row FROM {raw.numbered} {first}").fetchall()[0]
        yield Fault(
            "snapshot.lost_member", {"value": _visible(id[:60])}, file, table=raw.name, row=row, column=column.name
        )
    if len(lost) > SHOWN:
        fields = {"n": len(lost) - SHOWN}
        yield Fault("snapshot.more", fields, raw.files[0].entry.path, table=raw.name, column=column.name)


def _without(
    con: duckdb.DuckDBPyConnection, raw: Raw, column: str, other: Raw, key: str, which: str, code: str
) -> Iterator[Fault]:
    lost = f"{which} AND {column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {other.source} WHERE {key} <> '')"
    n = con.execute(f"SELECT count(*) FROM {raw.source} WHERE {lost}").fetchall()[0][0]
    if n:
        yield from rows_of(con, raw, raw.columns[column], Cell(code, lost), n)
