"""An expression in words, with the labels of its names: how a lawyer reads a rule. No household, no values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property

from doudi.engine.policy.model import Agg, Call, Enrolled, Expr, Lit, Pack, Ref
from doudi.engine.words import Language, say

_BINDS = {"or": 1, "and": 2, "not": 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4}
_BINDS |= {"+": 5, "-": 5, "*": 6, "neg": 7, "if": 0, "round": 0}
_WHOLE = 8  # inside a list of arguments only a name or a plain value stands without parentheses
_SIGNS = {"+": " + ", "-": " − ", "*": " × "}
_COMPARISONS = {"==": "is", "!=": "is_not", "<": "below", "<=": "at_most", ">": "above", ">=": "at_least"}


class Spoken:
    """Speaks the expressions of one pack in one language."""

    def __init__(self, pack: Pack, lang: Language) -> None:
        self.pack, self.lang = pack, lang

    def say(self, code: str, **fields: object) -> str:
        return say(f"spoken.{code}", self.lang, **fields)

    def label(self, name: str) -> str:
        """What a name is called on paper; the name itself where the pack gives it no label."""
        if name in ("role", "division"):
            return self.say(name)
        owner, _, short = name.rpartition(".")
        if short in ("eligible", "amount") and owner in self.pack.programmes:
            return self.say(f"of.{short}", programme=self.programme(owner))
        declared = self.pack.facts.get(name) or self.pack.variables.get(name) or self.pack.parameters.get(name)
        words = declared.label if declared else None
        text = str(getattr(words, self.lang)) if words else name
        return self.say("recorded", text=text) if name in self.pack.facts and text in self._of_rules else text

    @cached_property
    def _of_rules(self) -> frozenset[str]:
        """What variables are called: a fact of the same label is told apart."""
        return frozenset(getattr(v.label, self.lang) for v in self.pack.variables.values() if v.label)

    def programme(self, name: str) -> str:
        """The newest name of a programme of the pack; that of an undecided one from the pack's labels."""
        if programme := self.pack.programmes.get(name):
            return str(getattr(programme.names[-1][1], self.lang))
        return self.labelled("programmes", name)

    def labelled(self, *path: str) -> str:
        """The words at a path of pack.yaml's `labels`, else the last name of the path itself."""
        words = self.pack.labels
        for name in path:
            words = words.get(name, {})
        return str(words.get(self.lang) or next(iter(words.values()), path[-1]))

    def named_value(self, name: str, text: str) -> str:
        """A role, a value of an enum fact or of a text parameter, as the pack's labels call it."""
        return self.labelled("roles", text) if name == "role" else self.labelled("values", name, text)

    def value(self, value: object, type_: str) -> str:
        if value is None:
            return self.say("unknown")
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        if isinstance(value, date):
            return self.say("date", y=value.year, m=value.month, d=value.day)
        if type_ == "money" and isinstance(value, Decimal):
            return self.say("money", amount=f"{value:,.2f}")
        return f"{value:f}" if isinstance(value, Decimal) else str(value)

    def expr(self, e: Expr, within: int = 0) -> str:
        if isinstance(e, Lit):
            return self.value(e.value, e.type)
        if isinstance(e, Ref):
            return self.label(e.name)
        if isinstance(e, Enrolled):
            return self.say(f"enrolled.{e.type}", programme=self.programme(e.programme))
        if isinstance(e, Agg):
            return self._members(e)
        text, own = self._call(e), _BINDS.get(e.op, 9)
        return self.say("group", text=text) if own < within or (own == within == 4) else text

    def _members(self, e: Agg) -> str:
        code = f"members.{e.fn}" + (".where" if e.where and e.value else "")
        return self.say(code, value=self.expr(e.value) if e.value else "", where=self.expr(e.where) if e.where else "")

    def _call(self, e: Call) -> str:
        own = _BINDS.get(e.op, 0)
        if e.op in ("and", "or"):
            return self.say(e.op).join(self.expr(a, 3) for a in e.args)  # `and` inside `or` shows where it ends
        if e.op in _SIGNS:
            left, right = e.args
            return self.expr(left, own) + _SIGNS[e.op] + self.expr(right, own + 1)
        if e.op in _COMPARISONS:
            return self.say(_COMPARISONS[e.op], a=self._operand(e, 0), b=self._operand(e, 1))
        if e.op == "in":
            options = (self._option(e.args[0], a) for a in e.args[1:])
            return self.say("in", a=self.expr(e.args[0], own), options=self.say("list").join(options))
        if e.op == "not":
            return self._not(e)
        if e.op == "neg":
            return self.say(e.op, a=self.expr(e.args[0], own))
        if e.op == "round":
            return self.say("rounded", a=self.expr(e.args[0]), how=self.rounding(e))
        if e.op == "same_area":
            return self._same_area(e)
        parts = [self.expr(a, _WHOLE if e.op in ("min", "max", "div") else 0) for a in e.args]
        return self.say(
            f"call.{e.op}",
            a=parts[0] if parts else "",
            b=parts[1] if len(parts) > 1 else "",
            c=parts[2] if len(parts) > 2 else "",
            all=self.say("list").join(parts),
        )

    def _not(self, e: Call) -> str:
        inner = e.args[0]
        if isinstance(inner, Enrolled):
            return self.say("not.enrolled", programme=self.programme(inner.programme))
        if isinstance(inner, Call) and inner.op == "is_known":
            return self.say("not.is_known", a=self.expr(inner.args[0]))
        return self.say("not", a=self.expr(inner, _BINDS["not"]))

    def rounding(self, e: Call) -> str:
        """How a `round` rounds."""
        to, mode = (self.expr(arg) for arg in e.args[1:])
        return self.say(f"round.{self._mode(e)}", to=to, mode=mode)

    def _same_area(self, e: Call) -> str:
        a, b, level = e.args
        named = self.say(f"level.{level.value}") if isinstance(level, Lit) else ""
        return self.say("call.same_area", a=self.expr(a), b=self.expr(b), level=named)

    def _operand(self, e: Call, n: int) -> str:
        other = e.args[1 - n]
        return self._option(other, e.args[n]) if isinstance(e.args[n], Lit) else self.expr(e.args[n], _BINDS[e.op])

    def _option(self, subject: Expr, literal: Expr) -> str:
        """A text literal beside a role or an enum fact, as the pack's labels call it."""
        text = self.expr(literal)
        if isinstance(subject, Ref) and isinstance(literal, Lit) and literal.type in ("text", "enum"):
            return self.say("option", text=self.named_value(subject.name, text))
        return text

    def _mode(self, e: Call) -> str:
        mode = e.args[2]
        return str(mode.value) if isinstance(mode, Lit) and mode.value else "by_parameter"
