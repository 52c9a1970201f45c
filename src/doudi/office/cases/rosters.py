"""Rosters as entitlements: every register whose pack entry says `enrols` a programme, and lists whose rows name one.

A roster shows one amount per household, in whichever of its lines; the members it lists are those it was decided for,
also where one of them lives elsewhere. A newer roster ends what it changes and leaves the rest alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from doudi.engine.values import Money, Month
from doudi.office.cases.models import Entitlement
from doudi.office.registry.importers import EVERY_REGISTER, Accepted, register
from doudi.office.registry.importing.records import Unreadable, first_day, last_day, money
from doudi.office.registry.importing.registers import Register
from doudi.office.registry.models import Batch, Household
from doudi.office.registry.queries import register_of


@dataclass
class Grant:
    """What one roster says of one household, or of one person where the list is one of persons."""

    household: UUID
    person: UUID | None
    programme: str
    lines: list[Accepted] = field(default_factory=list)

    def said(self, name: str) -> str:
        return next((v for line in self.lines if (v := line.values.get(name, "").strip())), "")

    def amount_fen(self, columns: Sequence[str]) -> int | None:
        """What the columns say added up; one that is absent or empty adds nothing.

        None when none of them says anything, or one says what is no amount: then it is not known.
        """
        found = [_fen(said) for column in columns if (said := self.said(column))]
        known = [fen for fen in found if fen is not None]
        return sum(known) if known and len(known) == len(found) else None

    @property
    def starts_on(self) -> date | None:
        """The day the roster names, or the first of the month it names: 2016-05, 2016年5月, 2016.5, 201605."""
        try:
            return first_day(self.said("starts_on"))
        except Unreadable:
            return None

    @property
    def ends_on(self) -> date | None:
        try:
            return last_day(self.said("ends_on"))
        except Unreadable:
            return None

    @property
    def period(self) -> str:
        return self.said("paid_by") or "month"

    @property
    def persons(self) -> list[str]:
        return sorted({str(line.person) for line in self.lines})


def _fen(text: str) -> int | None:
    try:
        fen = Money.of(money(text)).fen
    except Unreadable:
        return None
    return fen if fen >= 0 else None


def accept(batch: Batch, lines: Sequence[Accepted], at: datetime, by: Any) -> Iterable[Accepted]:
    """Turn the lines of one chunk into entitlements; returns the lines that changed one."""
    roster = register_of(batch)
    if not (roster.enrols or roster.names_programmes):
        return ()
    grants: dict[tuple[UUID, UUID | None, str, str], Grant] = {}
    for line in lines:
        key = _granted(line, roster)
        grants.setdefault(key, Grant(*key[:3])).lines.append(line)
    desk = _Desk(batch, roster, at, [household for household, *_ in grants])
    return [line for grant in grants.values() if desk.grant(grant) for line in grant.lines]


def _granted(line: Accepted, roster: Register) -> tuple[UUID, UUID | None, str, str]:
    """Household, person if it is one's own, programme, and since when where one list may show several in a row."""
    if roster.enrols:
        home = (line.household, line.person) if roster.belongs == "none" else (line.listed_with, None)
        return (*home, roster.enrols, "")
    programme, since = line.values["programme"], line.values.get("starts_on", "")
    if programme in roster.household_programmes:
        return line.listed_with, None, programme, since
    return line.household, line.person, programme, since


def undo(batch: Batch, at: datetime, by: Any) -> None:
    """What the roster brought goes; what it ended runs again."""
    Entitlement.objects.filter(batch=batch).delete()
    Entitlement.objects.filter(ended_by=batch).update(ends_on=None, ended_by=None)


class _Desk:
    """One chunk of one roster against what runs already."""

    def __init__(self, batch: Batch, roster: Register, at: datetime, households: list[UUID]) -> None:
        self.batch, self.roster, self.at = batch, roster, at
        self.areas = dict(Household.objects.filter(pk__in=households).values_list("pk", "area_code"))
        rows = Entitlement.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=batch.observed_on),
            household__in=households,
        )
        if roster.enrols:
            rows = rows.filter(programme=roster.enrols)
        self.running = {(e.household_id, e.person_id, e.programme): e for e in rows.order_by("starts_on", "id")}

    def grant(self, grant: Grant) -> bool:
        """Write one grant; True when it changed anything."""
        amount = grant.amount_fen(self.roster.amount_of)
        if self._is_over(grant):
            if self._is_known(grant, amount):
                return False
            self._create(grant, amount, grant.starts_on)
            return True
        known = self.running.get((grant.household, grant.person, grant.programme))
        if known is not None and known.batch_id == self.batch.pk:
            return _add(known, grant, amount, self._persons(grant))
        if known is not None:
            if _says_the_same(known, grant, amount, self._persons(grant)):
                return False
            self._end(known)
        self._create(grant, amount, Month.of(self.batch.observed_on).first if known else grant.starts_on)
        return True

    def _create(self, grant: Grant, amount: int | None, starts_on: date | None) -> None:
        Entitlement.objects.create(
            area_code=self.areas[grant.household],
            household_id=grant.household,
            person_id=grant.person,
            programme=grant.programme,
            amount_fen=amount,
            period=grant.period,
            starts_on=starts_on,
            ends_on=grant.ends_on,
            persons=self._persons(grant),
            origin=Entitlement.Origin.IMPORTED,
            batch=self.batch,
            recorded_at=self.at,
        )

    def _is_over(self, grant: Grant) -> bool:
        """Given once, or ended before the list: it stands beside whatever runs and changes nothing of it."""
        return grant.period == "once" or (grant.ends_on is not None and grant.ends_on < self.batch.observed_on)

    def _is_known(self, grant: Grant, amount: int | None) -> bool:
        same = Entitlement.objects.filter(
            household=grant.household, person=grant.person, programme=grant.programme, amount_fen=amount
        )
        return bool(same.filter(starts_on=grant.starts_on, ends_on=grant.ends_on).exists())

    def _persons(self, grant: Grant) -> list[str] | None:
        """A roster shows whom a household's grant is for; a list of enrolments only who it was granted to."""
        return None if grant.person or not self.roster.enrols else grant.persons

    def _end(self, known: Entitlement) -> None:
        last = Month.of(self.batch.observed_on).first - timedelta(days=1)
        known.ends_on, known.ended_by = max(last, known.starts_on or last), self.batch
        known.save(update_fields=["ends_on", "ended_by"])


def _add(known: Entitlement, grant: Grant, amount: int | None, named: list[str] | None) -> bool:
    """Lines of a household that the chunk before began."""
    persons = None if named is None else sorted({*(known.persons or []), *named})
    amount = known.amount_fen if known.amount_fen is not None else amount
    if persons == known.persons and amount == known.amount_fen:
        return False
    known.persons, known.amount_fen = persons, amount
    known.starts_on = known.starts_on or grant.starts_on
    known.save(update_fields=["persons", "amount_fen", "starts_on"])
    return True


def _says_the_same(known: Entitlement, grant: Grant, amount: int | None, named: list[str] | None) -> bool:
    """Only a part of the household may stand in this chunk; whoever is missing from it is no change."""
    same_people = named is None or set(named) <= set(known.persons or [])
    return same_people and amount in (None, known.amount_fen) and grant.ends_on in (None, known.ends_on)


def bring() -> None:
    register(EVERY_REGISTER, accept, undo)
    register("enrolment", accept, undo)
