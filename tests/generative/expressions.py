"""Random expressions of a wanted type, written as a lawyer would write them; the language page says which are lawful.

Every way to make a value has a name (its cell of the coverage table), and the writer prefers the ways used least so
far, so that a few dozen packs meet all of them often.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

ORDERED = ("int", "number", "rate", "money", "date")
VALUES = ("a", "b", "c")  # of every enum
TEXTS = ("x", "it''s", "half_up")  # as written between quotes
PLACES = ("341503203204", "341502001001", "340102001001", "520502001001", "441900003001", "110101001001")
ROUNDING = ("half_up", "up", "down")
LEVELS = ("province", "city", "county", "township")
AREAS = ("341503000000", "341500000000", "340000000000", "520502000000", "441900000000")


@dataclass(frozen=True)
class Name:
    """A declared name: as it is written, what it holds; owner: the programme inside whose folder it needs no prefix."""

    name: str
    kind: str  # fact, variable, parameter, verdict
    type: str
    entity: str | None  # None: a parameter for everybody
    period: str | None = None
    owner: str | None = None
    scale: str = ""
    is_limited: bool = False  # a fact with `min` or `max`

    def text(self, inside: str | None) -> str:
        return self.name if self.owner in (None, inside) else f"{self.owner}.{self.name}"


@dataclass(frozen=True)
class Place:
    """Where an expression stands. entity person: also inside an aggregate; may_ask: `is_known` is lawful."""

    entity: str
    period: str | None = None
    inside: str | None = None
    may_ask: bool = False


# type → (cell, text, kinds of the parts); a part `@money` is one of a member, inside an aggregate of a household
WAYS: dict[str, list[tuple[str, str, str]]] = {
    "bool": [
        ("and", "({} and {})", "bool bool"), ("or", "({} or {})", "bool bool"), ("not", "(not ({}))", "bool"),
        ("and", "({} and {} and {})", "bool bool bool"), ("if", "if({}, {}, {})", "bool bool bool"),
        ("==", "({} == {})", "bool bool"), ("!=", "({} != {})", "bool bool"),
        ("==", "({} == {})", "ordered ="), ("!=", "({} != {})", "ordered ="), ("<", "({} < {})", "ordered ="),
        ("<=", "({} <= {})", "ordered ="), (">", "({} > {})", "ordered ="), (">=", "({} >= {})", "ordered ="),
        ("<", "({} < {})", "money money"), ("<=", "({} <= {})", "money money"), (">=", "({} >= {})", "int int"),
        (">", "({} > {})", "money money"), ("==", "({} == {})", "int #int"), ("!=", "({} != {})", "money #money"),
        *[(op, "({} " + op + " {})", "limited #beyond") for op in ("<", "<=", ">", ">=", "==", "!=")],
        ("==", "({} == {})", "enum #enum"), ("!=", "({} != {})", "enum enum"), ("==", "({} == {})", "text #text"),
        ("!=", "({} != {})", "text text"), ("==", "({} == {})", "area #area"), ("!=", "({} != {})", "area area"),
        ("in", "({} in ({}, {}))", "int #int #int"), ("in", "({} in ({}, {}))", "money #money #money"),
        ("in", "({} in ({}, {}, {}))", "date #date #date #date"), ("in", "({} in ('a', 'b'))", "enum"),
        ("in", "({} in ({}, {}))", "text #text #text"), ("in", "({} in ({}, {}))", "area #area #area"),
        ("in", "({} in ({}, {}))", "number #number #number"),
        ("role", "(role == '{}')", "@@role"), ("role", "(role in ('head', 'other'))", "@@"),
        ("in_area", "in_area({}, {})", "area #area"),
        *[("same_area", "same_area({}, {}, '" + level + "')", "area area") for level in LEVELS],
        ("<=", "(enrolled_amount('{}') <= {})", "programme money"), ("scale", "(scale({}, {}) > 10)", "~number number"),
        (">=", "(count_if({}) >= {})", "@bool #age"), ("==", "(count_if({}) == 1)", "@bool"),
        ("age_years", "({} >= {})", "age #age"), ("age_years", "({} < {})", "age #age"),
        ("age_years", "({} > {})", "age #age"), ("age_years", "({} <= {})", "age #age"),
        ("enrolled", "enrolled('{}')", "programme"), ("any", "any({})", "@bool"), ("any", "any({}, {})", "@bool @bool"),
        ("all", "all({})", "@bool"), ("all", "all({}, {})", "@bool @bool"), ("is_known", "is_known({})", "known"),
    ],
    "int": [
        ("+", "({} + {})", "int int"), ("-", "({} - {})", "int int"), ("neg", "(-({}))", "int"),
        ("*", "({} * {})", "int #int"), ("*", "({} * {})", "int int"), ("if", "if({}, {}, {})", "bool int int"),
        ("abs", "abs({})", "int"), ("floor", "floor({})", "number"), ("floor", "floor({})", "rate"),
        ("min", "min({}, {})", "int int"), ("max", "max({}, {}, {})", "int int int"),
        ("age_years", "age_years({})", "date"), ("age_years", "age_years({}, {})", "date date"),
        ("days_between", "days_between({}, {})", "date date"), ("year", "year({})", "date"),
        ("year", "(year({}) - year({}))", "date date"),
        ("workdays_between", "workdays_between({}, {})", "date date"),
        ("workdays_between", "workdays_between({}, as_of())", "date"), ("scale", "scale({}, {})", "~int number"),
        ("months_between", "months_between({}, {})", "date date"), ("month", "month({})", "date"),
        ("count_if", "count_if({})", "@bool"), ("sum", "sum({})", "@int"), ("sum", "sum({}, {})", "@int @bool"),
        ("min", "min({}, {})", "@int @bool"), ("max", "max({})", "@int"),
    ],
    "number": [
        ("+", "({} + {})", "number number"), ("+", "({} + {})", "int number"), ("-", "({} - {})", "number rate"),
        ("neg", "(-({}))", "number"), ("*", "({} * {})", "number number"), ("*", "({} * {})", "int rate"),
        ("div", "div({}, {}, 3)", "int int"), ("div", "div({}, {}, 2)", "money money"),
        ("div", "div({}, {}, 6)", "number number"), ("if", "if({}, {}, {})", "bool number number"),
        ("round", "round({}, {}, {})", "number step mode"), ("abs", "abs({})", "number"),
        ("scale", "scale({}, {})", "~marginal_rate number"),
        ("scale", "scale({}, {})", "~marginal_rate int"),
         ("scale", "scale({}, {})", "~number int"),
        ("min", "min({}, {})", "number int"), ("max", "max({}, {})", "number rate"), ("sum", "sum({})", "@number"),
        ("sum", "sum({}, {})", "@number @bool"), ("max", "max({}, {})", "@number @bool"),
    ],
    "rate": [
        ("+", "({} + {})", "rate rate"), ("-", "({} - {})", "rate rate"), ("*", "({} * {})", "rate rate"),
        ("if", "if({}, {}, {})", "bool rate rate"), ("min", "min({}, {})", "rate rate"), ("neg", "(-({}))", "rate"),
        ("round", "round({}, {}, {})", "rate step mode"), ("abs", "abs({})", "rate"), ("max", "max({})", "@rate"),
    ],
    "money": [
        ("+", "({} + {})", "money money"), ("-", "({} - {})", "money money"), ("neg", "(-({}))", "money"),
        ("+", "({} + {} + {})", "money money money"), ("-", "({} - ({} - {}))", "money money money"),
        ("*", "({} * {})", "int money"), ("*", "({} * {})", "money rate"), ("*", "({} * {})", "number money"),
        ("div", "div({}, {}, 2)", "money int"), ("div", "div({}, {}, 4)", "money number"),
        ("round", "round({}, {}, {})", "money step mode"),
        *[("round", "round(if({}, {}, " + mode + ")", "bool halves") for mode in ROUNDING],
        ("abs", "abs({})", "money"), ("floor", "floor({})", "money"),
        ("min", "min({}, {})", "money money"), ("max", "max({}, {}, {})", "money money money"),
        ("max", "max({}, 0)", "money"), ("if", "if({}, {}, {})", "bool money money"), ("sum", "sum({})", "@money"),
        ("sum", "sum({}, {})", "@money @bool"), ("min", "min({})", "@money"), ("min", "min({}, {})", "@money @bool"),
        ("max", "max({})", "@money"), ("max", "max({}, {})", "@money @bool"),
        *[("scale", "scale({}, {})", scale + " money") for scale in ("~marginal_rate", "~money", "~money")],
        ("enrolled_amount", "enrolled_amount('{}')", "programme"),
        ("scale", "scale({}, if({}, {}, {}))", "~marginal_rate bool #limit #limit"),
        ("scale", "scale({}, if({}, {}, {}))", "~single_amount:money bool #limit #limit"),
        ("scale", "scale({}, if({}, {}, {}))", "~money bool #limit #limit"),
        ("enrolled_amount", "({} + enrolled_amount('{}'))", "money programme"),
    ],
    "date": [
        ("if", "if({}, {}, {})", "bool date date"), ("min", "min({}, {})", "date date"), ("as_of", "as_of()", ""),
        ("max", "max({}, {})", "date date"), ("add_months", "add_months({}, {})", "date #int"),
        ("add_months", "add_months({}, {})", "date int"),
        ("add_months", "add_months({}, {})", "#end int"), ("add_months", "add_months({}, {})", "date #far"),
        ("add_days", "add_days({}, {})", "date #far"),
        ("add_days", "add_days({}, {})", "date int"),
        ("add_days", "add_days({}, {})", "date #int"), ("min", "min({})", "@date"),
        ("max", "max({}, {})", "@date @bool"),
    ],
    "text": [("if", "if({}, {}, {})", "bool text text")],
    "enum": [("if", "if({}, {}, {})", "bool enum enum")],
    "area": [("if", "if({}, {}, {})", "bool area area")],
}  # fmt: skip
TYPES = tuple(WAYS)
for _kind in TYPES:
    WAYS[_kind] += [(f, f + "({})", f"&{f}:{_kind}") for f in ("in_month", "in_month", "first_month")]
for _kind in ("money", "number", "rate"):
    WAYS[_kind] += [(f, f + "({})", f"&{f}:{_kind}") for f in ("sum_months", "mean_months", "mean_months")]
WAYS["int"].append(("sum_months", "sum_months({})", "&sum_months:int"))
WAYS["money"].append(("per_month", "per_month({})", "&per_month:money"))
WAYS["number"] += [
    *(("per_month", "per_month({})", f"&per_month:{_kind}") for _kind in ("int", "number", "rate")),
    ("mean_months", "mean_months({})", "&mean_months:int"),
]


class Writer:
    """Writes expressions over the names declared so far. used: how often each way was taken, over many packs."""

    def __init__(self, rng: random.Random, days: tuple[date, ...], used: Counter[tuple[str, str]]) -> None:
        self.rng, self.days, self.used = rng, days, used
        self.names: list[Name] = []
        self.months = ""  # the parameter that says over how many months to add up
        self.programmes: dict[str, str | None] = {}  # name → subject, None: not decided by the pack

    def expr(self, kind: str, at: Place, depth: int) -> str:
        ways = [w for w in WAYS[kind] if self.may(w, at)]
        if depth <= 0 or not ways or self.rng.random() < 0.15:
            return self.leaf(kind, at)
        fewest = min(self.used[kind, w[1] + w[2]] for w in ways)
        way = self.rng.choice([w for w in ways if self.used[kind, w[1] + w[2]] <= fewest + 2])
        self.used[kind, way[1] + way[2]] += 1
        return way[1].format(*self.parts(way[2], at, depth - 1))

    def may(self, way: tuple[str, str, str], at: Place) -> bool:
        cell, _, parts = way
        if cell == "is_known":
            return at.may_ask
        if "&" in parts:
            return all(self.of_period(*kind[1:].split(":"), at) for kind in parts.split() if kind[0] == "&")
        if "@@" in parts:
            return at.entity == "person"
        if "@" in parts or cell == "count_if":
            return at.entity == "household"
        return "programme" not in parts or bool(self.readable_programmes(at))

    def parts(self, kinds: str, at: Place, depth: int) -> list[str]:
        found: list[str] = []
        ordered = self.rng.choice(ORDERED)
        for kind in kinds.split():
            kind = ordered if kind in ("ordered", "=") else kind
            if kind.startswith("&"):
                found.append(self.other_period(*kind[1:].split(":"), at))
            elif kind.startswith("@@"):
                found += [self.rng.choice(["head", "other"])] if kind[2:] else []
            elif kind.startswith("@"):
                found.append(self.expr(kind[1:], replace(at, entity="person"), depth))
            elif kind.startswith("~"):
                found.append(self.scale(kind[1:], at))
            elif kind.startswith("#"):
                found.append(self.literal(kind[1:]))
            elif kind in _SPECIAL:
                found.append(_SPECIAL[kind](self, at))
            else:
                found.append(self.expr(kind, at, depth))
        return found

    # ---- other months and years ------------------------------------------------------------------------------------
    def of_period(self, function: str, kind: str, at: Place) -> list[Name]:
        """Names that a function of other months may read."""
        asked = {"first_month": ("month",), "per_month": ("year",), "in_month": ("month", "year", "eternity", None)}
        periods = asked.get(function, ("month", "eternity", None))
        return [
            n
            for n in self.names
            if n.kind != "parameter" and n.type == kind and (at.entity == "person" or n.entity != "person")
            if n.period in periods and not (function == "in_month" and n.period == "year" and at.period == "month")
        ]

    def other_period(self, function: str, kind: str, at: Place) -> str:
        names = self.of_period(function, kind, at)
        name = self.rng.choice([n for n in names if n.period == "month"] or names)
        if self.rng.random() < 0.3:
            name = self.rng.choice(names)
        read = name.text(at.inside)
        if function in ("first_month", "per_month"):
            return read
        if function == "in_month":
            return f"{read}, {self.rng.choice([-12, -24] if name.period == 'year' else [0, -1, -1, -2, -3, -12])}"
        return f"{read}, {self.rng.choice(['1', '2', '3', self.months, self.months])}"

    # ---- ends ------------------------------------------------------------------------------------------------------
    def leaf(self, kind: str, at: Place) -> str:
        names = self.readable(kind, at)
        own = [n for n in names if n.kind != "parameter"] or names
        if not names or (kind not in ("enum", "text", "area") and self.rng.random() < 0.1):
            return self.literal(kind)
        return self.rng.choice(own if self.rng.random() < 0.55 else names).text(at.inside)

    def readable(self, kind: str, at: Place) -> list[Name]:
        return [
            n
            for n in self.names
            if n.type == kind
            and not n.scale
            and (at.entity == "person" or n.entity != "person")
            and (n.kind == "parameter" or {n.period, at.period} != {"month", "year"})
        ]

    def readable_programmes(self, at: Place) -> list[str]:
        return [p for p, subject in self.programmes.items() if subject != "person" or at.entity == "person"]

    def literal(self, kind: str) -> str:
        rng = self.rng
        made = {
            "bool": lambda: rng.choice(["true", "false"]),
            "int": lambda: str(rng.choice([0, 1, 2, 3, 7, 12, 18, 60, -1, -14])),
            "far": lambda: str(rng.choice([-40000, 120000, 3000000, -900000, 600])),
            "limit": lambda: f"money('{rng.choice(['0.50', '1.00', '18.00', '125.40', '600.00', '1999.99'])}')",
            "end": lambda: f"date('{rng.choice(['2019-05-31', '2020-01-31', '2020-02-29', '2019-12-31'])}')",
            "beyond": lambda: f"money('{rng.choice(['-250.00', '2500.00', '0', '-100.01'])}')",
            "age": lambda: str(rng.choice([0, 1, 16, 18, 60, 80, 101])),
            "number": lambda: rng.choice(["0.5", "1.25", "0.000001", "3.0", "-2.5", "12.345678"]),
            "rate": lambda: rng.choice(["0.35", "0.5", "1.2", "0.0"]),
            "money": lambda: f"money('{rng.choice(['0', '0.01', '125.40', '600.00', '-33.33', '1999.99'])}')",
            "date": lambda: f"date('{rng.choice(self.days)}')",
            "text": lambda: f"'{rng.choice(TEXTS)}'",
            "enum": lambda: f"'{rng.choice(VALUES)}'",
            "area": lambda: f"'{rng.choice(AREAS + PLACES)}'",
        }
        return made[kind]()

    def scale(self, kind: str, at: Place) -> str:
        """A scale of that kind, or one whose amounts are of that type."""
        fits = [n for n in self.names if n.scale]
        fits = [n for n in fits if kind in (n.scale, f"{n.scale}:{n.type}", n.scale != "marginal_rate" and n.type)]
        return self.rng.choice(fits).text(at.inside)

    def programme(self, at: Place) -> str:
        return self.rng.choice(self.readable_programmes(at))

    def step(self, at: Place) -> str:
        named = [n.text(at.inside) for n in self.readable("number", at) if n.kind == "parameter"]
        return self.rng.choice(["'0.10'", "'0.01'", "0.5", "7", "'100'", "'0.25'", *named])

    def halves(self, at: Place) -> str:
        """Amounts that lie at the half of a step, on both sides of 0."""
        half, step = self.rng.choice([("0.05", "'0.10'"), ("3.50", "7"), ("50.00", "'100'")])
        return f"money('{half}'), money('-{half}')) * {self.rng.choice([1, 3])}, {step}"

    def limited(self, at: Place) -> str:
        """An amount of which at least one end is declared."""
        named = [n.text(at.inside) for n in self.readable("money", at) if n.is_limited]
        held = self.rng.choice(named) if named else self.leaf("money", at)
        return self.rng.choice(["{}", "{}", "(-({}))", "(money('30.00') - {})", "(2 * {})"]).format(held)

    def mode(self, at: Place) -> str:
        named = [n.text(at.inside) for n in self.readable("text", at) if n.kind == "parameter"]
        return self.rng.choice(["half_up", "up", "down", *named])

    def age(self, at: Place) -> str:
        born = [n.text(at.inside) for n in self.readable("date", at) if n.kind == "fact"]
        day = self.rng.choice(born) if born else self.literal("date")
        return f"age_years({day}{self.rng.choice(['', ', as_of()'])})"

    def known(self, at: Place) -> str:
        kind = self.rng.choice(TYPES)
        return self.expr(kind, at, 1) if kind in ("bool", "money", "int") else self.leaf(kind, at)


_SPECIAL = {
    "programme": Writer.programme, "step": Writer.step, "halves": Writer.halves, "limited": Writer.limited,
    "mode": Writer.mode,
    "age": Writer.age, "known": Writer.known,
}  # fmt: skip


def money(rng: random.Random, low: int = -90000, high: int = 90000) -> Decimal:
    """An amount in yuan, often one that a limit of the law names too."""
    near = [c for c in (0, 1, 12540, 60000, -3333, 199999, 5, -5, 350, 25) if low <= c <= high]
    return Decimal(rng.choice([*near, rng.randint(low, high), rng.randint(low, high)])) / 100
