"""Overlaps among the findings, and why somebody has another programme instead, in words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Pack
from doudi.engine.screening.explain import answer
from doudi.engine.screening.household import Enrolment, Household, Person
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.screening.tests.plans import AS_OF, HERE
from doudi.engine.words import Language

PACK = load(Path(__file__).parent / "packs" / "exclusions")


def household(id: str, *enrolments: tuple[str, str, str], **facts: object) -> Household:
    """enrolments: programme, amount, and of whom: `household` or a person."""
    persons = (Person(f"{id}a", "head", HERE, {}), Person(f"{id}b", "child", HERE, {"young": True, "needs_care": True}))
    held = tuple(
        Enrolment("household" if who == "household" else "person", id if who == "household" else who, p, Decimal(n))
        for p, n, who in enrolments
    )
    return Household(id, HERE, facts, persons, held)  # type: ignore[arg-type]


def overlaps(folder: Path, pack: Pack, people: list[Household]) -> set[tuple[object, ...]]:
    (folder / "snapshot").mkdir()
    snapshot = read(write(folder / "snapshot", pack, AS_OF, people), pack)
    summary = run(plan(pack, AS_OF), snapshot, folder / "out", threads=1)
    for states in summary.to_json()["conservation"].values():
        assert sum(n for state, n in states.items() if state != "n_subjects") == states["n_subjects"]
    columns = "subject_id, programme, other, current_amount, due_amount"
    found = duckdb.sql(f"SELECT {columns} FROM '{folder}/out/findings.parquet' WHERE kind = 'overlap'").fetchall()
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.slow
def test_overlaps_are_told_once_each_and_stop_nobody(tmp_path: Path) -> None:
    people = [
        household("h1", ("alpha", "1", "household"), ("beta", "2", "household"), poor=False, hit=False),
        household("h2", ("gamma", "3", "household"), ("beta", "2", "household"), poor=False, hit=False),
        household("h3", ("beta", "2", "household"), hit=True, beta_due=Decimal(2)),
        household("h4", ("house", "60", "household"), ("kid", "50", "h4b"), poor=False, hit=False),
        household("h5", ("house", "60", "household"), poor=False, hit=False),
        household("h6", ("delta", "9", "household"), ("beta", "2", "household"), hit=True, beta_due=Decimal(2)),
        household("h7", ("gamma", "3", "household"), ("foreign", "2", "h7a"), poor=False, hit=False),
    ]
    assert overlaps(tmp_path, PACK, people) == {
        ("h1", "alpha", "beta", Decimal("1.00"), None),
        ("h3", "delta", "beta", None, None),  # due now, while the other one is paid for the same need
        ("h4b", "kid", "house", Decimal("50.00"), None),
        ("h6", "delta", "beta", Decimal("9.00"), None),
        ("h7a", "gamma", "foreign", Decimal("3.00"), None),  # across kinds of subject every mode is told
    }


PAID = (("foreign", "700", "household"),)


@pytest.mark.parametrize(
    "lang, enrolled, due, programme, told",
    [
        ("zh", (), ("300", "200"), "beta",
         "与“甲补助”只享受金额高的一项：符合“甲补助”条件（300.00 元），本项 200.00 元。"),
        ("en", (), ("300", "200"), "beta",
         "only the higher of this and “alpha” is paid: is eligible for “alpha” (300.00 yuan), this one 200.00 yuan."),
        ("en", (), ("200", "200"), "beta",
         "only the higher of this and “alpha” is paid: is eligible for “alpha” (200.00 yuan), this one as much; "
         "“alpha” goes first."),
        ("en", PAID, ("300", "200"), "alpha",
         "not paid beside “foreign aid”: receives “foreign aid” (700.00 yuan)."),
        ("zh", PAID, ("300", "200"), "gamma",
         "本项只补足其他补助不足的部分：符合“乙补助”条件（200.00 元）、正在享受“外部补助”（700.00 元），没有差额。"),
    ],
)  # fmt: skip
def test_why_another_programme_goes_first(
    lang: Language, enrolled: tuple[tuple[str, str, str], ...], due: tuple[str, str], programme: str, told: str
) -> None:
    alpha, beta = map(Decimal, due)
    h = household("h1", *enrolled, poor=True, hit=True, alpha_due=alpha, beta_due=beta)
    found = answer(plan(PACK, AS_OF), h, lang)
    (said,) = (a for a in found.answers if a.programme == programme)
    assert (said.state, said.reason) == ("covered_elsewhere", told)


@pytest.mark.parametrize(
    "lang, sums",
    [
        ("zh", "500.40 元 − 乙补助 应发金额 200.00 元（取整到 1）"),
        ("en", "500.40 yuan − beta as due 200.00 yuan (rounded to 1)"),
    ],
)
def test_a_difference_names_what_the_other_one_pays(lang: Language, sums: str) -> None:
    found = answer(plan(PACK, AS_OF), household("h1", poor=False, hit=True, beta_due=Decimal(200)), lang)
    (said,) = (a for a in found.answers if a.programme == "gamma")
    (amount,) = (s for s in said.steps if s.kind == "amount")
    assert (said.amount, amount.sum) == (Decimal("301.00"), sums)
