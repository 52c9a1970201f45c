"""One line as typed values: what each recognised cell says, or why it says nothing we can use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import partial

from doudi.engine import divisions
from doudi.engine.policy.lived import lived_between, longest_ago
from doudi.engine.policy.model import Fact
from doudi.engine.values import BadIdNumber, IdNumber, Month
from doudi.engine.words import visible
from doudi.office.registry.importing.layout import Layout
from doudi.office.registry.importing.registers import Column, CommonWords, Register
from doudi.office.registry.importing.sheets import Line
from doudi.office.registry.resolution import UNKNOWN, Json

_TEXTS = frozenset({"head_number", "phone", "household_key", "area", "township", "village", "address", "period"})
_PLACED = frozenset({"area", "township", "village", "observed_on"})
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: .*)?")
_MONTH = re.compile(r"(\d{4})\s*[年./-]?\s*(0[1-9]|1[0-2]|(?<=\D)[1-9])\s*月?")
_LONGEST_NAME = 100
_SERIAL_START = date(1899, 12, 30)  # the spreadsheet's day 0, its false leap day of 1900 allowed for


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be used: code and fields of the words catalogue; the cell is quoted to the sender only."""

    column: str
    code: str
    fields: Mapping[str, str]


@dataclass(slots=True)
class Record:
    """One line, read. person, household: facts by name. number: an identity number, or as written when it is none
    (then number_fault says why). extra: what the register holds for other rooms.
    """

    line: Line
    name: str = ""
    number: str = ""
    id_number: IdNumber | None = None
    number_fault: str = ""
    role: str = ""
    phone: str = ""
    birth: date | None = None
    household_key: str = ""
    head_name: str = ""
    head_number: str = ""
    area: str = ""
    township: str = ""
    village: str = ""
    address: str = ""
    observed_on: date | None = None
    valid_to: date | None = None
    period: str = ""
    person: dict[str, Json] = field(default_factory=dict)
    household: dict[str, Json] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


Put = Callable[[Record, str], None]


class Reader:
    """Reads the lines of one sheet in order; remembers the cells that repeat downwards (merged heads, 同上)."""

    def __init__(
        self, register: Register, layout: Layout, words: CommonWords, meanings: Mapping[str, Fact], today: date
    ) -> None:
        """today: of the business clock; what a line says was lived lies behind it."""
        self._layout, self._words, self._meanings = layout, words, meanings
        self._lived = {name: lived_between(fact, today) for name, fact in meanings.items()}
        self._longest_ago, self._today = longest_ago(today), today
        self._above: dict[int, str] = {}
        self._cells = [(p, c, layout.headers[p], self._put(c)) for p, c in layout.columns.items()]
        self._names_programmes = register.names_programmes
        self._opening = [p for p, c in layout.columns.items() if c.means in ("head_name", "household_key")]
        self._always = [(*name.split(".", 1), value) for name, value in register.always.items()]

    def read(self, line: Line) -> Record:
        record = Record(line)
        cells, n = line.cells, len(line.cells)
        if self._opens_household(line):
            self._above = {p: t for p, t in self._above.items() if self._layout.columns[p].means in _PLACED}
        for place, column, header, put in self._cells:
            text = self._text(cells[place] if place < n else "", place, column)
            if text:
                try:
                    put(record, text)
                except Unreadable as bad:
                    record.faults.append(Fault(header, bad.code, {"cell": text[:40], **bad.fields}))
        if self._names_programmes and not record.faults:
            record.faults += _faults_of_enrolment(record.extra)
        for about, fact, value in self._always:
            getattr(record, about).setdefault(fact, value)
        if record.id_number:
            record.person.setdefault("birth_date", record.id_number.birth.isoformat())
            record.person.setdefault("sex", record.id_number.sex)
        return record

    def _opens_household(self, line: Line) -> bool:
        """A new head or household number: what stood above of the household before does not carry over."""
        for place in self._opening:
            if place < len(line.cells):
                said = line.cells[place].strip()
                if said and said not in self._words.as_above and said != self._above.get(place):
                    return True
        return False

    def _text(self, cell: str, place: int, column: Column) -> str:
        named = column.means in ("name", "head_name")
        text = (cell if named or cell.isascii() else unicodedata.normalize("NFKC", cell)).strip()
        if text in self._words.as_above or (not text and column.fill):
            text = self._above.get(place, "")
        self._above[place] = text
        return column.words.get(text, text)

    def _put(self, column: Column) -> Put:
        """How a cell of this column is written into a record."""
        means = column.means
        if column.only:
            return partial(_put_only, column)
        about, _, fact = means.partition(".")
        if fact and about in ("person", "household"):
            return partial(self._put_fact, about, fact)
        known: dict[str, Put] = {
            "number": self._number,
            "role": self._role,
            "birth_date": self._birth,
            "sex": partial(self._put_fact, "person", "sex"),
        }
        if means in ("name", "head_name"):
            return partial(_put_name, means)
        if means in ("observed_on", "valid_to"):
            return partial(_put_day, means)
        return known.get(means) or partial(_put_text if means in _TEXTS else _put_extra, means)

    def _put_fact(self, about: str, fact: str, record: Record, text: str) -> None:
        getattr(record, about)[fact] = self._fact(fact, text)

    def _birth(self, record: Record, text: str) -> None:
        record.birth = self._of_a_life(day(text), self._longest_ago, self._today)
        record.person["birth_date"] = record.birth.isoformat()

    def _number(self, record: Record, text: str) -> None:
        record.number = text
        try:
            number = IdNumber.parse(text)
        except BadIdNumber as bad:
            record.number_fault = bad.code
            return
        record.number = number.number
        if self._longest_ago <= number.birth <= self._today:
            record.id_number = number
        else:
            record.number_fault = "future" if number.birth > self._today else "long_ago"

    def _role(self, record: Record, text: str) -> None:
        if text not in self._words.roles:
            raise Unreadable("import.role")
        record.role = self._words.roles[text]

    def _fact(self, name: str, text: str) -> Json:
        meaning = self._meanings.get(name)
        if text in self._words.unknown:
            return UNKNOWN
        if meaning is None:
            raise Unreadable("import.unknown_fact", fact=name)
        value = self._typed(meaning, text)
        if meaning.min is not None and not isinstance(value, bool) and meaning.type in ("money", "int", "number"):
            if Decimal(str(value)) < meaning.min:
                raise Unreadable("import.too_small", least=str(meaning.min))
            if meaning.max is not None and Decimal(str(value)) > meaning.max:
                raise Unreadable("import.too_great", most=str(meaning.max))
        return value

    def _typed(self, meaning: Fact, text: str) -> Json:
        match meaning.type:
            case "money":
                return money(text)
            case "int":
                return whole(text)
            case "number" | "rate":
                return str(_decimal(text, "import.not_a_number"))
            case "bool":
                return self._bool(text)
            case "date":
                earliest, latest = self._lived[meaning.name]
                return self._of_a_life(day(text), earliest or date.min, latest or date.max).isoformat()
            case "enum":
                if text in meaning.values:
                    return text
                raise Unreadable("import.not_a_value", values="、".join(meaning.values))
            case "area":
                return area(text)
        return text

    def _of_a_life(self, said: date, earliest: date, latest: date) -> date:
        if said > latest:
            raise Unreadable("import.future", today=self._today.isoformat())
        if said < earliest:
            raise Unreadable("import.long_ago", earliest=earliest.isoformat())
        return said

    def _bool(self, text: str) -> bool:
        if text.lower() in self._words.yes:
            return True
        if text.lower() in self._words.no:
            return False
        raise Unreadable("import.not_yes_or_no")


class Unreadable(ValueError):
    """A cell that does not say what its column should."""

    def __init__(self, code: str, **fields: str) -> None:
        self.code, self.fields = code, fields
        super().__init__(code)


def day(text: str) -> date:
    """A date in any way offices write one: ISO, 2020.7.1, 2020年7月1日, 20200701, a spreadsheet's serial day."""
    if found := _DAY.fullmatch(text):
        parts = tuple(int(p) for p in found.groups())
    elif re.fullmatch(r"\d{8}", text):
        parts = (int(text[:4]), int(text[4:6]), int(text[6:]))
    elif re.fullmatch(r"[2-6]\d{4}", text):
        return _SERIAL_START + timedelta(days=int(text))
    else:
        raise Unreadable("import.not_a_date")
    try:
        return date(*parts)
    except ValueError:
        raise Unreadable("import.not_a_date") from None


def month(text: str) -> Month | None:
    """A month in any way offices write one: 2016-05, 2016年5月, 2016.5, 201605; None when it is something else."""
    found = _MONTH.fullmatch(text)
    return Month(int(found[1]), int(found[2])) if found else None


def first_day(text: str) -> date | None:
    """The day a cell names, or the first of the month it names; None when it is empty. Raises Unreadable."""
    if not text:
        return None
    named = month(text)
    return named.first if named else day(text)


def last_day(text: str) -> date | None:
    """The day a cell names, or the last of the month it names; None when it is empty. Raises Unreadable."""
    if not text:
        return None
    named = month(text)
    return named.last if named else day(text)


def money(text: str) -> str:
    """Yuan as text with two decimals; a formula's further digits are rounded to the fen."""
    value = _decimal(re.sub(r"[¥,\s]|元$", "", text), "import.not_money")
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def whole(text: str) -> int:
    value = _decimal(text, "import.not_whole")
    if value != int(value):
        raise Unreadable("import.not_whole")
    return int(value)


def _decimal(text: str, code: str) -> Decimal:
    if not re.fullmatch(r"[-+]?\d{1,12}(\.\d+)?", text):
        raise Unreadable(code)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Unreadable(code) from None


def area(text: str) -> str:
    """The 12-digit code of an area given by code or by a name that only one area has."""
    found = divisions.search(text)
    places = {a.code for a in found if a.kind != "heading"}
    if len(places) != 1:
        raise Unreadable("import.area")
    return places.pop()


def _put_name(means: str, record: Record, text: str) -> None:
    parts = text.split()
    if len(text) > _LONGEST_NAME or text[0] in "=+-@" or visible(text) != text:
        raise Unreadable("import.name", most=str(_LONGEST_NAME))
    is_spread = len(parts) > 1 and all(map(_is_han, parts))  # 贾 守田
    setattr(record, means, ("" if is_spread else " ").join(parts))


def _put_day(means: str, record: Record, text: str) -> None:
    setattr(record, means, day(text))


def _put_text(means: str, record: Record, text: str) -> None:
    setattr(record, means, text)


def _put_extra(means: str, record: Record, text: str) -> None:
    record.extra[means] = text


def _put_only(column: Column, record: Record, text: str) -> None:
    if text not in column.only:
        raise Unreadable("import.not_a_value", values="、".join(sorted(column.only)))
    record.extra[column.means] = text


def _faults_of_enrolment(said: Mapping[str, str]) -> list[Fault]:
    """A line that enrols somebody in nothing, or until before it begins, or until nobody knows when."""
    if not said.get("programme"):
        return [Fault("", "import.no_programme", {})]
    try:
        ends = last_day(said.get("ends_on", ""))
        starts = first_day(said.get("starts_on", ""))
    except Unreadable as bad:
        return [Fault("", bad.code, {"cell": (said.get("ends_on") or said.get("starts_on", ""))[:40], **bad.fields})]
    if starts and ends and ends < starts:
        return [Fault("", "import.ends_before_start", {"cell": said["ends_on"][:40]})]
    return []


def _is_han(text: str) -> bool:
    return all(unicodedata.category(c) == "Lo" for c in text)
