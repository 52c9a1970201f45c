"""Office files as lines of text, as they are: CSV in any usual encoding, XLSX, binary XLS; every sheet, every line.

Nothing is interpreted here except what a spreadsheet itself knows: a date cell is written as ISO, a number that has
more digits than a spreadsheet keeps stays in scientific notation, so that it is refused and never guessed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from doudi.engine.words import Fault, Refused

_UNZIPPED = 400 * 2**20
_RATIO = 200
_PARTS = 2_000
_COLUMNS = 200
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")  # what no text file holds
_EXACT = 10**15  # a spreadsheet keeps fifteen digits


class Line(NamedTuple):
    """One line with anything in it: the sheet's name ("" for CSV), its number there from 1, cells as written."""

    sheet: str
    row: int
    cells: list[str]


def read(path: Path, name: str = "") -> Iterator[Line]:
    """Every line that is not empty, sheet after sheet. name: as the user named the file.

    Raises Refused when the file is no table we read, is damaged, empty, wider than a list can be, or would unpack to
    too much.
    """
    name = name or path.name
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        lines = _xlsx(path, name)
    elif head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        lines = _xls(path, name)
    else:
        lines = _csv(path, name)
    is_empty = True
    for line in lines:
        cells = line.cells
        while cells and not cells[-1].strip():
            cells.pop()
        if len(cells) > _COLUMNS:
            raise _refuse("import.too_wide", name, row=line.row, most=_COLUMNS)
        if cells:
            is_empty = False
            yield line
    if is_empty:
        raise _refuse("import.empty", name)


def _refuse(code: str, name: str, **fields: Any) -> Refused:
    return Refused(Fault(code, fields, file=name))


# ---- CSV -----------------------------------------------------------------------------------------------------------
def _csv(path: Path, name: str) -> Iterator[Line]:
    text = _decoded(path.read_bytes(), name)
    if _NO_TEXT.search(text[:4096]):
        raise _refuse("import.not_a_table", name)
    delimiter = max(",\t;|", key=text[:8192].count)
    csv.field_size_limit(1 << 20)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            yield Line("", number, cells)
    except csv.Error as e:
        raise _refuse("import.damaged", name) from e


def _decoded(data: bytes, name: str) -> str:
    has_marks = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if has_marks else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refuse("import.encoding", name)


# ---- XLSX ----------------------------------------------------------------------------------------------------------
def _xlsx(path: Path, name: str) -> Iterator[Line]:
    _weigh(path, name)
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as e:  # openpyxl raises whatever its parsers raise on a damaged file
        raise _refuse("import.damaged", name) from e
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a sheet says of its size may be a hundred times what it holds
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                yield Line(sheet.title, number, [_cell(v) for v in row])
    except Refused:
        raise
    except Exception as e:
        raise _refuse("import.damaged", name) from e
    finally:
        book.close()


def _weigh(path: Path, name: str) -> None:
    """A workbook may not unpack to more than it could honestly hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as e:
        raise _refuse("import.damaged", name) from e
    size = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if len(parts) > _PARTS or size > _UNZIPPED or (size > 2**24 and size / packed > _RATIO):
        raise _refuse("import.too_large", name, size=size // 2**20)
    if not any(part.filename.startswith("xl/") for part in parts):
        raise _refuse("import.not_a_table", name)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    if abs(value) >= _EXACT:
        return f"{float(value):.5E}"
    return str(int(value)) if value == int(value) else repr(value)


# ---- XLS -----------------------------------------------------------------------------------------------------------
def _xls(path: Path, name: str) -> Iterator[Line]:
    import xlrd

    try:
        book = xlrd.open_workbook(path, on_demand=True)
        for title in book.sheet_names():
            sheet = book.sheet_by_name(title)
            for number in range(sheet.nrows):
                yield Line(title, number + 1, [_xls_cell(c, book.datemode) for c in sheet.row(number)])
            book.unload_sheet(title)
    except Refused:
        raise
    except Exception as e:  # xlrd raises assertion, struct and index errors on damaged files
        raise _refuse("import.damaged", name) from e


def _xls_cell(cell: Any, datemode: int) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        return _cell(xlrd.xldate_as_datetime(cell.value, datemode))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _cell(bool(cell.value))
    return "" if cell.ctype == xlrd.XL_CELL_ERROR else _cell(cell.value)


def joined(cells: Sequence[str]) -> str:
    """The line as one text, for digests."""
    return "\x1f".join(cells)
