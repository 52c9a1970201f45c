"""Households given in Python, decided in bulk: what the agreement tests compare with the generated Python."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import duckdb

from doudi.engine.policy.model import Entity, Plan
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_enrolments import held_in
from doudi.engine.screening.duckdb_items import declare_types
from doudi.engine.screening.duckdb_source import KEY, Source
from doudi.engine.screening.household import UNKNOWN, Household, Person
from doudi.engine.screening.outputs import select_household, select_person
from doudi.engine.screening.python import evaluate, held
from doudi.engine.screening.sql import SQL_TYPES, literal, quoted
from doudi.engine.screening.states import state_of

Decided = dict[tuple[str, str], tuple[Any, ...]]  # (programme, subject) → outcome, amount, failed, unknown, state


def in_bulk(plan: Plan, households: Iterable[Household]) -> Decided:
    """Outcome, amount, failed, unknown and state of every subject by SQL."""
    con = duckdb.connect(config={"threads": 1})
    for statement in declare_types():
        con.execute(statement)
    chunk = Chunk(lowered(plan), source_of(plan, list(households), con))
    con.execute(chunk.parameters.table())
    for statement in chunk.statements:
        con.execute(statement)
    found: Decided = {}
    for entity, query in (("household", select_household(chunk)), ("person", select_person(chunk))):
        cursor = con.execute(query)
        names = [d[0] for d in cursor.description]
        for row in (dict(zip(names, r, strict=True)) for r in cursor.fetchall()):
            for p in plan.programmes.values():
                if p.subject == entity:
                    columns = (row[f"{p.name}__{c}"] for c in ("outcome", "amount", "failed", "unknown", "state"))
                    found[p.name, row[f"{entity}_id"]] = tuple(columns)
    return found


def one_by_one(plan: Plan, households: Iterable[Household]) -> Decided:
    """The same by generated Python."""
    found: Decided = {}
    for h in households:
        evaluation = evaluate(plan, h)
        for names in (evaluation.household, *evaluation.persons):
            verdicts, subject = names["#verdicts"], names["#id"]
            for name, v in verdicts.items():
                state = state_of(plan.programmes[name], verdicts, names["#enrolled"])
                found[name, subject] = (v.outcome, v.amount, v.failed, v.unknown, state)
    return found


def source_of(plan: Plan, households: list[Household], con: duckdb.DuckDBPyConnection) -> Source:
    """Tables of these households in the connection."""
    persons = [(p, h.id) for h in households for p in h.persons]
    tables: dict[Entity, list[tuple[list[str], Household | Person]]] = {
        "household": [([_text(h.id), _text(h.division)], h) for h in households],
        "person": [([_text(p.id), _text(of), _text(p.division), _text(p.role)], p) for p, of in persons],
    }
    keys = {"household": ["household_id", "division"], "person": ["person_id", "household_id", "division", "role"]}
    overrides: dict[Entity, frozenset[str]] = {}
    for entity, rows in tables.items():
        given = {name for _, subject in rows for name in subject.facts if name in plan.definitions}
        overrides[entity] = frozenset(given)
        facts = [f for f in plan.facts.values() if f.entity == entity and f.name not in keys[entity]]
        columns = [*keys[entity], *(f.name for f in facts)]
        columns += [n + suffix for n in sorted(given) for suffix in ("", "__given")]
        default = plan.pack.missing == "default"
        lines = []
        for key, subject in rows:
            cells = [*key, *(_typed(held(f, subject.facts, default, plan.as_of), f.type) for f in facts)]
            for name in sorted(given):
                value = subject.facts.get(name)
                kind = plan.definitions[name].type
                cells += [_typed(None if value == UNKNOWN else value, kind), str(value is not None).upper()]
            lines.append(f"({', '.join(cells)})")
        names = ", ".join(map(quoted, columns))
        con.execute(f"CREATE TABLE {entity} AS SELECT *, hash(household_id) AS {KEY} "
                    f"FROM (VALUES {', '.join(lines)}) t({names})")  # fmt: skip
    enrolled = [e for h in households for e in h.enrolments]
    con.execute(
        "CREATE TABLE enrolment (subject_type VARCHAR, subject_id VARCHAR, programme VARCHAR, amount DECIMAL(14,2), "
        "period VARCHAR, starts_on DATE, ends_on DATE, persons VARCHAR[])"
    )
    for e in enrolled:
        row = (e.subject_type, e.subject_id, e.programme, e.amount, e.period, e.starts_on, e.ends_on,
               None if e.persons is None else list(e.persons))  # fmt: skip
        con.execute("INSERT INTO enrolment VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    names_of = {e: frozenset(f.name for f in plan.facts.values() if f.entity == e) for e in ("household", "person")}
    divisions = {h.division for h in households} | {p.division for p, _ in persons}
    enrolled_in = held_in(con, "FROM enrolment")
    counties = frozenset(d[:6] for d in divisions)
    return Source("FROM person", "FROM household", "FROM enrolment", enrolled_in, names_of, overrides, counties)


def _typed(value: Any, kind: Any) -> str:
    exact = Decimal(value) if kind == "money" and value is not None else value
    return f"CAST({literal(exact, kind).text} AS {SQL_TYPES[kind]})"


def _text(value: str) -> str:
    return literal(value, "text").text
