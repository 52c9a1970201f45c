"""The published list as one sorted text, searched where it lies.

Building a dictionary of 680,000 areas takes most of a second; the list is sorted by (code, level), so a code is found
by halving and a subtree is one slice. Reading it takes a tenth of a second.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

LISTED_ON = date(2020, 6, 30)
DATA = Path(__file__).parent / "data"
_FILE = DATA / "cn_divisions_2020-06-30.csv.gz"


class Line(NamedTuple):
    """One row: 12 digits, level 1 (province) to 5 (village), name as published, code of the parent or empty."""

    code: str
    level: int
    name: str
    parent: str


@cache
def _text() -> bytes:
    with gzip.open(_FILE) as file:
        file.readline()
        return file.read()


def _line(start: int) -> Line:
    text = _text()
    code, level, name, parent = text[start : text.index(b"\n", start)].decode().split(",")
    return Line(code, int(level), name, parent)


def _first_at_or_after(code: str) -> int:
    """Offset of the first line whose code is not below `code` in code-point order."""
    text, key = _text(), code.encode()
    low, high = 0, len(text)
    while low < high:
        start = text.rfind(b"\n", 0, (low + high) // 2) + 1
        if text[start : start + 12] < key:
            low = text.index(b"\n", start) + 1
        else:
            high = start
    return low


def at(code: str) -> tuple[Line, ...]:
    """Every line of a code, higher level first; four codes stand at two levels or three."""
    found, start = [], _first_at_or_after(code)
    while _text()[start : start + 12] == code.encode():
        found.append(line := _line(start))
        start += len(",".join(map(str, line)).encode()) + 1
    return tuple(found)


def below(parent: str, level: int, prefix: str) -> list[Line]:
    """The lines of one level directly under `parent`; prefix: the digits that its subtree shares."""
    text = _text()[_first_at_or_after(prefix) : _first_at_or_after(prefix + ":")]
    tail, mark = f",{parent}".encode(), str(level).encode()
    rows = (row for row in text.split(b"\n") if row[13:14] == mark and row.endswith(tail))
    return [Line(*_split(row)) for row in rows]


def _split(row: bytes) -> tuple[str, int, str, str]:
    code, level, name, parent = row.decode().split(",")
    return code, int(level), name, parent


def holding(part: str, prefix: str = "") -> Iterator[Line]:
    """Every line whose name holds `part`, in the order of codes; prefix: only below it."""
    text, key = _text(), part.encode()
    start, end = (_first_at_or_after(prefix), _first_at_or_after(prefix + ":")) if prefix else (0, len(text))
    at = text.find(key, start, end)
    while at >= 0:
        line = _line(text.rfind(b"\n", 0, at) + 1)
        if part in line.name:
            yield line
        at = text.find(key, text.index(b"\n", at), end)
