"""One household explained: outcome, amount, state, every step with what it read, and what would change the answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from doudi.engine.policy.model import (
    Condition,
    Definition,
    Enrolled,
    Entity,
    Expr,
    Plan,
    PlannedProgramme,
    Ref,
    Type,
)
from doudi.engine.policy.periods import period_of, plain_name
from doudi.engine.screening.answers import Answer, Answers, Step, VariableValue
from doudi.engine.screening.changes import changes
from doudi.engine.screening.exclusion_prose import excluded_text
from doudi.engine.screening.household import Household
from doudi.engine.screening.limits import need
from doudi.engine.screening.lookup import Lookup, Missing, is_presumed
from doudi.engine.screening.notes import out_of_force
from doudi.engine.screening.prose import Prose
from doudi.engine.screening.python import AMOUNT_BIT, Names, Verdict, compiled
from doudi.engine.screening.repeats import length_of
from doudi.engine.screening.scale_prose import bracket_texts, bracket_values
from doudi.engine.screening.states import state_of
from doudi.engine.screening.sums import deciding, one_line
from doudi.engine.words import Language, language

_RESULTS = {True: "true", False: "false", None: "unknown"}


def answer(plan: Plan, household: Household, lang: Language | None = None, programmes: tuple[str, ...] = ()) -> Answers:
    """Decide and explain one household in the reader's language.

    programmes: only these (all when empty); the rest is still evaluated, for they may read one another.
    """
    backend = compiled(plan)
    plan = backend.plan
    prose = Prose(Lookup(backend, backend.evaluate(household)), lang or language())
    answers = tuple(
        _answer(prose, programme, names, person)
        for programme in plan.programmes.values()
        if not programmes or programme.name in programmes
        for names, person in _subjects(prose.lookup, programme.subject)
    )
    pack = {"id": plan.pack.id, "edition": plan.pack.edition, "hash": plan.pack.hash}
    return Answers(plan.as_of, pack, household.id, answers, _variables(prose))


def _subjects(lookup: Lookup, entity: Entity) -> list[tuple[Names, Names | None]]:
    if entity == "household":
        return [(lookup.evaluation.household, None)]
    return [(p, p) for p in lookup.evaluation.persons]


def _answer(prose: Prose, programme: PlannedProgramme, names: Names, person: Names | None) -> Answer:
    verdict: Verdict = names["#verdicts"][programme.name]
    state = state_of(programme, names["#verdicts"], names["#enrolled"])
    unknown = _named(programme, verdict.unknown)
    if verdict.unknown >> AMOUNT_BIT & 1:
        unknown = (*unknown, "amount")
    return Answer(
        programme.subject,
        names["#id"],
        programme.name,
        verdict.outcome,
        verdict.amount,
        state,
        _named(programme, verdict.failed),
        unknown,
        tuple(_steps(prose, programme, verdict, person)),
        _why(prose, programme, state, names) or _reason(prose, programme, verdict),
        changes(prose, programme, verdict, person),
    )


def _why(prose: Prose, programme: PlannedProgramme, state: str, names: Names) -> str:
    """Why nothing is due although the conditions are met, or may be."""
    if state == "covered_elsewhere":
        return excluded_text(prose, programme, names)
    length = length_of(programme)
    if state != "covered" or programme.name in names["#enrolled"] or length is None:
        return ""
    return prose.say(f"had.{length[1]}", n=length[0])


def _reason(prose: Prose, programme: PlannedProgramme, verdict: Verdict) -> str:
    if verdict.outcome != "not_applicable":
        return ""
    if not programme.in_force:
        return out_of_force(prose.plan, programme, prose.lang)
    return prose.say("does_not_apply")


def _named(programme: PlannedProgramme, mask: int) -> tuple[str, ...]:
    return tuple(c.name for c in programme.conditions if mask >> c.bit & 1)


def _steps(prose: Prose, programme: PlannedProgramme, verdict: Verdict, person: Names | None) -> list[Step]:
    if verdict.outcome == "not_applicable":
        return []
    conditions = [
        _condition(prose, c, met, person) for c, met in zip(programme.conditions, verdict.conditions, strict=True)
    ]
    variables = [_variable(prose, name, person) for name in _read_by(prose, programme)]
    amount = [] if programme.amount is None else [_amount(prose, programme, programme.amount, verdict, person)]
    return [*conditions, *variables, *amount]


# ---- steps ---------------------------------------------------------------------------------------------------------
def _condition(prose: Prose, c: Condition, met: bool | None, person: Names | None) -> Step:
    label = prose.words(c.label, c.name)
    what = prose.sentence(c.expr, person, met)
    parts = [prose.say(f"condition.{_RESULTS[met]}", label=label), prose.say("sentence", what=what)]
    if met is not None and prose.lookup.value(c.expr, person) is None:
        parts.append(prose.say("by_bounds"))
    if derived := prose.derivations(c.expr):
        parts.append(prose.say("where", what=prose.say("semicolon").join(derived)))
    question = None
    if met is None:
        missing = prose.lookup.missing(c.expr, person)
        question = prose.words(c.question) or _question(prose, missing)
        parts.append(_missing_text(prose, missing))
    if cited := _parameters_text(prose, c.expr, person):
        parts.append(cited)
    law = None
    if c.law is not None:
        law = {"source": c.law.source, "article": c.law.article, "words": prose.article(c.law.article)}
        parts.append(prose.say("law", law=prose.law(c.law)))
    text = prose.say("join").join(p for p in parts if p)
    needed = need(prose, c.expr, person)
    return Step(
        "condition", c.name, _RESULTS[met], _values(prose, c.expr, person), law, text, label, question, need=needed
    )


def _variable(prose: Prose, name: str, person: Names | None) -> Step:
    d = prose.plan.definitions[name]
    label = prose.label(name)
    if d.entity == "person" and person is None:
        each = {p["#id"]: _text(p.get(name), d.type) for p in prose.lookup.evaluation.persons}
        shown = {p["#id"]: prose.value(p.get(name), d.type, prose.unit(name)) for p in prose.lookup.evaluation.persons}
        how = prose.say("list").join(prose.say("member", id=i, value=v) for i, v in shown.items())
        result = "; ".join(f"{i}: {v or 'unknown'}" for i, v in each.items())
        text = prose.say("each", label=label, how=how) + _presumed_text(prose, d.expr)
        return Step("variable", name, result, _values(prose, d.expr, None), None, text, label)
    names = prose.lookup.subject(d.entity, person)
    value = names.get(name)
    text = prose.derivation(name) if d.entity == "household" else _of_person(prose, d, names, person)
    return Step("variable", name, _text(value, d.type) or "unknown", _values(prose, d.expr, person), None, text, label)


def _presumed_text(prose: Prose, e: Expr) -> str:
    """Facts of members that are only presumed, with the value taken."""
    shown = []
    for ref in prose.lookup.refs(e):
        fact = prose.plan.facts.get(ref.name) if isinstance(ref, Ref) and ref.kind == "fact" else None
        if fact is not None and any(
            is_presumed(prose.plan, fact.name, p["#facts"]) for p in prose.lookup.evaluation.persons
        ):
            value = prose.word(fact.name, fact.presumed) or prose.value(fact.presumed, fact.type, fact.unit)
            shown.append(prose.say("named", label=prose.label(fact.name), value=value))
    return prose.say("presumed_facts", what=prose.say("list").join(shown)) if shown else ""


def _of_person(prose: Prose, d: Definition, names: Names, person: Names | None) -> str:
    value = prose.value(names.get(d.name), d.type, prose.unit(d.name))
    return prose.say("derived", label=prose.label(d.name), how=prose.expr(d.expr, person), value=value)


def _amount(prose: Prose, programme: PlannedProgramme, e: Expr, verdict: Verdict, person: Names | None) -> Step:
    label = prose.say("amount")
    if verdict.outcome == "not_eligible":
        return Step("amount", "amount", "none", {}, None, prose.say("amount_none"), label)
    values = _values(prose, e, person)
    due = verdict.amount if verdict.amount is not None else prose.lookup.value(e, person)
    if due is None:
        missing = prose.lookup.missing(e, person)
        text = prose.say("join").join([prose.say("amount_unknown"), _missing_text(prose, missing)])
        return Step("amount", "amount", "unknown", values, None, text, label, _question(prose, missing))
    due = Decimal(due).quantize(Decimal("0.01"))
    code = "amount_due" if verdict.outcome == "eligible" else "amount_if"
    fields = {"amount": prose.money(due), "period": prose.say(f"period.{programme.period}")}
    figures, words = one_line(prose, e, person), prose.expr(deciding(prose, e, person), person)
    how = prose.say("in_words", figures=figures, words=words) if figures != words else words
    parts = [prose.say(code, how=how, **fields), *_current(prose, programme, verdict, person)]
    if cited := _parameters_text(prose, e, person):
        parts.append(cited)
    told = prose.say("join").join(parts)
    return Step("amount", "amount", f"{due:.2f}", values, None, told, label, sum=figures)


def _current(prose: Prose, programme: PlannedProgramme, verdict: Verdict, person: Names | None) -> list[str]:
    """What is paid now, where that differs from what is due."""
    names = prose.lookup.subject(programme.subject, person)
    paid = names["#enrolled"].get(programme.name)
    if paid is None or verdict.amount is None or abs(paid - verdict.amount) <= verdict.tolerance:
        return []
    return [prose.say("amount_current", amount=prose.money(paid))]


def _parameters_text(prose: Prose, e: Expr, person: Names | None) -> str:
    """Every parameter behind an expression with value, day and document, each once."""
    texts = []
    for name in _parameters_of(prose, e):
        texts += bracket_texts(prose, name)
        found = prose.lookup.resolved(name, person)
        if found is not None:
            p = prose.plan.parameters[name]
            value = prose.word(name, found.value) or prose.value(found.value, p.type, p.unit)
            texts.append(prose.say("parameter", label=prose.label(name), value=value, origin=prose.parameter(found)))
    return prose.say("parameters", what=prose.say("semicolon").join(texts)) if texts else ""


def _missing_text(prose: Prose, missing: list[Missing]) -> str:
    if not missing:
        return prose.say("not_computable")
    texts = []
    for name in dict.fromkeys(m.name for m in missing):
        whose = [m for m in missing if m.name == name]
        household = prose.lookup.evaluation.household["#id"]
        people = [m.subject for m in whose if m.kind == "fact" and m.subject != household]
        code = "missing_parameter" if whose[0].kind == "parameter" else "missing_of" if people else "missing_fact"
        texts.append(prose.say(code, label=prose.label(name), who=prose.say("list").join(people)))
    return prose.say("missing", what=prose.say("list").join(texts))


def _question(prose: Prose, missing: list[Missing]) -> str | None:
    """The question that settles the first thing missing."""
    for m in missing:
        declared = (prose.plan.parameters if m.kind == "parameter" else prose.plan.facts).get(m.name)
        if declared is not None:
            asked = prose.words(declared.question) or prose.say("ask", label=prose.label(m.name))
            return prose.say("ask_county", question=asked) if m.kind == "parameter" else asked
    return None


# ---- values --------------------------------------------------------------------------------------------------------
def _values(prose: Prose, e: Expr, person: Names | None) -> dict[str, Any]:
    """Every name directly in an expression: {value, shown, kind, label, unit, …}; of members also `persons`."""
    return {n.name: _value(prose, n, person) for n in prose.lookup.refs(e) if isinstance(n, Ref)} | {
        f"enrolled('{n.programme}')": {"kind": "enrolment", "value": _text(prose.lookup.value(n, person), n.type)}
        for n in prose.lookup.refs(e)
        if isinstance(n, Enrolled) and (n.entity == "household" or person is not None)
    }


def _value(prose: Prose, ref: Ref, person: Names | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": ref.kind, "label": prose.label(ref.name), "unit": prose.unit(ref.name)}
    if ref.kind == "parameter":
        if brackets := bracket_values(prose, ref.name):
            return entry | brackets
        found = prose.lookup.resolved(ref.name, person)
        entry |= _said(prose, ref, None if found is None else found.value)
        if found is not None:
            entry |= {"area": found.area, "since": found.since.isoformat(), "source": found.source}
            entry |= {"article": found.article, "confidence": found.confidence, "is_demo": found.confidence == "demo"}
        return entry
    if ref.entity == "person" and person is None:
        return entry | _of_members(prose, ref)
    names = prose.lookup.subject(ref.entity, person)
    presumed = is_presumed(prose.plan, ref.name, names["#facts"])
    said = {"value": _text(names.get(ref.name), ref.type), "shown": prose.held(ref, person)}
    return entry | said | {"presumed": presumed}


def _of_members(prose: Prose, ref: Ref) -> dict[str, Any]:
    """A member's name in a household's expression: its value for each of them."""
    said = {p["#id"]: _said(prose, ref, p.get(ref.name)) for p in prose.lookup.evaluation.persons}
    members = prose.lookup.evaluation.persons
    return {
        "value": "; ".join(f"{id}: {each['value'] or 'unknown'}" for id, each in said.items()),
        "shown": prose.say("list").join(prose.say("member", id=id, value=each["shown"]) for id, each in said.items()),
        "persons": {id: each["value"] for id, each in said.items()},
        "presumed": [p["#id"] for p in members if is_presumed(prose.plan, ref.name, p["#facts"])],
    }


def _said(prose: Prose, ref: Ref, value: Any) -> dict[str, str | None]:
    """A value for programs and for people."""
    shown = prose.word(ref.name, value) or prose.value(value, ref.type, prose.unit(ref.name))
    return {"value": _text(value, ref.type), "shown": shown}


def _text(value: Any, kind: Type) -> str | None:
    """A value as JSON carries it: money with two decimals, days ISO, true and false; None when unknown."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == "money":
        return f"{Decimal(value).quantize(Decimal('0.01')):f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _variables(prose: Prose) -> tuple[VariableValue, ...]:
    """Every variable in every period that was reached; a sum of months is none of the pack's."""
    found = []
    for d in prose.plan.definitions.values():
        period = period_of(d.name) or _period(prose.plan, d)
        if ".." in period:
            continue
        for names, _ in _subjects(prose.lookup, d.entity):
            value = _text(names.get(d.name), d.type)
            found.append(VariableValue(plain_name(d.name), names["#id"], period, value))
    return tuple(found)


def _period(plan: Plan, d: Definition) -> str:
    return {"month": f"{plan.as_of:%Y-%m}", "year": f"{plan.as_of:%Y}", "eternity": "eternity"}[d.period]


# ---- what hangs on what --------------------------------------------------------------------------------------------
def _parameters_of(prose: Prose, e: Expr) -> list[str]:
    """Names of the parameters in an expression and in the household's variables behind it."""
    return [n.name for n in _behind(prose, (e,)) if isinstance(n, Ref) and n.kind == "parameter"]


def _read_by(prose: Prose, programme: PlannedProgramme) -> list[str]:
    """Variables behind a programme's conditions and amount, in order of evaluation."""
    roots = tuple(c.expr for c in programme.conditions) + (() if programme.amount is None else (programme.amount,))
    names = {n.name for n in _behind(prose, roots, members=True) if isinstance(n, Ref) and n.kind == "variable"}
    return [n for n in prose.plan.order if n in names]


def _behind(prose: Prose, roots: tuple[Expr, ...], members: bool = False) -> list[Expr]:
    """Names reached from expressions through variables, each once; members: also through those of persons."""
    found: dict[Expr, None] = {}
    waiting = list(roots)
    while waiting:
        for n in prose.lookup.refs(waiting.pop(0)):
            if n not in found:
                found[n] = None
                if isinstance(n, Ref) and n.kind == "variable" and (members or n.entity == "household"):
                    waiting.append(prose.plan.definitions[n.name].expr)
    return list(found)
