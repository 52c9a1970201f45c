"""What the answers of some programmes rest on: every rule, figure and fact that they read, directly or not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from doudi.engine.policy.model import Enrolled, Expr, Plan, PlannedProgramme, Ref
from doudi.engine.screening.bounds import base_name, nodes

Kind = Literal["programme", "definition", "parameter", "fact", "enrolled", "sign"]
_KINDS: dict[str, Kind] = {"fact": "fact", "variable": "definition", "parameter": "parameter"}


@dataclass(frozen=True, slots=True)
class Reach:
    """Names by kind; `enrolled`: programmes whose enrolments an expression asks for."""

    names: frozenset[tuple[Kind, str]]

    def of(self, kind: Kind) -> list[str]:
        return sorted(name for k, name in self.names if k == kind)

    def expressions(self, plan: Plan) -> Iterator[Expr]:
        """Every expression that can move an answer."""
        for name in self.of("definition"):
            yield plan.definitions[name].expr
        for name in self.of("programme"):
            yield from programme_expressions(plan.programmes[name])
        for name in self.of("sign"):
            yield plan.signs[name].expr


def reach(plan: Plan, programmes: Iterable[str]) -> Reach:
    """What the answers to these programmes rest on; to all of them also the risk signs. plan: lowered, so that bounds
    count too."""
    found: set[tuple[Kind, str]] = set()
    waiting: list[tuple[Kind, str]] = [("programme", name) for name in programmes]
    waiting += [("sign", name) for name in signs_beside(plan, {name for _, name in waiting})]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting += _read_by(plan, *at)
    return Reach(frozenset(found))


def signs_beside(plan: Plan, programmes: Collection[str]) -> tuple[str, ...]:
    """Risk signs are of no programme: they are looked for where all are answered."""
    return tuple(plan.signs) if plan.programmes.keys() <= set(programmes) else ()


def programme_expressions(p: PlannedProgramme) -> Iterator[Expr]:
    """Those of a programme in force; out of force nobody is judged by any."""
    if p.in_force:
        yield from (c.expr for c in p.conditions)
        yield from (part.when for part in p.priority)
        yield from (e for e in (p.applies_when, p.amount, p.tolerance, p.ask_when) if e is not None)


def _read_by(plan: Plan, kind: Kind, name: str) -> Iterator[tuple[Kind, str]]:
    if kind == "programme":
        p = plan.programmes[name]
        yield from (("programme", e.programme) for e in p.excludes if e.programme in plan.programmes)
        for expr in programme_expressions(p):
            yield from _in(expr)
    elif kind == "sign":
        yield from _in(plan.signs[name].expr)
    elif kind == "definition":
        yield from _in(plan.definitions[name].expr)
        if (base := base_name(name)) != name:  # an override of x replaces its bounds too
            yield "definition", base
    elif kind == "parameter":
        parameter = plan.parameters[name]
        yield from (
            ("fact", fact) for fact in (parameter.per, parameter.by == "hukou_division" and parameter.by) if fact
        )


def _in(expr: Expr) -> Iterator[tuple[Kind, str]]:
    for node in nodes(expr):
        if isinstance(node, Enrolled):
            yield "enrolled", node.programme
        elif isinstance(node, Ref) and node.kind in ("eligible", "amount"):
            yield "programme", node.name.rpartition(".")[0]
        elif isinstance(node, Ref):
            yield _KINDS[node.kind], node.name
