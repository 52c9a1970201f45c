"""Run the examples of a pack on both backends and say what differs from what they expect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import duckdb

from doudi.engine.policy import load, plan, shipped
from doudi.engine.policy.model import Pack, Plan
from doudi.engine.screening.duckdb_values import Values, values_of
from doudi.engine.screening.example import full_name, read_example
from doudi.engine.screening.expectations import (
    Case,
    Difference,
    Got,
    Key,
    looked_up,
    names_of,
    outcome_differences,
    variable_differences,
)
from doudi.engine.screening.lookup import Lookup
from doudi.engine.screening.python import compiled
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.columns import literal
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.sql import quoted
from doudi.engine.screening.states import state_of
from doudi.engine.words import Fault, Refused

Backend = Literal["python", "duckdb"]


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    backend: Backend
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


def run_examples(path: str | Path, overlays: Sequence[Path] = ()) -> list[Result]:
    """Every example of a pack on both backends, in the order of the pack; raises Refused for a pack with faults.

    path: a folder or the name of a shipped pack. With overlays these are the overlays' own examples, computed with all
    of them laid; the pack's are computed without. An example's own overlays lie over these.
    """
    pack = load(path, overlays)
    base = Path(path) if Path(path).is_dir() else shipped() / str(path)
    laws: dict[tuple[Path, ...], Pack] = {(): pack}
    cases = []
    for at, raw in enumerate(pack.examples):
        own = _overlays(base, raw)
        if own not in laws:
            laws[own] = load(path, [*overlays, *own])
        cases.append(Case(laws[own], read_example(laws[own], raw, f"e{at:05d}", f"e{at:05d}."), at))
    found = {backend: each(cases) for backend, each in _BACKENDS.items()}
    return [found[backend][case.at] for case in cases for backend in found]


def _overlays(base: Path, raw: dict[str, Any]) -> tuple[Path, ...]:
    """The folders an example lays over its pack: beside the pack, nowhere else on this machine."""
    found = tuple(base / str(o) for o in raw.get("overlays") or ())
    for path in found:
        if not path.resolve().is_relative_to(base.resolve().parent):
            raise Refused(Fault("packtest.overlay", {"name": raw["name"]}, file=str(path)))
    return found


# ---- backends ------------------------------------------------------------------------------------------------------
def _python(cases: list[Case]) -> dict[int, Result]:
    plans: dict[tuple[int, date, frozenset[str]], Plan] = {}
    found = {}
    for case in cases:
        planned = plans.get(case.planned_for()) or plans.setdefault(case.planned_for(), case.plan())
        found[case.at] = Result(case.example.name, "python", tuple(_python_differences(case, planned)))
    return found


def _python_differences(case: Case, law: Plan) -> Iterator[Difference]:
    backend = compiled(law)
    evaluation = backend.evaluate(case.example.household)
    got = {}
    for names in (evaluation.household, *evaluation.persons):
        for programme, v in names["#verdicts"].items():
            planned = backend.plan.programmes[programme]
            state = state_of(planned, names["#verdicts"], names["#enrolled"])
            sets = (names_of(planned, v.failed), names_of(planned, v.unknown))
            got[programme, names["#id"]] = Got(v.outcome, v.amount, *sets, state)
    yield from outcome_differences(case, got)
    lookup = Lookup(backend, evaluation)
    yield from variable_differences(case, backend.plan, lambda name, subject: looked_up(lookup, name, subject))


def _duckdb(cases: list[Case]) -> dict[int, Result]:
    """All examples of one law and day in one snapshot."""
    groups: dict[tuple[int, date], list[Case]] = {}
    for case in cases:
        groups.setdefault((id(case.pack), case.example.as_of), []).append(case)
    found: dict[int, Result] = {}
    for group in groups.values():
        found |= _screened(group)
    return found


def _screened(group: list[Case]) -> dict[int, Result]:
    """Screen a group; examples that the snapshot refuses are told so, the others are screened without them."""
    refused: dict[int, list[Difference]] = {}
    try:
        said = _screen(group)
    except Refused as e:
        refused = _refusals(group, e)
        rest = [c for c in group if c.at not in refused]
        said = _screen(rest) if rest and refused else {}
    return {c.at: Result(c.example.name, "duckdb", tuple(refused.get(c.at) or said[c.at])) for c in group}


def _screen(group: list[Case]) -> dict[int, list[Difference]]:
    pack, as_of = group[0].pack, group[0].example.as_of
    with TemporaryDirectory(prefix="doudi-examples-") as temp:
        folder = Path(temp) / "snapshot"
        folder.mkdir()
        # A day that lies ahead may be meant: the snapshot is of the latest day told, the rules are of the example's.
        write(folder, pack, max(day for c in group for day in c.example.days()), [c.example.household for c in group])
        snapshot = read(folder, pack)
        planned = plan(pack, as_of, snapshot.counties())
        run(planned, snapshot, Path(temp) / "out", threads=1)
        got = dict(_outcomes(planned, Path(temp) / "out"))
        names = {full_name(pack, c.example, name) for c in group for name in c.example.variables}
        values = values_of(planned, snapshot, names, Path(temp)) if names else {}
        return {c.at: list(_bulk_differences(c, planned, got, values)) for c in group}


def _bulk_differences(case: Case, planned: Plan, got: dict[Key, Got], values: Values) -> Iterator[Difference]:
    yield from outcome_differences(case, got)
    yield from variable_differences(case, planned, lambda name, subject: values.get((name, subject)))


def _outcomes(planned: Plan, out: Path) -> Iterator[tuple[Key, Got]]:
    for p in planned.programmes.values():
        files = literal(str(out / f"outcomes_{p.subject}" / "*.parquet"))
        columns = ", ".join(quoted(f"{p.name}__{c}") for c in ("outcome", "amount", "failed", "unknown", "state"))
        rows = duckdb.connect().execute(f"SELECT {p.subject}_id, {columns} FROM read_parquet({files})").fetchall()
        for id, outcome, amount, failed, unknown, state in rows:
            yield (p.name, id), Got(outcome, amount, names_of(p, failed), names_of(p, unknown), state)


def _refusals(group: list[Case], refused: Refused) -> dict[int, list[Difference]]:
    """Faults of the snapshot by example: the row says whose they are; what stands in no row is everybody's."""
    rows = {
        "household": [c.at for c in group],
        "person": [c.at for c in group for _ in c.example.household.persons],
        "enrolment": [c.at for c in group for _ in c.example.household.enrolments],
        "fact": [c.at for c in group for _ in c.example.history()],
    }
    found: dict[int, list[Difference]] = {}
    for fault in refused.faults:
        whose = [rows[fault.table][fault.row - 1]] if fault.row and fault.table in rows else [c.at for c in group]
        for at in whose:
            found.setdefault(at, []).append(Difference(f"{fault.table}.{fault.column}", "", fault.text()))
    return found


_BACKENDS: dict[Backend, Callable[[list[Case]], dict[int, Result]]] = {"python": _python, "duckdb": _duckdb}
