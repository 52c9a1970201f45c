"""Read and check a snapshot, then hand it on: as typed SQL for everybody, as one household at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from doudi.engine.policy.model import Entity, Pack, Scalar, Type
from doudi.engine.screening.history import is_shared
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from doudi.engine.screening.snapshot import checks
from doudi.engine.screening.snapshot.checks import Raw
from doudi.engine.screening.snapshot.columns import (
    NEEDED,
    Column,
    columns_of,
    filled,
    is_unknown,
    literal,
    quoted,
    scalar_of,
    sql_type,
    typed,
)
from doudi.engine.screening.snapshot.files import Opened, open_file, unreadable
from doudi.engine.screening.snapshot.manifest import TABLES, Entry, read_manifest
from doudi.engine.screening.snapshot.parts import Part
from doudi.engine.screening.snapshot.periods import declared, fact_faults
from doudi.engine.words import Fault, Refused


@dataclass(frozen=True, slots=True)
class Table:
    """A checked table.

    source: a FROM expression with one column per name of `columns`, typed; ids are text; a fact is as rules see it
    (presumed and default values filled in, NULL = unknown) and has the pack's name; every fact has a column. An
    overridden variable `x` has its value in `x` and in `x__given` whether the cell says anything (a given NULL is an
    explicit unknown). given: the same without filling, plus the list `__unknown` of names said to be unknown.
    """

    name: str
    files: tuple[Path, ...]
    rows: int
    columns: dict[str, Type]
    overrides: tuple[str, ...]
    source: str
    given: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A population that passed every check. tables: person and household always; enrolment, fact, truth if given."""

    path: Path
    as_of: date
    pack_id: str
    tables: dict[str, Table]
    entries: tuple[Entry, ...]
    parts: tuple[Part, ...]  # of files that were read before
    where: str  # a condition on `division`, where only these people are read; else empty
    _pack: Pack
    con: duckdb.DuckDBPyConnection = field(repr=False)
    _temp: TemporaryDirectory[str] = field(repr=False)  # CSV in other encodings, rewritten; lives as long as we do

    @property
    def folders(self) -> tuple[str, ...]:
        """Where the files stand: what a locked-down connection must be allowed to read."""
        return (str(self.path.resolve()), self._temp.name)

    def counties(self) -> tuple[str, ...]:
        """12-digit codes of every county whose parameters are needed, in order."""
        if self.where:
            return counties_of(self.parts, self._pack)
        columns = [("person", "division"), ("household", "division")]
        if reads_registered(self._pack):
            columns += [(t, "hukou_division") for t in self.tables if "hukou_division" in self.tables[t].columns]
        selects = (f"SELECT left({quoted(c)}, 6) AS c FROM {self.tables[t].source}" for t, c in columns)
        rows = self.con.execute(f"SELECT DISTINCT c FROM ({' UNION ALL '.join(selects)}) WHERE c <> '' ORDER BY c")
        return tuple(code + "000000" for (code,) in rows.fetchall())

    def rows(self, table: str) -> int:
        """How many rows a table has, read or not."""
        return sum(e.rows for e in self.entries if e.table == table)

    def household(self, id: str) -> Household:
        """One household with members (by id) and enrolments; raises Refused when it is not there."""
        rows = self._rows("household", "household_id = ?", [id])
        if not rows:
            raise Refused(Fault("snapshot.no_household", {"id": id}, str(self.path)))
        members = self._rows("person", "household_id = ? ORDER BY person_id", [id])
        ids: list[tuple[Entity, str]] = [("household", id), *(("person", m["person_id"]) for m in members)]
        history = self._history(ids)

        def facts(entity: Entity, row: dict[str, Any]) -> dict[str, Scalar]:
            return self._facts(entity, row) | history.get((entity, row[f"{entity}_id"]), {})

        persons = tuple(Person(m["person_id"], m["role"], m["division"], facts("person", m)) for m in members)
        return Household(id, rows[0]["division"], facts("household", rows[0]), persons, self._enrolments(id, persons))

    def household_of(self, person_id: str) -> str:
        """The household of a person; raises Refused when the person is not there."""
        rows = self.con.execute(
            f"SELECT household_id FROM {self.tables['person'].given} WHERE person_id = ?", [person_id]
        ).fetchall()
        if not rows:
            raise Refused(Fault("snapshot.no_person", {"id": person_id}, str(self.path)))
        return str(rows[0][0])

    def _rows(self, table: str, where: str, values: list[Any]) -> list[dict[str, Any]]:
        found = self.con.execute(f"SELECT * FROM {self.tables[table].given} WHERE {where}", values)
        names = [d[0] for d in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _facts(self, table: str, row: dict[str, Any]) -> dict[str, Scalar]:
        """Every name of which the row says something."""
        told = {n: row[n] for n in self.tables[table].columns if n not in NEEDED[table] and row.get(n) is not None}
        told = {n: value for n, value in told.items() if not n.endswith("__given")}
        return told | dict.fromkeys(row["__unknown"], UNKNOWN)

    def _history(self, subjects: Iterable[tuple[Entity, str]]) -> dict[tuple[str, str], dict[str, Scalar]]:
        """Subject → what was told of other months and years: `income@2020-04`."""
        found: dict[tuple[str, str], dict[str, Scalar]] = {}
        if "fact" not in self.tables:
            return found
        for entity, id in subjects:
            for row in self._rows("fact", "subject_type = ? AND subject_id = ?", [entity, id]):
                name = row["fact"].replace("__", ".")
                declared = self._pack.facts.get(name) or self._pack.variables[name]
                told = found.setdefault((entity, id), {})
                told[f"{name}@{row['period']}"] = scalar_of(row["value"], declared.type)
        return found

    def _enrolments(self, household: str, persons: tuple[Person, ...]) -> tuple[Enrolment, ...]:
        if "enrolment" not in self.tables:
            return ()
        ids = ", ".join(literal(p.id) for p in persons) or "NULL"
        mine = (
            f"(subject_type = 'household' AND subject_id = ?) OR (subject_type = 'person' AND subject_id IN ({ids})) "
            "ORDER BY subject_type, subject_id, programme, starts_on"
        )
        return tuple(
            Enrolment(
                r["subject_type"],
                r["subject_id"],
                r["programme"],
                r["amount"],
                r["period"] or "month",
                r["starts_on"],
                r["ends_on"],
                tuple(r["persons"]) if r.get("persons") is not None else None,
            )
            for r in self._rows("enrolment", mine, [household])
        )


def counties_of(parts: Iterable[Part], pack: Pack) -> tuple[str, ...]:
    """The same as `Snapshot.counties`, from what is known of its files."""
    codes = {c for p in parts for c in (*p.counties, *(p.registered if reads_registered(pack) else ()))}
    return tuple(code + "000000" for code in sorted(codes))


def reads_registered(pack: Pack) -> bool:
    return any(p.by == "hukou_division" for p in pack.parameters.values())


def read(path: Path, pack: Pack) -> Snapshot:
    """A snapshot whose every row is sound; raises Refused with every fault at once.

    pack: whose facts, roles, programmes and variables are its columns.
    """
    manifest, faults = read_manifest(path)
    temp = TemporaryDirectory(prefix="doudi-snapshot-")
    con = connection(path, temp.name)
    opened: dict[str, list[Opened]] = {}
    for entry in manifest.entries:
        found = open_file(con, path, Path(temp.name), entry)
        if isinstance(found, Opened):
            opened.setdefault(entry.table, []).append(found)
        else:
            faults += found
    tables = {name: columns_of(name, pack, manifest.as_of) for name in TABLES if name in opened}
    for name, columns in tables.items():
        for file in opened[name]:
            faults += checks.column_faults(name, file, columns)
    raws = {}
    for name, columns in tables.items():
        found_raw = raw_of(con, name, tuple(opened[name]), columns)
        if isinstance(found_raw, Raw):
            raws[name] = found_raw
        else:
            faults.append(found_raw)
    faults += _row_faults(con, raws, manifest.as_of, pack)
    if faults:
        raise Refused(*faults)
    made = {name: table_of(path, raw, pack, raws.get("unknown")) for name, raw in raws.items()}
    return Snapshot(path, manifest.as_of, manifest.pack, made, manifest.entries, (), "", pack, con, temp)


def connection(path: Path, temp: str) -> duckdb.DuckDBPyConnection:
    """A connection that sees the snapshot and our own folder, nothing else."""
    con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    con.execute(f"SET allowed_directories = [{literal(str(path.resolve()))}, {literal(str(path))}, {literal(temp)}]")
    con.execute(f"SET temp_directory = {literal(temp)}")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def raw_of(
    con: duckdb.DuckDBPyConnection, name: str, files: tuple[Opened, ...], columns: dict[str, Column]
) -> Raw | Fault:
    """The table over all its files, without columns that were already refused."""
    usable = {n: c for n, c in columns.items() if all(n not in f.types or checks.takes(c, f.types[n]) for f in files)}
    raw = Raw(name, files, usable, {})
    try:
        types = {n: t for n, t, *_ in con.execute(f"DESCRIBE SELECT * FROM {raw.source}").fetchall() if n in usable}
    except duckdb.Error as e:
        return unreadable(e, files[0].entry.path, name)
    return Raw(name, files, usable, types)


def _row_faults(con: duckdb.DuckDBPyConnection, raws: dict[str, Raw], as_of: date, pack: Pack) -> Iterator[Fault]:
    whole = {n: r for n, r in raws.items() if is_whole(r)}
    for raw in raws.values():
        try:
            yield from table_faults(con, raw, as_of, pack)
        except duckdb.Error as e:  # a file whose frame is sound and whose pages are not
            whole.pop(raw.name, None)
            yield unreadable(e, raw.files[0].entry.path, raw.name)
    if "person" in whole and "household" in whole:
        try:
            yield from checks.orphans(con, whole)
        except duckdb.Error as e:
            yield unreadable(e, whole["person"].files[0].entry.path, "person")


def is_whole(raw: Raw) -> bool:
    """Whether a table has every column that it needs."""
    return all(c in raw.types for c in NEEDED[raw.name])


def table_faults(con: duckdb.DuckDBPyConnection, raw: Raw, as_of: date, pack: Pack) -> Iterator[Fault]:
    """Every fault of a table's rows that shows without the other tables. Raises duckdb.Error for broken pages."""
    yield from checks.cell_faults(con, raw)
    yield from checks.division_faults(con, raw, as_of)
    if raw.name in ("person", "household") and f"{raw.name}_id" in raw.types:
        yield from checks.repeated_ids(con, raw)
    if raw.name == "enrolment" and is_whole(raw):
        yield from checks.enrolment_faults(con, raw)
        yield from checks.programmes_of_others(con, raw, pack.programmes)
    if raw.name == "fact" and is_whole(raw):
        yield from fact_faults(con, raw, pack, as_of)
    if raw.name in ("fact", "unknown") and is_whole(raw):
        yield from checks.other_subjects(con, raw, declared(pack))


def table_of(path: Path, raw: Raw, pack: Pack, unknown: Raw | None) -> Table:
    said, join = _explicitly_unknown(raw, unknown)
    default = pack.missing == "default"
    seen, given, names = [], [], []
    types: dict[str, Type] = {}
    for column in raw.columns.values():
        if column.is_override and (column.name not in raw.types or column.target in pack.neutralised):
            continue
        name = column.target or column.name
        physical = raw.types.get(column.name)
        value = typed(column, physical) if physical else f"CAST(NULL AS {sql_type(column)})"
        told = is_unknown(column, physical) if physical and column.takes_unknown else "FALSE"
        if said and column.fact is not None:
            told = f"({told} OR coalesce(list_contains(__said, {literal(name)}), FALSE))"
        if column.fact is not None and is_shared(column.fact):  # filled where the other months of its year are known
            seen += [f"{value} AS {quoted(name)}", f"{told} AS {quoted(name + '__said')}"]
            types[name + "__said"] = "bool"
        else:
            seen.append(f"{filled(column, value, told, default)} AS {quoted(name)}")
        given.append(f"{value} AS {quoted(name)}")
        types[name] = column.type
        if told != "FALSE":
            names.append(f"CASE WHEN {told} THEN {literal(name)} END")
        if column.is_override:
            seen.append(f"({value} IS NOT NULL OR {told}) AS {quoted(name + '__given')}")
            types[name + "__given"] = "bool"
    given.append(f"list_filter(CAST([{', '.join(names)}] AS VARCHAR[]), lambda n: n IS NOT NULL) AS __unknown")
    origin = f"{raw.source} AS r {join}"
    return Table(
        raw.name,
        tuple(path / f.entry.path for f in raw.files),
        sum(f.rows for f in raw.files),
        types,
        tuple(c.target for c in raw.columns.values() if c.is_override and c.target in types),
        f"(SELECT {', '.join(seen)} FROM {origin})",
        f"(SELECT {', '.join(given)} FROM {origin})",
    )


def _explicitly_unknown(raw: Raw, unknown: Raw | None) -> tuple[bool, str]:
    """The join that brings, per subject, the names of the table `unknown`."""
    if unknown is None or raw.name not in ("person", "household") or not any(f.rows for f in unknown.files):
        return False, ""
    listed = (
        f"SELECT subject_id AS __subject, list(fact) AS __said FROM {unknown.source} "
        f"WHERE subject_type = '{raw.name}' GROUP BY subject_id"
    )
    return True, f"LEFT JOIN ({listed}) AS u ON u.__subject = r.{raw.name}_id"
