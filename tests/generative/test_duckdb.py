"""Everybody at once and one household at once, held together by random law and random people."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy.model import Pack, Plan
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
    people = [random_household(seed * 1000 + n, pack, holes=(n % 4) * 0.15) for n in range(120)]
    assert_both_engines_agree(pack, planned(pack), people, tmp_path)


def assert_both_engines_agree(pack: Pack, plan: Plan, people: list[Household], folder: Path) -> list[str]:
    """Outcome, amount, masks and state of everybody in every programme; gives the outcomes."""
    (folder / "snapshot").mkdir()
    snapshot = read(write(folder / "snapshot", pack, AS_OF, people), pack)
    run(plan, snapshot, folder / "out", threads=1)
    outcomes = []
    for p in plan.programmes.values():
        files = f"'{folder}/out/outcomes_{p.subject}/*.parquet'"
        columns = ", ".join(f"{p.name}__{c}" for c in ("outcome", "amount", "failed", "unknown", "state"))
        bulk = {id: row for id, *row in duckdb.sql(f"SELECT {p.subject}_id, {columns} FROM {files}").fetchall()}
        single = {s.id: (said, h) for h in people for s, said in answers(plan, p.name, h)}
        assert bulk.keys() == single.keys()
        for id, (said, h) in single.items():
            assert bulk[id] == said, (p.name, id, h)
        outcomes += [row[0] for row in bulk.values()]
    return outcomes


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
