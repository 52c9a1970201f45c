"""The small packs of the language, answered by the naive interpreter too."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

import doudi.engine.screening.tests as engine_tests
from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Plan, PlannedProgramme
from doudi.engine.screening.example import read_example
from doudi.engine.screening.household import Household, Person
from doudi.engine.screening.python import Verdict, evaluate
from doudi.engine.screening.states import state_of
from tests.generative.reference import Reference

FOLDER = Path(engine_tests.__file__).parent / "packs"
PACKS = sorted(p.parent.name for p in FOLDER.glob("*/pack.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKS)
def test_the_naive_interpreter_reads_the_examples_alike(name: str) -> None:
    pack = load(FOLDER / name)
    compared = 0
    for raw in pack.examples:
        example = read_example(pack, raw)
        planned = plan(pack, example.as_of, example.counties())
        for programme, subject, verdict, state in answers(planned, example.household):
            said = Reference(planned, example.household).say(programme, subject)
            got = dict(zip(said.conditions, verdict.conditions, strict=True))
            if any(met is None and got[name] is not None for name, met in said.conditions.items()):
                continue  # decided by bounds, which the naive interpreter does not know
            amount = None if verdict.amount is None else Fraction(verdict.amount)
            found = (verdict.outcome, amount, got, state)
            assert found == (said.outcome, said.amount, said.conditions, said.state), (raw["name"], programme.name)
            compared += 1
    assert compared


def answers(planned: Plan, h: Household) -> Iterator[tuple[PlannedProgramme, Household | Person, Verdict, str]]:
    evaluation = evaluate(planned, h)
    subjects = [("household", h, evaluation.household)]
    subjects += [("person", p, names) for p, names in zip(h.persons, evaluation.persons, strict=True)]
    for kind, subject, names in subjects:
        for programme in planned.programmes.values():
            if programme.subject == kind:
                state = state_of(programme, names["#verdicts"], names["#enrolled"])
                yield programme, subject, names["#verdicts"][programme.name], state
