"""Random households from a seed: every kind of hole, every edge of a day or a limit. Every value is invented."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from doudi.engine.policy import plan
from doudi.engine.policy.model import Fact, Pack, Variable
from doudi.engine.policy.periods import period_of, plain_name
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from tests.generative.expressions import PLACES, money

Told = dict[str, Fact | Variable]
_DAY = timedelta(days=1)


def random_people(seed: int, pack: Pack, as_of: date, n: int) -> list[Household]:
    """n households, a quarter of them fully known, the others with more and more holes."""
    rng = random.Random(f"overridden {seed}")
    overridden = rng.sample(sorted(pack.variables), min(3, len(pack.variables)))
    planned = plan(pack, as_of, PLACES)  # tells which values of other months anybody would ask for
    told = {n: pack.facts[plain_name(n)] for n in planned.facts if period_of(n)}
    others = [n for n in planned.definitions if period_of(n) and plain_name(n) in pack.variables and ".." not in n]
    told |= {n: pack.variables[plain_name(n)] for n in rng.sample(sorted(others), min(3, len(others)))}
    return [
        random_household(f"h{seed:05d}x{i:04d}", pack, as_of, holes=(i % 4) * 0.13, overridden=overridden, told=told)
        for i in range(n)
    ]


def random_household(
    id: str,
    pack: Pack,
    as_of: date,
    *,
    holes: float,
    overridden: list[str] | None = None,
    told: dict[str, Fact | Variable] | None = None,
) -> Household:
    """Of up to four; each fact is missing, or said to be unknown, with probability `holes`."""
    rng = random.Random(f"household {id}")
    draw = Draw(rng, pack, as_of, holes, overridden or [], told or {})
    place = rng.choice(PLACES)
    size = rng.choice([1, 1, 2, 2, 3, 4])
    persons = tuple(
        Person(f"{id}.{n}", "other" if n else "head", place if rng.random() < 0.8 else rng.choice(PLACES),
               draw.facts("person"))
        for n in range(size)
    )  # fmt: skip
    household = Household(id, place, draw.facts("household"), persons)
    return replace(household, enrolments=tuple(draw.enrolments(household)))


class Draw:
    """Draws facts. overridden: variables that some tell; told: what is told of other months and years, by name."""

    def __init__(
        self, rng: random.Random, pack: Pack, as_of: date, holes: float, overridden: list[str], told: Told
    ) -> None:
        self.rng, self.pack, self.as_of, self.holes, self.overridden, self.told = (
            rng, pack, as_of, holes, overridden, told,
        )  # fmt: skip
        self.huge = 0.5 if rng.random() < 0.1 else 0.0  # one household in ten has what no household has

    def facts(self, entity: str) -> dict[str, Any]:
        rng, found = self.rng, {}
        for fact in self.pack.facts.values():
            if fact.entity == entity and (draw := rng.random()) >= self.holes / 2:
                found[fact.name] = UNKNOWN if draw < self.holes else self.value(fact)
        for name in self.overridden:
            variable = self.pack.variables[name]
            if variable.entity == entity and rng.random() < 0.1:
                found[name] = UNKNOWN if rng.random() < 0.3 else self.value(variable)
        return found | self.of_other_periods(entity)

    def of_other_periods(self, entity: str) -> dict[str, Any]:
        rng, found = self.rng, {}
        for name, declared in self.told.items():
            often = 0.1 if isinstance(declared, Variable) else 0.6 if getattr(declared, "spread", False) else 0.9
            if declared.entity == entity and rng.random() < often - self.holes / 2:
                found[name] = UNKNOWN if rng.random() < self.holes / 4 else self.value(declared)
        for fact in self.pack.facts.values():
            if fact.spread and fact.entity == entity and rng.random() < 0.7:
                year = f"{fact.name}@{self.as_of.year - rng.choice([0, 0, 1]):04d}"
                found[year] = UNKNOWN if rng.random() < self.holes / 2 else self.value(fact)
        return found

    def value(self, declared: Fact | Variable) -> Any:
        """What the declaration allows, often on an edge."""
        rng, kind = self.rng, declared.type
        low, high = (getattr(declared, end, None) for end in ("min", "max"))
        if kind == "bool":
            return rng.random() < 0.5
        if kind == "enum":
            return rng.choice(getattr(declared, "values", None) or ("a", "b", "c"))
        if kind == "area":
            return rng.choice(PLACES)
        if kind == "text":
            return rng.choice(["x", "it's", "up", "half_up", "down"])
        if kind == "date":
            return self.day(ahead=declared.name.endswith("_until") or isinstance(declared, Variable))
        if kind == "int":
            low, high = (int(-30 if low is None else low), int(90 if high is None else high))
            if rng.random() < self.huge and high == 90:
                return 10**15 - 1
            return rng.choice([n for n in (low, high, 0, 1, 2, rng.randint(low, high)) if low <= n <= high])
        if kind == "money":
            low, high = Decimal(-900 if low is None else low), Decimal(1999 if high is None else high)
            if rng.random() < self.huge and high == 1999:
                return rng.choice([Decimal("999999999999.99"), Decimal("333333333333.33")])
            return rng.choice([low, high, money(rng, int(low * 100), int(high * 100))])
        found = [low, high, Decimal(0), Decimal("0.5"), Decimal(rng.randint(-99999, 999999)) / 10**4]
        fits = [v for v in found if v is not None and (low is None or v >= low) and (high is None or v <= high)]
        return Decimal(rng.choice(fits))

    def day(self, ahead: bool) -> date:
        rng, today = self.rng, self.as_of
        leap, turned = date(rng.choice([1940, 1960, 2004, 2016]), 2, 29), _years_ago(today, rng.choice([18, 60, 1]))
        days = [leap, leap, turned, turned - _DAY, today, today - _DAY, _first(today), _first(today) - _DAY,
                date(1940, 1, 1) + timedelta(rng.randint(0, 28000))]  # fmt: skip
        days += [turned + _DAY] + ([today + _DAY, date(2024, 2, 29)] if ahead else [])
        return rng.choice(days)

    # ---- enrolments ------------------------------------------------------------------------------------------------
    def enrolments(self, h: Household) -> list[Enrolment]:
        names = [*self.pack.programmes, *self.pack.other_programmes]
        return [e for p in names for e in self.of_programme(h, p)]

    def of_programme(self, h: Household, programme: str) -> list[Enrolment]:
        rng = self.rng
        decided = self.pack.programmes.get(programme)
        kind = decided.subject if decided else rng.choice(["household", "person"])
        if rng.random() >= 0.5 or (kind == "person" and not h.persons):
            return []
        made = [self.enrolment(h, programme, kind) for _ in range(rng.choice([1, 1, 2]))]
        return list({(e.subject_id, e.starts_on): e for e in made}.values())  # never one twice

    @property
    def terms(self) -> list[tuple[date | None, date | None]]:
        """From when to when one may be enrolled: on every edge of today, and of a while that is over or not quite."""
        day, year = self.as_of, _years_ago(self.as_of, 1)
        now = [(None, None), (day, None), (None, day), (day + _DAY, None), (None, day - _DAY), (day, day)]
        then = [(d, d + _DAY) for d in (day - 30 * _DAY, day - 29 * _DAY, year, year + _DAY, _years_ago(day, 3))]
        return [*now, (day - _DAY, day + _DAY), *then]

    def enrolment(self, h: Household, programme: str, kind: str) -> Enrolment:
        rng = self.rng
        amount = None if rng.random() < 0.3 else money(rng, 0)
        starts, ends = rng.choice(self.terms)
        ids = [p.id for p in h.persons]
        amount = Decimal("999999999999.99") if rng.random() < self.huge else amount
        persons = tuple(rng.sample(ids, 1)) if ids and kind == "household" and rng.random() < 0.5 else None
        subject = h.id if kind == "household" else rng.choice(ids)
        return Enrolment(kind, subject, programme, amount, "month", starts, ends, persons)


def _years_ago(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def _first(day: date) -> date:
    return day.replace(day=1)
