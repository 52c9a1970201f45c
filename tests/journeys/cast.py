"""Makes the office of the stories: the accounts, and 贾守田's household as the registers and the visit know it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from doudi.engine.values import AreaCode  # noqa: E402
from doudi.office.access import system_scope  # noqa: E402
from doudi.office.access.demo import make_demo_accounts  # noqa: E402
from doudi.office.access.sealing import seal_text  # noqa: E402
from doudi.office.law.actions import activate, install  # noqa: E402
from doudi.office.law.queries import pack_of  # noqa: E402
from doudi.office.registry.actions import load_areas, rebuild_all  # noqa: E402
from doudi.office.registry.models import Source  # noqa: E402
from doudi.office.registry.sealing import last_four_index, number_index  # noqa: E402
from doudi.office.registry.tests.people import home, observe, person  # noqa: E402

NUMBER = "341599196803110299"
AT = datetime(2020, 7, 20, 0, tzinfo=UTC)
COUNTY, VILLAGE = "341503000000", "341503203204"
SOURCES = [
    ("household_visit", "visit", "入户走访", "Home visit"),
    ("police_household_register", "department", "公安户籍", "Police household register"),
    ("medical_bills", "department", "医保大额名单", "Medical bills"),
]


def make() -> None:
    call_command("sealing_keys", verbosity=0)
    call_command("migrate", verbosity=0, database="owner")
    make_demo_accounts()
    with system_scope("demo"):
        load_areas(AreaCode(COUNTY), on=date(2020, 7, 20), by="demo", at=AT)
        edition = install(settings.PACKS_DIR / "cn", by="demo", at=AT)
        activate(edition, pack_of(edition), areas=[AreaCode(COUNTY)], since=date(2020, 7, 1), by="demo", at=AT)
        for name, kind, zh, en in SOURCES:
            Source.objects.create(name=name, kind=kind, label_zh=zh, label_en=en)
        _jia()


def _jia() -> None:
    household = home(VILLAGE)
    for name, role, born, sex in (
        ("贾守田", "head", "1968-03-11", "M"),
        ("梅秀", "spouse", "1970-05-01", "F"),
        ("贾明", "child", "1996-01-20", "M"),
        ("贾小宝", "grandchild", "2012-09-09", "M"),
    ):
        member = person(name, household, role)
        observe(member, "2020-06-30", "police_household_register", birth_date=born, sex=sex)
        if role == "head":
            member.number = seal_text("registry_person", "number", member.pk, NUMBER)
            member.number_index, member.last_four_index = number_index(NUMBER), last_four_index(NUMBER)
            member.save()
            household.head = member
            household.save()
            observe(member, "2020-07-01", "medical_bills", medical_own_share="28400.00")
    observe(household, "2020-07-16", household_class="rural")
    rebuild_all(as_of=date(2020, 7, 20))


if __name__ == "__main__":
    make()
