"""The columns of the output files, from the tables of a chunk."""

from __future__ import annotations

from doudi.engine.policy.model import Entity, PlannedProgramme
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_source import KEYS
from doudi.engine.screening.python import AMOUNT_BIT
from doudi.engine.screening.sql import quoted


def select_household(chunk: Chunk) -> str:
    """SELECT of outcomes_household; the aggregates have shuffled the rows, so the order is asked for."""
    return f"SELECT {_columns(chunk, 'household')} FROM {chunk.household_table} ORDER BY division, household_id"


def select_person(chunk: Chunk) -> str:
    """SELECT of outcomes_person in the order of the input."""
    return f"SELECT {_columns(chunk, 'person')} FROM ({chunk.persons()})"


def _columns(chunk: Chunk, entity: Entity) -> str:
    mine = (column for p in chunk.programmes(entity) for column in _of_programme(p))
    return ", ".join([*KEYS[entity], *mine])


def _of_programme(p: PlannedProgramme) -> list[str]:
    def place(what: str) -> str:
        return quoted(f"{p.name}~{what}")

    # In doubt without an unknown condition: it is the amount that is unknown.
    amount = f"{place('outcome')} = 'needs_verification'::outcome AND {place('unknown')} = 0"
    unknown = f"CASE WHEN {amount} THEN {1 << AMOUNT_BIT} ELSE {place('unknown')}::BIGINT END"
    columns = {
        "outcome": place("outcome"),
        "amount": place("amount"),
        "failed": f"{place('failed')}::BIGINT",
        "unknown": unknown,
        "state": place("state"),
    }
    return [f"{sql} AS {quoted(f'{p.name}__{what}')}" for what, sql in columns.items()]
