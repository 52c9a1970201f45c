"""What the parts of a page are made of: small frozen values that a view fills and a template tag draws.

A bottom line judges itself from its numbers, so nobody can draw a tick that is not earned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from doudi.office.look.panels import TimelineEntry

Count = int | Decimal
ChipTone = Literal["ok", "warn", "bad", "hot", "info", "unknown", "off"]
ClockState = Literal["overdue", "today", "ahead", "waiting"]


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of a bottom line; `url` leads to exactly these rows."""

    n: Count
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class BottomLine:
    """total = part + part, checked. Total and parts must come from independent queries.

    balanced: the words when it adds up. missing: what is still without a place (turns the tick into a warning although
    the numbers add up); unknown: what is missing is only not known yet. unit: of a difference, as in 差 1 人, for a
    number (one household, two households). note: the right end, last refreshed and the like.
    """

    total: Count
    label: str
    parts: Sequence[Part]
    balanced: str = ""
    missing: str = ""
    unit: Callable[[int], str] | None = None
    note: str = ""
    unknown: bool = False

    @property
    def difference(self) -> Count:
        return self.total - sum((p.n for p in self.parts), type(self.total)(0))

    @property
    def unit_of_difference(self) -> str:
        return self.unit(abs(int(self.difference))) if self.unit else ""

    @property
    def state(self) -> Literal["balances", "incomplete", "differs"]:
        if self.difference:
            return "differs"
        return "incomplete" if self.missing else "balances"


@dataclass(frozen=True, slots=True)
class Counter:
    """A number over a list, one fact that says what to do, and the address of exactly that list."""

    label: str
    n: Count
    fact: str = ""
    url: str = ""
    tone: Literal["red", "amb", "dai", "vio", "grn", "plain"] = "plain"
    icon: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How much of a term is left. share: 0..1 of the ring; words: 剩 3 小时; waiting means it is not mine."""

    state: ClockState
    words: str
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    url: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One control of the filter bar; `value` is the chosen word, `clear` the address without it."""

    label: str
    choices: Sequence[Choice] = ()
    value: str = ""
    clear: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    state: Literal["done", "now", "later"] = "later"


@dataclass(frozen=True, slots=True)
class Progress:
    """A job under way. rate: a second; seconds_left: None while nobody can tell."""

    title: str
    n: int
    total: int
    unit: str = ""
    rate: int = 0
    seconds_left: int | None = None

    @property
    def share(self) -> float:
        return min(1.0, self.n / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a stacked bar, in the fixed order of finality."""

    kind: Literal["covered", "other", "closed", "working", "untouched"]
    n: int
    label: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A township or village on the board: how many, how far, who, until when. Some, and none left, earns 清零."""

    name: str
    url: str
    n: int
    left: int
    segments: Sequence[Segment] = ()
    person: str = ""
    clock: Clock | None = None
    chosen: bool = False

    @property
    def share_done(self) -> float:
        return (self.n - self.left) / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Board:
    """Townships on the left, the villages of the chosen one on the right (mock-up 02)."""

    groups: Sequence[BoardRow]
    rows: Sequence[BoardRow]
    groups_title: str
    rows_title: str
    funnel: Sequence[Part] = ()
    about: str = ""

    @property
    def most_in_group(self) -> int:
        """The length of the longest bar on the left; every other one is drawn against it."""
        return max((g.n for g in self.groups), default=0) or 1

    @property
    def most_in_row(self) -> int:
        return max((row.n for row in self.rows), default=0) or 1

    @property
    def has_people(self) -> bool:
        return any(row.person for row in self.rows)

    @property
    def has_clocks(self) -> bool:
        return any(row.clock or not row.left for row in self.rows)

    @property
    def open_groups(self) -> list[BoardRow]:
        return [g for g in self.groups if g.left or g.chosen]

    @property
    def n_cleared(self) -> int:
        return sum(1 for g in self.groups if g.n and not g.left)

    @property
    def legend(self) -> list[Segment]:
        seen: dict[str, Segment] = {}
        for row in self.rows:
            for segment in row.segments:
                seen.setdefault(segment.kind, segment)
        order = ("covered", "other", "closed", "working", "untouched")
        return [seen[kind] for kind in order if kind in seen]


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to answer the open question, with what follows from it. name and value are posted."""

    label: str
    consequence: str
    tone: Literal["ok", "plain", "unknown"] = "plain"
    name: str = "answer"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """The one thing that would settle it; answers are shown with their outcome before anybody answers."""

    text: str
    lead: str = ""
    answers: Sequence[Answer] = ()
    action: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What the law needs, what we hold and from whom, and whether it is met."""

    name: str
    need: str
    held: str
    source: str
    state: Literal["met", "failed", "unknown"]
    law: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """A legal source as shown at the right: our own 要点, never passed off as the original words."""

    title: str
    number: str
    article: str
    says: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure the answer used, with area, first day and unit."""

    label: str
    where: str
    value: str
    unit: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a household gets what it gets: result, sum, open question, conditions, law, figures (mock-up 04)."""

    programme: str
    outcome: str
    tone: ChipTone
    conditions: Sequence[Condition]
    amount: str = ""
    sum: str = ""
    question: Question | None = None
    laws: Sequence[Law] = ()
    parameters: Sequence[Parameter] = ()
    more_parameters: Sequence[Parameter] = ()
    changes: Sequence[str] = ()
    inputs: Sequence[tuple[str, str, str]] = ()
    steps: Sequence[str] = ()
    as_of: date | None = None
    pack: str = ""

    @property
    def mark(self) -> str:
        """The icon of the outcome's chip where its tone has another meaning elsewhere."""
        return "x" if self.tone == "off" else ""

    @property
    def by_source(self) -> list[tuple[Law, list[Law]]]:
        """Each source once, with its articles."""
        found: dict[str, list[Law]] = {}
        for law in self.laws:
            found.setdefault(law.title, []).append(law)
        return [(laws[0], laws) for laws in found.values()]

    def n(self, state: str) -> int:
        return sum(1 for c in self.conditions if c.state == state)

    @property
    def n_met(self) -> int:
        return self.n("met")

    @property
    def n_failed(self) -> int:
        return self.n("failed")

    @property
    def n_unknown(self) -> int:
        return self.n("unknown")


Line = Literal["solid", "dotted", "gap", "thin", "none"]


@dataclass(frozen=True, slots=True)
class Knot:
    """A link of the help chain: the entry, how the line runs down from it, and the length of a gap below it."""

    entry: TimelineEntry
    line: Line
    gap_days: int = 0
    ahead: bool = False


def chain(entries: Iterable[TimelineEntry], today: date) -> list[Knot]:
    """The entries newest first with the line between them.

    Solid while help runs without a day between; dotted towards what lies ahead; a gap is named with its days.
    """
    ordered = sorted(entries, key=lambda e: e.on, reverse=True)
    return [_knot(entry, ordered[i + 1 :], today) for i, entry in enumerate(ordered)]


def _knot(entry: TimelineEntry, below: Sequence[TimelineEntry], today: date) -> Knot:
    helps = [e for e in below if e.tone == "help"]
    if not below:
        return Knot(entry, "none", ahead=entry.on > today)
    if entry.on > today:
        return Knot(entry, "dotted", ahead=True)
    if entry.tone == "help" and (gap := _gap(entry, helps)):
        return Knot(entry, "gap", gap)
    return Knot(entry, "solid" if _covered(helps, below[0].on, entry.on) else "thin")


def _covered(helps: Iterable[TimelineEntry], start: date, end: date) -> bool:
    return any(h.on <= start and (h.until is None or h.until + timedelta(days=1) >= end) for h in helps)


def _gap(entry: TimelineEntry, earlier: Sequence[TimelineEntry]) -> int:
    if not earlier or any(h.until is None for h in earlier):
        return 0
    last = max(h.until for h in earlier if h.until)
    return max(0, (entry.on - last).days - 1)
