"""The engine's answers for one household of the registry, as the parts of a page that a clerk reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from doudi.engine import policy
from doudi.engine.divisions import find
from doudi.engine.policy.model import Pack, Words
from doudi.engine.screening.answers import Answer, Answers, Step
from doudi.engine.screening.explain import answer
from doudi.engine.values import AreaCode
from doudi.engine.words import Language, has, say
from doudi.office.access.once import once
from doudi.office.cases.queries import granted_to
from doudi.office.law.queries import NoEdition, edition_for, pack_of
from doudi.office.look import parts
from doudi.office.look.panels import MemberWord
from doudi.office.look.places import spoken
from doudi.office.monitoring.population import engine_household
from doudi.office.registry.queries import FactView, HouseholdView, held, source_labels

OUTCOMES: dict[str, parts.ChipTone] = {
    "eligible": "ok",
    "not_eligible": "off",
    "needs_verification": "unknown",
    "not_applicable": "off",
}
TURNED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
STATES: Mapping[str, Any] = {"true": "met", "false": "failed", "unknown": "unknown"}


def answers(view: HouseholdView, on: date) -> Answers | None:
    """What the edition in use answers for a household on a day; None while no edition is in use there."""
    return _answers(view.id, view.area_code, on)


@once
def _answers(household: UUID, area: str, on: date) -> Answers | None:
    try:
        pack = pack_of(edition_for(area, on))
    except NoEdition:
        return None
    found = held([household], on)
    if not found:
        return None
    plan = policy.plan(pack, on, [str(AreaCode(area).at("county"))])
    return answer(plan, engine_household(found[0], pack, granted_to(household), on), spoken_here())


def explanations(view: HouseholdView, on: date) -> list[parts.Explanation]:
    """Each programme of the edition for one household, conditions against what is held, with law and figures."""
    found = answers(view, on)
    if found is None:
        return []
    pack = pack_of(edition_for(view.area_code, on))
    page = _Page(pack, view, on)
    return [page.explanation(a) for a in found.answers if a.outcome != "not_applicable"]


def words_of_members(view: HouseholdView, on: date) -> dict[UUID, list[MemberWord]]:
    """The values of the variables that the pack's `labels.members` gives words: {VARIABLE: {yes, no, unknown}}."""
    found = answers(view, on)
    if found is None:
        return {}
    labels = pack_of(edition_for(view.area_code, on)).labels.get("members", {})
    said: dict[UUID, dict[str, MemberWord]] = defaultdict(dict)
    members = {str(member.id): member.id for member in view.members}
    for v in found.variables:
        value = {"true": "yes", "false": "no"}.get(v.value or "", "unknown")
        if v.subject in members and (words := labels.get(v.name, {}).get(value)):
            text = words.get(spoken_here()) or next(iter(words.values()))
            said[members[v.subject]].setdefault(v.name, MemberWord(text, value == "unknown"))
    return {member: list(each.values()) for member, each in said.items()}


def spoken_here() -> Language:
    """The language of this request, as the engine names it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def outcome_words(a: Answer) -> str:
    """The outcome as a chip says it. What is not known is to be verified only where a sign asks for it, as the clue
    says; without one the household is left alone, in the words of the board's bottom line.
    """
    if a.outcome == "needs_verification":
        return _("暂无线索") if a.state == "unknown_no_sign" else _("待核实")
    return {"eligible": _("符合"), "not_eligible": _("不符合"), "not_applicable": _("不适用")}[a.outcome]


class _Page:
    """One household and one pack: turns ids into names and codes into words."""

    def __init__(self, pack: Pack, view: HouseholdView, on: date) -> None:
        self.pack, self.view, self.on, self.lang = pack, view, on, spoken_here()
        self.names = {str(member.id): member.name for member in view.members}
        self.labels = {name: label[self.lang] for name, label in source_labels().items()}

    def explanation(self, a: Answer) -> parts.Explanation:
        programme = self.pack.programmes[a.programme]
        conditions = sorted((s for s in a.steps if s.kind == "condition"), key=lambda s: s.result != "false")
        variables = {s.name: s for s in a.steps if s.kind == "variable"}
        amount = next((s for s in a.steps if s.kind == "amount"), None)
        person = self.names.get(a.subject_id, "")
        label = self.word([w for since, w in programme.names if since is None or since <= self.on][-1])
        shown = [self.condition(s, a, variables) for s in conditions]
        near, far = self.parameters(conditions, amount, variables)
        return parts.Explanation(
            programme=f"{label} · {person}" if person else label,
            outcome=outcome_words(a),
            tone=OUTCOMES[a.outcome],
            amount=f"{a.amount:.2f}" if a.amount is not None else "",
            sum=f"{amount.sum} = {a.amount:,.2f} {_('元')}" if amount and a.amount is not None else "",
            question=self.question(a, conditions),
            conditions=shown,
            laws=self.laws(conditions),
            parameters=near,
            more_parameters=far,
            inputs=self.inputs(conditions, variables) if a.amount is not None else _open(shown),
            changes=[self.named(change["text"]) for change in a.changes],
            steps=[self.named(step.text) for step in a.steps],
            as_of=self.on,
            pack=f"{self.pack.id} {self.pack.edition}",
        )

    def condition(self, step: Step, a: Answer, variables: Mapping[str, Step]) -> parts.Condition:
        change = next((c for c in a.changes if c["name"] == step.name), {})
        held = [v for v in step.values.values() if v["kind"] in ("fact", "variable") and v is not _limit(step, change)]
        return parts.Condition(
            name=step.label,
            need=self.need(step),
            held=_("；").join(f"{v['label']} {self.value(v)}" for v in held) + self.each(change),
            source=_("；").join(self.sources(step, variables)),
            state=STATES[step.result],
            law=self.law_short(step.law),
        )

    def need(self, step: Step) -> str:
        """In figures where the condition is a threshold or has limits of its own, else where the law is shown."""
        if step.need:
            return step.need
        limits = [v for v in step.values.values() if v["kind"] == "parameter" and v["value"] is not None]
        figures = _("；").join(f"{v['label']} {self.value(v)}" for v in limits)
        return figures or (_("见%(article)s要点") % {"article": step.law["words"]} if step.law else "")

    def limit(self, step: Step, change: Mapping[str, Any], turned: bool = False) -> str:
        """低于 2,400.00 元（人均 600.00 元）; turned: 不低于 …. Empty when it is none, or nobody knows it yet."""
        if change.get("kind") != "threshold" or change.get("limit") is None:
            return ""
        figure = change["limit"]
        number = f"{figure:,.2f}" if change["type"] == "money" else f"{figure:,}"
        unit = f"explain.unit.{step.values[change['value']]['unit']}"
        shown = say(unit, self.lang, n=number) if has(unit) else number
        text = say(f"explain.limit.{TURNED[change['op']] if turned else change['op']}", self.lang, limit=shown)
        if change.get("per_head") is None or turned:
            return text
        return text + say("explain.per_head", self.lang, value=f"{change['per_head']:,.2f} {_('元')}")

    def each(self, change: Mapping[str, Any]) -> str:
        """What is held for each head, beside a limit that is said for each head."""
        heads, held = change.get("heads"), change.get("current")
        if not heads or heads == 1 or held is None or change.get("per_head") is None:
            return ""
        return say("explain.per_head", self.lang, value=f"{held / heads:,.2f} {_('元')}")

    def value(self, v: Mapping[str, Any]) -> str:
        shown = self.named(v["shown"])
        return f"{shown}{_('（推定）')}" if v.get("presumed") is True else shown

    def sources(self, step: Step, variables: Mapping[str, Step]) -> list[str]:
        """Where the facts behind a condition come from, each source with its newest day."""
        newest: dict[str, date] = {}
        for fact in self.facts_behind(step, variables):
            if fact.source and fact.on:
                newest[fact.source] = max(fact.on, newest.get(fact.source, fact.on))
        return [f"{self.labels.get(source, source)} {on.isoformat()}" for source, on in newest.items()]

    def facts_behind(self, step: Step, variables: Mapping[str, Step]) -> list[FactView]:
        """The nearest facts that are held: those a step reads, else those its variables read."""
        waiting, seen = [step], {step.name}
        while waiting:
            names = [name for s in waiting for name in _like(s, variables)]
            subjects = (self.view.facts, *(member.facts for member in self.view.members))
            if found := [facts[name] for name in names for facts in subjects if name in facts]:
                return found
            waiting = [variables[name] for name in names if name in variables and name not in seen]
            seen.update(names)
        return []

    def inputs(self, conditions: Iterable[Step], variables: Mapping[str, Step]) -> list[tuple[str, str, str]]:
        """The household's own money that the first condition on money compares, with value and source."""
        for step in conditions:
            money = {n: v for n, v in step.values.items() if v["kind"] == "variable" and v["unit"] == "yuan"}
            own = {n: v for n, v in money.items() if not self._is_standard(variables.get(n))}
            if own:
                behind = {n: self.sources(variables[n], variables) for n in own if n in variables}
                return [(v["label"], self.value(v), _("、").join(behind.get(n, ()))) for n, v in own.items()]
        return []

    def _is_standard(self, variable: Step | None) -> bool:
        return variable is not None and any(v["kind"] == "parameter" for v in variable.values.values())

    def question(self, a: Answer, conditions: Iterable[Step]) -> parts.Question | None:
        open_ones = [s for s in conditions if s.result == "unknown" and s.question]
        if not open_ones or a.outcome != "needs_verification":
            return None
        first = open_ones[0]
        change = next((c for c in a.changes if c["name"] == first.name), None)
        settles = change is not None and change["if_met"]["outcome"] == "eligible"
        if a.state == "unknown_no_sign":
            lead = _("没有困难迹象，不用专门去问；有来往时可以问")
        elif settles:
            lead = _("只差一个问题，就能定")
        else:
            lead = ngettext("有 %(n)s 条还不清楚，先问这个", "有 %(n)s 条还不清楚，先问这个", len(open_ones)) % {
                "n": len(open_ones)
            }
        return parts.Question(self.named(first.question or ""), lead, self.outlook(first, change) if change else [])

    def outlook(self, step: Step, change: Mapping[str, Any]) -> list[parts.Answer]:
        """Both outcomes, shown before anybody answers."""
        met, not_met = change.get("if_met"), change.get("if_not_met")
        if not met or not not_met:
            return []
        yes = self.limit(step, change) or _("符合这一条")
        no = self.limit(step, change, turned=True) or _("不符合这一条")
        return [
            parts.Answer(yes, self.follows(met), "ok" if met["outcome"] == "eligible" else "plain"),
            parts.Answer(no, self.follows(not_met)),
            parts.Answer(_("说不清"), _("派走访，或取得查询授权"), "unknown"),
        ]

    def follows(self, outcome: Mapping[str, Any]) -> str:
        words = say(f"explain.outcome.{outcome['outcome']}", self.lang)
        return f"{words}{_('，')}{outcome['amount']:,.2f} {_('元')}" if outcome.get("amount") else words

    def laws(self, conditions: Iterable[Step]) -> list[parts.Law]:
        """Articles in the order of the conditions, those of one document together."""
        found: dict[tuple[str, str], parts.Law] = {}
        for step in conditions:
            if step.law is None:
                continue
            source = self.pack.sources[step.law["source"]]
            key = (source.id, step.law["article"])
            found.setdefault(key, parts.Law(source.title, source.number, step.law["words"], self.says(step.law)))
        first = list(dict.fromkeys(law.title for law in found.values()))
        return sorted(found.values(), key=lambda law: first.index(law.title))

    def parameters(
        self, conditions: Iterable[Step], amount: Step | None, variables: Mapping[str, Step]
    ) -> tuple[list[parts.Parameter], list[parts.Parameter]]:
        """Those a clerk checks first (what failed, then what the conditions compare), and every other one."""
        compared = [s for c in conditions for s in (c, *_behind(c, variables))]
        decided = [s for c in conditions if c.result == "false" for s in (c, *_behind(c, variables))]
        first = [s for s in compared if any(v["unit"] == "yuan" for v in s.values.values())]
        near = self.figures([*decided, *first, *compared])
        rest = self.figures([*([amount] if amount else []), *variables.values()])
        return list(near.values()), [p for name, p in rest.items() if name not in near]

    def figures(self, steps: Iterable[Step]) -> dict[str, parts.Parameter]:
        found: dict[str, parts.Parameter] = {}
        for step in steps:
            for name, v in step.values.items():
                if v["kind"] == "parameter" and v["value"] is not None and name not in found:
                    area = find(v["area"]) if v.get("area") else None
                    where = _("%(area)s，%(since)s 起") % {
                        "area": spoken(area) if area else _("全国"),
                        "since": v.get("since", ""),
                    }
                    found[name] = parts.Parameter(v["label"], where, v["shown"], demo=bool(v.get("is_demo")))
        return found

    def says(self, law: Mapping[str, str] | None) -> str:
        if law is None:
            return ""
        words = self.pack.sources[law["source"]].articles.get(law["article"])
        return self.word(words) if words else ""

    def law_short(self, law: Mapping[str, str] | None) -> str:
        return f"{self.pack.sources[law['source']].number} {law['words']}" if law else ""

    def named(self, text: str) -> str:
        for id, name in self.names.items():
            text = text.replace(id, name)
        return text.replace(str(self.view.id), self.view.head_name)

    def word(self, words: Words) -> str:
        return words.en if self.lang == "en" else words.zh


def _open(conditions: Iterable[parts.Condition]) -> list[tuple[str, str, str]]:
    """What stands in the way: the first conditions that are not met or not known."""
    return [(c.name, c.held or _("没有数"), c.need) for c in conditions if c.state != "met"][:3]


def _behind(step: Step, variables: Mapping[str, Step]) -> list[Step]:
    return [variables[name] for name in step.values if name in variables]


def _limit(step: Step, change: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The variable that only holds the limit, which the need already says."""
    if change.get("kind") != "threshold" or change.get("limit") is None:
        return None
    others = (v for name, v in step.values.items() if name != change["value"] and v["kind"] == "variable")
    found: Mapping[str, Any] | None = next((v for v in others if v["value"] == str(change["limit"])), None)
    return found


def _like(step: Step, variables: Mapping[str, Step]) -> list[str]:
    """What a step reads; of a sum of money only what is money, not who is counted."""
    money = [name for name, v in step.values.items() if v.get("unit") == "yuan"]
    return money if step.name in variables and money else list(step.values)
