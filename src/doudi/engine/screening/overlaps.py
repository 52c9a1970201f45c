"""Overlaps: one subject, or a household and its member, in two programmes of which the pack says that one excludes the
other. They are facts about enrolments; only for the same need also where one is paid and the other is due.
"""

from __future__ import annotations

from doudi.engine.policy.model import Entity, PlannedExclusion, PlannedProgramme
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_enrolments import TABLE
from doudi.engine.screening.sql import quoted, text

_NOBODY_FAILED = "[]::VARCHAR[], []::VARCHAR[], 0, []::VARCHAR[]"  # failed, unknown, priority and its parts


def overlaps(chunk: Chunk, p: PlannedProgramme, e: PlannedExclusion, person_file: str) -> list[str]:
    """SELECTs of overlaps. `difference` pays beside the other one by law, so only across kinds of subject is it one."""
    held = chunk.source.held
    found: list[str] = []
    if _is_told_by_other(chunk, p, e):
        return found
    if e.mode != "difference":
        if {(p.subject, p.name), (p.subject, e.programme)} <= held.keys():
            found.append(_same_subject(chunk, p, e))
        if e.mode == "same_need" and not e.across and (p.subject, e.programme) in held:
            found.append(_due_beside(chunk, p, e, person_file))
    for of_household, of_person in ((p.name, e.programme), (e.programme, p.name)):
        if {("household", of_household), ("person", of_person)} <= held.keys():
            found.append(_across(chunk, p, of_household, of_person, e))
    return found


def _is_told_by_other(chunk: Chunk, p: PlannedProgramme, e: PlannedExclusion) -> bool:
    """Where both programmes say it, one finding is enough: that of the first by name."""
    other = chunk.plan.programmes.get(e.programme)
    if other is None or other.name > p.name or other.name not in chunk.reported:
        return False
    theirs = [x for x in other.excludes if x.programme == p.name and not x.mirrored]
    return any(x.mode == e.mode or e.across for x in theirs)


def _same_subject(chunk: Chunk, p: PlannedProgramme, e: PlannedExclusion) -> str:
    subjects = chunk.source.person if p.subject == "person" else chunk.source.household
    return (
        f"SELECT {_overlapping(p, e, p.subject)}, {_paid('e', p)} FROM ({subjects}) s "
        f"JOIN {TABLE}_{p.subject} e ON e.subject_id = s.{p.subject}_id "
        f"WHERE {_is_in('e', p.name)} AND {_is_in('e', e.programme)}"
    )


def _due_beside(chunk: Chunk, p: PlannedProgramme, e: PlannedExclusion, person_file: str) -> str:
    """Subjects who miss this programme and are paid the other one for the same need."""
    is_home = p.subject == "household"
    rows = chunk.household_table if is_home else f"read_parquet({text(person_file)})"
    state, amount = (quoted(f"{p.name}{'~' if is_home else '__'}{what}") for what in ("state", "amount"))
    return (
        f"SELECT {_overlapping(p, e, p.subject)}, NULL::DECIMAL(14,2), s.{amount}, {_NOBODY_FAILED} "
        f"FROM {rows} s JOIN {TABLE}_{p.subject} e ON e.subject_id = s.{p.subject}_id "
        f"WHERE s.{state}::VARCHAR = 'missed' AND {_is_in('e', e.programme)}"
    )


def _across(chunk: Chunk, p: PlannedProgramme, of_household: str, of_person: str, e: PlannedExclusion) -> str:
    whole, named = (f"h.{quoted(f'{of_household}~{what}')}" for what in ("whole", "persons"))
    if not chunk.source.held["household", of_household].names_persons:
        named = "[]::VARCHAR[]"
    return (
        f"SELECT {_overlapping(p, e, 'person')}, {_paid('h' if of_household == p.name else 'e', p)} "
        f"FROM ({chunk.source.person}) s JOIN {TABLE}_person e ON e.subject_id = s.person_id "
        f"JOIN {TABLE}_household h ON h.subject_id = s.household_id "
        f"WHERE {_is_in('e', of_person)} AND {_is_in('h', of_household)} "
        f"AND ({whole} OR list_contains({named}, s.person_id))"
    )


def _is_in(table: str, programme: str) -> str:
    return f"{table}.{quoted(programme + '~in')}"


def _paid(table: str, p: PlannedProgramme) -> str:
    """The columns from current_amount on: what p pays now; nothing is computed for an overlap."""
    current = f"{table}.{quoted(p.name + '~current')}"
    return f"{current}, NULL::DECIMAL(14,2), {_NOBODY_FAILED}"


def _overlapping(p: PlannedProgramme, e: PlannedExclusion, subject: Entity) -> str:
    return f"'overlap', '{subject}', s.{subject}_id, s.household_id, s.division, {text(p.name)}, {text(e.programme)}"
