"""One programme as a page: what a lawyer checks against the documents, and what the workshop and the command show."""

from __future__ import annotations

from datetime import date
from typing import Any

from doudi.engine import divisions
from doudi.engine.policy import graph
from doudi.engine.policy.model import (
    Agg,
    Call,
    Condition,
    Expr,
    Law,
    Pack,
    Parameter,
    ParameterValue,
    Programme,
    Ref,
    Scale,
    Words,
)
from doudi.engine.policy.outline import outline
from doudi.engine.policy.spoken import Spoken
from doudi.engine.policy.worked import worked
from doudi.engine.words import Fault, Language, Refused
from doudi.engine.words.near import hint


def page(pack: Pack, programme: str, lang: Language, on: date | None = None) -> dict[str, Any]:
    """Everything about one programme as plain values, dates ISO, money as text.

    on: the day whose figures stand beside the conditions, by default the newest of the pack.
    Raises Refused for a name the pack does not decide.
    """
    if programme not in pack.programmes:
        near = hint(programme, pack.programmes)
        raise Refused(Fault("policy.unknown_programme", {"name": programme[:60], "near": near}, pack.id))
    return _Page(pack, lang, on).of(pack.programmes[programme])


class _Page:
    def __init__(self, pack: Pack, lang: Language, on: date | None) -> None:
        self.pack, self.lang, self.on, self.spoken = pack, lang, on, Spoken(pack, lang)

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
            "once_per": p.once_per,
            "handling": self._handling(p),
            "in_force": [_iso(day) for day in p.in_force],
            "applies_when": self._said(p.applies_when),
            "ask_when": self._said(p.ask_when),
            "ask_lines": outline(p.ask_when, self.spoken) if p.ask_when else [],
            "conditions": [self._condition(c) for c in p.conditions],
            "amount": self._said(p.amount),
            "amount_lines": outline(p.amount, self.spoken) if p.amount else [],
            "amount_where": self._where(p.amount),
            "amount_figures": self._figures(p.amount),
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
            "examples": list(worked(self.pack, p, self.spoken)),
        }  # fmt: skip

    def _handling(self, p: Programme) -> list[dict[str, Any]]:
        """Who decides, who pays, whence applicants come, by date."""
        found = []
        for what in ("decided_by", "paid_by", "list_from"):
            told = p.catalogue.get(what)
            dated = told.items() if isinstance(told, dict) and not told.keys() & {"zh", "en"} else [("", told)]
            for since, words in dated if told else ():
                text = words.get(self.lang) or next(iter(words.values())) if isinstance(words, dict) else words
                found.append({"what": what, "from": since or None, "text": str(text)})
        return found

    def _where(self, e: Expr | None) -> list[dict[str, Any]]:
        """What the variables of a rule are, one step down; the rest stands where all of them are explained."""
        names = (
            dict.fromkeys(x.name for x in graph.parts(e) if isinstance(x, Ref) and x.kind == "variable") if e else ()
        )
        newest = [(self.pack.variables[n].formulas, self.spoken.label(n)) for n in names]
        return [{"label": label, "lines": outline(f[-1][1], self.spoken)} for f, label in newest if f]

    def _figures(self, e: Expr | None) -> list[dict[str, Any]]:
        """Figures that stand in a rule, or in what it reads of the same subject, with what is in force."""
        names = at_hand(self.pack, e) if e else []
        return [self._figure(self.pack.parameters[name]) for name in names]

    def _figure(self, p: Parameter) -> dict[str, Any]:
        newest: dict[tuple[str, str | None], ParameterValue] = {}
        for v in p.values:
            before = newest.get((v.area, v.key))
            if (self.on is None or v.since <= self.on) and (before is None or before.since <= v.since):
                newest[v.area, v.key] = v
        standing = [self._value(v, p) for v in newest.values() if v.value is not None]
        return {
            "name": p.name,
            "label": self.words(p.label),
            "unit": p.unit if p.type != "money" else None,
            "question": self.words(p.question),
            "values": standing,
            "is_scale": p.scale is not None,
        }

    def _said(self, expr: Expr | None) -> str | None:
        return self.spoken.expr(expr) if expr else None

    def _condition(self, c: Condition) -> dict[str, Any]:
        return {
            "name": c.name,
            "bit": c.bit,
            "label": self.words(c.label) or c.name,
            "text": self.spoken.expr(c.expr),
            "lines": outline(c.expr, self.spoken),
            "where": self._where(c.expr),
            "figures": self._figures(c.expr),
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
            "formulas": [
                {"from": _iso(since), "text": self.spoken.expr(e), "lines": outline(e, self.spoken)}
                for since, e in v.formulas
            ],
            "end": _iso(v.end),
        }

    def _parameter(self, p: Parameter) -> dict[str, Any]:
        return {
            "name": p.name,
            "label": self.words(p.label),
            "says": self.words(p.says),
            "type": p.type,
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
            "place": self._place(v.area),
            "from": v.since.isoformat(),
            "key": self.spoken.named_value(p.per, v.key) if p.per and v.key else v.key,
            "value": self._said_value(v, p),
            "source": v.source,
            "title": self.pack.sources[v.source].title if v.source in self.pack.sources else v.source,
            "article": v.article,
            "confidence": v.confidence,
        }

    def _place(self, area: str) -> str:
        """What a place is called; empty for the nation."""
        found = divisions.find(area) if area else None
        return found.name if found else area

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


def at_hand(pack: Pack, e: Expr) -> list[str]:
    """Parameters that a rule reads itself or through variables of the same subject; what stands behind a sum over
    members is told where that sum is explained."""
    found: dict[str, None] = {}
    waiting, seen = [e], set[str]()
    while waiting:
        expr = waiting.pop()
        if isinstance(expr, Agg):
            continue
        if isinstance(expr, Call):
            waiting += reversed(expr.args)
        elif isinstance(expr, Ref) and expr.kind == "parameter":
            found[expr.name] = None
        elif isinstance(expr, Ref) and expr.kind == "variable" and expr.name not in seen:
            seen.add(expr.name)
            waiting += [formula for _, formula in pack.variables[expr.name].formulas]
    return list(found)
