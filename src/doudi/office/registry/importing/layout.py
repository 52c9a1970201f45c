"""Where the head of a sheet stands, and which of its columns we know.

The head is the line, or the pair of lines under a merged title, in which most columns are recognised; everything above
it is title. Offices number, repeat and subtotal their sheets: those lines are told apart here and counted as ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, pairwise

from doudi.office.registry.importing.registers import Column, CommonWords, Register, folded
from doudi.office.registry.importing.sheets import Line

_LOOK_AT = 15
_NUMBER = re.compile(r"\d{9}")  # no header holds one: a year and month have six digits, a day eight
_WHO = frozenset({"name", "number", "head_name", "head_number"})


@dataclass(frozen=True)
class Layout:
    """columns: place → meaning; unknown: headers nobody recognised; head_rows: line numbers of the head."""

    columns: Mapping[int, Column]
    headers: Mapping[int, str]
    head_rows: tuple[int, ...]
    unknown: tuple[str, ...] = ()

    def is_head(self, line: Line) -> bool:
        """A page that repeats the head."""
        said = set()
        for cell in line.cells:
            if text := cell.strip():
                if text not in self._said:
                    return False
                said.add(text)
        return len(said) > 1

    @property
    def is_possible(self) -> bool:
        """It tells who the rows are about, and is no row itself: a lone 户主 beside a name and a number is his role."""
        if not _WHO & {c.means for c in self.columns.values()} or any(map(_NUMBER.search, self.headers.values())):
            return False
        return len(self.columns) > 1 or len(self.headers) == 1

    @cached_property
    def _said(self) -> frozenset[str]:
        return frozenset(self.headers.values())


@dataclass
class Sheets:
    """The layout of each sheet of a file, found while its first lines go by."""

    register: Register
    chosen: Mapping[str, str] = field(default_factory=dict)  # header → meaning, as a person mapped it

    def layout(self, first: Sequence[Line]) -> Layout | None:
        """The best head among the first lines of a sheet; None when no line tells who the rows are about."""
        lines = list(first[:_LOOK_AT])
        tries = [self._read((line,)) for line in lines]
        tries += [self._read(pair) for pair in pairwise(lines) if pair[1].row == pair[0].row + 1]
        fit = [t for t in tries if t.is_possible]
        return max(fit, key=lambda t: (len(t.columns), -len(t.head_rows)), default=None)

    def _read(self, head: Sequence[Line]) -> Layout:
        width = max(len(line.cells) for line in head)
        headers = {i: h for i in range(width) if (h := _header(head, i))}
        columns: dict[int, Column] = {}
        taken: set[str] = set()
        for place, header in headers.items():
            column = self._column(header)
            if column and column.means not in taken:
                columns[place] = column
                taken.add(column.means)
        for place, column in columns.items():
            if column.else_means and column.else_means not in taken:
                columns[place] = replace(column, means=column.else_means, fill=False)
        unknown = tuple(h for i, h in headers.items() if i not in columns)
        return Layout(columns, headers, tuple(line.row for line in head), unknown)

    def _column(self, header: str) -> Column | None:
        if means := self.chosen.get(header):
            known = next((c for c in self.register.columns if c.means == means), None)
            return known or Column(means, (header,))
        return self.register.by_header.get(folded(header))


def _header(head: Sequence[Line], place: int) -> str:
    """The lowest filled cell of the head in this column."""
    for line in reversed(head):
        if place < len(line.cells) and line.cells[place].strip():
            return line.cells[place].strip()
    return ""


def is_total(line: Line, words: CommonWords) -> bool:
    """A subtotal, a total or a signature line: one of its first filled cells opens with such a word."""
    filled = islice((cell for c in line.cells if (cell := "".join(c.split()))), 3)
    return any(cell.startswith(words.totals) for cell in filled)
