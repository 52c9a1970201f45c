"""What the generator planted is found, and nothing else is."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest

from doudi.demo.synth import population, synth
from doudi.engine import policy
from doudi.engine.screening import answer
from doudi.engine.screening.snapshot import read

FINDING = {
    "missed": "missed",
    "covered_wrong_amount": "amount",
    "covered_not_eligible": "no_longer_eligible",
    "to_verify": "to_verify",
    "covered_to_verify": "to_verify",
}


def planted(folder: Path) -> dict[str, tuple[str, str]]:
    with duckdb.connect() as con:
        rows = con.execute(f"SELECT subject_id, kind, why FROM read_parquet('{folder}/truth/*.parquet')").fetchall()
    return {subject: (kind, why) for subject, kind, why in rows}


@pytest.mark.slow
def test_household_by_household_the_truth_is_what_the_law_says(tmp_path: Path) -> None:
    folder = tmp_path / "county"
    synth(folder, persons=400, seed=20, as_of=date(2020, 7, 20))
    pack = policy.load("cn")
    snapshot = read(folder, pack)
    plan = policy.plan(pack, snapshot.as_of, snapshot.counties())
    wrong, plots = Counter(), Counter()
    for subject, (kind, why) in planted(folder).items():
        (found,) = answer(plan, snapshot.household(subject)).answers
        plots[why] += 1
        if FINDING.get(found.state, "clean") != kind:
            wrong[why, kind, found.state] += 1
    assert not wrong
    assert set(plots) == set(population()["plots"])
