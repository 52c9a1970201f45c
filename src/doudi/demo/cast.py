"""The named cast: who they are, what each source says of them and since when, what they are paid.

Three tables beside this file: `cast_people.csv` (households and members, numbers that cannot be issued), `cast.csv`
(one row per subject and source event, its facts as `name=value; …`), `cast_benefits.csv`. A stage says when a row
arrives: `earlier` (superseded), `known` (by the opening of the demo), `later` (while it runs), `what_if` (never by
itself).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from doudi.engine.policy.model import Fact, Scalar

Stage = Literal["earlier", "known", "later", "what_if"]
OPENING: frozenset[Stage] = frozenset({"earlier", "known"})
RUNNING: frozenset[Stage] = OPENING | {"later"}


@dataclass(frozen=True, slots=True)
class CastObservation:
    """What one source says of one household (person empty) or person on one day.

    facts as written; basis: what the incomes speak of (`mean_12`, `month_2020-06`); written_as: the identity number as
    the source writes it, when it is wrong there.
    """

    cast: str
    stage: Stage
    household: str
    person: str
    source: str
    observed_on: date
    valid_to: date | None
    basis: str
    written_as: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CastBenefit:
    household: str
    person: str  # empty: the household's
    programme: str
    amount: Decimal
    period: str
    starts_on: date
    ends_on: date | None
    persons: tuple[str, ...] | None  # as decided; None = every member


@dataclass(frozen=True, slots=True)
class CastPerson:
    id: str
    name: str
    role: str
    number: str
    facts: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CastHousehold:
    id: str
    cast: str
    division: str
    village: str
    facts: Mapping[str, Scalar]
    persons: tuple[CastPerson, ...]
    benefits: tuple[CastBenefit, ...]


def cast(as_of: date, facts: Mapping[str, Fact], stages: Iterable[Stage] = OPENING) -> tuple[CastHousehold, ...]:
    """The cast as it stands on a day, from the rows of these stages.

    facts: the pack's, for types; a source's fact that the pack does not declare raises KeyError. A missing fact is
    unknown. The newest row wins; a row counts from its observed_on to its valid_to, both days included.
    """
    held = _resolved(observations(), as_of, frozenset(stages))
    people = list(_rows("cast_people.csv"))
    homes = [r for r in people if not r["person"]]
    return tuple(
        CastHousehold(
            id=home["household"],
            cast=home["cast"],
            division=home["division"],
            village=home["village"],
            facts=_typed(held.get((home["household"], ""), {}), facts),
            persons=tuple(
                CastPerson(
                    r["person"],
                    r["name"],
                    r["role"],
                    r["number"],
                    _typed(held.get((r["household"], r["person"]), {}), facts),
                )
                for r in people
                if r["person"] and r["household"] == home["household"]
            ),
            benefits=tuple(b for b in benefits() if b.household == home["household"]),
        )
        for home in homes
    )


def observations() -> Iterator[CastObservation]:
    """Every row of the cast's sources, in the order of the file; for imports that bring the cast into a registry."""
    for r in _rows("cast.csv"):
        yield CastObservation(
            cast=r["cast"],
            stage=r["stage"],  # type: ignore[arg-type]
            household=r["household"],
            person=r["person"],
            source=r["source"],
            observed_on=date.fromisoformat(r["observed_on"]),
            valid_to=_day(r["valid_to"]),
            basis=r["basis"],
            written_as=r["written_as"],
            facts=dict(pair.split("=", 1) for pair in r["facts"].split("; ")),
        )


def lapsed(
    as_of: date, facts: Mapping[str, Fact], stages: Iterable[Stage] = OPENING
) -> Iterator[tuple[CastObservation, dict[str, Scalar]]]:
    """Rows that counted once and no longer do on a day, with their facts typed; nobody forgets them."""
    for row in observations():
        if row.stage in frozenset(stages) and row.valid_to is not None and row.valid_to < as_of:
            yield row, _typed(row.facts, facts)


def benefits() -> Iterator[CastBenefit]:
    """What the cast is paid, by which programme and since when."""
    for r in _rows("cast_benefits.csv"):
        yield CastBenefit(
            household=r["household"],
            person=r["person"],
            programme=r["programme"],
            amount=Decimal(r["amount"]),
            period=r["period"],
            starts_on=date.fromisoformat(r["starts_on"]),
            ends_on=_day(r["ends_on"]),
            persons=tuple(r["persons"].split()) or None,
        )


def _resolved(
    rows: Iterable[CastObservation], as_of: date, stages: frozenset[Stage]
) -> dict[tuple[str, str], dict[str, str]]:
    held: dict[tuple[str, str], dict[str, str]] = {}
    for row in sorted(rows, key=lambda r: r.observed_on):
        in_force = row.observed_on <= as_of and (row.valid_to is None or as_of <= row.valid_to)
        if in_force and row.stage in stages:
            held.setdefault((row.household, row.person), {}).update(row.facts)
    return held


def _typed(held: Mapping[str, str], facts: Mapping[str, Fact]) -> dict[str, Scalar]:
    return {name: _value(text, facts[name]) for name, text in held.items() if text != "unknown"}


def _value(text: str, fact: Fact) -> Scalar:
    match fact.type:
        case "bool":
            return {"true": True, "false": False}[text]
        case "int":
            return int(text)
        case "money" | "number" | "rate":
            return Decimal(text)
        case "date":
            return date.fromisoformat(text)
    return text


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as f:
        yield from csv.DictReader(f)
