"""A long expression as an outline: alternatives and cases one below the other, so that a reader sees how they hang."""

from __future__ import annotations

from collections.abc import Iterator

from doudi.engine.policy.model import Call, Expr
from doudi.engine.policy.spoken import Spoken

_WIDTH = {"zh": 42, "en": 84}
_STEP = "  "


def outline(e: Expr, spoken: Spoken) -> list[str]:
    """Lines, indented by what they belong to; a short expression is one."""
    return list(_lines(e, spoken))


def _lines(e: Expr, spoken: Spoken) -> Iterator[str]:
    text = spoken.expr(e)
    if len(text) <= _WIDTH[spoken.lang] or not isinstance(e, Call):
        yield text
    elif e.op in ("and", "or", "min", "max", "not"):
        yield spoken.say(f"outline.{e.op}")
        yield from _items(e.args, spoken)
    elif e.op == "if":
        yield from _cases(e, spoken)
    elif e.op in ("+", "-"):
        for n, (sign, term) in enumerate(_terms(e)):
            first, *more = _lines(term, spoken)
            yield first if n == 0 else f"{sign} {first}"
            yield from (line if n == 0 else _STEP + line for line in more)
    elif e.op == "round":
        yield from _lines(e.args[0], spoken)
        yield spoken.rounding(e)
    else:
        yield text


def _items(parts: tuple[Expr, ...], spoken: Spoken) -> Iterator[str]:
    for part in parts:
        first, *more = _lines(part, spoken)
        yield f"- {first}"
        yield from (_STEP + line for line in more)


def _cases(e: Call, spoken: Spoken) -> Iterator[str]:
    when, then, other = e.args
    yield spoken.say("outline.if", a=spoken.expr(when))
    yield from (_STEP + line for line in _lines(then, spoken))
    if isinstance(other, Call) and other.op == "if":
        yield from _cases(other, spoken)
        return
    yield spoken.say("outline.else")
    yield from (_STEP + line for line in _lines(other, spoken))


def _terms(e: Expr, sign: str = "+") -> Iterator[tuple[str, Expr]]:
    """A chain of sums and differences; what is taken away in parentheses stays together."""
    if isinstance(e, Call) and e.op in ("+", "-"):
        yield from _terms(e.args[0], sign)
        yield ("+" if e.op == "+" else "−"), e.args[1]
    else:
        yield sign, e
