"""The demo overlay pays one supplement for each member who needs more (P27 of the demo's standards)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from doudi.demo.cast import cast
from doudi.engine import policy
from doudi.engine.policy.archive import shipped
from doudi.engine.screening import answer
from doudi.engine.screening.household import Household, Person

DAY = date(2020, 7, 20)


def test_c1_gets_twenty_percent_for_three_members_under_the_overlay() -> None:
    amounts = []
    for overlays in ([], [shipped() / "demo-supplement"]):
        pack = policy.load("cn", overlays)
        c1 = next(h for h in cast(DAY, pack.facts) if h.id == "h01")
        persons = tuple(Person(p.id, p.role, c1.division, dict(p.facts)) for p in c1.persons)
        household = Household(c1.id, c1.division, dict(c1.facts), persons)
        (found,) = answer(policy.plan(pack, DAY, ["341503000000"]), household).answers
        amounts.append(found.amount)
    assert amounts == [Decimal("800.00"), Decimal("1160.00")]
