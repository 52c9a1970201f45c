"""The accounts of the demo, from `demo_accounts.csv`. They exist only with DOUDI_DEMO=1."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import get_language

from doudi.office.access.models import Post, User

PASSWORD = "doudi-demo"
_SINCE = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Account:
    """One demo account: who it is and where it works."""

    username: str
    name: str
    role: str
    area: str
    work_zh: str
    work_en: str

    @property
    def work(self) -> str:
        """What it does and where, in the reader's language."""
        return self.work_en if (get_language() or "").startswith("en") else self.work_zh


class NotADemo(RuntimeError):
    """Accounts with a known password exist in a demo only."""


@cache
def accounts() -> tuple[Account, ...]:
    with Path(__file__).with_name("demo_accounts.csv").open(encoding="utf-8") as lines:
        return tuple(Account(**line) for line in csv.DictReader(lines))


def make_demo_accounts() -> None:
    """Make the demo accounts that are missing. Raises NotADemo without DOUDI_DEMO=1."""
    if not settings.DEMO:
        raise NotADemo("DOUDI_DEMO=1 is not set")
    password = make_password(PASSWORD)  # slow on purpose, so not while the database is held
    with transaction.atomic():
        for account in accounts():
            user, _made = User.objects.get_or_create(
                username=account.username, defaults={"full_name": account.name, "password": password}
            )
            Post.objects.get_or_create(user=user, role=account.role, area_code=account.area, starts_on=_SINCE)


def shown_accounts() -> tuple[Account, ...]:
    """What the login page of a demo tells; of an office in use nothing."""
    return accounts() if settings.DEMO else ()
