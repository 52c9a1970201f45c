"""The cast goes through the office: its own messy lists, matching, entitlements, screening, findings."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from doudi.demo import office
from doudi.engine.values import Money
from doudi.office.access import system_scope
from doudi.office.access.demo import PASSWORD
from doudi.office.audit.models import Entry
from doudi.office.cases.models import Entitlement
from doudi.office.monitoring.explaining import answers
from doudi.office.monitoring.models import Finding, Run, StateCount
from doudi.office.monitoring.queries import households_registered
from doudi.office.registry.models import Batch, BatchRow, Household, Membership, Observation
from doudi.office.registry.queries import household

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MONDAY = date(2020, 7, 20)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[str]]:
    """A demo of the cast and a hundred more, built once for this file; gives what the build told."""
    told: list[str] = []
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer._from_testcase = True  # type: ignore[attr-defined]  # a system job then stays in this transaction
        with outer:
            office.build(100, 1, told.append)
            yield told
            transaction.set_rollback(True)
    for left in ("registers", "runs", "imports"):
        shutil.rmtree(Path(settings.DATA_DIR) / left, ignore_errors=True)
    (Path(settings.DATA_DIR) / "demo-built").unlink()


@pytest.fixture(autouse=True)
def everywhere(built: list[str]) -> Iterator[None]:
    with system_scope("test"):
        yield


def findings(head: str) -> list[tuple[str, str | None, str | None]]:
    """Kind, present and due amount of what the screening says of a household."""
    rows = Finding.objects.filter(household__head__name=head, programme="dibao").order_by("kind")
    return [(f.kind, _yuan(f.current_fen), _yuan(f.due_fen)) for f in rows]


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else str(Money(fen))


@pytest.mark.parametrize(
    ("cast", "head", "expected"),
    [
        ("C1", "贾守田", [("missed", None, "800.00")]),
        ("C2", "梅守义", []),
        ("C3", "梅老稳", [("amount", "900.00", "300.00")]),
        ("C3", "梅老根", []),
        ("C4", "梅素芬", []),
        ("C5", "吴大江", []),
        ("C6", "梅长贵", [("amount", "700.00", "220.00")]),
        ("C7", "贾双喜", []),
        ("C8", "甄水生", [("to_verify", None, None)]),
        ("C9", "甄荷花", [("to_verify", None, None)]),
        ("C10", "贾老五", []),
        ("C11", "梅䶮", [("no_longer_eligible", "450.00", None)]),
        ("C12", "贾宝库", [("no_longer_eligible", "300.00", None)]),
        ("C13", "甄明月", []),
        ("C16", "贾有余", []),
    ],
)
def test_the_cast_has_its_outcome_in_the_registry(cast: str, head: str, expected: list[Any]) -> None:
    assert Household.objects.filter(kind="living", head__name=head).exists(), f"{cast} is in the registry"
    assert findings(head) == expected


def test_the_cremation_list_finds_her_although_two_digits_are_swapped() -> None:
    written = (Path(settings.DATA_DIR) / "registers" / "cremation_list.csv").read_text("utf-8-sig")
    assert "341599193704121818" in written and "341599193704121188" not in written
    died = Observation.objects.get(source="cremation_list", person__name="梅桂英")
    assert died.tier == "repaired" and died.facts["is_deceased"] is True and died.facts["died_on"] == "2020-07-01"
    assert not BatchRow.objects.filter(batch=died.batch, state__in=["doubtful", "refused"]).exists()


def test_a_member_who_lives_elsewhere_stays_on_the_grant_he_was_decided_for() -> None:
    grant = Entitlement.objects.get(household__head__name="梅老稳", programme="dibao")
    names = set(Membership.objects.filter(household=grant.household_id).values_list("person__name", flat=True))
    assert (len(grant.persons), grant.amount_fen, names) == (3, 90000, {"梅老稳", "吴秀珍"})
    his = Entitlement.objects.get(household__head__name="梅老根")
    assert (his.programme, his.amount_fen, his.starts_on) == ("tekun", 81600, date(2017, 1, 1))


def test_every_roster_household_became_one_entitlement_with_one_amount() -> None:
    grants = Entitlement.objects.filter(programme="dibao")
    assert grants.count() == grants.values("household").distinct().count() > 4
    assert not Entitlement.objects.filter(amount_fen__isnull=True).exists()


@pytest.mark.parametrize(
    ("head", "surveyed", "income"), [("甄水生", "2020-05-20", 3600), ("甄荷花", "2020-05-12", 740)]
)
def test_a_survey_that_lapsed_with_the_flood_is_kept_and_counts_no_more(head: str, surveyed: str, income: int) -> None:
    home = Household.objects.get(kind="living", head__name=head)
    said = Observation.objects.filter(person__household=home, valid_to=date(2020, 6, 22), source="household_survey")
    parts = ("work_income", "business_income", "property_income", "transfer_income")
    assert sum(float(word.facts[part]) for word in said for part in parts) == income
    assert {str(word.observed_on) for word in said} == {surveyed}
    view = household(home.pk, as_of=MONDAY)
    (head_of,) = [p for p in view.members if p.name == head]
    assert view.facts["savings"].why == head_of.facts["work_income"].why == "lapsed"
    page = signed_in("county").get(f"/households/{home.pk}", {"tab": "facts"}).content.decode()
    assert "已过期，要重新核实" in page


def test_nothing_was_observed_after_the_day_the_demo_opens() -> None:
    assert not Observation.objects.filter(observed_on__gt=MONDAY).exists()


def test_only_the_lists_of_the_demo_county_stay_readable() -> None:
    home = Path(settings.DATA_DIR)
    clear = [p for p in home.rglob("*.csv") if p.parent != home / "registers"]
    clear += [p for p in home.rglob("*.xlsx") if p.parent != home / "registers"]
    assert clear == [] and list((home / "registers").glob("*.csv"))


def test_every_household_of_the_registry_was_screened_into_one_state() -> None:
    for run in Run.objects.all():
        counted = sum(StateCount.objects.filter(run=run, programme="dibao").values_list("n", flat=True))
        county = office.COUNTY if run.area_code == str(office.COUNTY) else office.OTHER
        assert counted == run.n_households == households_registered(county, run.as_of) > 0


def test_every_line_of_every_list_ended_in_one_counted_state() -> None:
    for batch in Batch.objects.all():
        assert sum(batch.counts.values()) == batch.rows == batch.mark


def test_the_registry_answers_as_the_engine_does_for_one_household() -> None:
    """What the bulk run found is what the page computes, for every household, found or not."""
    states = {"missed": "missed", "amount": "covered_wrong_amount", "no_longer_eligible": "covered_not_eligible"}
    found = {
        f.household_id: (states[f.kind], None if f.due_fen is None else Money(f.due_fen).yuan)
        for f in Finding.objects.filter(kind__in=states)
    }
    told = {}
    for home in Household.objects.filter(kind="living", area_code__startswith="3415"):
        page = answers(household(home.pk, as_of=MONDAY), MONDAY)
        assert page
        (dibao,) = [a for a in page.answers if a.programme == "dibao"]
        if dibao.state in states.values():
            told[home.pk] = (dibao.state, dibao.amount)
    assert told == found and len(found) > 8


def test_a_second_build_adds_nothing(built: list[str]) -> None:
    before = [model.objects.count() for model in (Observation, Entitlement, Batch, Run, Finding, Household, Entry)]
    again: list[str] = []
    office.build(100, 1, again.append)
    assert again == built
    after = [model.objects.count() for model in (Observation, Entitlement, Batch, Run, Finding, Household, Entry)]
    assert after == before


def signed_in(account: str) -> Client:
    client = Client()
    assert client.post("/login", {"username": account, "password": PASSWORD}).status_code == 302
    return client


def test_the_other_county_sees_nothing_of_it() -> None:
    home = Household.objects.get(kind="living", head__name="贾守田")
    stranger = signed_in("other_county")
    assert "贾守田" not in stranger.get("/findings").content.decode()
    assert stranger.get(f"/households/{home.pk}/why").status_code == 404
    assert stranger.get("/findings", {"area": "341503203204"}).status_code == 404
    assert "没有这个人" in stranger.get("/search", {"q": "贾守田"}).content.decode()


def test_the_county_sees_the_clue_on_board_household_and_why() -> None:
    home = Household.objects.get(kind="living", head__name="贾守田")
    county = signed_in("county")
    assert "贾守田" in county.get("/findings").content.decode()
    assert "800.00" in county.get(f"/households/{home.pk}").content.decode()
    assert "800.00" in county.get(f"/households/{home.pk}/why").content.decode()


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_no_page_that_says_why_holds_an_id_or_a_code_name(lang: str) -> None:
    county = signed_in("county")
    county.cookies["django_language"] = lang
    for head in ("贾守田", "梅老稳", "梅素芬", "吴大江", "梅长贵", "甄水生", "甄荷花", "贾宝库", "甄明月", "贾有余"):
        home = Household.objects.get(kind="living", head__name=head)
        page = county.get(f"/households/{home.pk}/why").content.decode()
        text = re.sub(r"<[^>]*>", " ", page.split('<main class="sheet"')[1])
        assert not re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-|\b34\d{10}\b|[a-z]+_[a-z_]+|\bNone\b|\bdict\b", text), head


def test_the_page_of_an_open_household_asks_first_and_says_what_follows() -> None:
    home = Household.objects.get(kind="living", head__name="甄荷花")
    page = signed_in("county").get(f"/households/{home.pk}/why").content.decode()
    assert page.index("先问这个") < page.index('class="conditions') < page.index("什么会改变这个结果")
    assert "待核实" in page and "不低于 600.00 元" in page and "派走访" in page


def test_the_sum_stands_in_one_line_with_the_source_of_the_income() -> None:
    home = Household.objects.get(kind="living", head__name="贾守田")
    page = signed_in("county").get(f"/households/{home.pk}").content.decode()
    slip = page.split('class="slip"')[1].split("</section>")[0]
    assert "(600.00 − 400.00) × 4 人 = 800.00 元" in slip
    assert "600.00 元" in slip and "2020-07-16" in slip and "第四条" in slip
