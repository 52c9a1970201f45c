"""Least and greatest possible values, so that an unknown part does not hide a decided comparison.

An income of which only one wage is unknown is at least the sum of the rest, because a wage is never below its
declared `min`. Both backends compile the result of `lowered`, so they cannot disagree on what bounds decide:
each numeric comparison that bounds can help becomes `known_or(comparison, what the bounds say)`, and every variable
in it gets two definitions `x~lo` and `x~hi`. A bound is an ordinary expression; unknown means unbounded. Where all
is known both bounds equal the value, so a bound never contradicts a known comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Literal

from doudi.engine.policy.model import (
    Agg,
    Call,
    Condition,
    Definition,
    Expr,
    Lit,
    Plan,
    PlannedProgramme,
    Ref,
    Scalar,
    Type,
)
from doudi.engine.policy.periods import is_answer, plain_name
from doudi.engine.screening.scales import spelled, table_of

Side = Literal["lo", "hi"]
NUMERIC: frozenset[Type] = frozenset(("int", "number", "money", "rate"))
_OTHER: dict[Side, Side] = {"lo": "hi", "hi": "lo"}
_UNKNOWN = Lit(None, "bool")
# A bound that would be longer than this is not worth its columns: the comparison then stays unknown.
_LONGEST = 300


def lowered(plan: Plan) -> Plan:
    """The plan as both backends execute it: comparisons decided by bounds where values are unknown."""
    return _Lowering(spelled(plan)).plan()


def base_name(name: str) -> str:
    """`x` of `x~lo`: an override of x replaces its bounds too."""
    return name.partition("~")[0]


def size(expr: Expr) -> int:
    """Number of nodes of an expression."""
    return 1 + sum(size(child) for child in children(expr))


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside an expression."""
    if isinstance(expr, Call):
        return expr.args
    if isinstance(expr, Agg):
        return tuple(e for e in (expr.value, expr.where) if e is not None)
    return ()


def nodes(expr: Expr) -> Iterator[Expr]:
    """Every node of an expression, outer ones first."""
    yield expr
    for child in children(expr):
        yield from nodes(child)


class _Lowering:
    def __init__(self, source: Plan) -> None:
        self.source = source
        self.wanted: set[str] = set()  # bounds that a comparison reads: `x~lo`
        self.bounds: dict[tuple[Expr, Side], Expr] = {}
        self.decided: dict[Expr, Expr] = {}
        self.not_negative: dict[str, bool] = {}
        self.bounded: dict[str, bool] = {}

    def plan(self) -> Plan:
        for name in self.source.order:  # each after what it reads: no chain of variables is too long to follow
            if (d := self.source.definitions.get(name)) is not None:
                self.bounded[name] = self._is_bounded(d.expr)
                self.not_negative[name] = self._not_negative(d.expr)
        programmes = {n: self._programme(p) for n, p in self.source.programmes.items()}
        values = {n: replace(d, expr=self._decide(d.expr)) for n, d in self.source.definitions.items()}
        signs = {n: replace(s, expr=self._decide(s.expr)) for n, s in self.source.signs.items()}
        bounds = self._bound_definitions()
        order: list[str] = []
        for name in self.source.order:
            order += [name, *(b for b in (f"{name}~lo", f"{name}~hi") if b in bounds)]
        return replace(self.source, definitions=values | bounds, programmes=programmes, signs=signs, order=tuple(order))

    def _bound_definitions(self) -> dict[str, Definition]:
        """Bounds of all wanted variables; making one may want others, which stand earlier in the order."""
        made: dict[str, Definition] = {}
        for name in reversed(self.source.order):
            for bound in (f"{name}~lo", f"{name}~hi"):
                if bound in self.wanted:
                    d = self.source.definitions[name]
                    made[bound] = replace(d, name=bound, expr=self._bound_of_definition(bound), label=None)
        return made

    def _bound_of_definition(self, bound: str) -> Expr:
        name, _, side = bound.partition("~")
        return self._bound(self.source.definitions[name].expr, "lo" if side == "lo" else "hi")

    def _programme(self, p: PlannedProgramme) -> PlannedProgramme:
        return replace(
            p,
            conditions=tuple(self._condition(c) for c in p.conditions),
            applies_when=self._decide_or_none(p.applies_when),
            amount=self._decide_or_none(p.amount),
            tolerance=self._decide_or_none(p.tolerance),
            ask_when=self._decide_or_none(p.ask_when),
            priority=tuple(replace(part, when=self._decide(part.when)) for part in p.priority),
        )

    def _condition(self, c: Condition) -> Condition:
        return replace(c, expr=self._decide(c.expr))

    def _decide_or_none(self, e: Expr | None) -> Expr | None:
        return None if e is None else self._decide(e)

    # ---- comparisons -----------------------------------------------------------------------------------------------
    def _decide(self, e: Expr) -> Expr:
        """The same expression with its comparisons decided by bounds."""
        if e not in self.decided:
            self.decided[e] = self._decide_anew(e)
        return self.decided[e]

    def _decide_anew(self, e: Expr) -> Expr:
        if isinstance(e, Agg):
            return replace(
                e,
                value=None if e.value is None else self._decide(e.value),
                where=None if e.where is None else self._decide(e.where),
            )
        if not isinstance(e, Call):
            return e
        here = replace(e, args=tuple(self._decide(a) for a in e.args))
        if e.op in _SAYS and e.args[0].type in NUMERIC and self._helps(e):
            said = _SAYS[e.op](self, e)
            if size(said) <= _LONGEST:
                self._want(said)
                return Call("known_or", (here, said), "bool", e.entity)
        return here

    def _helps(self, e: Call) -> bool:
        return any(
            self._bound(a, side) != self._decide(a) for a in e.args for side in ("lo", "hi") if self._is_bounded(a)
        )

    def _want(self, e: Expr) -> None:
        waiting = [e]
        while waiting:
            for n in nodes(waiting.pop()):
                if isinstance(n, Ref) and "~" in n.name and n.name not in self.wanted:
                    self.wanted.add(n.name)
                    waiting.append(self._bound_of_definition(n.name))

    def less(self, e: Call, op: str) -> Expr:
        """`a < b` (`<=`): true when hi(a) < lo(b); false when not lo(a) < hi(b)."""
        a, b = e.args
        surely = Call(op, (self._bound(a, "hi"), self._bound(b, "lo")), "bool", e.entity)
        perhaps = Call(op, (self._bound(a, "lo"), self._bound(b, "hi")), "bool", e.entity)
        return Call("known_or", (_or_unknown(surely), _and_unknown(perhaps)), "bool", e.entity)

    def apart(self, e: Call) -> Call:
        """True when the ranges of both sides do not touch."""
        a, b = e.args
        below = Call("<", (self._bound(a, "hi"), self._bound(b, "lo")), "bool", e.entity)
        above = Call("<", (self._bound(b, "hi"), self._bound(a, "lo")), "bool", e.entity)
        return Call("or", (below, above), "bool", e.entity)

    # ---- bounds ----------------------------------------------------------------------------------------------------
    def _is_bounded(self, e: Expr) -> bool:
        """Whether any bound below could differ from the value itself."""
        if isinstance(e, Ref):
            if e.kind == "fact":
                fact = self.source.facts.get(e.name)
                return fact is not None and (fact.min is not None or fact.max is not None)
            if e.kind != "variable" or "~" in e.name or is_answer(e.name):  # a bound has no bounds of its own
                return False
            return self.bounded[e.name]
        if isinstance(e, Agg) and e.fn == "count_if":
            return True
        if isinstance(e, Call) and e.op not in _BOUNDS:
            return False
        if isinstance(e, Call) and e.op == "scale":
            return True
        return any(self._is_bounded(c) for c in children(e))

    def _bound(self, e: Expr, side: Side) -> Expr:
        """The least (lo) or greatest (hi) value of a number; the expression itself where nothing is known of it.

        Comparisons inside are decided by bounds too, so that a bound knows as much as the value it stands for.
        """
        if (e, side) not in self.bounds:
            found = self._made_bound(e, side) if self._is_bounded(e) else self._decide(e)
            self.bounds[e, side] = self._decide(e) if size(found) > _LONGEST else found
        return self.bounds[e, side]

    def _made_bound(self, e: Expr, side: Side) -> Expr:
        if isinstance(e, Ref):
            return self._bound_of_name(e, side)
        if isinstance(e, Agg):
            return self._bound_of_members(e, side)
        return _BOUNDS[e.op](self, e, side) if isinstance(e, Call) else e

    def _bound_of_name(self, e: Ref, side: Side) -> Expr:
        if e.kind == "variable":
            return replace(e, name=f"{e.name}~{side}")
        fact = self.source.facts[e.name]
        limit = fact.min if side == "lo" else fact.max
        return e if limit is None else Call("known_or", (e, _literal(limit, e.type)), e.type, e.entity)

    def _bound_of_members(self, e: Agg, side: Side) -> Expr:
        if e.fn == "count_if" and e.value is not None:
            return replace(e, value=_known(self._decide(e.value), side == "hi"))
        if e.fn == "count_if" and e.where is not None:
            return replace(e, where=_known(self._decide(e.where), side == "hi"))
        if e.value is None or (e.fn in ("min", "max") and e.where is not None):
            return self._decide(e)  # of nobody it is unknown, so a member who may not count gives no bound
        value = self._bound(e.value, side)
        if e.where is None:
            return replace(e, value=value)
        where = self._decide(e.where)
        if self._not_negative(e.value):
            counted: Expr = _known(where, side == "hi")
        else:
            zero = Lit(0, "int")
            moves = Call("<" if side == "lo" else ">", (value, zero), "bool", value.entity)
            counted = Call("known_or", (where, moves), "bool", where.entity)
        value = Call("if", (counted, value, Lit(_zero(e.type), e.type)), e.type, value.entity)
        return replace(e, value=value, where=None)

    def same_way(self, e: Call, side: Side) -> Expr:
        return replace(e, args=(self._bound(e.args[0], side), *e.args[1:]))

    def plus(self, e: Call, side: Side) -> Expr:
        return replace(e, args=tuple(self._bound(a, side) for a in e.args))

    def minus(self, e: Call, side: Side) -> Expr:
        first, *rest = e.args
        return replace(e, args=(self._bound(first, side), *(self._bound(a, _OTHER[side]) for a in rest)))

    def neg(self, e: Call, side: Side) -> Expr:
        return replace(e, args=(self._bound(e.args[0], _OTHER[side]),))

    def times(self, e: Call, side: Side) -> Expr:
        if len(e.args) != 2:
            return self._decide(e)
        a, b = e.args
        if self._not_negative(a) and self._not_negative(b):
            return replace(e, args=(self._bound(a, side), self._bound(b, side)))
        if self._not_negative(a):
            a, b = b, a
        if not self._not_negative(b):
            return self._decide(e)
        ends = tuple(replace(e, args=(self._bound(a, side), self._bound(b, s))) for s in ("lo", "hi"))
        return Call("min" if side == "lo" else "max", ends, e.type, e.entity)

    def quotient(self, e: Call, side: Side) -> Expr:
        a, b, *scale = e.args
        if not (self._not_negative(a) and self._not_negative(b)):
            return self._decide(e)
        return replace(e, args=(self._bound(a, side), self._bound(b, _OTHER[side]), *scale))

    def choice(self, e: Call, side: Side) -> Expr:
        when, a, b = self._decide(e.args[0]), *e.args[1:]
        ends = (self._bound(a, side), self._bound(b, side))
        either = Call("min" if side == "lo" else "max", ends, e.type, e.entity)
        return Call("known_or", (replace(e, args=(when, *ends)), either), e.type, e.entity)

    def extreme(self, e: Call, side: Side) -> Expr:
        """min is at most each of its arguments, max at least: one known bound is enough on that side."""
        ends = tuple(self._bound(a, side) for a in e.args)
        strict = replace(e, args=ends)
        if (e.op == "min") == (side == "hi") and len(ends) == 2:
            return Call("known_or", (strict, *ends), e.type, e.entity)
        return strict

    def scaled(self, e: Call, side: Side) -> Expr:
        """Where more never gives less (or never more) the value's own bound; else what the table gives at all."""
        table = table_of(e)
        limit = table.least if side == "lo" else table.most
        of_value = self._decide(e)
        if table.direction:
            of_value = replace(
                e, args=(self._bound(e.args[0], side if table.direction > 0 else _OTHER[side]), *e.args[1:])
            )
        if limit is None:
            return of_value
        return Call(
            "known_or", (of_value, _literal(int(limit) if e.type == "int" else limit, e.type)), e.type, e.entity
        )

    def _not_negative(self, e: Expr) -> bool:
        """Provably never below 0, from declarations and from every value of the plan's parameters."""
        if isinstance(e, Lit):
            return isinstance(e.value, int | Decimal) and e.value >= 0
        if isinstance(e, Agg):
            return e.fn == "count_if" or (e.value is not None and e.fn == "sum" and self._not_negative(e.value))
        if isinstance(e, Ref):
            return self._name_not_negative(e)
        if not isinstance(e, Call):
            return False
        if e.op == "max":
            return any(self._not_negative(a) for a in e.args)
        if e.op in ("+", "*", "min", "per_month"):
            return all(self._not_negative(a) for a in e.args)
        if e.op in ("round", "floor"):
            return self._not_negative(e.args[0])
        if e.op == "if":
            return all(self._not_negative(a) for a in e.args[1:])
        if e.op == "scale":
            least = table_of(e).least
            return least is not None and least >= 0
        return e.op == "abs" or (e.op == "div" and all(self._not_negative(a) for a in e.args[:2]))

    @cached_property
    def _may_be_negative(self) -> frozenset[str]:
        """Parameters with a figure below 0, or one that is no number, in one pass over all figures.

        Every figure of the pack, not only of the counties planned: an answer must not hang on what is planned beside.
        """
        found = {
            plain_name(k[0]) for by in self.source.area_values.values() for k, v in by.items() if _below_0(v.value)
        }
        held = self.source.pack.parameters.values()
        return frozenset(found | {p.name for p in held if any(_below_0(v.value) for v in p.values)})

    def _name_not_negative(self, e: Ref) -> bool:
        if e.kind == "fact":
            fact = self.source.facts.get(e.name)
            return fact is not None and fact.min is not None and fact.min >= 0
        if e.kind == "variable":
            return not is_answer(e.name) and self.not_negative[e.name]
        if e.kind == "parameter":
            return plain_name(e.name) not in self._may_be_negative
        return False


_SAYS = {
    "<": lambda s, e: s.less(e, "<"),
    "<=": lambda s, e: s.less(e, "<="),
    ">": lambda s, e: s.less(_flipped(e), "<"),
    ">=": lambda s, e: s.less(_flipped(e), "<="),
    "==": lambda s, e: _and_unknown(Call("not", (s.apart(e),), "bool", e.entity)),
    "!=": lambda s, e: _or_unknown(s.apart(e)),
}
_BOUNDS = {
    "+": _Lowering.plus,
    "-": _Lowering.minus,
    "neg": _Lowering.neg,
    "*": _Lowering.times,
    "div": _Lowering.quotient,
    "if": _Lowering.choice,
    "min": _Lowering.extreme,
    "max": _Lowering.extreme,
    "round": _Lowering.same_way,
    "floor": _Lowering.same_way,
    "per_month": _Lowering.same_way,
    "scale": _Lowering.scaled,
}


def _below_0(value: Scalar) -> bool:
    return value is not None and not (isinstance(value, int | Decimal) and value >= 0)


def _flipped(e: Call) -> Call:
    return replace(e, args=(e.args[1], e.args[0]))


def _or_unknown(e: Expr) -> Call:
    """True where e is true, else unknown."""
    return Call("or", (e, _UNKNOWN), "bool", e.entity)


def _and_unknown(e: Expr) -> Call:
    """False where e is false, else unknown."""
    return Call("and", (e, _UNKNOWN), "bool", e.entity)


def _known(e: Expr, otherwise: bool) -> Call:
    return Call("known_or", (e, Lit(otherwise, "bool")), "bool", e.entity)


def _zero(kind: Type) -> Scalar:
    return 0 if kind == "int" else Decimal(0)


def _literal(value: Decimal | int, kind: Type) -> Lit:
    return Lit(value if kind == "int" else Decimal(value), kind)
