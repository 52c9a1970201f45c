"""What was given once is told as the reason why nothing more is due, and due again when its time is over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy import load, plan
from doudi.engine.screening.explain import answer
from doudi.engine.screening.household import Enrolment, Household, Person
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.tests.plans import AS_OF, HERE

PACK = load(Path(__file__).parent / "packs" / "once")


def given(programme: str, day: date) -> Household:
    grant = Enrolment("household", "h", programme, Decimal(80), "once", day, day)
    return Household("h", HERE, {"poor": True}, (Person("a", "head", HERE, {}),), (grant,))


@pytest.mark.parametrize(
    "programme, told",
    [
        ("lump", "Given once in 12 months, and it was given."),
        ("lifelong", "Given once in a lifetime, and it was given."),
        ("event", ""),
    ],
)
def test_the_reason_is_told(programme: str, told: str) -> None:
    found = answer(plan(PACK, AS_OF), given(programme, date(2020, 7, 1)), "en")
    (said,) = (a for a in found.answers if a.programme == programme)
    assert (said.state == "covered", said.reason) == (bool(told), told)


@pytest.mark.slow
@pytest.mark.parametrize(
    "programme, due", [("lump", date(2021, 7, 1)), ("week", date(2020, 7, 21)), ("lifelong", None)]
)
def test_the_day_on_which_it_may_be_given_again_is_due(programme: str, due: date | None, tmp_path: Path) -> None:
    day = date(2020, 7, 14) if programme == "week" else date(2020, 7, 1)
    (tmp_path / "snapshot").mkdir()
    snapshot = read(write(tmp_path / "snapshot", PACK, AS_OF, [given(programme, day)]), PACK)
    run(plan(PACK, AS_OF), snapshot, tmp_path / "out", threads=1)
    assert duckdb.sql(f"SELECT due_on FROM '{tmp_path}/out/inputs.parquet'").fetchall() == [(due,)]
