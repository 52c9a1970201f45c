"""How offices spell a cell: padded names, amounts in four styles, dates in four, numbers a spreadsheet has cut off."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

Cell = str | int | float | None


def spelt(value: Any, kind: str, rnd: random.Random, careless: int) -> Cell:
    """A value as a clerk types it. kind: of registers.yaml; careless: of how many hundred numbers one is spoilt."""
    if value is None:
        return None
    match kind:
        case "money":
            return _money(value, rnd)
        case "day":
            return _day(value, rnd)
        case "tick":
            return rnd.choice(("是", "是", "√")) if value else rnd.choice(("否", "否", "×"))
        case "name":
            return _name(value, rnd)
        case "number":
            return _number(value, rnd, careless)
        case "none_or_number":
            return value or "无"
    return value if isinstance(value, int | str) else str(value)


def _money(value: Decimal, rnd: random.Random) -> Cell:
    style = rnd.randrange(10)
    if style < 7:
        return float(value) if value % 1 else int(value)  # a spreadsheet holds numbers so
    return f"{value:,.2f}" if style < 9 else f"{value}元"


def _day(value: date, rnd: random.Random) -> str:
    return rnd.choice(
        (
            f"{value:%Y-%m-%d}",
            f"{value.year}.{value.month}.{value.day}",
            f"{value.year}年{value.month}月{value.day}日",
            f"{value:%Y%m%d}",
        )
    )


def _name(value: str, rnd: random.Random) -> str:
    style = rnd.randrange(20)
    if style == 0 and len(value) == 2:
        return f"{value[0]}  {value[1]}"
    if style == 1:
        return f" {value} "
    return f"{value}　" if style == 2 else value


def _number(value: str, rnd: random.Random, careless: int) -> str:
    if rnd.randrange(100) >= careless:
        return value.replace("X", rnd.choice("Xx"))
    at = rnd.randrange(6, 16)
    return rnd.choice(
        (
            value[:at] + value[at + 1] + value[at] + value[at + 2 :],  # two digits swapped
            f"{float(value[:17] + '0'):.5E}",  # cut off by a spreadsheet: 3.41600E+17
            value[:-1] + str((int(value[16]) + 5) % 10),  # another check digit
            "",
        )
    )
