"""An untyped term becomes a typed tree, or a fault for each thing wrong in it.

A part that is already a fault is `BROKEN`: it fits everywhere, so one mistake is reported once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from doudi.engine.policy import grammar
from doudi.engine.policy.grammar import COMPARISONS, Apply, Name, Term
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Call, Entity, Expr, Lit, Period, Ref, Type
from doudi.engine.policy.names import Declared, Names
from doudi.engine.words.near import hint, nearest

NUMERIC: tuple[Type, ...] = ("int", "number", "rate", "money")
ORDERED: tuple[Type, ...] = (*NUMERIC, "date")


@dataclass(frozen=True, slots=True)
class Typed:
    """expr None: broken, and already said so. values: of an enum."""

    expr: Expr | None
    unit: str | None = None
    values: tuple[str, ...] = ()

    @property
    def type(self) -> Type | None:
        return self.expr.type if self.expr else None

    @property
    def is_zero(self) -> bool:
        return isinstance(self.expr, Lit) and self.expr.type == "int" and self.expr.value == 0


BROKEN = Typed(None)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an expression stands.

    entity: whose it is; within: the member inside an aggregate, which reads like a person's expression.
    period: of the variable, None where mixing cannot arise. may_ask: `is_known` is allowed.
    """

    names: Names
    entity: Entity
    programme: str | None = None
    period: Period | None = None
    may_ask: bool = False
    roles: tuple[str, ...] = ()
    within: bool = False

    @property
    def of_person(self) -> bool:
        return self.within or self.entity == "person"

    @property
    def reader(self) -> Entity:
        return "person" if self.of_person else "household"


Handler = Callable[["Checker", Apply], Typed]


class Checker:
    """Checks one expression; every fault stands at the item it was written in."""

    def __init__(self, item: Item, setting: Setting, functions: Mapping[str, Handler]) -> None:
        self.item, self.setting, self.functions = item, setting, functions

    def fault(self, code: str, **fields: object) -> Typed:
        self.item.fault(code, **fields)
        return BROKEN

    # ---- terms -------------------------------------------------------------------------------------------------
    def term(self, term: Term) -> Typed:
        if isinstance(term, grammar.Literal):
            return self._literal(term)
        if isinstance(term, Name):
            return self.name(term.text)
        if term.call:
            return self._function(term)
        if term.op == "in":
            return self._in(term)
        args = [self.term(a) for a in term.args]
        if term.op in ("and", "or", "not"):
            return self.call(term.op, "bool", *(self.want(a, "bool", f"`{term.op}`") for a in args))
        if term.op in COMPARISONS:
            return self._comparison(term.op, *args)
        if term.op == "*":
            return self._product(*args)
        if term.op == "neg":
            return self._negated(*args)
        return self._sum(term.op, *args)

    def call(self, op: str, type_: Type, *args: Typed, unit: str | None = None, values: tuple[str, ...] = ()) -> Typed:
        parts = tuple(a.expr for a in args if a.expr)
        if len(parts) < len(args):
            return BROKEN
        return Typed(Call(op, parts, type_, _entity(parts)), unit, values)

    def _literal(self, term: grammar.Literal) -> Typed:
        value = term.value
        if isinstance(value, bool):
            return Typed(Lit(value, "bool"))
        if isinstance(value, str):
            return Typed(Lit(value, "text"))
        return Typed(Lit(value, "number" if isinstance(value, Decimal) else "int"))

    def name(self, text: str, any_period: bool = False) -> Typed:
        found = self.declared(text)
        if found is None:
            return BROKEN
        if found.scale:
            return self.fault("policy.scale_plain", name=text)
        if found.entity == "person" and not self.setting.of_person:
            return self.fault("policy.person_in_household", name=text)
        mixed = {found.period, self.setting.period} == {"month", "year"}
        if mixed and not any_period and found.kind in ("fact", "variable"):
            return self.fault(f"policy.{found.period}_plain", name=text)
        return Typed(Ref(found.name, found.kind, found.type, found.entity), found.unit, found.values)

    def declared(self, text: str) -> Declared | None:
        """None after a fault, here or where the name is declared."""
        if text == "role":
            return Declared("role", "fact", "text", "person", period="eternity")
        if text == "division":
            return Declared("division", "fact", "area", self.setting.reader, period="eternity")
        found = self.setting.names.find(text, self.setting.programme)
        if (found.name if found else text) in self.setting.names.broken:
            return None
        if found is None:
            near = hint(text, self.setting.names.visible(self.setting.programme))
            self.fault("policy.unknown_name", name=text, near=near)
        return found

    # ---- operators ---------------------------------------------------------------------------------------------
    def want(self, part: Typed, type_: Type, where: str) -> Typed:
        if part.type in (None, type_):
            return part
        if coerced := _coerced(part, type_):
            return coerced
        return self.fault("policy.wanted", where=where, want=type_, got=part.type)

    def common(self, where: str, *parts: Typed) -> tuple[Typed, ...]:
        """The parts in one type and one unit, or all of them broken after a fault."""
        if any(p.expr is None for p in parts):
            return tuple(BROKEN for _ in parts)
        types = [p.type for p in parts if not p.is_zero] or ["int"]
        target = _widest(types, parts)
        if target is None:
            self._misfit(where, parts)
            return tuple(BROKEN for _ in parts)
        units = sorted({p.unit for p in parts if p.unit and not p.is_zero})
        if len(units) > 1:
            self.fault("policy.units", where=where, left=units[0], right=units[1])
            return tuple(BROKEN for _ in parts)
        fitted = [p if p.type == target else _coerced(p, target) or p for p in parts]
        if target == "area" and (odd := _no_area(fitted)):
            self.fault("policy.expected_area", got=repr(odd))
            return tuple(BROKEN for _ in parts)
        values = max((p.values for p in parts), key=len)
        for p in parts:
            if values and isinstance(p.expr, Lit) and p.expr.value not in values:
                return tuple(self._no_value(str(p.expr.value), values) for _ in parts)
        return tuple(replace(p, unit=units[0] if units else None, values=values) for p in fitted)

    def _misfit(self, where: str, parts: tuple[Typed, ...]) -> None:
        first, second = next((p, q) for p in parts for q in parts if _widest([p.type, q.type], (p, q)) is None)
        if "money" in (first.type, second.type) and {"int", "number", "rate"} & {first.type, second.type}:
            self.fault("policy.money_and_number", where=where)
        else:
            self.fault("policy.misfit", where=where, left=first.type, right=second.type)

    def _no_value(self, got: str, values: tuple[str, ...]) -> Typed:
        return self.fault("policy.no_enum_value", got=got, near=nearest(got, values), allowed=", ".join(values))

    def _comparison(self, op: str, left: Typed, right: Typed) -> Typed:
        left, right = self.common(f"`{op}`", left, right)
        if left.expr is None:
            return BROKEN
        if op not in ("==", "!=") and left.type not in ORDERED:
            return self.fault("policy.no_order", op=op, type=left.type)
        self._check_role(left, right)
        return self.call(op, "bool", left, right)

    def _check_role(self, *parts: Typed) -> None:
        if self.setting.roles and any(isinstance(p.expr, Ref) and p.expr.name == "role" for p in parts):
            for p in parts:
                if isinstance(p.expr, Lit) and p.expr.value not in self.setting.roles:
                    self._no_value(str(p.expr.value), self.setting.roles)

    def _sum(self, op: str, left: Typed, right: Typed) -> Typed:
        left, right = self.common(f"`{op}`", left, right)
        if left.expr is None:
            return BROKEN
        if left.type not in NUMERIC:
            return self.fault("policy.no_arithmetic", op=op, type=left.type)
        return self.call(op, joint_type(left, right), left, right, unit=left.unit)

    def _negated(self, part: Typed) -> Typed:
        if part.expr is None:
            return BROKEN
        if part.type is None or part.type not in NUMERIC:
            return self.fault("policy.no_arithmetic", op="-", type=part.type)
        return self.call("neg", part.type, part, unit=part.unit)

    def _product(self, left: Typed, right: Typed) -> Typed:
        if left.type is None or right.type is None:
            return BROKEN
        for part in (left, right):
            if part.type not in NUMERIC:
                return self.fault("policy.no_arithmetic", op="*", type=part.type)
        if left.type == right.type == "money":
            return self.fault("policy.money_times_money")
        return self.call("*", _product_type(left.type, right.type), left, right, unit=_product_unit(left, right))

    def _in(self, term: Apply) -> Typed:
        subject, literals = self.term(term.args[0]), [self.term(a) for a in term.args[1:]]
        if subject.expr is None or any(p.expr is None for p in literals):
            return BROKEN
        if not 2 <= len(literals) <= 50 or not all(isinstance(p.expr, Lit) for p in literals):
            return self.fault("policy.in_literals", n=len(literals))
        if subject.type == "bool" or len({p.type for p in literals}) > 1:
            return self.fault("policy.in_literals", n=len(literals))
        if subject.type == "enum":
            for p in literals:
                if isinstance(p.expr, Lit) and subject.values and p.expr.value not in subject.values:
                    self._no_value(str(p.expr.value), subject.values)
        self._check_role(subject, *literals)
        fitted = self.common("`in`", subject, *literals)
        return self.call("in", "bool", *fitted)

    def _function(self, term: Apply) -> Typed:
        handler = self.functions.get(term.op)
        if handler is None:
            return self.fault("policy.unknown_function", name=term.op[:60], near=hint(term.op, self.functions))
        return handler(self, term)

    def inside(self) -> Checker:
        """The checker for a member, inside an aggregate over the household."""
        return Checker(self.item, replace(self.setting, within=True), self.functions)


def joint_type(*parts: Typed) -> Type:
    """The type of what `common` made alike: an int beside a number stays an int, their sum does not."""
    found = _widest([p.type for p in parts], parts)
    assert found, "common() refuses what has no joint type"
    return found


def _entity(parts: tuple[Expr, ...]) -> Entity | None:
    entities = {p.entity for p in parts}
    return "person" if "person" in entities else "household" if "household" in entities else None


def _widest(types: list[Type | None], parts: tuple[Typed, ...]) -> Type | None:
    """The type that all of these take without loss of meaning; a literal takes the type of what it meets."""
    kinds = {t for t in types if t}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds <= {"int", "number"}:
        return "number"
    if kinds <= {"int", "number", "rate"}:
        literal = all(p.type == "rate" or isinstance(p.expr, Lit) for p in parts)
        return "rate" if literal else "number"
    for special in ("enum", "area"):
        if kinds == {special, "text"} and all(p.type == special or isinstance(p.expr, Lit) for p in parts):
            return special  # type: ignore[return-value]
    return "text" if kinds == {"enum", "text"} else None


def _coerced(part: Typed, target: Type) -> Typed | None:
    """The part read as another type, where that loses nothing: a literal is rewritten, the rest stands as it is."""
    expr, kinds = part.expr, (part.type, target)
    if isinstance(expr, Lit):
        if target in NUMERIC and (part.is_zero or (target in ("number", "rate") and part.type in ("int", "number"))):
            return replace(part, expr=Lit(Decimal(str(expr.value)), target))
        if kinds in (("text", "enum"), ("text", "area")):
            return replace(part, expr=Lit(expr.value, target))
        return None
    lossless = {("int", "number"), ("rate", "number"), ("number", "rate"), ("enum", "text"), ("text", "enum")}
    return part if kinds in lossless else None


def _no_area(parts: Sequence[Typed]) -> str:
    """The first literal that is no 12-digit code."""
    texts = (str(p.expr.value) for p in parts if isinstance(p.expr, Lit))
    return next((t[:40] for t in texts if not (len(t) == 12 and t.isdigit())), "")


def _product_unit(left: Typed, right: Typed) -> str | None:
    """Kept when the other factor is a plain number; two units, or money without one beside a unit, tell nothing."""
    if left.unit and right.unit:
        return None
    if "money" in (left.type, right.type):
        money, other = (left, right) if left.type == "money" else (right, left)
        return None if other.unit else money.unit
    return left.unit or right.unit


def _product_type(left: Type, right: Type) -> Type:
    kinds = {left, right}
    if "money" in kinds:
        return "money"
    if kinds == {"int"}:
        return "int"
    return "rate" if kinds == {"rate"} else "number"
