"""An expression in words, with the values it read: the sentence behind a condition, for people who do not program."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from doudi.engine.policy.model import Agg, Call, Enrolled, Expr, Law, Lit, Plan, Ref, Resolved, Type, Words
from doudi.engine.screening.bounds import NUMERIC
from doudi.engine.screening.kleene import FEN
from doudi.engine.screening.lookup import Lookup, is_presumed
from doudi.engine.screening.python import Names
from doudi.engine.screening.scale_prose import scale_text
from doudi.engine.words import Language, has, say

_COMPARED = {"<": "below", "<=": "at_most", ">": "above", ">=": "at_least", "==": "is", "!=": "is_not"}
_SIGNS = {"+": " + ", "-": " − ", "*": " × "}
_BINDS = {"or": 1, "and": 2, "+": 4, "-": 4, "*": 5}
_DIGITS = "零一二三四五六七八九"
# What a reader can still follow; the rest stands in the step's values.
_MOST_MEMBERS = 6


class Prose:
    """Words for one evaluated household in one language."""

    def __init__(self, lookup: Lookup, lang: Language) -> None:
        self.lookup = lookup
        self.plan: Plan = lookup.plan
        self.lang: Language = lang

    def say(self, code: str, **fields: Any) -> str:
        return say(f"explain.{code}", self.lang, **fields)

    def words(self, words: Words | None, otherwise: str = "") -> str:
        return otherwise if words is None else getattr(words, self.lang)

    # ---- values ----------------------------------------------------------------------------------------------------
    def value(self, value: Any, kind: Type, unit: str | None = None) -> str:
        """A value as people read it: 1,600.00 元; unknown in words."""
        if value is None:
            return self.say("unknown")
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        if isinstance(value, date):
            return self.say("date", y=value.year, m=value.month, d=value.day)
        if kind == "money":
            return self.money(Decimal(value), unit)
        if isinstance(value, int | Decimal):
            return self._with_unit(f"{plain(value)}", unit)
        return str(value)

    def money(self, value: Decimal, unit: str | None = None) -> str:
        said = unit if unit and has(f"explain.unit.{unit}") else "yuan"
        return self._with_unit(f"{value.quantize(FEN, ROUND_HALF_UP):,}", said)

    def _with_unit(self, text: str, unit: str | None) -> str:
        code = f"explain.unit.{unit}"
        return say(code, self.lang, n=text) if unit and has(code) else text

    # ---- names -----------------------------------------------------------------------------------------------------
    def label(self, name: str) -> str:
        """What a name is called on paper; the name itself where the pack gives no label."""
        if name == "role":
            return self.say("role")
        if name == "division":
            return self.say("division")
        for table in (self.plan.facts, self.plan.definitions, self.plan.parameters):
            if name in table:
                return self.words(table[name].label, name)
        programme, _, part = name.rpartition(".")
        if programme in self.plan.programmes:
            return self.say(f"of.{part}", programme=self.words(self.plan.programmes[programme].label))
        return name

    def unit(self, name: str) -> str | None:
        for table in (self.plan.facts, self.plan.pack.variables, self.plan.parameters):
            if name in table:
                return table[name].unit
        return None

    def law(self, law: Law) -> str:
        """《title》（number）第四条."""
        source = self.plan.pack.sources.get(law.source)
        title, number = (source.title, source.number) if source else (law.source, "")
        cited = self.say("source", title=title, number=number) if number else self.say("source_plain", title=title)
        return self.say("cited", source=cited, article=self.article(law.article))

    def article(self, article: str) -> str:
        if not re.fullmatch(r"\d.*", article):
            return article
        if self.lang == "zh" and re.fullmatch(r"\d{1,3}", article):
            return self.say("article", article=chinese(int(article)))
        return self.say("article", article=article)

    def parameter(self, found: Resolved) -> str:
        """Where a value comes from: since when, by which document; what is made up for the demo has none to cite."""
        since = self.value(found.since, "date")
        if found.confidence == "demo":
            return self.say("since_demo", since=since)
        text = self.say("since", since=since)
        return text + self.say("by", law=self.law(Law(found.source, found.article))) if found.source else text

    # ---- expressions -----------------------------------------------------------------------------------------------
    def expr(self, e: Expr, person: Names | None = None, within: int = 0) -> str:
        """The expression with the values of its names; in a member's expression names stand without values."""
        if isinstance(e, Lit):
            return self.value(e.value, e.type)
        if isinstance(e, Ref):
            return self._name(e, person)
        if isinstance(e, Enrolled):
            value = "" if e.entity == "person" and person is None else self.value(self.lookup.value(e, person), e.type)
            return self.say(f"enrolled.{e.type}", programme=self.programme(e.programme), value=value).rstrip()
        if isinstance(e, Agg):
            return self._members(e)
        return self._call(e, person, within)

    def _name(self, e: Ref, person: Names | None) -> str:
        label = self.label(e.name)
        if e.kind != "parameter" and e.entity == "person" and person is None:
            return label
        value = self.held(e, person)
        names = self.lookup.subject(e.entity, person)
        mark = self.say("presumed") if is_presumed(self.plan, e.name, names["#facts"]) else ""
        if e.kind == "parameter":
            found = self.lookup.resolved(e.name, person)
            mark = self.say("demo") if found is not None and found.confidence == "demo" else ""
        return self.say("named_bool" if e.type == "bool" else "named", label=label, value=value) + mark

    def held(self, e: Ref, person: Names | None) -> str:
        """The value of a name; where it is not known, what it comes to at least."""
        value, unit = self.lookup.name(e, person), self.unit(e.name)
        names = self.lookup.subject(e.entity, person)
        if value is None and e.kind != "parameter" and (least := names.get(f"{e.name}~lo")):
            return self.say("surely", value=self.value(least, e.type, unit))
        return self.word(e.name, value) or self.value(value, e.type, unit)

    def programme(self, name: str) -> str:
        """What a programme is called, whether the pack decides it or not."""
        if name in self.plan.programmes:
            return self.words(self.plan.programmes[name].label)
        return self._labelled("programmes", name) or name

    def _members(self, e: Agg) -> str:
        what = "" if e.value is None else self.expr(e.value)
        where = "" if e.where is None else self.expr(e.where)
        code = f"members.{e.fn}" + ("_where" if where and e.fn != "count_if" else "")
        return self.say(code, what=what, where=where) + self._by_member(e)

    def _call(self, e: Call, person: Names | None, within: int) -> str:
        if e.op in _COMPARED:
            return self._compared(e, person)
        if e.op == "if":
            return self._choice(e, person, within)
        if e.op == "in":
            return self._in(e, person)
        if e.op in ("and", "or"):
            return self._deciding(e, person, within)
        if e.op == "-" and self._takes_nothing(e, person):
            return self.expr(e.args[0], person, within)
        if e.op in _SIGNS:
            return self._bound(e, _SIGNS[e.op], person, within)
        if e.op in ("not", "neg"):
            return self.say(e.op, what=self.expr(e.args[0], person, 6))
        if e.op in ("min", "max") and (won := self._won(e, person)) is not None:
            return self.expr(won, person, within)
        if e.op == "as_of":
            return self.value(self.plan.as_of, "date")
        if e.op == "scale":
            return scale_text(self, e, person)
        parts = [self.expr(a, person) for a in e.args]
        if has(f"explain.call.{e.op}"):
            b = parts[1] if len(parts) > 1 else ""
            return self.say(f"call.{e.op}", a=parts[0], b=b, all=self.say("between").join(parts))
        return f"{e.op}({', '.join(parts)})"

    def _takes_nothing(self, e: Call, person: Names | None) -> bool:
        """Whether what another programme pays is taken off and it pays nothing, which is not worth a word."""
        taken = e.args[1]
        return self.lookup.value(taken, person) == 0 and any(isinstance(n, Enrolled) for n in self.lookup.refs(taken))

    def _in(self, e: Call, person: Names | None, turned: str = "") -> str:
        return self.options(e, self.expr(e.args[0], person), person, turned)

    def _won(self, e: Call, person: Names | None) -> Expr | None:
        """The side of min or max that was taken, where it is no bare figure: a floor that did not bind says nothing."""
        if person is None and any(n.entity == "person" for n in self.lookup.refs(e)) and e.entity == "person":
            return None
        value = self.lookup.value(e, person)
        same = (a for a in e.args if value is not None and self.lookup.value(a, person) == value)
        return next((a for a in same if not isinstance(a, Lit)), None)

    def options(self, e: Call, what: str, person: Names | None, turned: str = "") -> str:
        """`what` is one of the values an `in` allows, in the words of the pack."""
        options = self.say("list").join(self._beside(e.args[0], a, person) for a in e.args[1:])
        return self.say(f"{turned}in", what=what, options=options)

    def _compared(self, e: Call, person: Names | None, turned: str = "") -> str:
        left, right = e.args
        code = turned + _COMPARED[e.op]
        if isinstance(right, Lit) and right.type not in NUMERIC:
            return self.say(code, a=self.expr(left, person), b=self._beside(left, right, person))
        if isinstance(right, Lit) and isinstance(left, Ref):
            return self.say(
                code, a=self.expr(left, person), b=self.value(right.value, right.type, self.unit(left.name))
            )
        a, b = (self._with_total(side, person) for side in (left, right))
        return self.say(code, a=a, b=b)

    def _beside(self, named: Expr, literal: Expr, person: Names | None) -> str:
        """A literal in the words of the fact it stands beside: 户主, not head."""
        word = self.word(named.name, literal.value) if isinstance(named, Ref) and isinstance(literal, Lit) else ""
        return word or self.expr(literal, person)

    def word(self, name: str, value: Any) -> str:
        """What the pack calls a value of a role or an enum fact (`labels: {roles, values: {fact: {value}}}`)."""
        if not isinstance(value, str):
            return ""
        return self._labelled("roles", value) if name == "role" else self._labelled("values", name, value)

    def _labelled(self, *path: str) -> str:
        """The words at a path of the pack's free `labels`; empty where it has none."""
        words: Any = self.plan.pack.labels
        for name in (*path, self.lang):
            words = words.get(name) if isinstance(words, dict) else None
        return words if isinstance(words, str) else ""

    def _parts(self, e: Call, person: Names | None) -> tuple[Expr, ...]:
        """Of `and` and `or` the parts that made it what it is: one true part of an `or` says enough."""
        whole = self.lookup.value(e, person)
        if whole is (e.op == "and"):
            return e.args
        return tuple(a for a in e.args if self.lookup.value(a, person) is whole)

    def _deciding(self, e: Call, person: Names | None, within: int) -> str:
        parts = e.args
        if person is not None or not any(n.entity == "person" for n in self.lookup.refs(e)):
            parts = self._parts(e, person)
        if len(parts) == 1:
            return self.expr(parts[0], person, within)
        return self._bound(replace(e, args=parts), self.say(e.op), person, within)

    def _with_total(self, e: Expr, person: Names | None) -> str:
        """A computed side shows what it comes to: 600.00 元 × 4 人 = 2,400.00 元."""
        text = self.expr(e, person)
        of_household = not any(x.entity == "person" for x in self.lookup.refs(e))
        if isinstance(e, Call) and e.type in NUMERIC and (of_household or person is not None):
            return self.say(
                "total", what=text, value=self.value(self.lookup.value(e, person), e.type, self._unit_in(e))
            )
        return text

    def _unit_in(self, e: Call) -> str | None:
        """The unit of a sum of things of one unit."""
        units = {self.unit(n.name) for n in self.lookup.refs(e) if isinstance(n, Ref)}
        return units.pop() if e.op in ("+", "-") and len(units) == 1 else None

    def _choice(self, e: Call, person: Names | None, within: int) -> str:
        if (person is not None or e.entity != "person") and (taken := self.lookup.taken(e, person)) is not None:
            return self.expr(taken, person, within)
        when, a, b = (self.expr(part, person) for part in e.args)
        return self.say("if", when=when, a=a, b=b)

    def _bound(self, e: Call, sign: str, person: Names | None, within: int) -> str:
        own = _BINDS[e.op]
        text = sign.join(self.expr(a, person, own + (e.op == "-" and n > 0)) for n, a in enumerate(e.args))
        return self.say("group", what=text) if own < within else text

    # ---- what is so ----------------------------------------------------------------------------------------------
    def sentence(self, e: Expr, person: Names | None = None, met: bool | None = None) -> str:
        """A condition as it turned out: `X is not below Y` when it is not, `whether X is below Y` when unknown.

        met: what bounds decided, where the values alone do not.
        """
        if isinstance(e, Agg) or not isinstance(e, Call) or e.op not in (*_COMPARED, "in", "and", "or"):
            return self.expr(e, person)
        if e.op in ("and", "or"):
            parts = self._parts(e, person)
            return self.say("and").join(self.sentence(a, person) for a in parts)
        is_so = self.lookup.value(e, person)
        turned = {True: "", False: "not.", None: "whether."}[met if is_so is None else is_so]
        if e.op == "in":
            return self._in(e, person, turned)
        return self._compared(e, person, turned)

    # ---- how a variable came about ---------------------------------------------------------------------------------
    def derivations(self, e: Expr, most: int = 4) -> list[str]:
        """`X = …` for the household's variables behind an expression, until parameters are named."""
        texts: list[str] = []
        waiting, seen = [e], set()
        while waiting and len(texts) < most:
            for ref in self.lookup.refs(waiting.pop(0)):
                if (
                    isinstance(ref, Ref)
                    and ref.kind == "variable"
                    and ref.entity == "household"
                    and ref.name not in seen
                ):
                    seen.add(ref.name)
                    texts.append(self.derivation(ref.name))
                    waiting.append(self.plan.definitions[ref.name].expr)
        return texts[:most]

    def derivation(self, name: str) -> str:
        """How a household's variable got its value."""
        d = self.plan.definitions[name]
        value = self.held(Ref(name, "variable", d.type, "household"), None)
        if name in self.lookup.evaluation.household["#given"]:
            return self.say("given", label=self.label(name), value=value)
        return self.say("derived", label=self.label(name), how=self.expr(d.expr), value=value)

    def _by_member(self, e: Agg) -> str:
        """What each counted member brings to a sum."""
        if e.fn != "sum" or e.value is None:
            return ""
        parts = []
        for p in self.lookup.evaluation.persons:
            if e.where is None or self.lookup.value(e.where, p) is not False:
                value = self.value(self.lookup.value(e.value, p), e.type)
                parts.append(self.say("member", id=p["#id"], value=value))
        if not parts or len(parts) > _MOST_MEMBERS:
            return ""
        return self.say("group", what=self.say("list").join(parts))


def plain(value: int | Decimal) -> str:
    """A number without the zeros that say nothing."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def chinese(n: int) -> str:
    """1–999 as in 第二十七条."""
    hundreds, rest = divmod(n, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones or not n else "")
