"""One question to each of the three: what does this law say of these people? Answers of one shape, to be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from doudi.engine.policy import plan
from doudi.engine.policy.model import Pack, Plan
from doudi.engine.screening.expectations import names_of
from doudi.engine.screening.household import Household
from doudi.engine.screening.python import evaluate
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.states import state_of
from tests.generative.reference import Reference, Subject

Key = tuple[str, str]  # programme, subject id; `variable x`, subject id


@dataclass(frozen=True)
class Answer:
    outcome: str
    amount: Fraction | None
    failed: frozenset[str]
    unknown: frozenset[str]
    state: str


Answers = dict[Key, Any]


def subjects(h: Household, entity: str) -> tuple[Subject, ...]:
    return (h,) if entity == "household" else h.persons


# ---- the naive interpreter -----------------------------------------------------------------------------------------
def by_reading(pack: Pack, as_of: date, people: Iterable[Household], seen: Counter[tuple[str, str]]) -> Answers:
    found: Answers = {}
    for h in people:
        reference = Reference(pack, as_of, h, seen)
        for p in pack.programmes.values():
            for s in subjects(h, p.subject):
                said, state = reference.say(p, s), reference.state(p, s)
                seen[f"state {state}", "known"] += 1
                found[p.name, s.id] = Answer(said.outcome, said.amount, said.failed, said.unknown, state)
        for v in pack.variables.values():
            for s in subjects(h, v.entity):
                found[f"variable {v.name}", s.id] = reference.variable(v.name, s)
    return found


# ---- one household at a time ---------------------------------------------------------------------------------------
def by_python(planned: Plan, people: Iterable[Household]) -> Answers:
    return {key: answer for h in people for key, answer in _of_household(planned, h)}


def _of_household(planned: Plan, h: Household) -> Iterator[tuple[Key, Any]]:
    evaluation = evaluate(planned, h)
    for names in (evaluation.household, *evaluation.persons):
        id = names["#id"]
        for programme, v in names["#verdicts"].items():
            p = planned.programmes[programme]
            sets = (names_of(p, v.failed), names_of(p, v.unknown))
            state = state_of(p, names["#verdicts"], names["#enrolled"])
            yield (programme, id), Answer(v.outcome, exactly(v.amount), *sets, state)
        for name in planned.pack.variables:
            if name in names:
                yield (f"variable {name}", id), exactly(names[name])


# ---- everybody at once ---------------------------------------------------------------------------------------------
def by_duckdb(pack: Pack, as_of: date, people: list[Household], folder: Path) -> tuple[Plan, Answers]:
    """Through the files, as the command does it: a snapshot is written, read, planned for its counties, screened."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "snapshot").mkdir()
    snapshot = read(write(folder / "snapshot", pack, as_of, people), pack)
    planned = plan(pack, as_of, snapshot.counties())
    run(planned, snapshot, folder / "out", threads=1)
    return planned, dict(screened(planned, folder / "out"))


def screened(planned: Plan, out: Path) -> Iterator[tuple[Key, Answer]]:
    """Everybody's answers in an output folder."""
    for p in planned.programmes.values():
        files = str(out / f"outcomes_{p.subject}" / "*.parquet")
        columns = ", ".join(f"{p.name}__{field.name}" for field in fields(Answer))
        for id, outcome, amount, failed, unknown, state in duckdb.sql(
            f"SELECT {p.subject}_id, {columns} FROM read_parquet('{files}')"
        ).fetchall():
            answer = Answer(outcome, exactly(amount), names_of(p, failed), names_of(p, unknown), state)
            yield (p.name, id), answer


def exactly(value: Any) -> Any:
    return Fraction(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def differences(one: Answers, other: Answers) -> list[tuple[Key, Any, Any]]:
    return [(key, one.get(key), other.get(key)) for key in sorted(one.keys() | other.keys())
            if one.get(key, "-") != other.get(key, "-")]  # fmt: skip


def without_variables(answers: Answers) -> Answers:
    return {key: answer for key, answer in answers.items() if not key[0].startswith("variable ")}
