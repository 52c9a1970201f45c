"""What a household page says of its money: never nought for what nobody knows, and every programme by its name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from doudi.office.access import current_scope, system_scope
from doudi.office.cases.models import Entitlement
from doudi.office.cases.shown import marks, money_panel, timeline
from doudi.office.registry.models import Household
from doudi.office.registry.tests.files import AT, use_pack
from doudi.office.registry.tests.people import home, person

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def office() -> Iterator[None]:
    with system_scope("test"):
        use_pack()
        yield


def grant(household: Household, programme: str, amount: int | None, starts_on: date | None) -> None:
    Entitlement.objects.create(
        area_code=household.area_code,
        household=household,
        programme=programme,
        amount_fen=amount,
        starts_on=starts_on,
        origin="decided",
        recorded_at=AT,
    )


@pytest.fixture
def laogen() -> Household:
    made = home()
    person("梅老根", made)
    grant(made, "dibao", 60000, date(2019, 1, 1))
    grant(made, "tekun", None, None)
    return made


def test_a_month_with_an_amount_nobody_knows_has_no_total(laogen: Household) -> None:
    panel = money_panel(laogen.pk, current_scope())
    assert panel
    assert {total.amount for total in panel.context["totals"]} == {None}
    page = render_to_string(panel.template, panel.context)
    assert "0.00" not in page.split("当月合计")[1] and page.split("当月合计")[1].count("不清楚") == 8


def test_months_whose_amounts_are_known_add_up(laogen: Household) -> None:
    Entitlement.objects.filter(programme="tekun").update(amount_fen=81600, starts_on=date(2020, 7, 1))
    panel = money_panel(laogen.pk, current_scope())
    assert panel
    assert [t.amount for t in panel.context["totals"]][-3:] == [
        Decimal("600.00"),
        Decimal("1416.00"),
        Decimal("1416.00"),
    ]


@pytest.mark.parametrize(
    ("lang", "name"), [("zh-hans", "特困人员救助供养"), ("en", "support of people in extreme hardship")]
)
def test_a_programme_this_edition_only_names_has_its_words(laogen: Household, lang: str, name: str) -> None:
    with translation.override(lang):
        assert any(name in mark.words for mark in marks(laogen.pk, current_scope()))


def test_what_has_no_known_start_stands_in_the_chain_since_we_learnt_of_it(laogen: Household) -> None:
    (entry,) = [e for e in timeline(laogen.pk, current_scope()) if e.title == "特困人员救助供养"]
    assert "在册" in entry.text and (entry.on, entry.amount) == (date(2020, 7, 20), "")
