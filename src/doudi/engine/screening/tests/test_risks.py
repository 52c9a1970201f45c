"""Risk signs of a pack become clues of their own kind, of no programme and without an outcome."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from doudi.engine.policy import load, plan
from doudi.engine.screening.household import Household, Person
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.tests.plans import AS_OF, HERE

PACK = load(Path(__file__).parent / "packs" / "exclusions")


def household(id: str, **facts: Any) -> Household:
    child = Person(f"{id}b", "child", HERE, {"young": True, "needs_care": facts.pop("needs_care", False)})
    return Household(id, HERE, facts, (child,))


@pytest.mark.slow
def test_a_sign_that_is_true_is_a_clue_and_an_unknown_one_is_none(tmp_path: Path) -> None:
    people = [
        household("h1", rich=True),
        household("h2", needs_care=True, hit=True),
        household("h3", needs_care=True, alpha_due=Decimal("99.99")),
        household("h4"),
    ]
    (tmp_path / "snapshot").mkdir()
    snapshot = read(write(tmp_path / "snapshot", PACK, AS_OF, people), PACK)
    summary = run(plan(PACK, AS_OF), snapshot, tmp_path / "out", threads=1)
    columns = "subject_type, subject_id, programme, other, priority, len(finding_id)"
    found = f"FROM '{tmp_path}/out/findings.parquet' WHERE kind = 'risk'"
    assert set(duckdb.sql(f"SELECT {columns} {found}").fetchall()) == {
        ("household", "h1", None, "rich_and_hit", 0, 32),
        ("household", "h2", None, "rich_and_hit", 0, 32),
        ("person", "h2b", None, "care_alone", 0, 32),
        ("person", "h3b", None, "care_alone", 0, 32),
        ("household", "h3", None, "poor_one", 0, 32),
    }
    assert summary.to_json()["signs"] == {"care_alone": 2, "poor_one": 1, "rich_and_hit": 2}
    assert all("risk" not in kinds for kinds in summary.to_json()["findings"].values())
    run(plan(PACK, AS_OF), snapshot, tmp_path / "some", threads=1, programmes=("alpha",))
    some = f"FROM '{tmp_path}/some/findings.parquet' WHERE kind = 'risk'"
    assert duckdb.sql(f"SELECT count(*) {some}").fetchall() == [(0,)]
