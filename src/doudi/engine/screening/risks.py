"""Risk signs: named conditions of a subject, a clue where one is true; of no programme, and never an outcome."""

from __future__ import annotations

from doudi.engine.policy.model import Entity, Expr, Plan
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.reach import signs_beside
from doudi.engine.screening.sql import quoted, text

ENTITIES: tuple[Entity, ...] = ("household", "person")


def sign_columns(plan: Plan, programmes: tuple[str, ...]) -> list[tuple[str, Entity, Expr]]:
    """The columns a chunk computes for its signs: name, whose, what. programmes: those answered, empty for all."""
    signs = [plan.signs[name] for name in signs_beside(plan, programmes or tuple(plan.programmes))]
    return [(_column(s.name), s.subject, s.expr) for s in signs]


def risks(chunk: Chunk) -> list[str]:
    """SELECTs of the clues, one row for each sign that a subject shows; `other` is the sign's name."""
    signs = [chunk.plan.signs[name] for name in signs_beside(chunk.plan, chunk.reported)]
    return [
        _of_entity(chunk, entity, names)
        for entity in ENTITIES
        if (names := [s.name for s in signs if s.subject == entity])
    ]


def _of_entity(chunk: Chunk, entity: Entity, names: list[str]) -> str:
    rows = chunk.household_table if entity == "household" else f"({chunk.persons(names=map(_column, names))})"
    shown = ", ".join(f"CASE WHEN {quoted(_column(n))} THEN {text(n)} END" for n in names)
    some = " OR ".join(quoted(_column(n)) for n in names)
    found = f"list_filter([{shown}], lambda n: n IS NOT NULL)"
    return (
        f"SELECT 'risk', '{entity}', {entity}_id, household_id, division, NULL::VARCHAR, unnest({found}), "
        "NULL::DECIMAL(14,2), NULL::DECIMAL(14,2), []::VARCHAR[], []::VARCHAR[], 0, []::VARCHAR[] "
        f"FROM {rows} WHERE {some}"
    )


def _column(sign: str) -> str:
    return f"sign:{sign}"
