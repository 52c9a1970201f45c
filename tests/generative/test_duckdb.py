"""Everybody at once and one household at once, held together by random law and random people."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy.model import Plan
from doudi.engine.screening.household import Household
from doudi.engine.screening.python import evaluate
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.states import state_of
from tests.generative.populations import AS_OF, planned, random_household, random_pack

LONG = bool(os.environ.get("DOUDI_LONG"))
PACKS = range(1000, 1120 if LONG else 1008)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", PACKS)
def test_duckdb_agrees_with_generated_python_to_the_last_digit(seed: int, tmp_path: Path) -> None:
    pack = random_pack(seed, tmp_path / "pack")
    people = {h.id: h for n in range(120) if (h := random_household(seed * 1000 + n, pack, holes=(n % 4) * 0.15))}
    (tmp_path / "snapshot").mkdir()
    snapshot = read(write(tmp_path / "snapshot", pack, AS_OF, people.values()), pack)
    plan = planned(pack)
    run(plan, snapshot, tmp_path / "out", threads=1)
    for p in plan.programmes.values():
        files = f"'{tmp_path}/out/outcomes_{p.subject}/*.parquet'"
        columns = ", ".join(f"{p.name}__{c}" for c in ("outcome", "amount", "failed", "unknown", "state"))
        bulk = {id: row for id, *row in duckdb.sql(f"SELECT {p.subject}_id, {columns} FROM {files}").fetchall()}
        single = {s.id: said for h in people.values() for s, said in answers(plan, p.name, h)}
        assert bulk.keys() == single.keys()
        for id, row in bulk.items():
            assert row == single[id], (p.name, people[id.partition(".")[0]])


def answers(plan: Plan, programme: str, h: Household):
    """(subject, [outcome, amount, failed, unknown, state]) of everybody in the household."""
    evaluation = evaluate(plan, h)
    p = plan.programmes[programme]
    everybody = (
        [(h, evaluation.household)] if p.subject == "household" else zip(h.persons, evaluation.persons, strict=True)
    )
    for s, names in everybody:
        v = evaluation.verdicts[programme, s.id]
        state = state_of(p, names["#verdicts"], names["#enrolled"])
        yield s, [v.outcome, v.amount, v.failed, v.unknown, state]
