"""Rosters as entitlements: every register whose pack entry says `enrols` a programme.

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
from doudi.office.registry.importing.records import Unreadable, day, money, month
from doudi.office.registry.importing.registers import Register
from doudi.office.registry.models import Batch, Household
from doudi.office.registry.queries import register_of


@dataclass
class Grant:
    """What one roster says of one household, or of one person where the list is one of persons."""

    household: UUID
    person: UUID | None
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
        text = self.said("starts_on")
        if not text:
            return None
        if named := month(text):
            return named.first
        try:
            return day(text)
        except Unreadable:
            return None

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
    if not roster.enrols:
        return ()
    grants: dict[tuple[UUID, UUID | None], Grant] = {}
    for line in lines:
        key = (line.household, line.person) if roster.belongs == "none" else (line.listed_with, None)
        grants.setdefault(key, Grant(*key)).lines.append(line)
    desk = _Desk(batch, roster, at, [household for household, _ in grants])
    return [line for grant in grants.values() if desk.grant(grant) for line in grant.lines]


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
            programme=roster.enrols,
            household__in=households,
        )
        self.running = {(e.household_id, e.person_id): e for e in rows.order_by("starts_on", "id")}

    def grant(self, grant: Grant) -> bool:
        """Write one grant; True when it changed anything."""
        known = self.running.get((grant.household, grant.person))
        amount = grant.amount_fen(self.roster.amount_of)
        if known is not None and known.batch_id == self.batch.pk:
            return _add(known, grant, amount)
        if known is not None:
            if _says_the_same(known, grant, amount):
                return False
            self._end(known)
        Entitlement.objects.create(
            area_code=self.areas[grant.household],
            household_id=grant.household,
            person_id=grant.person,
            programme=self.roster.enrols,
            amount_fen=amount,
            starts_on=Month.of(self.batch.observed_on).first if known else grant.starts_on,
            persons=None if grant.person else grant.persons,
            origin=Entitlement.Origin.IMPORTED,
            batch=self.batch,
            recorded_at=self.at,
        )
        return True

    def _end(self, known: Entitlement) -> None:
        last = Month.of(self.batch.observed_on).first - timedelta(days=1)
        known.ends_on, known.ended_by = max(last, known.starts_on or last), self.batch
        known.save(update_fields=["ends_on", "ended_by"])


def _add(known: Entitlement, grant: Grant, amount: int | None) -> bool:
    """Lines of a household that the chunk before began."""
    persons = None if grant.person else sorted({*(known.persons or []), *grant.persons})
    amount = known.amount_fen if known.amount_fen is not None else amount
    if persons == known.persons and amount == known.amount_fen:
        return False
    known.persons, known.amount_fen = persons, amount
    known.starts_on = known.starts_on or grant.starts_on
    known.save(update_fields=["persons", "amount_fen", "starts_on"])
    return True


def _says_the_same(known: Entitlement, grant: Grant, amount: int | None) -> bool:
    """Only a part of the household may stand in this chunk; whoever is missing from it is no change."""
    same_people = bool(grant.person) or set(grant.persons) <= set(known.persons or [])
    return same_people and amount in (None, known.amount_fen)


def bring() -> None:
    register(EVERY_REGISTER, accept, undo)
