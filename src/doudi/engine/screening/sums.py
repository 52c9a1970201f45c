"""The sum behind an amount in one line, as a clerk does it on paper: (600.00 − 400.00) × 4 人."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from doudi.engine.policy.model import Call, Expr
from doudi.engine.screening.limits import counting_in
from doudi.engine.screening.prose import Prose
from doudi.engine.screening.python import Names

_FEN = Decimal("0.01")
Term = tuple[int, Expr]  # the sign and what is added or taken off


def one_line(prose: Prose, e: Expr, person: Names | None) -> str:
    """The sum that comes to the amount. Per head where the income divides evenly, else in totals; without zeros."""
    e = deciding(prose, e, person)
    terms = [(sign, part) for sign, part in _terms(e) if prose.lookup.value(part, person) != 0]
    share = next((t for t in terms if t[0] > 0 and counting_in(prose.lookup, t[1])), None)
    if share is None:
        return _joined(prose, terms, person) or prose.expr(e, person)
    taken = [t for t in terms if t[0] < 0]
    rest = [t for t in terms if t[0] > 0 and t is not share]
    first = _shared(prose, share[1], taken, person)
    return first + "".join(f" + {prose.expr(part, person)}" for _, part in rest)


def deciding(prose: Prose, e: Expr, person: Names | None) -> Expr:
    """The part that comes to the amount: without a rounding that changes nothing, without the side of max that lost."""
    while isinstance(e, Call) and e.op in ("round", "max", "min"):
        value = prose.lookup.value(e, person)
        same = next((a for a in e.args if value is not None and prose.lookup.value(a, person) == value), None)
        if same is None:
            break
        e = same
    return e


def _shared(prose: Prose, standard: Expr, taken: list[Term], person: Names | None) -> str:
    counting = counting_in(prose.lookup, standard)
    heads = prose.lookup.value(counting) if counting else None
    whole = prose.lookup.value(standard, person)
    off = [Decimal(prose.lookup.value(part, person) or 0) for _, part in taken]
    if counting is None or not heads or whole is None:
        return _joined(prose, [(1, standard), *taken], person)
    each, n = _money(Decimal(whole) / heads), prose.value(heads, "int", prose.unit(counting.name))
    if heads == 1:
        return " − ".join([each, *(_money(o) for o in off)])
    if len(off) == 1 and not off[0] * 100 % heads:
        return f"({each} − {_money(off[0] / heads)}) × {n}"
    return " − ".join([f"{each} × {n}", *(_money(o) for o in off)])


def _terms(e: Expr, sign: int = 1) -> Iterator[Term]:
    if isinstance(e, Call) and e.op in ("+", "-"):
        for at, part in enumerate(e.args):
            yield from _terms(part, -sign if e.op == "-" and at else sign)
    else:
        yield sign, e


def _joined(prose: Prose, terms: list[Term], person: Names | None) -> str:
    text = ""
    for sign, part in terms:
        mark = (" + " if sign > 0 else " − ") if text else ("" if sign > 0 else "−")
        text += mark + prose.expr(part, person)
    return text


def _money(value: Decimal) -> str:
    return f"{value.quantize(_FEN):,}"
