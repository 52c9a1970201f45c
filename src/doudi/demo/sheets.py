"""Lists as files: workbooks with titles, merged cells and subtotals, and text files in the encodings offices send."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from doudi.demo.mess import Cell

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """home: the household the row belongs to; rows of one household stand together."""

    sheet: str
    home: str
    cells: tuple[Cell, ...]


def write_csv(path: Path, encoding: str, header: Sequence[str], rows: Iterable[Row]) -> int:
    """Plain text with a header; gives the number of rows."""
    n = 0
    with path.open("w", encoding=encoding, newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in rows:
            writer.writerow(row.cells)
            n += 1
    return n


def write_xlsx(
    path: Path,
    title: str,
    header: Sequence[str],
    rows: Iterable[Row],
    merged: Sequence[int] = (),
    total: int | None = None,
) -> int:
    """One sheet per `Row.sheet`: title, subtitle, header, rows; gives the number of rows.

    merged: columns (from 0) merged over the rows of a household; total: the column that 小计 and 合计 add up.
    """
    book = Workbook()
    book.remove(book.active)
    n = 0
    for name, own in _by_sheet(rows):
        sheet = book.create_sheet(name[:31])
        n += _fill(sheet, f"{name}{title}" if name != title else title, header, own, merged, total)
    if not book.sheetnames:
        _fill(book.create_sheet(title[:31]), title, header, [], (), None)
    _save(book, path)
    return n


def _by_sheet(rows: Iterable[Row]) -> Iterable[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.sheet, []).append(row)
    return found.items()


def _fill(
    sheet: Worksheet, title: str, header: Sequence[str], rows: list[Row], merged: Sequence[int], total: int | None
) -> int:
    last = get_column_letter(len(header))
    sheet.append([title])
    sheet.merge_cells(f"A1:{last}1")
    sheet.append(["填报单位（盖章）：", *[None] * (len(header) - 2), "单位：元"])
    sheet.append([])
    sheet.append(list(header))
    home, begins, page = "", 0, 0.0
    whole = 0.0
    for n, row in enumerate(rows):
        if row.home != home:
            if total is not None and n and n % 40 < 2 and page:
                _sum(sheet, "小计", len(header), total, page)
                page = 0.0
            _merge(sheet, merged, begins, sheet.max_row)
            home, begins = row.home, sheet.max_row + 1
        sheet.append(list(row.cells))
        if total is not None:
            amount = _number(row.cells[total])
            page, whole = page + amount, whole + amount
    _merge(sheet, merged, begins, sheet.max_row)
    if total is not None:
        _sum(sheet, "合计", len(header), total, whole)
        sheet.append(["制表：", None, "审核：", None, "负责人："])
    return len(rows)


def _merge(sheet: Worksheet, columns: Sequence[int], first: int, last: int) -> None:
    if first and last > first:
        for column in columns:
            letter = get_column_letter(column + 1)
            sheet.merge_cells(f"{letter}{first}:{letter}{last}")


def _sum(sheet: Worksheet, word: str, width: int, column: int, amount: float) -> None:
    cells: list[Any] = [None] * width
    cells[0], cells[column] = word, round(amount, 2)
    sheet.append(cells)


def _number(cell: Cell) -> float:
    if isinstance(cell, str):
        return float(re.sub(r"[,元]", "", cell) or 0)
    return float(cell or 0)


def _save(book: Workbook, path: Path) -> None:
    """The workbook without the time of its making, so that the same lists are the same bytes."""
    made = io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2020-07-20T01:00:00Z", content)
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
