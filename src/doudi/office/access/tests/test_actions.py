from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction

from doudi.office.access.actions import NoPurpose, require, reveal
from doudi.office.access.models import Post, User
from doudi.office.access.permissions import PERMISSIONS
from doudi.office.access.roles import Role
from doudi.office.access.scopes import NotAllowed, OutOfScope, scope, system_scope
from doudi.office.access.sealing import masked, seal_text
from doudi.office.audit.actions import TrailUnwritable
from doudi.office.audit.models import Entry
from tests.walk.sample.models import Card

pytestmark = pytest.mark.django_db
VILLAGE, OTHER = "341503102201", "520502101201"
AT = datetime(2020, 7, 20, 1, tzinfo=UTC)
NUMBER = "341599194001010018"


def user(role: Role, area: str = VILLAGE) -> User:
    made = User.objects.create_user(f"{role}-{area}", None, full_name=role)
    Post.objects.create(user=made, role=role, area_code=area, starts_on=date(2020, 1, 1))
    return made


def card(area: str = VILLAGE) -> Card:
    with system_scope("fixture"):
        made = Card(area_code=area)
        made.number = seal_text("sample_card", "number", made.pk, NUMBER)
        made.save()
        return made


def entries() -> list[Entry]:
    with system_scope("look"):
        return list(Entry.objects.filter(act="access.revealed"))


def test_a_reveal_leaves_one_full_entry_and_then_gives_the_number() -> None:
    clerk, shown = user(Role.TOWNSHIP), card()
    with scope(clerk, "assistance"):
        assert masked(shown, "number") == "341**************8"
        assert reveal(shown, "number", purpose="contact", by=clerk, at=AT) == NUMBER
    (entry,) = entries()
    assert (entry.by, entry.role, entry.purpose) == (clerk.username, "township", "contact")
    assert (entry.subject_kind, entry.subject_id, entry.detail) == ("sample.card", str(shown.pk), {"field": "number"})
    assert (entry.area_code, entry.at, entry.outcome) == (VILLAGE, AT, "done")


def test_a_reveal_without_purpose_right_or_place_gives_nothing() -> None:
    clerk, mine, theirs = user(Role.TOWNSHIP), card(), card(OTHER)
    with scope(clerk, "assistance"):
        with pytest.raises(NoPurpose):
            reveal(mine, "number", purpose=" ", by=clerk, at=AT)
        with pytest.raises(OutOfScope):
            reveal(theirs, "number", purpose="contact", by=clerk, at=AT)
        with pytest.raises(ValueError, match="not sealed"):
            reveal(mine, "area_code", purpose="contact", by=clerk, at=AT)
    for role in (Role.ANALYST, Role.AUDITOR, Role.SYSADMIN, Role.SECADMIN, Role.PARTNER):
        with scope(other := user(role), "assistance"), pytest.raises(NotAllowed):
            reveal(mine, "number", purpose="contact", by=other, at=AT)
    assert not entries()


def test_no_entry_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, shown = user(Role.TOWNSHIP), card()

    def broken(*args: object, **kwargs: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Entry, "save", broken)
    with scope(clerk, "assistance"), pytest.raises(TrailUnwritable):
        reveal(shown, "number", purpose="contact", by=clerk, at=AT)


def test_a_reveal_inside_a_transaction_is_refused_because_its_entry_could_be_rolled_back() -> None:
    clerk, shown = user(Role.TOWNSHIP), card()
    with scope(clerk, "assistance"), transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        reveal(shown, "number", purpose="contact", by=clerk, at=AT)


def test_who_acts_must_be_the_user_of_the_scope_with_a_role_for_it_in_the_area() -> None:
    clerk, other = user(Role.TOWNSHIP), user(Role.COUNTY)
    with scope(clerk, "assistance"):
        require(clerk, "registry.import", area=VILLAGE)
        with pytest.raises(OutOfScope):
            require(clerk, "registry.import", area=OTHER)
        with pytest.raises(NotAllowed):
            require(clerk, "monitoring.screen", area=VILLAGE)
        for by in (other, "registry.import"):
            with pytest.raises(NotAllowed):
                require(by, "registry.import", area=VILLAGE)
        with pytest.raises(KeyError):
            require(clerk, "registry.imprt", area=VILLAGE)
    with system_scope("compare"):
        require("compare", "registry.import", area=OTHER)
        with pytest.raises(NotAllowed):
            require(clerk, "registry.import", area=VILLAGE)


def test_administrators_of_system_and_security_and_auditors_hold_nothing_over_citizens() -> None:
    apart = {Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR, Role.ANALYST}
    for name in ("access.reveal", "registry.import", "registry.change", "monitoring.settle", "monitoring.screen"):
        assert not apart & PERMISSIONS[name]
    for one in (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR):
        theirs = {name for name, roles in PERMISSIONS.items() if one in roles}
        assert theirs <= {"access.manage_users", "audit.read", "law.install", "law.activate"}
