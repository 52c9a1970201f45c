"""What must not change an answer, on random law and on the shipped one."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Pack
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from tests.generative import test_shipped_pack
from tests.generative.engines import Answers, by_duckdb, by_python, differences, without_variables
from tests.generative.expressions import PLACES
from tests.generative.packs import random_draft
from tests.generative.people import random_people

SEEDS = range(700, 706)
PEOPLE = 60

pytestmark = pytest.mark.slow


def law_and_people(seed: int, folder: Path) -> tuple[Pack, date, list[Household]]:
    """Random law; the first seed stands for the shipped one."""
    if seed == SEEDS[0]:
        pack = load("cn")
        made = [test_shipped_pack.random_household(n, pack) for n in range(PEOPLE)]
        return pack, test_shipped_pack.AS_OF, made
    draft = random_draft(seed)
    pack = load(draft.write(folder / "law"))
    return pack, draft.as_of, random_people(seed, pack, draft.as_of, PEOPLE)


def answered(pack: Pack, as_of: date, people: list[Household]) -> Answers:
    return without_variables(by_python(plan(pack, as_of, PLACES), people))


@pytest.mark.parametrize("seed", SEEDS)
def test_blanking_facts_never_turns_an_answer_into_its_opposite(seed: int, tmp_path: Path) -> None:
    pack, as_of, people = law_and_people(seed, tmp_path)
    opposite = {"eligible": "not_eligible", "not_eligible": "eligible"}
    before = answered(pack, as_of, people)
    for often in (0.05, 0.3, 0.7):
        after = answered(pack, as_of, [blanked(h, often, pack) for h in people])
        turned = [key for key, answer in after.items() if answer.outcome == opposite.get(before[key].outcome)]
        assert turned == []


def blanked(h: Household, often: float, pack: Pack) -> Household:
    rng = random.Random(f"blank {h.id} {often}")

    def fewer(subject: Household | Person):
        told = {**{f.name: None for f in pack.facts.values() if f.presumed is not None}, **subject.facts}
        entity = "household" if isinstance(subject, Household) else "person"
        mine = {n: v for n, v in told.items() if "@" in n or n not in pack.facts or pack.facts[n].entity == entity}
        return {n: UNKNOWN if rng.random() < often else v for n, v in mine.items()}

    return replace(h, facts=fewer(h), persons=tuple(replace(p, facts=fewer(p)) for p in h.persons))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_person_of_another_household_changes_nothing(seed: int, tmp_path: Path) -> None:
    pack, as_of, people = law_and_people(seed, tmp_path)
    _, before = by_duckdb(pack, as_of, people[1:], tmp_path / "before")
    first = people[0]
    guest = replace(first.persons[0], id=f"{first.id}.guest")
    _, after = by_duckdb(
        pack, as_of, [replace(first, persons=(*first.persons, guest)), *people[1:]], tmp_path / "after"
    )
    assert differences(before, {key: after[key] for key in before}) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_other_ids_and_another_order_of_rows_change_only_ids(seed: int, tmp_path: Path) -> None:
    pack, as_of, people = law_and_people(seed, tmp_path)
    _, before = by_duckdb(pack, as_of, people, tmp_path / "before")
    renamed = [with_ids(h) for h in people]
    random.Random(seed).shuffle(renamed)
    _, after = by_duckdb(pack, as_of, renamed, tmp_path / "after")
    assert differences({(p, other(id)): answer for (p, id), answer in before.items()}, after) == []


def other(id: str) -> str:
    """Another id, in another order than the first one's."""
    return f"{id[::-1]}~"


def with_ids(h: Household) -> Household:
    def enrolled(e: Enrolment) -> Enrolment:
        persons = None if e.persons is None else tuple(other(p) for p in e.persons)
        return replace(e, subject_id=other(e.subject_id), persons=persons)

    persons = tuple(replace(p, id=other(p.id)) for p in reversed(h.persons))
    return replace(h, id=other(h.id), persons=persons, enrolments=tuple(map(enrolled, reversed(h.enrolments))))
