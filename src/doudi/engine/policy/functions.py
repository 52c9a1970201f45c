"""The closed list of functions: name → how its arguments are checked and what it gives (docs/packs.md)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from doudi.engine.policy import grammar
from doudi.engine.policy.check import BROKEN, NUMERIC, ORDERED, Checker, Handler, Typed, joint_type
from doudi.engine.policy.grammar import Apply, Name, Term
from doudi.engine.policy.model import Agg, Enrolled, Expr, Lit, Ref, Type
from doudi.engine.values import Money
from doudi.engine.words.near import hint

ROUNDING = ("half_up", "up", "down")
LEVELS = ("province", "city", "county", "township")


def _count(c: Checker, t: Apply, low: int, high: int) -> bool:
    if low <= len(t.args) <= high:
        return True
    c.fault("policy.arguments", name=t.op, n=len(t.args), expected=str(low) if low == high else f"{low}–{high}")
    return False


def _where(t: Apply, n: int) -> str:
    return f"{t.op}(…{n + 1}…)"


# ---- over members --------------------------------------------------------------------------------------------------
def _aggregate(c: Checker, t: Apply) -> Typed:
    if c.setting.of_person:
        return c.fault("policy.aggregate_in_person", name=t.op)
    member = c.inside()
    value = member.term(t.args[0])
    where = member.want(member.term(t.args[1]), "bool", _where(t, 1)) if len(t.args) > 1 else None
    if value.type is None or (where and where.expr is None):
        return BROKEN
    wanted: tuple[Type, ...] = {"sum": NUMERIC, "any": ("bool",), "all": ("bool",)}.get(t.op, ORDERED)
    if value.type not in wanted:
        return c.fault("policy.wanted", where=_where(t, 0), want=wanted[0] if len(wanted) == 1 else "…", got=value.type)
    fn: Any = t.op
    over_persons = t.op == "sum" and "per_person" in (value.unit or "")  # the sum is no longer per person
    unit = None if over_persons else value.unit
    return Typed(Agg(fn, value.expr, where.expr if where else None, value.type), unit)


def _members(c: Checker, t: Apply) -> Typed:
    return _aggregate(c, t) if _count(c, t, 1, 2) else BROKEN


def _extreme(c: Checker, t: Apply) -> Typed:
    """`min`, `max`: over members with one argument or a bool as the second, else over the arguments."""
    if not _count(c, t, 1, 50):
        return BROKEN
    if len(t.args) == 1 or (len(t.args) == 2 and not c.setting.of_person and _is_bool(c, t.args[1])):
        return _aggregate(c, t)
    parts = c.common(f"{t.op}(…)", *(c.term(a) for a in t.args))
    first = parts[0]
    if first.type is None:
        return BROKEN
    if first.type not in ORDERED:
        return c.fault("policy.no_order", op=t.op, type=first.type)
    return c.call(t.op, joint_type(*parts), *parts, unit=first.unit)


def _is_bool(c: Checker, term: Term) -> bool:
    """Tried on the side: the faults of the trial do not count."""
    faults = c.item.faults
    before = len(faults)
    kind = c.inside().term(term).type
    del faults[before:]
    return kind == "bool"


def _count_if(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 1, 1):
        return BROKEN
    if c.setting.of_person:
        return c.fault("policy.aggregate_in_person", name=t.op)
    member = c.inside()
    where = member.want(member.term(t.args[0]), "bool", _where(t, 0))
    return Typed(Agg("count_if", None, where.expr, "int")) if where.expr else BROKEN


# ---- logic and numbers ---------------------------------------------------------------------------------------------
def _if(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 3, 3):
        return BROKEN
    cond = c.want(c.term(t.args[0]), "bool", _where(t, 0))
    yes, no = c.common("if(…)", c.term(t.args[1]), c.term(t.args[2]))
    if yes.type is None or no.type is None:
        return BROKEN
    return c.call("if", joint_type(yes, no), cond, yes, no, unit=yes.unit, values=yes.values)


def _is_known(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 1, 1):
        return BROKEN
    if not c.setting.may_ask:
        return c.fault("policy.is_known")
    return c.call("is_known", "bool", c.term(t.args[0]))


def _div(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 3, 3):
        return BROKEN
    above, below = c.term(t.args[0]), c.term(t.args[1])
    scale = _literal_int(c, t, 2, 0, 6)
    if above.type is None or below.type is None or scale.type is None:
        return BROKEN
    for part in (above, below):
        if part.type not in NUMERIC:
            return c.fault("policy.no_arithmetic", op="div", type=part.type)
    if below.type == "money" and above.type != "money" and not above.is_zero:
        return c.fault("policy.number_by_money")
    type_: Type = "money" if above.type == "money" and below.type != "money" else "number"
    unit = above.unit if not below.unit else None
    return c.call("div", type_, above, below, scale, unit=unit)


def _literal_int(c: Checker, t: Apply, n: int, low: int, high: int) -> Typed:
    term = t.args[n]
    if isinstance(term, grammar.Literal) and isinstance(term.value, int) and low <= term.value <= high:
        return Typed(Lit(term.value, "int"))
    return c.fault("policy.whole_literal", where=_where(t, n), low=low, high=high)


def _round(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 3, 3):
        return BROKEN
    value = c.term(t.args[0])
    to, mode = round_step(c, t.args[1], _where(t, 1)), round_mode(c, t.args[2], _where(t, 2))
    if value.type is None:
        return BROKEN
    if value.type not in NUMERIC:
        return c.fault("policy.no_arithmetic", op="round", type=value.type)
    return c.call("round", value.type, value, to, mode, unit=value.unit)


def round_step(c: Checker, term: Term, where: str) -> Typed:
    """The step to round to, above 0: a number, a quoted one, or a parameter."""
    if isinstance(term, grammar.Literal) and not isinstance(term.value, bool):
        text = str(term.value)
        if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text) and Decimal(text) > 0:
            return Typed(Lit(Decimal(text), "number"))
    elif isinstance(term, Name):
        return _parameter(c, term.text, NUMERIC, where)
    return c.fault("policy.round_step", where=where)


def round_mode(c: Checker, term: Term, where: str) -> Typed:
    """One of the modes, as a word or as text, or a parameter that holds one."""
    text = term.value if isinstance(term, grammar.Literal) else term.text if isinstance(term, Name) else ""
    if text in ROUNDING:
        return Typed(Lit(str(text), "text"))
    if isinstance(term, Name):
        return _parameter(c, term.text, ("text",), where)
    return c.fault("policy.no_choice", got=repr(text), allowed=", ".join(ROUNDING))


def _parameter(c: Checker, text: str, types: tuple[Type, ...], where: str) -> Typed:
    typed = c.name(text)
    if typed.expr is None:
        return BROKEN
    if not isinstance(typed.expr, Ref) or typed.expr.kind != "parameter" or typed.type not in types:
        return c.fault("policy.want_parameter", where=where, want=" / ".join(types))
    return typed


def _same_type(op: str, gives: Type | None = None) -> Handler:
    def handler(c: Checker, t: Apply) -> Typed:
        if not _count(c, t, 1, 1):
            return BROKEN
        part = c.term(t.args[0])
        if part.type is None:
            return BROKEN
        if part.type not in NUMERIC:
            return c.fault("policy.no_arithmetic", op=op, type=part.type)
        type_ = gives if gives and part.type != "money" else part.type
        return c.call(op, type_, part, unit=part.unit)

    return handler


# ---- literals and days ---------------------------------------------------------------------------------------------
def _text_literal(c: Checker, t: Apply, n: int) -> str | None:
    term = t.args[n]
    if isinstance(term, grammar.Literal) and isinstance(term.value, str):
        return term.value
    c.fault("policy.text_literal", where=_where(t, n))
    return None


def _date(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 1, 1) or (text := _text_literal(c, t, 0)) is None:
        return BROKEN
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        return Typed(Lit(date.fromisoformat(text), "date"))
    except ValueError:
        return c.fault("policy.expected_date", got=repr(text[:40]))


def _money(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 1, 1) or (text := _text_literal(c, t, 0)) is None:
        return BROKEN
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,2})?", text):
        return c.fault("policy.expected_money", got=repr(text[:40]))
    return Typed(Lit(Money.of(text).yuan, "money"))


def _typed(gives: Type, *takes: Type, optional: int = 0) -> Handler:
    """A function whose arguments have fixed types; the last `optional` may be left out."""

    def handler(c: Checker, t: Apply) -> Typed:
        if not _count(c, t, len(takes) - optional, len(takes)):
            return BROKEN
        args = [c.want(c.term(a), takes[n], _where(t, n)) for n, a in enumerate(t.args)]
        return c.call(t.op, gives, *args)

    return handler


# ---- periods -------------------------------------------------------------------------------------------------------
def _of_name(c: Checker, t: Apply) -> Typed:
    """These read other months of one fact or variable, so they need its name."""
    term = t.args[0]
    if not isinstance(term, Name):
        return c.fault("policy.want_name", where=_where(t, 0))
    typed = c.name(term.text, any_period=True)
    if isinstance(typed.expr, Ref) and typed.expr.kind == "parameter":
        return c.fault("policy.want_name", where=_where(t, 0))
    return typed


def _period(whose: str, exact: bool = False) -> Handler:
    def handler(c: Checker, t: Apply) -> Typed:
        if not _count(c, t, 1, 1):
            return BROKEN
        part = _of_name(c, t)
        if part.type is None or not isinstance(t.args[0], Name):
            return BROKEN
        found = c.declared(t.args[0].text)
        if found and found.period not in (whose, None):
            return c.fault("policy.period_of", name=t.args[0].text, function=t.op, period=whose)
        if not exact:
            return c.call(t.op, part.type, part, unit=part.unit, values=part.values)
        if part.type not in NUMERIC:
            return c.fault("policy.no_arithmetic", op=t.op, type=part.type)
        return c.call(t.op, "money" if part.type == "money" else "number", part, unit=part.unit)

    return handler


def _in_month(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 2, 2):
        return BROKEN
    part, n = _of_name(c, t), _literal_int(c, t, 1, -1_200, 0)
    if part.type is None or n.expr is None or not _read_in_month(c, t.args[0], n.expr):
        return BROKEN
    return c.call("in_month", part.type, part, n, unit=part.unit, values=part.values)


def _read_in_month(c: Checker, name: Term, n: Expr) -> bool:
    """A yearly value is read from a year alone, and whole years back."""
    found = c.declared(name.text) if isinstance(name, Name) else None
    if found is None or found.period != "year":
        return True
    if c.setting.period == "month":
        c.fault("policy.year_plain", name=found.name)
        return False
    if isinstance(n, Lit) and isinstance(n.value, int) and n.value % 12:
        c.fault("policy.whole_years", name=found.name, n=n.value)
        return False
    return True


def _months(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 2, 2):
        return BROKEN
    part = _of_name(c, t)
    found = c.declared(t.args[0].text) if isinstance(t.args[0], Name) and part.expr else None
    if found and found.period == "year":
        return c.fault("policy.period_of", name=found.name, function=t.op, period="month")
    n = (
        _parameter(c, t.args[1].text, ("int",), _where(t, 1))
        if isinstance(t.args[1], Name)
        else _literal_int(c, t, 1, 1, 120)
    )
    if part.type is None:
        return BROKEN
    if part.type not in NUMERIC:
        return c.fault("policy.no_arithmetic", op=t.op, type=part.type)
    whole = t.op == "sum_months" or part.type != "int"
    return c.call(t.op, part.type if whole else "number", part, n, unit=part.unit)


# ---- tables, programmes, places ------------------------------------------------------------------------------------
def _scale(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 2, 2):
        return BROKEN
    first = t.args[0]
    text = first.text if isinstance(first, Name) else _text_literal(c, t, 0)
    found = c.declared(text) if text else None
    part = c.term(t.args[1])
    if found is None or part.type is None:
        return BROKEN
    if not found.scale:
        return c.fault("policy.no_scale", name=text)
    if part.type not in NUMERIC:
        return c.fault("policy.no_arithmetic", op="scale", type=part.type)
    table = Typed(Ref(found.name, "parameter", found.type, None))
    if found.scale == "marginal_rate":
        return c.call("scale", "money" if part.type == "money" else "number", table, part, unit=part.unit)
    return c.call("scale", found.type, table, part, unit=found.unit)


def _enrolled(type_: Type) -> Handler:
    def handler(c: Checker, t: Apply) -> Typed:
        if not _count(c, t, 1, 1) or (name := _text_literal(c, t, 0)) is None:
            return BROKEN
        programmes = c.setting.names.programmes
        if name not in programmes:
            return c.fault("policy.unknown_programme", name=name[:60], near=hint(name, programmes))
        if programmes[name] == "person" and not c.setting.of_person:
            return c.fault("policy.person_in_household", name=f"{t.op}('{name}')")
        household = type_ == "money" and programmes[name] == "household"
        return Typed(Enrolled(name, type_, "person" if c.setting.of_person and not household else "household"))

    return handler


def _in_area(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 2, 2) or (code := _text_literal(c, t, 1)) is None:
        return BROKEN
    if not re.fullmatch(r"\d{12}", code):
        return c.fault("policy.expected_area", got=repr(code[:40]))
    return c.call("in_area", "bool", c.want(c.term(t.args[0]), "area", _where(t, 0)), Typed(Lit(code, "area")))


def _same_area(c: Checker, t: Apply) -> Typed:
    if not _count(c, t, 3, 3) or (level := _text_literal(c, t, 2)) is None:
        return BROKEN
    if level not in LEVELS:
        return c.fault("policy.no_choice", got=repr(level[:40]), allowed=", ".join(LEVELS))
    areas = [c.want(c.term(t.args[n]), "area", _where(t, n)) for n in (0, 1)]
    return c.call("same_area", "bool", *areas, Typed(Lit(level, "text")))


# Functions whose arguments and result have one type each.
TYPED: dict[str, tuple[tuple[Type, ...], Type]] = {
    "as_of": ((), "date"),
    "add_months": (("date", "int"), "date"),
    "add_days": (("date", "int"), "date"),
    "days_between": (("date", "date"), "int"),
    "months_between": (("date", "date"), "int"),
    "workdays_between": (("date", "date"), "int"),
    "year": (("date",), "int"),
    "month": (("date",), "int"),
}
FUNCTIONS: dict[str, Handler] = {
    "sum": _members,
    "any": _members,
    "all": _members,
    "min": _extreme,
    "max": _extreme,
    "count_if": _count_if,
    "if": _if,
    "is_known": _is_known,
    "div": _div,
    "round": _round,
    "floor": _same_type("floor", gives="int"),
    "abs": _same_type("abs"),
    "date": _date,
    "money": _money,
    "age_years": _typed("int", "date", "date", optional=1),
    **{name: _typed(gives, *takes) for name, (takes, gives) in TYPED.items()},
    "first_month": _period("month"),
    "per_month": _period("year", exact=True),
    "in_month": _in_month,
    "mean_months": _months,
    "sum_months": _months,
    "scale": _scale,
    "enrolled": _enrolled("bool"),
    "enrolled_amount": _enrolled("money"),
    "in_area": _in_area,
    "same_area": _same_area,
}
