"""The limit in a condition: what moves, where it turns, what that is for each head; and the need in figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from doudi.engine.policy.model import Agg, Call, Expr, Ref, Type
from doudi.engine.screening.bounds import NUMERIC, nodes
from doudi.engine.screening.lookup import Lookup
from doudi.engine.screening.prose import Prose
from doudi.engine.screening.python import Names

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Limit:
    """`name` must be `op` than `value`; per_head: the limit of each, where it is a standard times `heads` members."""

    name: str
    op: str
    kind: Type
    value: int | Decimal
    heads: int | None
    per_head: Decimal | None


def limit_of(prose: Prose, e: Expr, person: Names | None) -> Limit | None:
    """For `a < b` with a known b: where a turns. The side that moves is a name that facts decide."""
    if not isinstance(e, Call) or e.op not in _TURNED or e.args[0].type not in NUMERIC:
        return None
    left, right = e.args
    sides = ((left, right, e.op), (right, left, _TURNED[e.op]))
    found = next((x for x in sides if isinstance(x[0], Ref) and _hangs_on_facts(prose.lookup, x[0])), None)
    if found is None or not isinstance(moving := found[0], Ref):
        return None
    fixed, op = found[1:]
    if (value := prose.lookup.value(fixed, person)) is None:
        return None
    heads = heads_in(prose.lookup, fixed)
    shared = bool(heads) and moving.type == "money" and _is_monthly(prose.lookup, moving)
    per_head = Decimal(value) / heads if heads and shared else None
    return Limit(moving.name, *_whole(op, value, moving.type), heads, per_head)


def need(prose: Prose, e: Expr, person: Names | None) -> str:
    """What a condition asks for, without what is held: 不超过 1 套. Empty where it has no limit that can be shown."""
    if isinstance(e, Call) and e.op in ("and", "or"):
        parts = [need(prose, a, person) for a in e.args]
        return prose.say(e.op).join(parts) if all(parts) else ""
    if isinstance(e, Call) and e.op == "in" and isinstance(e.args[0], Ref):
        return prose.options(e, prose.label(e.args[0].name), person)
    limit = limit_of(prose, e, person)
    return "" if limit is None else limit_text(prose, limit)


def limit_text(prose: Prose, limit: Limit) -> str:
    """低于 57,600.00 元; with members 人均低于 600.00 元（全家 2,400.00 元）."""
    unit = prose.unit(limit.name)
    if limit.per_head is None or limit.heads == 1:
        return compared_text(prose, limit.name, limit.op, limit.kind, limit.value)
    each = compared_text(prose, limit.name, limit.op, limit.kind, limit.per_head)
    return prose.say("limit_per_head", each=each, whole=prose.value(limit.value, limit.kind, unit))


def compared_text(prose: Prose, name: str, op: str, kind: Type, value: int | Decimal) -> str:
    """不超过 57,600.00 元; of what is counted 不少于 1 人."""
    code = "limit.count" if kind == "int" and op == ">=" else f"limit.{op}"
    return prose.say(code, limit=prose.value(value, kind, prose.unit(name)))


def heads_in(lookup: Lookup, e: Expr) -> int | None:
    """The number of members in `standard × members`, however deep."""
    counting = counting_in(lookup, e)
    return None if counting is None else lookup.value(counting)


def counting_in(lookup: Lookup, e: Expr) -> Ref | None:
    """The name that counts the members in `standard × members`, however deep."""
    for part in _factors(lookup, e):
        if isinstance(part, Ref) and part.type == "int" and part.entity == "household" and _counts(lookup, part):
            return part
    return None


def _whole(op: str, value: int | Decimal, kind: Type) -> tuple[str, Type, int | Decimal]:
    """Of things that are counted the limit itself is allowed: more than 0 is at least 1."""
    if kind == "int" and op in ("<", ">"):
        return f"{op}=", kind, value + (1 if op == ">" else -1)
    return op, kind, value


def _is_monthly(lookup: Lookup, e: Ref) -> bool:
    """A head's share is said of income, not of what a household owns."""
    table = lookup.plan.facts if e.kind == "fact" else lookup.plan.definitions
    return table[e.name].period == "month"


def _hangs_on_facts(lookup: Lookup, e: Expr) -> bool:
    return any(isinstance(n, Agg) or (isinstance(n, Ref) and n.kind == "fact") for n in _reached(lookup, e))


def _reached(lookup: Lookup, e: Expr) -> Iterator[Expr]:
    """Every node of an expression and of the variables behind it, each variable once."""
    waiting, seen = [e], set()
    while waiting:
        for n in nodes(waiting.pop()):
            yield n
            if isinstance(n, Ref) and n.kind == "variable" and n.name not in seen:
                seen.add(n.name)
                waiting.append(lookup.plan.definitions[n.name].expr)


def _factors(lookup: Lookup, e: Expr) -> Iterator[Expr]:
    waiting, seen = [e], set()
    while waiting:
        e = waiting.pop()
        if isinstance(e, Call) and e.op == "*":
            waiting += reversed(e.args)
        elif isinstance(e, Ref) and e.kind == "variable" and e.type == "money":
            if e.name not in seen:
                seen.add(e.name)
                waiting.append(lookup.plan.definitions[e.name].expr)
        else:
            yield e


def _counts(lookup: Lookup, e: Expr) -> bool:
    while isinstance(e, Ref) and e.kind == "variable":
        e = lookup.plan.definitions[e.name].expr
    return isinstance(e, Agg) and e.fn == "count_if"
