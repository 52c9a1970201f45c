"""A worked household of `examples.yaml`: raw values in, a household and what is expected of it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from doudi.engine.policy.model import Entity, Pack, Scalar, Type
from doudi.engine.policy.periods import day_after, period_of, period_on
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person

# Where an example says nothing of the place, no parameter by area is read; a snapshot still wants a place that exists.
_ANYWHERE = "110000000000"


@dataclass(frozen=True, slots=True)
class Example:
    """One example: the day, the household, overlays (folders, relative to the pack) and the raw expectations."""

    name: str
    as_of: date
    household: Household
    overlays: tuple[Path, ...]
    expect: dict[str, Any]
    margin: Decimal

    @property
    def programmes(self) -> dict[str, dict[str, Any]]:
        """Programme → expectation, or person id → expectation."""
        return {k: v for k, v in self.expect.items() if k not in ("variables", "margin")}

    @property
    def variables(self) -> dict[str, Any]:
        return dict(self.expect.get("variables") or {})

    def days(self) -> Iterator[date]:
        """The day of the example, every day among its facts, and one after each month or year it tells of."""
        yield self.as_of
        for subject in self._subjects():
            yield from (v for v in subject.facts.values() if isinstance(v, date))
        yield from (day_after(period_of(name)) for name in self.history())

    def history(self) -> Iterator[str]:
        """Names of other months and years with a value, of each subject in turn."""
        for subject in self._subjects():
            yield from (name for name, value in subject.facts.items() if period_of(name) and value is not None)

    def counties(self) -> Iterator[str]:
        """Codes of the places whose parameters are needed."""
        for subject in self._subjects():
            yield subject.division
            if isinstance(hukou := subject.facts.get("hukou_division"), str) and hukou != UNKNOWN:
                yield hukou

    def _subjects(self) -> list[Household | Person]:
        return [self.household, *self.household.persons]


def read_example(pack: Pack, raw: dict[str, Any], id: str = "h", prefix: str = "") -> Example:
    """An example of a checked pack. id: of the household; prefix: put before person ids where many share a file."""
    expect = raw["expect"] or {}
    names = _Names(pack, tuple(k for k in expect if k in pack.programmes))
    facts = raw["facts"]
    own = dict(facts.get("household") or {})
    division = str(own.pop("division", _ANYWHERE))
    own.pop("id", None)
    as_of = _day(raw["as_of"])
    history = tuple(_Told(str(row["period"]), row) for row in raw.get("history") or ())
    persons = tuple(_person(names, p, prefix, division, as_of, history) for p in facts.get("persons") or ())
    enrolments = tuple(_enrolment(e, id, prefix) for e in raw.get("enrolments") or ())
    told = names.values(own, "household")
    for row in history:
        told |= names.of_period(row.household, "household", row.period, as_of)
    household = Household(id, division, told, persons, enrolments)
    overlays = tuple(Path(o) for o in raw.get("overlays") or ())
    margin = Decimal(str(raw.get("margin", expect.get("margin", 0))))
    return Example(str(raw["name"]), as_of, household, overlays, expect, margin)


@dataclass(frozen=True, slots=True)
class _Told:
    """A row of `history`: what was so in a month or year."""

    period: str
    raw: dict[str, Any]

    @property
    def household(self) -> dict[str, Any]:
        return self.raw.get("household") or {}

    def person(self, id: Any) -> dict[str, Any]:
        rows = (row for row in self.raw.get("persons") or () if row.get("id") == id)
        return {name: value for row in rows for name, value in row.items()}


def _person(
    names: _Names, raw: dict[str, Any], prefix: str, division: str, as_of: date, history: tuple[_Told, ...]
) -> Person:
    facts = dict(raw)
    id, role = facts.pop("id"), facts.pop("role", None)
    division = str(facts.pop("division", division))
    told = names.values(facts, "person")
    for row in history:
        told |= names.of_period(row.person(id), "person", row.period, as_of)
    return Person(prefix + str(id), role, division, told)


def _enrolment(raw: dict[str, Any], household: str, prefix: str) -> Enrolment:
    kind = raw.get("subject_type") or ("household" if raw.get("subject_id", "household") == "household" else "person")
    subject = household if kind == "household" else prefix + str(raw["subject_id"])
    persons = raw.get("persons")
    return Enrolment(
        kind,
        subject,
        str(raw["programme"]),
        None if raw.get("amount") is None else Decimal(str(raw["amount"])),
        raw.get("period") or "month",
        _day_or_none(raw.get("starts_on")),
        _day_or_none(raw.get("ends_on")),
        None if persons is None else tuple(prefix + str(p) for p in persons),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """Finds what a name in an example means: a programme's own names may stand without their programme."""

    pack: Pack
    programmes: tuple[str, ...]

    def full(self, name: str) -> str:
        for known in (self.pack.facts, self.pack.variables, self.pack.parameters):
            if name in known:
                return name
        own = (f"{p}.{name}" for p in (*self.programmes, *self.pack.programmes))
        return next((n for n in own if n in self.pack.variables or n in self.pack.parameters), name)

    def of_period(self, raw: dict[str, Any], entity: Entity, period: str, as_of: date) -> dict[str, Scalar]:
        """Values of another month or year under their names there; those of as_of's own are plain."""
        found = {}
        for name, value in self.values(raw, entity).items():
            declared = self.pack.facts.get(name) or self.pack.variables[name]
            is_own = period_on(as_of, declared.period) == period
            found[name if is_own else f"{name}@{period}"] = value
        return found

    def values(self, raw: dict[str, Any], entity: Entity) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {}
        for name, value in raw.items():
            full = self.full(name)
            declared = self.pack.facts.get(full) or self.pack.variables.get(full)
            if declared is not None and declared.entity == entity:
                found[full] = read_value(value, declared.type)
        return found


def full_name(pack: Pack, example: Example, name: str) -> str:
    """The declared name behind a name of `expect.variables`."""
    return _Names(pack, tuple(example.programmes)).full(name)


def read_value(value: Any, kind: Type) -> Scalar:
    """A YAML value as the engine holds it; empty is None, `unknown` stays."""
    if value is None or value == UNKNOWN or isinstance(value, bool):
        return value
    if kind in ("money", "number", "rate"):
        return Decimal(str(value))
    if kind == "int":
        return int(value)
    return _day(value) if kind == "date" else str(value)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _day_or_none(value: Any) -> date | None:
    return None if value is None else _day(value)
