"""What the generator planted is found, and nothing else is: household by household, and everybody at once."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest

from doudi.demo.synth import synth
from doudi.demo.tables import population
from doudi.engine import policy
from doudi.engine.screening import answer
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import Snapshot, read

PACK = policy.load("cn")
FINDING = {
    "missed": "missed",
    "covered_wrong_amount": "amount",
    "covered_not_eligible": "no_longer_eligible",
    "to_verify": "to_verify",
    "covered_to_verify": "to_verify",
}
PERSONS = [
    1_000,
    pytest.param(30_000, marks=pytest.mark.slow),
    pytest.param(
        1_000_000,
        marks=[pytest.mark.slow, pytest.mark.skipif("DOUDI_LONG" not in os.environ, reason="make test-long")],
    ),
]


def made(folder: Path, persons: int) -> Snapshot:
    synth(folder, persons=persons, seed=20, as_of=date(2020, 7, 20))
    return read(folder, PACK)


def ask(sql: str) -> list[tuple]:
    with duckdb.connect() as con:
        return con.execute(sql).fetchall()


@pytest.mark.slow
def test_household_by_household_the_law_says_what_was_planted(tmp_path: Path) -> None:
    snapshot = made(tmp_path / "county", 400)
    plan = policy.plan(PACK, snapshot.as_of, snapshot.counties())
    wrong, plots = Counter(), Counter()
    for subject, kind, why in ask(f"SELECT subject_id, kind, why FROM '{tmp_path}/county/truth/*.parquet'"):
        (found,) = answer(plan, snapshot.household(subject)).answers
        plots[why] += 1
        if FINDING.get(found.state, "clean") != kind:
            wrong[why, kind, found.state] += 1
    assert not wrong
    assert set(plots) == set(population()["plots"])


@pytest.mark.parametrize("persons", PERSONS)
def test_everybody_at_once_all_planted_truth_is_found_and_nothing_invented(persons: int, tmp_path: Path) -> None:
    snapshot = made(tmp_path / "county", persons)
    plan = policy.plan(PACK, snapshot.as_of, snapshot.counties())
    summary = run(plan, snapshot, tmp_path / "out")
    found = f"SELECT subject_type, subject_id, programme, kind FROM '{tmp_path}/out/findings.parquet'"
    planted = (
        f"SELECT subject_type, subject_id, programme, kind FROM '{tmp_path}/county/truth/*.parquet' "
        "WHERE kind <> 'clean'"
    )
    assert ask(f"{found} EXCEPT {planted}") == []
    assert ask(f"{planted} EXCEPT {found}") == []
    assert {kind for (kind,) in ask(f"SELECT DISTINCT kind FROM ({found})")} == set(FINDING.values())
    states = summary.to_json()["conservation"]["dibao"]
    assert 0 < states["to_verify"] + states["covered_to_verify"] < 0.05 * states["n_subjects"]
