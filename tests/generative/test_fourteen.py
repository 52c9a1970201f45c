"""The pack of the benchmark: compiled SQL, SQL by hand and one household at a time say the same."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy import load, plan
from doudi.engine.screening.explain import answer
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import hand_pack
import law
import population

PERSONS = 4000
STATES = {"amount": "covered_wrong_amount", "missed": "missed", "no_longer_eligible": "covered_not_eligible"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pack, snapshot, `out` by us in chunks, `hand` by hand."""
    made = tmp_path_factory.mktemp("fourteen")
    pack = load(str(law.write(made / "pack")))
    people = read(population.make(made / "people", PERSONS), pack)
    run(plan(pack, people.as_of, people.counties()), people, made / "out", persons_in_chunk=900, threads=2)
    (made / "hand").mkdir()
    duckdb.connect().execute(hand_pack.sql(str(made / "people"), str(made / "hand")))
    return made


@pytest.mark.slow
@pytest.mark.parametrize("table", ["household", "person"])
def test_the_compiled_plan_writes_the_rows_of_the_sql_by_hand(folder: Path, table: str) -> None:
    ours = f"SELECT row_number() OVER () AS nth, * FROM '{folder}/out/outcomes_{table}/*.parquet'"
    ordered = f"FROM '{folder}/hand/{table}.parquet' ORDER BY division, household_id" + (
        ", person_id" if table == "person" else ""
    )
    hand = f"SELECT row_number() OVER () AS nth, * FROM ({ordered})"
    for one, two in ((ours, hand), (hand, ours)):
        assert duckdb.execute(f"({one}) EXCEPT ALL ({two}) LIMIT 3").fetchall() == []
    assert duckdb.execute(f"SELECT count(*) FROM ({ours})").fetchall()[0][0] > PERSONS // 4


@pytest.mark.slow
def test_findings_are_as_many_as_their_states(folder: Path) -> None:
    rows = duckdb.execute(
        f"SELECT programme, kind, count(*) FROM '{folder}/out/findings.parquet' GROUP BY ALL"
    ).fetchall()
    found = {(programme, kind): n for programme, kind, n in rows}
    for shape in law.PROGRAMMES:
        for kind, state in STATES.items():
            files = f"'{folder}/out/outcomes_{shape['subject']}/*.parquet'"
            counted = f"SELECT count(*) FROM {files} WHERE {shape['programme']}__state = '{state}'"
            (n,) = duckdb.execute(counted).fetchall()[0]
            assert found.get((shape["programme"], kind), 0) == n, (shape["programme"], kind)
    assert len({programme for programme, _ in found}) > 10


@pytest.mark.slow
def test_a_finding_says_of_a_person_what_explaining_him_says(folder: Path) -> None:
    pack = load(str(folder / "pack"))
    people = read(folder / "people", pack)
    planned = plan(pack, people.as_of, people.counties())
    rows = duckdb.execute(
        "SELECT programme, subject_id, household_id, current_amount, due_amount, failed, unknown FROM "
        f"'{folder}/out/findings.parquet' WHERE subject_type = 'person' AND kind <> 'overlap' "
        "QUALIFY row_number() OVER (PARTITION BY programme, kind ORDER BY finding_id) <= 1"
    ).fetchall()
    assert len(rows) > 12
    for programme, person, household, current, due, failed, unknown in rows:
        answers = answer(planned, people.household(household)).answers
        one = next(a for a in answers if (a.programme, a.subject_id) == (programme, person))
        assert (one.amount, set(one.failed), set(one.unknown)) == (due, set(failed), set(unknown))
        paid = [e.amount for e in people.household(household).enrolments if e.subject_id == person]
        assert current is None or Decimal(current) in paid
