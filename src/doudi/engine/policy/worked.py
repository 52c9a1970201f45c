"""Worked examples in words: who they are, what comes out. They are run elsewhere (`doudi pack test`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from doudi.engine import divisions
from doudi.engine.policy.model import Fact, Pack, Programme, Variable
from doudi.engine.policy.spoken import Spoken

_FIXED = ("id", "role", "division")


def worked(pack: Pack, programme: Programme, spoken: Spoken) -> Iterator[dict[str, Any]]:
    """The examples that expect something of a programme, one row for each subject they name."""
    for example in pack.examples:
        expected = (example.get("expect") or {}).get(programme.name)
        if not isinstance(expected, dict):
            continue
        by_person = expected and all(isinstance(e, dict) for e in expected.values())
        for subject, outcome in expected.items() if by_person else [("", expected)]:
            yield {
                "name": str(example.get("name", "")),
                "subject": subject,
                "as_of": _plain(example.get("as_of")),
                "situation": list(_situation(pack, spoken, programme.name, example.get("facts") or {})),
                "outcome": outcome.get("outcome"),
                "amount": outcome.get("amount"),
                "failed": _named(programme, spoken, outcome.get("failed")),
                "unknown": _named(programme, spoken, outcome.get("unknown")),
            }


def _named(programme: Programme, spoken: Spoken, names: Any) -> list[str]:
    labels = {c.name: str(getattr(c.label, spoken.lang)) for c in programme.conditions if c.label}
    return [labels.get(str(n), str(n)) for n in names or ()]


def _situation(pack: Pack, spoken: Spoken, programme: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """One line for the household, one for each member."""
    household = _told(pack, spoken, programme, facts.get("household") or {})
    if household:
        yield spoken.say("example.household", facts=household)
    for person in facts.get("persons") or ():
        who = spoken.named_value("role", str(person.get("role", person.get("id", ""))))
        told = _told(pack, spoken, programme, person)
        yield spoken.say(
            "example.person", who=who, id=person.get("id", ""), facts=told or spoken.say("example.nothing")
        )


def _told(pack: Pack, spoken: Spoken, programme: str, facts: Mapping[str, Any]) -> str:
    parts = []
    for name, value in facts.items():
        if name in _FIXED or value is None:
            continue
        own = f"{programme}.{name}"
        declared = pack.facts.get(name) or pack.variables.get(own) or pack.variables.get(name)
        if declared is not None:
            label = spoken.label(declared.name)
            parts.append(spoken.say("example.fact", label=label, value=_value(spoken, declared, value)))
    return spoken.say("example.apart").join(parts)


def _value(spoken: Spoken, declared: Fact | Variable, value: Any) -> str:
    if value == "unknown":
        return spoken.value(None, declared.type)
    if declared.type == "money":
        return spoken.value(Decimal(str(value)), "money")
    if declared.type == "area" and (place := divisions.find(str(value))):
        return place.name
    if declared.type == "enum":
        return spoken.named_value(declared.name, str(value))
    return spoken.value(value, declared.type)


def _plain(day: Any) -> str | None:
    return day.isoformat() if isinstance(day, date) else None
