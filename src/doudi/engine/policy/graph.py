"""Which definition reads which: an order of evaluation, cycles with their path, and where `is_known` may not reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from doudi.engine.policy.exclusions import read_for_amount
from doudi.engine.policy.model import (
    Agg,
    Call,
    Enrolled,
    Expr,
    Lit,
    PlannedProgramme,
    Programme,
    Ref,
    Variable,
)


def parts(expr: Expr) -> Iterator[Expr]:
    """The expression and everything in it."""
    waiting: list[Expr] = [expr]
    while waiting:
        e = waiting.pop()
        yield e
        if isinstance(e, Call):
            waiting.extend(reversed(e.args))
        elif isinstance(e, Agg):
            waiting.extend(x for x in (e.where, e.value) if x is not None)
        else:
            assert isinstance(e, Lit | Ref | Enrolled)


def reads(*exprs: Expr | None) -> tuple[str, ...]:
    """Names of variables and programmes read, in the order written, each once."""
    found: dict[str, None] = {}
    for expr in exprs:
        for e in parts(expr) if expr else ():
            if isinstance(e, Ref) and e.kind in ("variable", "eligible", "amount"):
                found[e.name if e.kind == "variable" else e.name.rpartition(".")[0]] = None
    return tuple(found)


def deciding(programme: Programme | PlannedProgramme) -> tuple[Expr | None, ...]:
    """What an outcome or amount is made of; asking and ordering come on top."""
    conditions = (c.expr for c in programme.conditions)
    return (programme.applies_when, *conditions, programme.amount, programme.tolerance)


def asking(programme: Programme | PlannedProgramme) -> tuple[Expr | None, ...]:
    return (programme.ask_when, *(p.when for p in programme.priority))


MAX_CHAIN = 300  # of names that read one another: a database nests no more than three times as many
_MOST_CYCLES = 20  # where everything reads everything there are too many to list
Edges = dict[str, tuple[str, ...]]


def deciding_edges(variables: Mapping[str, Variable], programmes: Mapping[str, Programme]) -> Edges:
    """Over all days at once: what is a cycle on one day only is refused too."""
    found = {name: reads(*(expr for _, expr in v.formulas)) for name, v in variables.items()}
    for name, p in programmes.items():
        found[name] = tuple(dict.fromkeys([*reads(*deciding(p)), *read_for_amount(programmes, p)]))
    return found


def edges(variables: Mapping[str, Variable], programmes: Mapping[str, Programme]) -> Edges:
    """With what decides whether to ask, and how urgently: it has to be there too when a programme is evaluated."""
    found = deciding_edges(variables, programmes)
    for name, p in programmes.items():
        asked = (n for n in reads(*asking(p)) if n != name)  # whom to ask may hang on the own outcome
        found[name] = tuple(dict.fromkeys([*found[name], *asked]))
    return found


def ordered(graph: Mapping[str, Iterable[str]]) -> tuple[list[str], list[list[str]]]:
    """(names, each after what it reads; the first cycles found, as closed paths `a, b, a`)."""
    order: list[str] = []
    cycles: list[list[str]] = []
    state: dict[str, int] = {}  # 1 on the way, 2 done
    for root in graph:
        if root in state:
            continue
        way = [(root, iter(graph[root]))]
        state[root] = 1
        while way:
            name, following = way[-1]
            child = next(following, None)
            if child is None:
                state[name] = 2
                order.append(name)
                way.pop()
            elif state.get(child) == 1 and len(cycles) < _MOST_CYCLES:
                path = [n for n, _ in way]
                cycles.append([*path[path.index(child) :], child])
            elif child in graph and child not in state:
                state[child] = 1
                way.append((child, iter(graph[child])))
    return order, cycles


def too_long(graph: Mapping[str, Iterable[str]], order: Iterable[str], limit: int) -> str | None:
    """The first name that stands at the end of a chain of more than `limit` names. order: each after what it reads."""
    length: dict[str, int] = {}
    for name in order:
        length[name] = 1 + max((length.get(n, 0) for n in graph[name]), default=0)
        if length[name] > limit:
            return name
    return None


def reach(graph: Mapping[str, Iterable[str]], starts: Iterable[str]) -> set[str]:
    """Everything that these read, themselves included."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph.get(name, ()))
    return found


def behind(variables: Mapping[str, Variable], exprs: Iterable[Expr | None]) -> set[str]:
    """Every name that these expressions read, through variables down to facts; other programmes end the way."""
    found: set[str] = set()
    waiting = [e for e in exprs if e]
    while waiting:
        for e in parts(waiting.pop()):
            if isinstance(e, Ref) and e.name not in found:
                found.add(e.name)
                if e.kind == "variable":
                    waiting += [formula for _, formula in variables[e.name].formulas]
    return found


def asks_known(exprs: Iterable[Expr | None]) -> bool:
    return any(isinstance(e, Call) and e.op == "is_known" for expr in exprs if expr for e in parts(expr))


def modes_in(expr: Expr) -> Iterator[str]:
    """Parameters that say how something in an expression is rounded."""
    for e in parts(expr):
        if isinstance(e, Call) and e.op == "round" and isinstance(mode := e.args[2], Ref):
            yield mode.name
