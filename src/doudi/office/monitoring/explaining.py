"""The engine's answers for one household of the registry, as the parts of a page that a clerk reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doudi.engine import policy
from doudi.engine.divisions import find
from doudi.engine.policy.model import Pack, Words
from doudi.engine.screening.answers import Answer, Answers, Step
from doudi.engine.screening.explain import answer
from doudi.engine.values import AreaCode
from doudi.engine.words import Language, say
from doudi.office.cases.queries import granted_to
from doudi.office.law.queries import NoEdition, edition_for, pack_of
from doudi.office.look import parts
from doudi.office.monitoring.population import engine_household
from doudi.office.registry.queries import HouseholdView, held, source_labels

OUTCOMES: dict[str, parts.ChipTone] = {
    "eligible": "ok",
    "not_eligible": "off",
    "needs_verification": "unknown",
    "not_applicable": "off",
}
COMPARED = {"<": "below", "<=": "at_most", ">": "above", ">=": "at_least", "==": "is", "!=": "is_not"}
STATES: Mapping[str, Any] = {"true": "met", "false": "failed", "unknown": "unknown"}


def answers(view: HouseholdView, on: date) -> Answers | None:
    """What the edition in use answers for a household on a day; None while no edition is in use there."""
    try:
        pack = pack_of(edition_for(view.area_code, on))
    except NoEdition:
        return None
    found = held([view.id], on)
    if not found:
        return None
    plan = policy.plan(pack, on, [str(AreaCode(view.area_code).at("county"))])
    return answer(plan, engine_household(found[0], pack.facts, granted_to(view.id)), _lang())


def explanations(view: HouseholdView, on: date) -> list[parts.Explanation]:
    """Each programme of the edition for one household, conditions against what is held, with law and figures."""
    found = answers(view, on)
    if found is None:
        return []
    pack = pack_of(edition_for(view.area_code, on))
    page = _Page(pack, view, on)
    return [page.explanation(a) for a in found.answers if a.outcome != "not_applicable"]


def _lang() -> Language:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _outcome(outcome: str) -> str:
    words = {"eligible": _("符合"), "not_eligible": _("不符合"), "needs_verification": _("需核实")}
    return words.get(outcome, _("不适用"))


def _limit(step: Step, change: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The figure a threshold compares with, among the values the condition read."""
    if change.get("kind") != "threshold" or change.get("limit") is None:
        return None
    others = [v for name, v in step.values.items() if name != change["value"]]
    return next((v for v in others if _is(v["value"], change["limit"])), None)


def _is(text: Any, figure: Any) -> bool:
    try:
        return Decimal(str(text)) == Decimal(str(figure))
    except InvalidOperation:
        return False


def _by_weight(a: Answer) -> list[Step]:
    """Steps in the order in which their figures matter: behind the terms of the amount, failed or open, the rest."""
    amount = next((s for s in a.steps if s.kind == "amount"), None)
    terms = set(amount.values) if amount and a.amount is not None else set()

    def rank(step: Step) -> int:
        if step.kind == "variable" and step.name in terms:
            return 0
        if step.kind == "condition" and step.result != "true":
            return 1
        return 2

    return sorted(a.steps, key=rank)


class _Page:
    """One household and one pack: turns ids into names and codes into words."""

    def __init__(self, pack: Pack, view: HouseholdView, on: date) -> None:
        self.pack, self.view, self.on = pack, view, on
        self.names = {str(member.id): member.name for member in view.members}
        self.labels = {name: label[_lang()] for name, label in source_labels().items()}

    def explanation(self, a: Answer) -> parts.Explanation:
        programme = self.pack.programmes[a.programme]
        conditions = [s for s in a.steps if s.kind == "condition"]
        amount = next((s for s in a.steps if s.kind == "amount"), None)
        person = self.names.get(a.subject_id, "")
        label = self.word([w for since, w in programme.names if since is None or since <= self.on][-1])
        shown = [self.condition(step, a) for step in conditions]
        return parts.Explanation(
            programme=f"{label} · {person}" if person else label,
            outcome=_outcome(a.outcome),
            tone=OUTCOMES[a.outcome],
            amount=f"{a.amount:.2f}" if a.amount is not None else "",
            sum=self.sum(amount) if amount and a.amount is not None else "",
            question=self.question(a, conditions),
            conditions=shown,
            laws=self.laws(conditions),
            parameters=self.parameters(_by_weight(a)),
            inputs=self.inputs(amount, shown) if a.amount is not None else self.inputs(None, shown),
            changes=[self.named(change["text"]) for change in a.changes],
            steps=[self.named(step.text) for step in a.steps],
            as_of=self.on,
            pack=f"{self.pack.id} {self.pack.edition}",
        )

    def sum(self, amount: Step) -> str:
        """The amount in one line; where its figures come from stands beside it."""
        return self.named(amount.text).split(_("。"))[0]

    def inputs(self, amount: Step | None, conditions: Iterable[parts.Condition]) -> list[tuple[str, str, str]]:
        """What decided: the terms of the amount, or the conditions that are not met."""
        if amount:
            terms = [v for v in amount.values.values() if v["kind"] == "variable"]
            return [(v["label"], self.value(v), "") for v in terms]
        return [(c.name, c.held or _("没有数"), c.need) for c in conditions if c.state != "met"][:3]

    def condition(self, step: Step, a: Answer) -> parts.Condition:
        change = next((c for c in a.changes if c["name"] == step.name), {})
        limit = _limit(step, change)
        held = [v for v in step.values.values() if v["kind"] != "parameter" and v is not limit]
        return parts.Condition(
            name=step.label,
            need=self.need(step, change, limit),
            held=_("；").join(f"{v['label']} {self.value(v)}" for v in held),
            source=_("；").join(self.sources(step)),
            state=STATES[step.result],
            law=self.law_short(step.law),
        )

    def need(self, step: Step, change: Mapping[str, Any], limit: Mapping[str, Any] | None) -> str:
        """In figures where the condition is a threshold, else where to read it."""
        if limit:
            figure = f"{limit['label']} {self.value(limit)}"
            return say(f"explain.{COMPARED[change['op']]}", _lang(), a="", b=figure).strip()
        return _("见%(article)s") % {"article": step.law["words"]} if step.law else ""

    def value(self, v: Mapping[str, Any]) -> str:
        if v["value"] is None:
            return _("不清楚")
        shown = self.named(str(v["shown"]))
        return f"{shown}{_('（推定）')}" if v.get("presumed") else shown

    def sources(self, step: Step) -> list[str]:
        """Where the facts a condition reads come from, each source and day once."""
        found: dict[str, None] = {}
        for name in step.values:
            if name in self.view.facts and (fact := self.view.facts[name]).source:
                found[f"{self.labels.get(fact.source, fact.source)} {fact.on}"] = None
        return list(found)

    def question(self, a: Answer, conditions: Iterable[Step]) -> parts.Question | None:
        open_ones = [s for s in conditions if s.result == "unknown" and s.question]
        if not open_ones or a.outcome != "needs_verification":
            return None
        first = open_ones[0]
        change = next((c for c in a.changes if c["name"] == first.name), None)
        lead = (
            _("只差一个问题，就能定")
            if len(open_ones) == 1
            else _("还有 %(n)s 个问题，先问这个") % {"n": len(open_ones)}
        )
        return parts.Question(self.named(first.question or ""), lead, self.outlook(change) if change else [])

    def outlook(self, change: Mapping[str, Any]) -> list[parts.Answer]:
        """Both outcomes, shown before anybody answers."""
        met, not_met = change.get("if_met"), change.get("if_not_met")
        if not met or not not_met:
            return []
        return [
            parts.Answer(_("符合这一条"), self.follows(met), "ok" if met["outcome"] == "eligible" else "plain"),
            parts.Answer(_("不符合这一条"), self.follows(not_met)),
            parts.Answer(_("说不清"), _("派走访，或取得查询授权"), "unknown"),
        ]

    def follows(self, outcome: Mapping[str, Any]) -> str:
        words = say(f"explain.outcome.{outcome['outcome']}", _lang())
        return f"{words}，{outcome['amount']} {_('元')}" if outcome.get("amount") else words

    def laws(self, conditions: Iterable[Step]) -> list[parts.Law]:
        found: dict[tuple[str, str], parts.Law] = {}
        for step in conditions:
            if step.law is None:
                continue
            source = self.pack.sources[step.law["source"]]
            key = (source.id, step.law["article"])
            found.setdefault(key, parts.Law(source.title, source.number, step.law["words"], self.says(step.law)))
        return list(found.values())

    def parameters(self, steps: Iterable[Step]) -> list[parts.Parameter]:
        found: dict[str, parts.Parameter] = {}
        for step in steps:
            for name, v in step.values.items():
                if v["kind"] != "parameter" or v["value"] is None:
                    continue
                area = find(v.get("area") or "") if v.get("area") else None
                where = _("%(area)s，%(since)s 起") % {
                    "area": area.name if area else _("全国"),
                    "since": v.get("since", ""),
                }
                found.setdefault(
                    name, parts.Parameter(v["label"], where, self.value(v), "", demo=bool(v.get("is_demo")))
                )
        return list(found.values())

    def says(self, law: Mapping[str, str] | None) -> str:
        if law is None:
            return ""
        words = self.pack.sources[law["source"]].articles.get(law["article"])
        return self.word(words) if words else ""

    def law_short(self, law: Mapping[str, str] | None) -> str:
        return f"{self.pack.sources[law['source']].number}{law['words']}" if law else ""

    def named(self, text: str) -> str:
        for id, name in self.names.items():
            text = text.replace(id, name)
        return text

    def word(self, words: Words) -> str:
        return words.en if _lang() == "en" else words.zh
