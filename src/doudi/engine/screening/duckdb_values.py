"""Values of single names in bulk: what examples compare beside outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from doudi.engine.policy.model import Entity, Plan, Ref
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_input import ENTITIES, JOINS, Range, connect, prepare
from doudi.engine.screening.snapshot import Snapshot
from doudi.engine.screening.sql import quoted

_MEMORY = 2**28
Values = dict[tuple[str, str], Any]  # (name, id of the household or person) → value, None when unknown


def values_of(plan: Plan, snapshot: Snapshot, names: Iterable[str], folder: Path) -> Values:
    """Facts, variables and parameters of everybody, by SQL. folder: an empty one for the work.

    A fact or variable stands under its own subjects; a parameter under households and persons.
    """
    shown = {e: {f"shown:{n}": n for n in sorted(set(names)) if _may_be_of(plan, n, e)} for e in ENTITIES}
    con = connect((*snapshot.folders, str(folder.resolve())), folder / "spill", _MEMORY)
    source = prepare(con, snapshot, folder / "sorted", plan).source(Range(None, None), JOINS[-1])
    also = [(column, entity, _ref(plan, name)) for entity in ENTITIES for column, name in shown[entity].items()]
    chunk = Chunk(lowered(plan), source, also=also)
    for statement in (chunk.parameters.table(), *chunk.statements):
        con.execute(statement)
    found: Values = {}
    for entity in ENTITIES:
        rows = chunk.household_table if entity == "household" else f"({chunk.persons()})"
        columns = shown[entity]
        query = f"SELECT {', '.join([f'{entity}_id', *map(quoted, columns)])} FROM {rows}"
        for id, *row in con.execute(query).fetchall():
            found |= {(name, id): value for name, value in zip(columns.values(), row, strict=True)}
    return found


def _may_be_of(plan: Plan, name: str, entity: Entity) -> bool:
    declared = plan.definitions.get(name) or plan.facts.get(name)
    return entity == declared.entity if declared else name in plan.parameters


def _ref(plan: Plan, name: str) -> Ref:
    if name in plan.definitions:
        d = plan.definitions[name]
        return Ref(name, "variable", d.type, d.entity)
    if name in plan.facts:
        f = plan.facts[name]
        return Ref(name, "fact", f.type, f.entity)
    return Ref(name, "parameter", plan.parameters[name].type, None)
