"""Scales: a table of thresholds read for one value (section 5 of the language).

Both backends execute `spelled` trees, in which the table stands in the call itself: `scale(x, kind, t1, a1, …)`,
thresholds ascending. What a scale gives at least and at most follows from the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from doudi.engine.policy.model import (
    Agg,
    Call,
    Expr,
    Lit,
    Plan,
    PlannedProgramme,
    PlannedScale,
    Ref,
    ScaleKind,
)
from doudi.engine.policy.variables import zero

Brackets = tuple[tuple[Decimal, Decimal], ...]
Rewrite = Callable[[Expr], Expr]


@dataclass(frozen=True, slots=True)
class Table:
    """A scale of one day. brackets: (threshold, rate or amount), thresholds ascending."""

    kind: ScaleKind
    brackets: Brackets

    @property
    def steps(self) -> tuple[Decimal, ...]:
        """What holds from each threshold on: the amount of the bracket, or amounts added up, or slices added up."""
        found, total = [], Decimal(0)
        for n, (_, amount) in enumerate(self.brackets):
            if self.kind == "single_amount":
                total = amount
            elif self.kind == "marginal_amount":
                total += amount
            elif n:
                total += (self.brackets[n][0] - self.brackets[n - 1][0]) * self.brackets[n - 1][1]
            found.append(total)
        return tuple(found)

    @property
    def direction(self) -> int:
        """1: never less for more; -1: never more for more; 0: neither."""
        if self.kind == "marginal_rate":
            moves = [rate for _, rate in self.brackets]
        else:
            moves = [b - a for a, b in zip((Decimal(0), *self.steps), self.steps, strict=False)]
        return 1 if all(m >= 0 for m in moves) else -1 if all(m <= 0 for m in moves) else 0

    @property
    def least(self) -> Decimal | None:
        if self.kind == "marginal_rate":
            return Decimal(0) if self.direction == 1 else None
        return min(Decimal(0), *self.steps)

    @property
    def most(self) -> Decimal | None:
        if self.kind == "marginal_rate":
            return Decimal(0) if self.direction == -1 else None
        return max(Decimal(0), *self.steps)


def table_of(e: Call) -> Table:
    """The table of a spelled call."""
    _, kind, *numbers = e.args
    values = [Decimal(str(n.value)) for n in numbers if isinstance(n, Lit)]
    assert isinstance(kind, Lit)
    return Table(kind.value, tuple(zip(values[::2], values[1::2], strict=True)))  # type: ignore[arg-type]


def spelled(plan: Plan) -> Plan:
    """The plan with the table of each scale written into its calls."""

    def rewrite(e: Expr) -> Expr:
        if isinstance(e, Agg):
            return replace(e, value=e.value and rewrite(e.value), where=e.where and rewrite(e.where))
        if not isinstance(e, Call):
            return e
        if e.op == "scale":
            return written(plan, replace(e, args=(e.args[0], rewrite(e.args[1]))))
        args = tuple(rewrite(a) for a in e.args)
        return e if args == e.args else replace(e, args=args)

    if not any(isinstance(p.scale, PlannedScale) for p in plan.parameters.values()):
        return plan
    return replace(
        plan,
        definitions={n: replace(d, expr=rewrite(d.expr)) for n, d in plan.definitions.items()},
        programmes={n: _programme(p, rewrite) for n, p in plan.programmes.items()},
        signs={n: replace(s, expr=rewrite(s.expr)) for n, s in plan.signs.items()},
    )


def written(plan: Plan, e: Call) -> Expr:
    """`scale(name, x)` with the table in the call; a scale without a bracket on the day has no value."""
    name, x = e.args
    assert isinstance(name, Ref)
    scale = plan.parameters[name.name].scale
    if not isinstance(scale, PlannedScale) or not scale.brackets:
        return Lit(zero(e.type) if plan.pack.missing == "default" else None, e.type)
    amount = "rate" if scale.kind == "marginal_rate" else e.type
    numbers: list[Expr] = []
    for threshold, given in scale.brackets:
        numbers += [Lit(threshold, "number"), Lit(int(given) if amount == "int" else given, amount)]  # type: ignore[arg-type]
    return replace(e, args=(x, Lit(scale.kind, "text"), *numbers))


def _programme(p: PlannedProgramme, rewrite: Rewrite) -> PlannedProgramme:
    def maybe(e: Expr | None) -> Expr | None:
        return None if e is None else rewrite(e)

    return replace(
        p,
        conditions=tuple(replace(c, expr=rewrite(c.expr)) for c in p.conditions),
        applies_when=maybe(p.applies_when),
        amount=maybe(p.amount),
        tolerance=maybe(p.tolerance),
        ask_when=maybe(p.ask_when),
        priority=tuple(replace(part, when=rewrite(part.when)) for part in p.priority),
    )
