"""A checked pack and a resolved plan, as immutable values. The seam between the compiler's front and its two backends.

An expression is a small typed tree: Lit, Ref, Call, Agg, Enrolled. Every operator and plain function is a Call whose
`op` is its spelling in the language (`and or not == != < <= > >= + - * in if div round age_years …`; unary minus is
`neg`); backends are tables from `op` to an emitter. `and`, `or`, `min`, `max` take any number of arguments; `in` has
the value first, then the literals; `round` has value, to, mode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Entity = Literal["person", "household"]
Type = Literal["bool", "int", "number", "money", "rate", "date", "text", "enum", "area"]
Period = Literal["month", "year", "eternity"]
Scalar = bool | int | Decimal | date | str | None  # None = unknown


@dataclass(frozen=True, slots=True)
class Words:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Law:
    source: str  # id of a file in sources/
    article: str


# ---- expressions ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Lit:
    value: Scalar
    type: Type
    entity: None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A declared name, fully qualified (`income`, `dibao.standard`, `dibao.eligible`).

    entity: person or household. For a parameter None, except where its value hangs on a fact of the subject (`per:`,
    `by: hukou_division`): then that fact's. Inside a person's expression a household name is read plainly.
    Two fixed columns of a snapshot are facts that stand in no list: `role` (text, of the person) and `division` (area,
    of whoever reads it).
    """

    name: str
    kind: Literal["fact", "variable", "parameter", "eligible", "amount"]
    type: Type
    entity: Entity | None


@dataclass(frozen=True, slots=True)
class Call:
    op: str
    args: tuple[Expr, ...]
    type: Type
    entity: Entity | None


@dataclass(frozen=True, slots=True)
class Agg:
    """Over the members of the household; value is None for count_if. Strict: an unknown member makes it unknown."""

    fn: Literal["sum", "any", "all", "min", "max", "count_if"]
    value: Expr | None
    where: Expr | None
    type: Type
    entity: Entity = "household"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """`enrolled('P')` (bool) or `enrolled_amount('P')` (money).

    entity person: the member, who counts as covered by a household enrolment that names him (default all members);
    entity household: the household's own enrolment. `enrolled_amount` of a household programme is the household's.
    on: the day on which it must be in force, where that is another than the run's.
    """

    programme: str
    type: Type  # bool or money
    entity: Entity
    on: date | None = None


Expr = Lit | Ref | Call | Agg | Enrolled


# ---- declarations --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    entity: Entity
    type: Type
    label: Words
    period: Period = "month"
    unit: str | None = None
    min: Decimal | int | None = None
    max: Decimal | int | None = None
    values: tuple[str, ...] = ()  # of an enum, in declared order
    default: Scalar = None
    presumed: Scalar = None
    spread: bool = False
    sensitive: bool = False
    listed: bool = False
    means: str | None = None
    agree_within: Decimal | int | None = None
    source_rank: tuple[str, ...] = ()
    settled_by: tuple[str, ...] = ()
    question: Words | None = None
    renamed_from: str | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    name: str  # qualified: `dibao.income` inside a programme
    entity: Entity
    type: Type
    label: Words | None
    formulas: tuple[tuple[date | None, Expr], ...]  # ascending; None = from ever
    period: Period = "month"
    unit: str | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One value from one day for one area (12 digits; empty = the nation); `key` for a parameter `per:` an enum fact.

    value None ends the parameter.
    """

    area: str
    since: date
    key: str | None
    value: Scalar
    source: str = ""
    article: str = ""
    confidence: str = "A"  # A, B, C or demo


FallbackLevel = Literal["county", "city", "province", "nation"]


ScaleKind = Literal["marginal_rate", "single_amount", "marginal_amount"]


@dataclass(frozen=True, slots=True)
class Bracket:
    """Threshold and rate (or amount), dated apart; it exists on days when both have a value."""

    threshold: tuple[ParameterValue, ...]
    amount: tuple[ParameterValue, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    kind: ScaleKind
    brackets: tuple[Bracket, ...]


@dataclass(frozen=True, slots=True)
class PlannedScale:
    """What stands in `Parameter.scale` of a plan: (threshold, rate or amount) of the day, thresholds ascending.

    origins: where each rate or amount comes from, in the order of the brackets.
    """

    kind: ScaleKind
    brackets: tuple[tuple[Decimal, Decimal], ...]
    origins: tuple[Resolved, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: Type
    label: Words
    unit: str | None = None
    by: Literal["area", "hukou_division"] | None = None
    per: str | None = None  # name of an enum fact
    says: Words | None = None
    question: Words | None = None
    values: tuple[ParameterValue, ...] = ()
    scale: Scale | PlannedScale | None = None
    fallback: tuple[FallbackLevel, ...] = ("county", "city", "province", "nation")


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    bit: int
    expr: Expr
    law: Law | None
    label: Words | None = None
    question: Words | None = None
    remedy: Words | None = None
    since: date | None = None
    until: date | None = None  # last day in force


@dataclass(frozen=True, slots=True)
class Exclusion:
    programme: str
    mode: Literal["instead", "higher", "difference", "same_need"]
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class PriorityPart:
    name: str
    points: int
    when: Expr
    label: Words | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    name: str
    subject: Entity
    period: str  # month, year, once
    names: tuple[tuple[date | None, Words], ...]
    conditions: tuple[Condition, ...]
    in_force: tuple[date | None, date | None] = (None, None)
    applies_when: Expr | None = None
    amount: Expr | None = None  # rounding already wrapped around it as Call("round", …)
    tolerance: Expr | None = None
    ask_when: Expr | None = None
    priority: tuple[PriorityPart, ...] = ()
    excludes: tuple[Exclusion, ...] = ()
    once_per: str | None = None
    catalogue: dict[str, Any] = field(default_factory=dict)  # decided_by, paid_by, list_from, process, forms, archive


@dataclass(frozen=True, slots=True)
class Sign:
    """A risk sign: a named condition of a subject, a finding when true, never an outcome."""

    name: str
    subject: Entity
    expr: Expr
    label: Words
    question: Words | None = None
    law: Law | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    title: str
    number: str
    dated: str  # as written in the document; may be a month only
    in_force: tuple[date | None, date | None]
    confidence: str = "A"
    articles: dict[str, Words] = field(default_factory=dict)
    authority: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days on which the week does not say whether one works, ascending: (day, is a working day)."""

    exceptions: tuple[tuple[date, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    id: str
    edition: str
    hash: str  # SHA-256 hex over the canonical archive
    missing: Literal["unknown", "default"]
    roles: tuple[str, ...]
    facts: dict[str, Fact]
    variables: dict[str, Variable]
    parameters: dict[str, Parameter]
    programmes: dict[str, Programme]
    sources: dict[str, Source]
    other_programmes: tuple[str, ...] = ()
    in_force: tuple[date | None, date | None] = (None, None)
    examples: tuple[dict[str, Any], ...] = ()  # raw, read by packtest
    labels: dict[str, Any] = field(default_factory=dict)
    catalogues: dict[str, Any] = field(default_factory=dict)
    signs: dict[str, Sign] = field(default_factory=dict)
    areas: tuple[str, ...] = ()  # 12 digits; empty = all
    rule_date: Literal["application", "decision"] = "application"
    overlays: tuple[str, ...] = ()  # ids, in the order they were laid over
    calendar: Calendar = Calendar()
    neutralised: tuple[str, ...] = ()  # by overlays: variables and programmes that answer their default


# ---- the plan: one pack on one day ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Definition:
    """A variable as it stands on the day: one expression (Lit None when no formula is in force)."""

    name: str
    entity: Entity
    type: Type
    expr: Expr
    label: Words | None = None
    unit: str | None = None
    period: Period = "month"


@dataclass(frozen=True, slots=True)
class PlannedExclusion(Exclusion):
    """across: the other programme is of the other kind of subject. mirrored: only the other one says it."""

    across: bool = False
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class PlannedProgramme:
    """A programme on the day: only conditions in force, in order of their bits; excludes in force only."""

    name: str
    subject: Entity
    period: str
    label: Words
    in_force: bool
    conditions: tuple[Condition, ...]
    applies_when: Expr | None
    amount: Expr | None
    tolerance: Expr | None
    ask_when: Expr | None
    priority: tuple[PriorityPart, ...]
    excludes: tuple[PlannedExclusion, ...]
    once_per: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The value of one parameter for one county: where it was found and since when it holds."""

    value: Scalar
    area: str
    since: date
    source: str
    article: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a backend needs, nothing else.

    definitions and programmes are in one order of evaluation: `order` names both (`income`, `dibao`).
    A value of another period than the run's is a name of its own among facts, definitions and parameters:
    `income@2020-04`, `tax@2019`, the sum `income@2019-08..2020-07` (`periods.py`); no operator reads another period.
    area_values: six-digit county prefix ("" = a county not asked for: national values only)
        → (parameter, key or None) → Resolved. Missing = no value: unknown, the county is asked.
    """

    pack: Pack
    as_of: date
    facts: dict[str, Fact]
    definitions: dict[str, Definition]
    programmes: dict[str, PlannedProgramme]
    order: tuple[str, ...]
    parameters: dict[str, Parameter]
    area_values: dict[str, dict[tuple[str, str | None], Resolved]]
    signs: dict[str, Sign] = field(default_factory=dict)  # those in force
