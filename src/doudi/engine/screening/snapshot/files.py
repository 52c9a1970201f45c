"""The files of one table as a raw DuckDB relation: Parquet as it stands, CSV as text, other encodings made UTF-8."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from doudi.engine.screening.snapshot.columns import literal, quoted
from doudi.engine.screening.snapshot.manifest import Entry
from doudi.engine.words import Fault, Said

_CHUNK = 1 << 20
# A cell is at most an id, a text or a list of ids; more is a quote that never closes.
_LONGEST_LINE = 1 << 20
_SEPARATORS = {";": "snapshot.separator.semicolon", "\t": "snapshot.separator.tab", "|": "snapshot.separator.bar"}
# Two bytes that GB18030 reads as one character; Chinese text in daily use has no ASCII letter as the second.
_PAIR = re.compile(rb"[\x81-\xfe](?:([\x40-\x7e])|[\x80-\xfe])")
_CSV_LINE = {"MISSING COLUMNS": "snapshot.csv_few", "TOO MANY COLUMNS": "snapshot.csv_many"}


@dataclass(frozen=True, slots=True)
class Opened:
    """One file as DuckDB reads it: FROM expression, columns with their file types, data rows."""

    entry: Entry
    source: str
    types: dict[str, str]
    rows: int

    @property
    def numbered(self) -> str:
        """The file's rows with `__file` and `__row` (data rows from 1)."""
        number = "file_row_number + 1" if self.source.startswith("read_parquet") else "row_number() OVER ()"
        rest = self.source.removesuffix(")") + ", file_row_number = true)" if "file_row" in number else self.source
        columns = ", ".join(quoted(c) for c in self.types)
        return f"SELECT {columns}, {literal(self.entry.path)} AS __file, {number} AS __row FROM {rest}"


def open_file(con: duckdb.DuckDBPyConnection, folder: Path, temp: Path, entry: Entry) -> Opened | list[Fault]:
    """Open one file, or say every reason why it cannot be read."""
    try:
        if entry.path.endswith(".parquet"):
            return _open_parquet(con, folder / entry.path, entry)
        return _open_csv(con, folder / entry.path, temp, entry)
    except _Unreadable as e:
        return [Fault(e.code, e.fields, entry.path, table=entry.table)]
    except duckdb.Error as e:
        return [unreadable(e, entry.path, entry.table)]


def unreadable(e: duckdb.Error, file: str, table: str) -> Fault:
    """What DuckDB could not read; the first line of its own words stands in brackets."""
    is_cut = file.endswith(".parquet") and not isinstance(e, duckdb.BinderException | duckdb.ParserException)
    code = "snapshot.not_parquet" if is_cut else "snapshot.unreadable"
    return Fault(code, {"detail": str(e).split("\n")[0][:200]}, file, table=table)


class _Unreadable(Exception):
    def __init__(self, code: str, **fields: Any) -> None:
        self.code, self.fields = code, fields


def _open_parquet(con: duckdb.DuckDBPyConnection, path: Path, entry: Entry) -> Opened:
    source = f"read_parquet({literal(str(path))})"
    types = {name: kind for name, kind, *_ in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    rows = con.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    return Opened(entry, source, types, rows)


def _open_csv(con: duckdb.DuckDBPyConnection, path: Path, temp: Path, entry: Entry) -> Opened | list[Fault]:
    path = _as_utf8(path, temp)
    names = _header(path)
    source = _csv_source(path, names)
    rejecting = source.removesuffix(")") + ", store_rejects = true)"
    columns = ", ".join(f"count({quoted(n)})" for n in names)
    rows = con.execute(f"SELECT count(*), {columns} FROM {rejecting}").fetchall()[0][0]
    broken = con.execute("SELECT DISTINCT line, error_type::VARCHAR FROM reject_errors ORDER BY line").fetchall()
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    if broken:
        return list(_broken(broken, entry))
    return Opened(entry, source, dict.fromkeys(names, "VARCHAR"), rows)


def _broken(lines: list[tuple[int, str]], entry: Entry) -> Iterator[Fault]:
    shown = 20
    for line, why in lines[:shown]:
        yield Fault(_CSV_LINE.get(why, "snapshot.csv_line"), {"detail": why}, entry.path, line, table=entry.table)
    if len(lines) > shown:
        yield Fault("snapshot.more", {"n": len(lines) - shown}, entry.path, table=entry.table)


def _csv_source(path: Path, names: list[str]) -> str:
    columns = ", ".join(f"{literal(n)}: 'VARCHAR'" for n in names)
    options = f"auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}}"
    return f"read_csv({literal(str(path))}, {options}, max_line_size = {_LONGEST_LINE})"


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        try:
            names = next(csv.reader(file, strict=True), [])
        except csv.Error as e:
            raise _Unreadable("snapshot.header", detail=str(e)) from e
    if len(names) == 1 and (found := next((s for s in _SEPARATORS if s in names[0]), "")):
        raise _Unreadable("snapshot.separator", found=Said(_SEPARATORS[found]))
    if not names or "" in names:
        raise _Unreadable("snapshot.header", detail="")
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise _Unreadable("snapshot.column_twice", names=", ".join(twice))
    return names


def _as_utf8(path: Path, temp: Path) -> Path:
    """The file itself when it is plain UTF-8, else a copy in UTF-8 without a mark."""
    for encoding in ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            break
    else:
        raise _Unreadable("snapshot.encoding")
    if encoding == "gb18030" and not _is_chinese(path):
        raise _Unreadable("snapshot.not_chinese")
    with path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
    if encoding == "utf-8" and not marked:
        return path
    copy = temp / f"{len(list(temp.iterdir()))}.csv"
    with (
        path.open(encoding="utf-8-sig" if marked else encoding, newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as out,
    ):
        while text := source.read(_CHUNK):
            out.write(text)
    return copy


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(path: Path) -> bool:
    """Whether bytes that GB18030 can read are likely meant so: in Western encodings a letter follows é or ü."""
    pairs = odd = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found = _PAIR.findall(chunk)
            pairs += len(found)
            odd += sum(1 for letter in found if letter)
    return 2 * odd <= pairs
