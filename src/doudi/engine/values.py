"""Small immutable values that travel everywhere: money, months, areas, identity numbers, ids and the business clock."""

from __future__ import annotations

import os
import re
import time
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import total_ordering
from pathlib import Path
from typing import Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from stdnum.cn import ric

SHANGHAI = ZoneInfo("Asia/Shanghai")
_FEN = Decimal("0.01")


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """Yuan to the fen; the one place that converts between yuan, text and whole fen.

    Raises ValueError for anything with more than two decimals, a float, NaN or an exponent.
    """

    fen: int

    @classmethod
    def of(cls, yuan: Decimal | int | str) -> Self:
        if isinstance(yuan, float):
            raise ValueError("money from a float")
        try:
            value = Decimal(yuan)
        except InvalidOperation as e:
            raise ValueError(f"not an amount: {yuan!r}") from e
        if not value.is_finite() or value != value.quantize(_FEN):
            raise ValueError(f"not whole fen: {yuan!r}")
        return cls(int(value * 100))

    @property
    def yuan(self) -> Decimal:
        return Decimal(self.fen).scaleb(-2).quantize(_FEN)

    def __str__(self) -> str:
        return f"{self.yuan:f}"

    def __lt__(self, other: Money) -> bool:
        return self.fen < other.fen

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; text form `2020-07`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
            raise ValueError(f"not a month: {text!r}")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def plus(self, months: int) -> Month:
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return self.plus(1).first - timedelta(days=1)


AreaLevel = Literal["nation", "province", "city", "county", "township", "village"]
_WIDTHS: dict[AreaLevel, int] = {"nation": 0, "province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


@dataclass(frozen=True, slots=True, order=True)
class AreaCode:
    """A 12-digit division code of the statistical list; its level follows from its trailing zeros.

    Four codes stand at two levels (a city without counties): the level here is the higher one.
    Ranges are half-open texts [low, high) in code-point order, so that an index serves them.
    """

    code: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{12}", self.code):
            raise ValueError(f"not a 12-digit area code: {self.code!r}")

    def __str__(self) -> str:
        return self.code

    @property
    def level(self) -> AreaLevel:
        for level, width in _WIDTHS.items():
            if not self.code[width:].strip("0"):
                return level
        return "village"

    @property
    def prefix(self) -> str:
        return self.code[: _WIDTHS[self.level]]

    @property
    def low(self) -> str:
        return self.code

    @property
    def high(self) -> str:
        """The first text above every code inside this area."""
        return self.prefix + ":"

    def contains(self, other: AreaCode | str) -> bool:
        return str(other).startswith(self.prefix)

    def at(self, level: AreaLevel) -> AreaCode:
        return AreaCode(self.code[: _WIDTHS[level]].ljust(12, "0"))


class BadIdNumber(ValueError):
    """Why a text is no identity number: empty, scientific, digits_lost, characters, length, birth, check_digit."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


_WIDE = str.maketrans({"×": "X", "х": "X", "Х": "X", "x": "X", "\u200b": None, "\ufeff": None, "'": None, "’": None})


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A resident identity number in its 18-character form, check digit proved (GB 11643-1999).

    What is written differently but means one number is read: full width, blanks, a small or Cyrillic x, the old 15
    digits (`was_short`). A number that lost digits in a spreadsheet is refused, never guessed.
    """

    number: str
    was_short: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises BadIdNumber with the first reason that holds."""
        plain = "".join(unicodedata.normalize("NFKC", text).translate(_WIDE).split())
        _refuse_misshapen(plain)
        short = len(plain) == 15
        number = _lengthened(plain) if short else plain
        try:
            date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError as e:
            raise BadIdNumber("birth") from e
        if ric.calc_check_digit(number) != number[-1]:
            # 15 significant digits are what a spreadsheet keeps of a number; the rest becomes zeros.
            raise BadIdNumber("digits_lost" if number.endswith("000") else "check_digit")
        return cls(number, short)

    def __str__(self) -> str:
        return self.number

    @property
    def birth(self) -> date:
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def sex(self) -> Literal["M", "F"]:
        return "M" if int(self.number[16]) % 2 else "F"

    @property
    def last_four(self) -> str:
        return self.number[-4:]

    @property
    def county(self) -> AreaCode:
        """Where it was issued, in the codes of that day: an old code is no fault."""
        return AreaCode(self.number[:6] + "000000")

    @property
    def is_invented(self) -> bool:
        """Made up for tests and demonstrations: no county ever had a number ending in 99."""
        return self.number[4:6] == "99"


_SHAPE = re.compile(r"[0-9]{15}|[0-9]{17}[0-9X]")


def _refuse_misshapen(plain: str) -> None:
    if _SHAPE.fullmatch(plain):
        return
    if not plain:
        raise BadIdNumber("empty")
    if re.fullmatch(r"\d([.]\d+)?E[+]?\d+", plain, re.IGNORECASE):
        raise BadIdNumber("scientific")
    if not re.fullmatch(r"[0-9]+X?", plain):
        raise BadIdNumber("characters")
    raise BadIdNumber("length")


def _lengthened(short: str) -> str:
    """The 18-character form of an old number: those born before 1900 got order codes 996 to 999 and have died."""
    number = short[:6] + "19" + short[6:]
    return number + ric.calc_check_digit(number + "0")


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of real milliseconds, then randomness; made by us before the insert."""
    stamp = time.time_ns() // 1_000_000
    return UUID(int=stamp << 80 | int.from_bytes(os.urandom(10), "big") & _RANDOM | _VERSION_7)


_VERSION_7 = 0x7 << 76 | 0x2 << 62
_RANDOM = (1 << 80) - 1 & ~(0xF << 76 | 0x3 << 62)


@dataclass(frozen=True, slots=True)
class Clock:
    """The business clock: real time plus an offset. Rules never read it; it is read once at the edge and passed in."""

    offset: timedelta = timedelta(0)

    @classmethod
    def starting_at(cls, instant: datetime) -> Self:
        return cls(instant - datetime.now(UTC))

    def now(self) -> datetime:
        return (datetime.now(UTC) + self.offset).astimezone(SHANGHAI)

    def today(self) -> date:
        return self.now().date()

    def advanced(self, by: timedelta) -> Clock:
        return Clock(self.offset + by)

    @classmethod
    def read(cls, file: Path, initial: str) -> Self:
        """The clock kept in `file`; at first start made from `initial` (an ISO instant with zone, or `real`).

        Raises ValueError when `initial` is neither. The offset survives restarts.
        """
        if file.exists():
            return cls(timedelta(microseconds=int(file.read_text("ascii"))))
        if initial == "real":
            clock = cls()
        else:
            instant = datetime.fromisoformat(initial)
            if instant.tzinfo is None:
                raise ValueError(f"an instant needs its zone: {initial!r}")
            clock = cls.starting_at(instant)
        clock.write(file)
        return clock

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_text(str(self.offset // timedelta(microseconds=1)), "ascii")
        part.replace(file)


def is_in_force(day: date, since: date | None, until: date | None) -> bool:
    """Whether a day lies in a stretch of days, both ends included; None is no end."""
    return (since is None or since <= day) and (until is None or day <= until)
