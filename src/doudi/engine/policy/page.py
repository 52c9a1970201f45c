"""One programme as a page: what a lawyer checks against the documents, and what the workshop and the command show."""

from __future__ import annotations

from datetime import date
from typing import Any

from doudi.engine.policy import graph
from doudi.engine.policy.model import (
    Condition,
    Expr,
    Law,
    Pack,
    Parameter,
    ParameterValue,
    Programme,
    Scale,
    Words,
)
from doudi.engine.policy.spoken import Spoken
from doudi.engine.words import Fault, Language, Refused
from doudi.engine.words.near import hint


def page(pack: Pack, programme: str, lang: Language) -> dict[str, Any]:
    """Everything about one programme as plain values, dates ISO, money as text.

    Raises Refused for a name the pack does not decide.
    """
    if programme not in pack.programmes:
        near = hint(programme, pack.programmes)
        raise Refused(Fault("policy.unknown_programme", {"name": programme[:60], "near": near}, pack.id))
    return _Page(pack, lang).of(pack.programmes[programme])


class _Page:
    def __init__(self, pack: Pack, lang: Language) -> None:
        self.pack, self.lang, self.spoken = pack, lang, Spoken(pack, lang)

    def words(self, words: Words | None) -> str | None:
        return getattr(words, self.lang) if words else None

    def of(self, p: Programme) -> dict[str, Any]:
        exprs = [e for e in (*graph.deciding(p), *graph.asking(p)) if e]
        behind = graph.behind(self.pack.variables, exprs)
        return {
            "programme": p.name,
            "name": self.spoken.programme(p.name),
            "names": [{"from": _iso(since), "name": self.words(words)} for since, words in p.names],
            "pack": {"id": self.pack.id, "edition": self.pack.edition, "hash": self.pack.hash},
            "subject": p.subject,
            "period": p.period,
            "in_force": [_iso(day) for day in p.in_force],
            "applies_when": self._said(p.applies_when),
            "ask_when": self._said(p.ask_when),
            "conditions": [self._condition(c) for c in p.conditions],
            "amount": self._said(p.amount),
            "tolerance": self._said(p.tolerance),
            "priority": [
                {"name": x.name, "label": self.words(x.label) or x.name, "points": x.points, "when": self._said(x.when)}
                for x in p.priority
            ],
            "excludes": [
                {"programme": x.programme, "name": self.spoken.programme(x.programme), "mode": x.mode,
                 "from": _iso(x.since), "to": _iso(x.until)}
                for x in p.excludes
            ],
            "variables": [self._variable(n) for n in self.pack.variables if n in behind],
            "parameters": [self._parameter(x) for n, x in self.pack.parameters.items() if n in behind],
        }  # fmt: skip

    def _said(self, expr: Expr | None) -> str | None:
        return self.spoken.expr(expr) if expr else None

    def _condition(self, c: Condition) -> dict[str, Any]:
        return {
            "name": c.name,
            "bit": c.bit,
            "label": self.words(c.label) or c.name,
            "text": self.spoken.expr(c.expr),
            "law": self._law(c.law) if c.law else None,
            "question": self.words(c.question),
            "remedy": self.words(c.remedy),
            "from": _iso(c.since),
            "to": _iso(c.until),
        }

    def _law(self, law: Law) -> dict[str, Any]:
        source = self.pack.sources.get(law.source)
        said = source.articles.get(law.article) if source else None
        return {
            "source": law.source,
            "article": law.article,
            "title": source.title if source else law.source,
            "number": source.number if source else "",
            "says": self.words(said),
        }

    def _variable(self, name: str) -> dict[str, Any]:
        v = self.pack.variables[name]
        return {
            "name": name,
            "label": self.words(v.label) or name,
            "entity": v.entity,
            "unit": v.unit,
            "formulas": [{"from": _iso(since), "text": self.spoken.expr(e)} for since, e in v.formulas],
            "end": _iso(v.end),
        }

    def _parameter(self, p: Parameter) -> dict[str, Any]:
        return {
            "name": p.name,
            "label": self.words(p.label),
            "says": self.words(p.says),
            "unit": p.unit,
            "by": p.by,
            "per": p.per,
            "question": self.words(p.question),
            "values": [self._value(v, p) for v in p.values],
            "scale": self._scale(p, p.scale) if isinstance(p.scale, Scale) else None,
        }

    def _value(self, v: ParameterValue, p: Parameter) -> dict[str, Any]:
        return {
            "area": v.area,
            "from": v.since.isoformat(),
            "key": self.spoken.named_value(p.per, v.key) if p.per and v.key else v.key,
            "value": self._said_value(v, p),
            "source": v.source,
            "article": v.article,
            "confidence": v.confidence,
        }

    def _said_value(self, v: ParameterValue, p: Parameter) -> str | None:
        if isinstance(v.value, str) and p.type in ("text", "enum"):
            return self.spoken.named_value(p.name, v.value)
        return None if v.value is None else self.spoken.value(v.value, p.type)

    def _scale(self, p: Parameter, scale: Scale) -> dict[str, Any]:
        curves = [(b.threshold, b.amount) for b in scale.brackets]
        return {
            "kind": scale.kind,
            "brackets": [
                {"threshold": [self._value(v, p) for v in low], "amount": [self._value(v, p) for v in high]}
                for low, high in curves
            ],
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
