"""What is too large, too long or outside the calendar means the same everywhere, and stops nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from doudi.engine.policy.graph import MAX_CHAIN
from doudi.engine.policy.model import Agg, Condition, Definition, Expr, Lit, Plan, Type, Words
from doudi.engine.screening.explain import answer
from doudi.engine.screening.household import Enrolment
from doudi.engine.screening.tests.bulk import in_bulk, one_by_one
from doudi.engine.screening.tests.plans import INCOME, PLAN, call, f, household, par, person, v, with_conditions

LARGEST = Decimal("999999999999.99")
SAVINGS = f("savings", entity="household")
MEMBERS = v("dibao.members", "int")


def n(value: int | str, kind: Type = "int") -> Lit:
    return Lit(value if isinstance(value, int) else Decimal(value), kind)


def _grown(*numbers: int) -> Expr:
    grown: Expr = SAVINGS
    for number in numbers:
        grown = call("*", grown, n(number), kind="money")
    return grown


def _days(op: str, number: int) -> Expr:
    return call(">", call(op, call("as_of", kind="date"), n(number), kind="date"), Lit(date(2020, 7, 20), "date"))


TOO_LARGE: dict[str, Expr] = {
    "a product": call("<", n("0", "money"), _grown(10**6)),
    "a product of products": call("<", n("0", "money"), _grown(10**11, 10**11, 10**11)),
    "a sum": call("<", n("0", "money"), call("+", *[n(str(LARGEST), "money")] * 2, SAVINGS, kind="money")),
    "a sum over members": call("<", n("0", "money"), Agg("sum", n(str(LARGEST), "money"), None, "money")),
    "a quotient": call(
        "<", n("0", "money"), call("div", SAVINGS, n("0.000001", "number"), n(6), kind="money")
    ),
    "a count": call("<", n(0), call("*", MEMBERS, n(10**11), n(10**11), kind="int")),
    "a count among amounts": call(
        "<", n("0", "number"), call("max", call("*", MEMBERS, n(10**13), kind="int"), n("1", "number"), kind="number")
    ),
    "a day after the calendar": _days("add_days", 99_999_999_999),
    "a month after the calendar": _days("add_months", 999_999),
    "a month long after it": _days("add_months", 99_999_999),
}  # fmt: skip
HOME = household(person("a"), person("b"), savings=Decimal("2000000.00"))


@pytest.mark.slow
@pytest.mark.parametrize("what", TOO_LARGE)
def test_what_is_too_large_asks_on_both_backends_and_is_explained(what: str) -> None:
    plan = with_conditions(Condition("large", 0, TOO_LARGE[what], None, Words("大", "large")))
    alone, together = one_by_one(plan, [HOME]), in_bulk(plan, [HOME])
    assert alone == together
    assert alone["dibao", "h1"][0] == "needs_verification"
    (step, *_) = answer(plan, HOME, "en").answers[0].steps
    assert step.result == "unknown"
    assert "cannot be worked out" in step.text


@pytest.mark.slow
def test_the_largest_values_are_still_known_on_both_backends() -> None:
    chain: Expr = n(str(LARGEST), "money")
    for op in ["+"] * 8 + ["-"] * 8:
        chain = call(op, chain, n(str(LARGEST), "money"), kind="money")
    for e in (
        call("==", chain, n(str(LARGEST), "money")),
        call("<", n("0", "money"), call("*", SAVINGS, n(499_999), kind="money")),
        call("<", n(0), call("*", MEMBERS, n(499_999_999), n(10**9), kind="int")),
    ):
        plan = with_conditions(Condition("large", 0, e, None, Words("大", "large")))
        assert one_by_one(plan, [HOME]) == in_bulk(plan, [HOME])
        assert one_by_one(plan, [HOME])["dibao", "h1"][0] == "eligible"


@pytest.mark.slow
def test_a_due_or_a_paid_amount_that_is_too_large_is_unknown_on_both_backends() -> None:
    amount = call("*", par("dibao.standard"), n(10**10), kind="money")
    plan = with_conditions(*PLAN.programmes["dibao"].conditions, amount=amount)
    twice = tuple(Enrolment("household", "h1", "dibao", LARGEST, starts_on=date(2020, 1, d)) for d in (1, 2))
    paid = household(person("a"), enrolments=twice)
    for law, h in ((plan, HOME), (PLAN, paid)):
        assert one_by_one(law, [h]) == in_bulk(law, [h])


def _chain(expr: str) -> Plan:
    """As many variables as the checker lets through, each made of the one before."""
    definitions = {"v0": Definition("v0", "household", "money", INCOME)}
    for at in range(1, MAX_CHAIN):
        before = v(f"v{at - 1}")
        made = call("+", before, before if expr == "doubled" else n("0.01", "money"), kind="money")
        definitions[f"v{at}"] = Definition(f"v{at}", "household", "money", made)
    last = Condition("last", 0, call("<", SAVINGS, v(f"v{MAX_CHAIN - 1}")), None, Words("末", "last"))
    plan = with_conditions(last)
    order = tuple(n for n in PLAN.order if n != "dibao")
    return replace(plan, definitions=PLAN.definitions | definitions, order=(*order, *definitions, "dibao"))


@pytest.mark.slow
@pytest.mark.parametrize("expr", ["added", "doubled"])
@pytest.mark.parametrize("wage", ["9000", None])
def test_the_longest_chain_is_decided_and_explained_without_its_square(expr: str, wage: str | None) -> None:
    plan, h = _chain(expr), household(person("a", wage=wage), savings=Decimal("8000.00"))
    assert one_by_one(plan, [h]) == in_bulk(plan, [h])
    found = answer(plan, h, "en").answers[0]
    assert found.outcome == ("eligible" if expr == "added" and wage else "needs_verification")
