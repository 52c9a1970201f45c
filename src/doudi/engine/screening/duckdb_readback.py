"""Household values that rest on answers of persons alone, read back from the file of these answers.

A second round would scan, join and compute every person again to learn who is eligible; the file just written says it
in one column, and only rows that are not a plain no matter: where nobody is left, the answer is that of nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from doudi.engine.policy.model import Agg, Call, Expr, Lit, PlannedProgramme, Ref
from doudi.engine.screening.emit_members import Inner, Members
from doudi.engine.screening.sql import quoted, text

_SUFFIX = ".eligible"


def is_told(agg: Agg, persons: Iterable[PlannedProgramme]) -> bool:
    """Whether outcomes of these programmes decide an aggregate, and a person who gets none counts for nothing."""
    if agg.fn not in ("any", "count_if"):
        return False
    eligible = {p.name + _SUFFIX for p in persons if p.in_force}
    tests = [_of_nobody(e, eligible) for e in (agg.value, agg.where) if e is not None]
    return None not in tests and False in tests


def _of_nobody(e: Expr, eligible: set[str]) -> bool | None:
    """The value where every one of these names is false; None where it rests on anything else."""
    if isinstance(e, Ref):
        return False if e.name in eligible else None
    if isinstance(e, Lit):
        return e.value if isinstance(e.value, bool) else None
    if not isinstance(e, Call) or e.op not in ("and", "or", "not", "known_or"):
        return None
    parts = [_of_nobody(a, eligible) for a in e.args]
    if any(p is None for p in parts):
        return None
    if e.op == "not":
        return not parts[0]
    return parts[0] if e.op == "known_or" else all(parts) if e.op == "and" else any(parts)


def read_back(names: Iterable[str], inner: Inner, written: Mapping[str, Members], person_file: str) -> str:
    """SELECT of the aggregates per household_id. names: the `P.eligible` that they read."""
    programmes = sorted(n.removesuffix(_SUFFIX) for n in names)
    outcomes = {p: quoted(p + "__outcome") for p in programmes}
    some = " OR ".join(f"{o} IN ('eligible', 'needs_verification')" for o in outcomes.values())
    met = "WHEN 'eligible' THEN TRUE WHEN 'needs_verification' THEN NULL ELSE FALSE END"
    columns = ", ".join(f"CASE {o} {met} AS {quoted(p + _SUFFIX)}" for p, o in outcomes.items())
    rows = f"SELECT household_id, {columns} FROM read_parquet({text(person_file)}) WHERE {some}"
    columns_of_members = ", ".join(["household_id", *inner.select()])
    outer = ", ".join(f"{m.outer.text} AS {quoted(n)}" for n, m in written.items())
    return f"SELECT household_id, {outer} FROM (SELECT {columns_of_members} FROM ({rows})) GROUP BY household_id"
