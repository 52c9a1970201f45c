"""How entitlements show themselves on the household page: money by month, and the help chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doudi.engine.policy.model import Words
from doudi.engine.values import Money, Month, is_in_force
from doudi.office.access import Scope
from doudi.office.cases.models import Entitlement
from doudi.office.cases.queries import granted_to
from doudi.office.jobs.queries import business_clock
from doudi.office.law.queries import programme_names
from doudi.office.look.panels import Mark, Panel, TimelineEntry

MONTHS = 8  # shown, the last one ahead


@dataclass(frozen=True, slots=True)
class Cell:
    """One month of one programme, or of all together. is_known: false when something runs whose amount nobody knows."""

    month: Month
    amount: Decimal | None
    kind: str  # month-paid, month-once, month-planned or empty
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class MoneyRow:
    label: str
    cells: tuple[Cell, ...]


def money_panel(household: UUID, scope: Scope) -> Panel | None:
    """What was granted for each month; what lies ahead is hatched. It is what was decided, not yet what was paid."""
    granted = granted_to(household)
    if not granted:
        return None
    today = business_clock().today()
    here = Month.of(today)
    months = [here.plus(i) for i in range(2 - MONTHS, 2)]
    names = programme_names(granted[0].area_code, today)
    by_programme: dict[str, list[Entitlement]] = defaultdict(list)
    for entitlement in granted:
        by_programme[entitlement.programme].append(entitlement)
    rows = [
        MoneyRow(_label(programme, names), tuple(_cell(mine, month, here) for month in months))
        for programme, mine in by_programme.items()
    ]
    totals = [_total(month, [row.cells[i] for row in rows]) for i, month in enumerate(months)]
    context = {"months": months, "here": here, "rows": rows, "totals": totals}
    return Panel("money", _("每月的钱"), "cases/money_panel.html", context, order=20)


def marks(household: UUID, scope: Scope) -> Iterator[Mark]:
    """Which programmes run today, beside the household's name."""
    on = business_clock().today()
    running = [e for e in granted_to(household) if is_in_force(on, e.starts_on, e.ends_on)]
    if running:
        names = programme_names(running[0].area_code, on)
        for programme in dict.fromkeys(e.programme for e in running):
            yield Mark("ok", _("%(programme)s 在保") % {"programme": _label(programme, names)}, order=10)


def timeline(household: UUID, scope: Scope) -> Iterator[TimelineEntry]:
    on = business_clock().today()
    granted = granted_to(household)
    names = programme_names(granted[0].area_code, on) if granted else {}
    for e in granted:
        amount = str(Money(e.amount_fen)) if e.amount_fen is not None else ""
        who = e.person.name if e.person else ""
        how = e.get_origin_display() if e.starts_on else _("在册，起始日期不清楚")
        since = e.starts_on or localdate(e.recorded_at)  # a roster that names no start: the day we learnt of it
        text = f"{who} {how}".strip()
        yield TimelineEntry(since, _label(e.programme, names), "help", text, amount, until=e.ends_on)


def _cell(granted: list[Entitlement], month: Month, here: Month) -> Cell:
    mine = [e for e in granted if _runs(e, month)]
    if not mine:
        return Cell(month, None, "")
    amounts = [Money(e.amount_fen).yuan for e in mine if e.amount_fen is not None]
    kind = "month-planned" if month > here else "month-once" if mine[0].period == "once" else "month-paid"
    is_known = len(amounts) == len(mine)
    return Cell(month, sum(amounts, Decimal(0)) if is_known else None, kind, is_known)


def _total(month: Month, cells: list[Cell]) -> Cell:
    is_known = all(cell.is_known for cell in cells)
    return Cell(month, sum((c.amount or Decimal(0) for c in cells), Decimal(0)) if is_known else None, "", is_known)


def _runs(e: Entitlement, month: Month) -> bool:
    if e.period == "once":
        return e.starts_on is not None and Month.of(e.starts_on) == month
    started: date | None = e.starts_on
    return (started is None or started <= month.last) and (e.ends_on is None or e.ends_on >= month.first)


def _label(programme: str, names: dict[str, Words]) -> str:
    if programme not in names:
        return programme
    return names[programme].en if (get_language() or "").startswith("en") else names[programme].zh
