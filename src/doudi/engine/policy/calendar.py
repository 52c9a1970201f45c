"""The file of working-day exceptions that pack.yaml names: a CSV with the columns day, working, name."""

from __future__ import annotations

from datetime import date

from doudi.engine.policy.document import Row
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Calendar
from doudi.engine.policy.sheets import Sheets
from doudi.engine.words import Fault
from doudi.engine.words.near import hint

_COLUMNS = ("day", "working")
_MAY = ("name",)


def read_calendar(sheets: Sheets, item: Item) -> Calendar:
    """Each day once, in any order; a day on which the week is right as it is may stand there too."""
    name = item.text()
    if name not in sheets.tables:
        item.fault("policy.no_file", name=name[:80], near=hint(name, sheets.tables))
        return Calendar()
    found: dict[date, tuple[bool, Row]] = {}
    for row in sheets.table(name):
        columns = set(row.cells)
        if columns - {*_COLUMNS, *_MAY} or set(_COLUMNS) - columns:
            fields = {"got": ", ".join(row.cells), "expected": ", ".join(_COLUMNS)}
            sheets.faults.append(Fault("policy.columns_of", {**fields, "may": ", ".join(_MAY)}, name, 1))
            break
        if (read := _row(sheets, row)) is None:
            continue
        day, is_working = read
        if day in found:
            fields = {"day": day.isoformat(), "line": str(found[day][1].line)}
            sheets.faults.append(Fault("policy.day_twice", fields, name, row.line, "day"))
        found[day] = is_working, row
    return Calendar(tuple((day, is_working) for day, (is_working, _) in sorted(found.items())))


def _row(sheets: Sheets, row: Row) -> tuple[date, bool] | None:
    day, working = row.cells["day"], row.cells["working"]
    try:
        read = date.fromisoformat(day)
    except ValueError:
        Item(row.node("day"), "day", sheets.faults).fault("policy.expected_date", got=repr(day[:40]))
        return None
    if working not in ("true", "false"):
        Item(row.node("working"), "working", sheets.faults).fault("policy.expected_bool", got=repr(working[:40]))
        return None
    return read, working == "true"
