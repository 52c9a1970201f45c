"""Random changes between two snapshots of one population, and between two editions of one pack."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from doudi.engine.policy.model import Pack
from doudi.engine.screening.household import Enrolment, Household, Person

People = dict[str, Household]


@dataclass
class Changes:
    """Draws changes; maker: a household of a number, value: a value of a fact."""

    rng: random.Random
    pack: Pack
    places: tuple[str, ...]
    maker: Callable[[int], Household]
    value: Callable[[random.Random, str], object]
    programmes: tuple[tuple[str, str], ...]  # (subject type, programme)
    next_number: int = 1

    def apply(self, people: People, n: int) -> People:
        people = dict(people)
        kinds = [
            self.add, self.dissolve, self.leave_home, self.join, self.move, self.learn, self.learn, self.learn,
            self.forget, self.exchange, self.enrol, self.stop, self.pass_on,
        ]  # fmt: skip
        for _ in range(n):
            self.rng.choice(kinds)(people)
        return people

    def one(self, people: People) -> Household:
        return people[self.rng.choice(sorted(people))]

    def add(self, people: People) -> None:
        household, place = self.maker(self.next_number), self.rng.choice(self.places)
        self.next_number += 1
        persons = tuple(replace(p, division=place) for p in household.persons)
        people[household.id] = replace(household, division=place, persons=persons)

    def dissolve(self, people: People) -> None:
        if len(people) > 5:
            del people[self.one(people).id]

    def leave_home(self, people: People) -> None:
        """A member moves to another household (the last one stays)."""
        a, b = self.one(people), self.one(people)
        if a.id != b.id and len(a.persons) > 1:
            gone = a.persons[-1]
            mine = tuple(e for e in a.enrolments if e.subject_id == gone.id)
            named = tuple(e for e in a.enrolments if e not in mine and gone.id not in (e.persons or ()))
            people[a.id] = replace(a, persons=a.persons[:-1], enrolments=named)
            arrived = replace(gone, division=b.division)
            people[b.id] = replace(b, persons=(*b.persons, arrived), enrolments=(*b.enrolments, *mine))

    def join(self, people: People) -> None:
        h = self.one(people)
        child = replace(h.persons[0], id=f"{h.id}.x{self.rng.randint(0, 10**9)}")
        people[h.id] = replace(h, persons=(*h.persons, child))

    def move(self, people: People) -> None:
        h, place = self.one(people), self.rng.choice(self.places)
        stays = self.rng.random() < 0.05  # a member's own line may name another division
        persons = tuple(p if stays else replace(p, division=place) for p in h.persons)
        people[h.id] = replace(h, division=place, persons=persons)

    def learn(self, people: People) -> None:
        h = self.one(people)
        fact = self.rng.choice(sorted(self.pack.facts))
        if fact in ("role", "division"):
            return
        value = self.value(self.rng, fact)
        self._set(people, h, fact, value)

    def forget(self, people: People) -> None:
        h = self.one(people)
        told = sorted({n for s in (h, *h.persons) for n in s.facts if n in self.pack.facts})
        if told:
            self._set(people, h, self.rng.choice(told), self.rng.choice(["unknown", None]))

    def exchange(self, people: People) -> None:
        """Two members exchange the value of a fact."""
        h = self.one(people)
        if len(h.persons) > 1:
            a, b = self.rng.sample(range(len(h.persons)), 2)
            name = self.rng.choice(sorted({*h.persons[a].facts, *h.persons[b].facts, "?"}))
            persons = list(h.persons)
            persons[a], persons[b] = (
                _with(h.persons[i], name, h.persons[j].facts.get(name)) for i, j in ((a, b), (b, a))
            )
            people[h.id] = replace(h, persons=tuple(persons))

    def enrol(self, people: People) -> None:
        h = self.one(people)
        kind, programme = self.rng.choice(self.programmes)
        subject = h.id if kind == "household" else self.rng.choice(h.persons).id
        starts = self.rng.choice([None, date(2020, 7, 1), date(2020, 7, 25), date(2020, 8, 20)])
        ends = self.rng.choice([None, date(2020, 8, 1), date(2020, 12, 31)])
        amount = Decimal(self.rng.randint(0, 90000)) / 100
        if not (starts and ends and ends < starts):
            new = Enrolment(kind, subject, programme, amount, "month", starts, ends, None)  # type: ignore[arg-type]
            if not any(_is_twice(new, e) for e in h.enrolments):
                people[h.id] = replace(h, enrolments=(*h.enrolments, new))

    def stop(self, people: People) -> None:
        h = self.one(people)
        people[h.id] = replace(h, enrolments=h.enrolments[:-1])

    def pass_on(self, people: People) -> None:
        """An enrolment passes from one member to another."""
        h = self.one(people)
        mine = [e for e in h.enrolments if e.subject_type == "person"]
        if mine and len(h.persons) > 1:
            other = self.rng.choice([p.id for p in h.persons if p.id != mine[0].subject_id])
            rest = tuple(e for e in h.enrolments if e is not mine[0])
            passed = replace(mine[0], subject_id=other)
            if not any(_is_twice(passed, e) for e in rest):
                people[h.id] = replace(h, enrolments=(*rest, passed))

    def _set(self, people: People, h: Household, fact: str, value: object) -> None:
        if self.pack.facts[fact].entity == "household":
            people[h.id] = _with(h, fact, value)
        else:
            at = self.rng.randrange(len(h.persons))
            persons = tuple(_with(p, fact, value) if n == at else p for n, p in enumerate(h.persons))
            people[h.id] = replace(h, persons=persons)


def _is_twice(a: Enrolment, b: Enrolment) -> bool:
    """What a snapshot refuses: one payment written twice."""
    return replace(a, ends_on=None) == replace(b, ends_on=None)


def _with(subject: Household | Person, fact: str, value: object):
    told = {n: v for n, v in subject.facts.items() if n != fact}
    return replace(subject, facts=told if value is None else {**told, fact: value})


def later(rng: random.Random, day: date) -> date:
    """The same day, the next one, or some weeks on: a month's end, a birthday, a figure's first day in between."""
    return day + timedelta(rng.choice([0, 0, 1, 12, 31]))
