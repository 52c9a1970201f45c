"""What a screening says in numbers, counted from the written files; the shape of summary.json (`wire.md`).

The ten states are counted from the outcome files, the subjects from the snapshot: if they do not add up, the run fails.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from doudi.engine.policy.model import Plan, PlannedProgramme
from doudi.engine.screening.answers import STATES
from doudi.engine.screening.findings import KINDS
from doudi.engine.screening.in_turn import in_turn
from doudi.engine.screening.notes import Note
from doudi.engine.screening.python import AMOUNT_BIT
from doudi.engine.screening.snapshot import Snapshot
from doudi.engine.screening.sql import quoted, text

FORMAT = "doudi-screening/1"
_PER_KEY = 15  # states of four bits in one BIGINT
_OPEN = ("unknown_no_sign", "to_verify", "covered_to_verify")


@dataclass(frozen=True, slots=True)
class AreaCount:
    """Findings of one kind in one township: how many, what is paid now, what would be due (yuan per period)."""

    programme: str
    area: str  # 12 digits
    kind: str
    n: int
    current_amount: Decimal
    due_amount: Decimal


@dataclass(frozen=True, slots=True)
class ConditionCount:
    """Subjects per condition: failed it though covered, failed it, would be settled by it (it alone is unknown)."""

    programme: str
    condition: str
    failed_covered: int
    failed: int
    unknown: int
    unknown_alone: int


@dataclass(frozen=True, slots=True)
class Population:
    """The people of a snapshot; `screened`: how many subjects of each kind the written files hold (a delta: few)."""

    as_of: date
    persons: int
    households: int
    enrolments: int | None  # None: no such table
    screened: dict[str, int]

    @staticmethod
    def of(snapshot: Snapshot) -> Population:
        persons, households = snapshot.rows("person"), snapshot.rows("household")
        enrolments = snapshot.rows("enrolment") if "enrolment" in snapshot.tables else None
        everybody = {"person": persons, "household": households}
        return Population(snapshot.as_of, persons, households, enrolments, everybody)


@dataclass(frozen=True, slots=True)
class Summary:
    as_of: date
    pack: dict[str, str]
    snapshot: dict[str, Any]
    conservation: dict[str, dict[str, int]]  # programme → ten states and n_subjects
    states: dict[str, dict[str, dict[str, int]]]  # programme → township → each of the ten states → n
    eligible: dict[str, dict[str, Any]]  # programme → n, amount
    findings: dict[str, dict[str, int]]  # programme → kind → n
    areas: tuple[AreaCount, ...]
    conditions: tuple[ConditionCount, ...]
    notes: tuple[Note, ...] = ()
    signs: dict[str, int] = field(default_factory=dict)  # risk sign → subjects
    delta: dict[str, Any] | None = None  # since which screening, how many were recomputed and why
    run: dict[str, Any] = field(default_factory=dict)

    def after(self, seconds: float) -> Summary:
        """With the figures of the finished run; they are all that differs between two runs."""
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        measured = {"seconds": round(seconds, 3), "memory": memory, "time": datetime.now(UTC).isoformat("T", "seconds")}
        return replace(self, run=self.run | measured)

    def to_json(self) -> dict[str, Any]:
        """Money as text with two decimals, dates ISO."""
        plain = {"format": FORMAT, "hash": self.pack["hash"], **asdict(self)}
        if self.delta is None:
            del plain["delta"]
        return _plain(plain)  # type: ignore[no-any-return]


def conditions_of(plan: Plan, answered: list[PlannedProgramme]) -> dict[str, Any]:
    """conditions.json: what each bit of the masks means, conditions out of force included."""
    found = {}
    for p in answered:
        declared = plan.pack.programmes[p.name].conditions if p.name in plan.pack.programmes else p.conditions
        found[p.name] = {
            "edition": plan.pack.edition,
            "bits": {c.name: c.bit for c in declared} | {"amount": AMOUNT_BIT},
        }
    return found


def summarise(
    makers: list[duckdb.DuckDBPyConnection],
    plan: Plan,
    population: Population,
    result: Path,
    answered: list[PlannedProgramme],
    **run: Any,
) -> Summary:
    """Count the written files of a screening, by as many threads as makers.

    Raises RuntimeError when a subject is in no state or in two.
    """
    states: dict[str, dict[str, dict[str, int]]] = {}
    answers: dict[str, list[_Answers]] = {}

    def count_states(con: duckdb.DuckDBPyConnection, entity: str, names: list[str]) -> None:
        states.update(_states(con, result, entity, names))

    def count_answers(con: duckdb.DuckDBPyConnection, p: PlannedProgramme) -> None:
        answers[p.name] = _answers(con, result, p)

    jobs: list[Callable[[duckdb.DuckDBPyConnection], None]] = []
    for entity in ("person", "household"):
        mine = [p.name for p in answered if p.subject == entity]
        for at in range(0, len(mine), _PER_KEY):
            jobs.append(partial(count_states, entity=entity, names=mine[at : at + _PER_KEY]))
    jobs += [partial(count_answers, p=p) for p in answered]
    in_turn(makers, range(len(jobs)), lambda con, n: jobs[n](con))
    con = makers[0]
    return Summary(
        plan.as_of,
        {"id": plan.pack.id, "edition": plan.pack.edition, "hash": plan.pack.hash},
        {name: getattr(population, name) for name in ("as_of", "persons", "households", "enrolments")},
        {p.name: _conserved(p, states[p.name], population) for p in answered},
        {p.name: states[p.name] for p in answered},
        {p.name: _eligible(answers[p.name]) for p in answered},
        _findings(con, result, answered),
        _areas(con, result),
        tuple(c for p in answered for c in _conditions(p, answers[p.name])),
        signs=_signs(con, plan, result),
        run={"engine": "duckdb", "engine_version": duckdb.__version__, **run},
    )


def _states(
    con: duckdb.DuckDBPyConnection, result: Path, entity: str, names: list[str]
) -> dict[str, dict[str, dict[str, int]]]:
    """Subjects by township and state. All programmes at once: their states packed into one number per row."""
    # Compared in the file's own dictionary: a cast to the ENUM would look up every row (0.19 s for seven million).
    numbers = " ".join(f"WHEN '{state}' THEN {n}::BIGINT" for n, state in enumerate(STATES))
    packed = " | ".join(f"(CASE {quoted(n + '__state')} {numbers} END << {4 * i})" for i, n in enumerate(names))
    rows = con.execute(
        f"SELECT left(division, 9) AS township, {packed} AS key, count(*) FROM {_files(result, entity)} "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    found: dict[str, dict[str, dict[str, int]]] = {name: {} for name in names}
    for township, key, n in rows:
        for i, name in enumerate(names):
            state = STATES[key >> (4 * i) & 15]
            counts = found[name].setdefault(township.ljust(12, "0"), dict.fromkeys(map(str, STATES), 0))
            counts[state] += n
    return found


def _conserved(p: PlannedProgramme, areas: dict[str, dict[str, int]], population: Population) -> dict[str, int]:
    total: dict[str, int] = {state: sum(counts[state] for counts in areas.values()) for state in STATES}
    subjects = population.screened[p.subject]
    if sum(total.values()) != subjects:
        raise RuntimeError(f"{p.name}: {sum(total.values())} subjects have a state, {subjects} were screened")
    return {**total, "n_subjects": subjects}


@dataclass(frozen=True, slots=True)
class _Answers:
    """Subjects of one programme with one outcome, state and both masks: how many, and their amounts together."""

    outcome: str
    state: str
    failed: int
    unknown: int
    n: int
    amount: Decimal


def _answers(con: duckdb.DuckDBPyConnection, result: Path, p: PlannedProgramme) -> list[_Answers]:
    kinds = ", ".join(quoted(f"{p.name}__{what}") for what in ("outcome", "state", "failed", "unknown"))
    rows = con.execute(
        f"SELECT {kinds}, count(*), coalesce(sum({quoted(p.name + '__amount')}), 0) "
        f"FROM {_files(result, p.subject)} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [_Answers(*row) for row in rows]


def _eligible(answers: list[_Answers]) -> dict[str, Any]:
    met = [a for a in answers if a.outcome == "eligible"]
    return {"n": sum(a.n for a in met), "amount": sum((a.amount for a in met), Decimal(0))}


def _findings(
    con: duckdb.DuckDBPyConnection, result: Path, answered: list[PlannedProgramme]
) -> dict[str, dict[str, int]]:
    found = {p.name: dict.fromkeys((*KINDS, "overlap"), 0) for p in answered}
    rows = con.execute(
        f"SELECT programme, kind, count(*) FROM {_findings_file(result)} WHERE programme IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for programme, kind, n in rows:
        found[programme][kind] = n
    return found


def _signs(con: duckdb.DuckDBPyConnection, plan: Plan, result: Path) -> dict[str, int]:
    """How many subjects show each risk sign of the pack."""
    found = dict.fromkeys(plan.signs, 0)
    rows = con.execute(f"SELECT other, count(*) FROM {_findings_file(result)} WHERE kind = 'risk' GROUP BY other")
    return found | dict(rows.fetchall())


def _areas(con: duckdb.DuckDBPyConnection, result: Path) -> tuple[AreaCount, ...]:
    rows = con.execute(
        "SELECT programme, left(division, 9) AS township, kind, count(*), "
        "coalesce(sum(current_amount), 0), coalesce(sum(due_amount), 0) "
        f"FROM {_findings_file(result)} WHERE programme IS NOT NULL "
        "GROUP BY programme, township, kind ORDER BY programme, township, kind"
    ).fetchall()
    return tuple(AreaCount(p, area.ljust(12, "0"), kind, n, now, due) for p, area, kind, n, now, due in rows)


def _conditions(p: PlannedProgramme, answers: list[_Answers]) -> list[ConditionCount]:
    bits = [(c.name, 1 << c.bit) for c in p.conditions] + [("amount", 1 << AMOUNT_BIT)]
    return [_condition(p, name, bit, answers) for name, bit in bits]


def _condition(p: PlannedProgramme, name: str, bit: int, answers: list[_Answers]) -> ConditionCount:
    failed = [a for a in answers if a.failed & bit]
    unknown = [a for a in answers if a.unknown & bit and a.state in _OPEN]
    return ConditionCount(
        p.name,
        name,
        sum(a.n for a in failed if a.state == "covered_not_eligible"),
        sum(a.n for a in failed),
        sum(a.n for a in unknown),
        sum(a.n for a in unknown if a.unknown == bit),
    )


def _files(result: Path, entity: str) -> str:
    return f"read_parquet({text(str(result / f'outcomes_{entity}' / '*.parquet'))})"


def _findings_file(result: Path) -> str:
    return f"read_parquet({text(str(result / 'findings.parquet'))})"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value
