"""A worked household of `examples.yaml`: raw values in, a household and what is expected of it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from doudi.engine.policy.model import Entity, Pack, Scalar, Type
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
        """The day of the example and every day among its facts."""
        yield self.as_of
        for subject in self._subjects():
            yield from (v for v in subject.facts.values() if isinstance(v, date))

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
    persons = tuple(_person(names, p, prefix, division, as_of) for p in facts.get("persons") or ())
    enrolments = tuple(_enrolment(e, id, prefix) for e in raw.get("enrolments") or ())
    household = Household(id, division, names.values(own, "household", as_of), persons, enrolments)
    overlays = tuple(Path(o) for o in raw.get("overlays") or ())
    margin = Decimal(str(raw.get("margin", expect.get("margin", 0))))
    return Example(str(raw["name"]), as_of, household, overlays, expect, margin)


def _person(names: _Names, raw: dict[str, Any], prefix: str, division: str, as_of: date) -> Person:
    facts = dict(raw)
    id, role = prefix + str(facts.pop("id")), facts.pop("role", None)
    return Person(id, role, str(facts.pop("division", division)), names.values(facts, "person", as_of))


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

    def values(self, raw: dict[str, Any], entity: Entity, as_of: date) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {}
        for name, value in raw.items():
            full = self.full(name)
            declared = self.pack.facts.get(full) or self.pack.variables.get(full)
            if declared is not None and declared.entity == entity:
                found[full] = read_value(_of_period(value, as_of), declared.type)
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


def _of_period(value: Any, as_of: date) -> Any:
    """Of values by period the one of as_of's month, else year."""
    if not isinstance(value, dict):
        return value
    by_period = {str(k): v for k, v in value.items()}
    return by_period.get(f"{as_of:%Y-%m}", by_period.get(f"{as_of:%Y}"))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _day_or_none(value: Any) -> date | None:
    return None if value is None else _day(value)
