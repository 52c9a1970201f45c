"""The test that lets us sleep: random law, random people, and nobody answers differently from anybody else."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from doudi.engine.policy.model import Plan
from doudi.engine.screening.household import UNKNOWN, Household
from doudi.engine.screening.python import AMOUNT_BIT, Evaluation, Verdict, evaluate
from doudi.engine.screening.states import state_of
from tests.generative.populations import completed, planned, random_household, random_pack
from tests.generative.reference import Reference

LONG = bool(os.environ.get("DOUDI_LONG"))
PACKS = range(120 if LONG else 24)
HOUSEHOLDS = 100 if LONG else 24

pytestmark = pytest.mark.slow


def subjects(h: Household):
    return {"household": [h], "person": list(h.persons)}


@pytest.mark.parametrize("seed", PACKS)
def test_generated_python_agrees_with_the_naive_interpreter(seed: int, tmp_path: Path) -> None:
    pack = random_pack(seed, tmp_path)
    plan = planned(pack)
    for n in range(HOUSEHOLDS):
        h = random_household(seed * 1000 + n, pack, holes=(n % 4) * 0.15)
        evaluation, reference = evaluate(plan, h), Reference(plan, h)
        for p in plan.programmes.values():
            for s in subjects(h)[p.subject]:
                agrees(plan, p.name, h, s, evaluation, reference)


def agrees(plan: Plan, programme: str, h: Household, s, evaluation: Evaluation, reference: Reference) -> None:
    p = plan.programmes[programme]
    verdict, said = evaluation.verdicts[programme, s.id], reference.say(p, s)
    got = dict(zip((c.name for c in p.conditions), verdict.conditions, strict=True))
    for name, met in said.conditions.items():
        assert met is None or got[name] is met, (programme, name, h)
    decided = {name: met for name, met in got.items() if met is not None and said.conditions[name] is None}
    open_here = said.outcome == "needs_verification" or said.applies is None
    if decided or (open_here and verdict.outcome != said.outcome):
        every_completion_agrees(plan, programme, h, s, decided, verdict)
        return
    names = (
        evaluation.household if p.subject == "household" else next(x for x in evaluation.persons if x["#id"] == s.id)
    )
    if said.outcome == "not_applicable" and verdict.outcome == "not_applicable":
        return
    assert_same(verdict, said, {c.name: c.bit for c in p.conditions}, h)
    sign_by_bounds = verdict.ask and p.ask_when is not None and reference.value(p.ask_when, s) is None
    if not sign_by_bounds and not eligible_elsewhere_is_open(plan, evaluation, reference, s):
        assert state_of(p, names["#verdicts"], names["#enrolled"]) == said.state, (programme, h)


def assert_same(verdict: Verdict, said, bits: dict[str, int], h: Household) -> None:
    assert verdict.outcome == said.outcome, h
    amount = None if verdict.amount is None else Fraction(verdict.amount)
    assert amount == said.amount, h
    assert verdict.failed == sum(1 << bits[n] for n in said.named(False)), h
    unknown = sum(1 << bits[n] for n in said.named(None))
    if said.outcome == "needs_verification" and not unknown:
        unknown = 1 << AMOUNT_BIT
    assert verdict.unknown == unknown, h


def eligible_elsewhere_is_open(plan: Plan, evaluation: Evaluation, reference: Reference, s) -> bool:
    """Bounds may have decided another programme that the reference leaves open."""
    return any(
        evaluation.verdicts[x.name, s.id].outcome != reference.say(x, s).outcome
        for x in plan.programmes.values()
        if (x.name, s.id) in evaluation.verdicts
    )


def every_completion_agrees(
    plan: Plan, programme: str, h: Household, s, decided: dict[str, bool], verdict: Verdict
) -> None:
    """What bounds decide must hold however the unknown turns out (an unknown `applies_when` counts as applying)."""
    rng = random.Random(h.id)
    p = plan.programmes[programme]
    allowed = {verdict.outcome, "needs_verification", "not_applicable"}
    for _ in range(12):
        full = completed(rng, plan.pack, h)
        subject = full if p.subject == "household" else next(x for x in full.persons if x.id == s.id)
        said = Reference(plan, full).say(p, subject)
        for name, met in decided.items():
            assert said.conditions[name] in (met, None), (programme, name, full)
        if verdict.outcome != "needs_verification":
            assert said.outcome in allowed, (programme, full)
        if verdict.outcome == said.outcome == "eligible":
            assert said.amount == Fraction(verdict.amount), (programme, full)


@pytest.mark.parametrize("seed", PACKS)
def test_blanking_a_fact_never_turns_an_answer_into_its_opposite(seed: int, tmp_path: Path) -> None:
    pack = random_pack(seed, tmp_path)
    plan = planned(pack)
    rng = random.Random(f"blank {seed}")
    opposite = {"eligible": "not_eligible", "not_eligible": "eligible"}
    for n in range(HOUSEHOLDS):
        h = random_household(seed * 1000 + n, pack, holes=0)
        before, after = evaluate(plan, h).verdicts, evaluate(plan, blanked(rng, h)).verdicts
        for key, verdict in after.items():
            assert verdict.outcome != opposite.get(before[key].outcome), (key, h)


def blanked(rng: random.Random, h: Household) -> Household:
    def fewer(facts):
        return {n: UNKNOWN if rng.random() < 0.3 else v for n, v in facts.items()}

    return replace(h, facts=fewer(h.facts), persons=tuple(replace(p, facts=fewer(p.facts)) for p in h.persons))
