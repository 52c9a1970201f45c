"""What the law says in the places of a population: values of parameters, read and never evaluated.

The generator builds households on purpose (this much below the standard, one vehicle too many); it needs the standard
and the limits of each county, and it must know when a county has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from doudi.engine import policy
from doudi.engine.policy.model import Plan, Scalar
from doudi.engine.words import Fault, Refused


@dataclass(frozen=True, slots=True)
class Place:
    """The values of one county for one class of household; standard in fen."""

    county: str  # six digits
    rural: bool
    standard: int
    savings_months: int
    homes_max: int
    homes_beside_unsafe: int
    vehicles_max: int


@dataclass(frozen=True, slots=True)
class Law:
    in_force: bool
    places: tuple[Place, ...]  # counties without a standard are missing


def law_in(counties: Iterable[str], as_of: date, table: Mapping[str, Any], pack: str = "cn") -> Law:
    """The values that a population of these counties (12 digits) is built with.

    table: `programme`, `law`, `expects` of population.yaml. Raises Refused when a county has a value the construction
    cannot build with: its truth would be wrong.
    """
    plan = policy.plan(policy.load(pack), as_of, sorted(counties))
    if not plan.programmes[table["programme"]].in_force:
        return Law(False, ())
    places, faults = [], []
    for county in sorted(c[:6] for c in counties):
        faults += list(_unexpected(plan, county, table["expects"]))
        for key in ("rural", "urban"):
            values = {field: _value(plan, county, name, key) for field, name in table["law"].items()}
            if None not in values.values():
                places.append(Place(county, key == "rural", **{**values, "standard": _fen(values["standard"])}))  # type: ignore[arg-type]
    if faults:
        raise Refused(*faults)
    return Law(True, tuple(places))


def _unexpected(plan: Plan, county: str, expects: Mapping[str, Sequence[str]]) -> Iterable[Fault]:
    for name, allowed in expects.items():
        value = _value(plan, county, name, None)
        if value is not None and str(value) not in allowed:
            yield Fault(
                "synth.law",
                {"name": name, "value": value, "county": county, "allowed": ", ".join(allowed)},
                "--division",
            )


def _value(plan: Plan, county: str, name: str, key: str | None) -> Scalar:
    values = plan.area_values.get(county) or plan.area_values.get("", {})
    found = values.get((name, key if plan.parameters[name].per else None))
    return found.value if found else None


def _fen(yuan: Scalar) -> int:
    assert isinstance(yuan, Decimal)
    return int(yuan * 100)
