"""A township with one household of the cast, and accounts that see it or do not."""

from __future__ import annotations

from datetime import date

from django.test import Client

from doudi.office.access import system_scope
from doudi.office.access.models import Post, User
from doudi.office.registry.models import Household
from doudi.office.registry.tests.people import VILLAGE, home, observe, person

TOWNSHIP, COUNTY, OTHER_COUNTY = "341503203000", "341503000000", "520502000000"


def signed_in(role: str, area: str, name: str = "") -> Client:
    user = User.objects.create_user(name or role, None, full_name=name or role)
    Post.objects.create(user=user, role=role, area_code=area, starts_on=date(2020, 1, 1))
    client = Client()
    client.force_login(user)
    return client


def household_of_jia() -> Household:
    """贾守田 and his wife in 江店村: income seen on a visit, the household's class from it too."""
    with system_scope("test"):
        made = home(VILLAGE)
        head = person("贾守田", made)
        person("梅秀", made, "spouse")
        made.head = head
        made.save()
        observe(head, "2020-06-30", "police_household_register", birth_date="1968-03-11", sex="M")
        observe(head, "2020-07-16", wage="1600.00")
        observe(made, "2020-07-16", household_class="rural")
        return made
