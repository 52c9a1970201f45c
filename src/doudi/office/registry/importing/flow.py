"""From kept lines to records: the head of each sheet found, titles, repeated heads and totals told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby, islice

from doudi.engine.policy.model import Fact
from doudi.office.registry.importing.layout import Layout, Sheets, is_total
from doudi.office.registry.importing.records import Reader, Record
from doudi.office.registry.importing.registers import CommonWords, Register
from doudi.office.registry.importing.sheets import Line

_LOOK_AT = 15


def records(
    lines: Iterable[Line],
    register: Register,
    words: CommonWords,
    meanings: Mapping[str, Fact],
    chosen: Mapping[str, str],
    today: date,
) -> Iterator[tuple[Line, Record | None]]:
    """Every line in order, with its record, or None when it is ignored: title, head, subtotal, a sheet without head."""
    for _, sheet in groupby(lines, key=lambda line: line.sheet):
        first = list(islice(sheet, _LOOK_AT))
        layout = Sheets(register, chosen).layout(first)
        reader = Reader(register, layout, words, meanings, today) if layout else None
        for line in _chain(first, sheet):
            is_data = layout and reader and not _is_frame(line, layout) and not is_total(line, words)
            yield line, reader.read(line) if is_data and reader else None


def layouts(lines: Iterable[Line], register: Register, chosen: Mapping[str, str]) -> dict[str, Layout | None]:
    """How each sheet was understood."""
    found: dict[str, Layout | None] = {}
    for name, sheet in groupby(lines, key=lambda line: line.sheet):
        found[name] = Sheets(register, chosen).layout(list(islice(sheet, _LOOK_AT)))
        if not name:
            break  # a text file is one sheet: the rest need not be opened
    return found


def _is_frame(line: Line, layout: Layout) -> bool:
    return line.row <= max(layout.head_rows) or layout.is_head(line)


def _chain(first: list[Line], rest: Iterator[Line]) -> Iterator[Line]:
    yield from first
    yield from rest
