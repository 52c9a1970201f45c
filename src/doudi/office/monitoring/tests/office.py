"""A county with a household and clues, made by hand: only what a sentence under test needs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.test import Client

from doudi.office.access import system_scope
from doudi.office.access.models import Post, User
from doudi.office.law.models import PackEdition
from doudi.office.monitoring import filing
from doudi.office.monitoring.models import Finding, Run
from doudi.office.monitoring.output import Clue
from doudi.office.registry.models import Household
from doudi.office.registry.tests.files import use_pack
from doudi.office.registry.tests.people import VILLAGE, home, observe, person

COUNTY, TOWNSHIP, OTHER_COUNTY = "341503000000", "341503203000", "520502000000"
AT = datetime(2020, 7, 20, 1, tzinfo=UTC)
MONDAY = date(2020, 7, 20)
KNOWN = {"household_class": "rural", "savings": "8000.00", "homes": 1, "vehicles": 0, "house_state": "safe"}
INCOME = dict.fromkeys(
    ("work_income", "business_income", "property_income", "transfer_income", "income_deductions"), "0.00"
)


def signed_in(role: str, area: str, name: str = "") -> Client:
    user = User.objects.create_user(name or role, None, full_name=name or role)
    Post.objects.create(user=user, role=role, area_code=area, starts_on=date(2020, 1, 1))
    client = Client()
    client.force_login(user)
    return client


def edition() -> PackEdition:
    if not PackEdition.objects.exists():
        use_pack()
    return PackEdition.objects.get()


def finished_run(area: str = COUNTY, **fields: Any) -> Run:
    fields = {"state": "done", "finished_at": AT, **fields}
    return Run.objects.create(
        area_code=area,
        as_of=MONDAY,
        edition=edition(),
        asked_at=AT,
        asked_by="test",
        summary={"conservation": {"dibao": {}}},
        **fields,
    )


def household(name: str = "贾守田", area: str = VILLAGE, income: str = "400.00") -> Household:
    """One person, registered here, of whom everything is known that dibao asks."""
    made = home(area)
    made.head = person(name, made)
    made.save()
    observe(made.head, "2020-06-30", "police_household_register", birth_date="1968-03-11", hukou_division=area)
    observe(made.head, "2020-07-16", **INCOME | {"work_income": income}, lives_here=True)
    observe(made, "2020-07-16", **KNOWN)
    return made


def clue(home: Household, code: str = "c1", **fields: Any) -> Clue:
    said: dict[str, Any] = {
        "kind": "missed",
        "current_amount": None,
        "due_amount": Decimal("200.00"),
        "failed": [],
        "unknown": [],
        "priority": 25,
        "first_seen": MONDAY,
        **fields,
    }
    return Clue(
        finding_id=code,
        subject_type="household",
        subject_id=str(home.pk),
        household_id=str(home.pk),
        division=home.area_code,
        programme="dibao",
        other=None,
        priority_parts=["minor"],
        **said,
    )


def finding(home: Household, code: str = "c1", state: str = "unsent", **fields: Any) -> Finding:
    """A filed clue in the state under test."""
    run = Run.objects.filter(area_code=home.area_code[:6] + "000000").first()
    filing.file_clues(run or finished_run(home.area_code[:6] + "000000"), [clue(home, code, **fields)])
    Finding.objects.filter(code=code).update(state=state)
    return Finding.objects.get(code=code)


def one_clue(state: str = "unsent", area: str = VILLAGE) -> Finding:
    with system_scope("test"):
        return finding(household(area=area), state=state)
