from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from doudi.engine.values import AreaCode
from doudi.office.access.once import once
from doudi.office.cases.models import Entitlement


def entitlements_in_force(area: AreaCode | str, on: date) -> QuerySet[Entitlement]:
    """Entitlements of an area that run on a day, first and last day included."""
    code = AreaCode(str(area))
    rows: QuerySet[Entitlement] = Entitlement.objects.filter(
        Q(starts_on__isnull=True) | Q(starts_on__lte=on),
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
        area_code__gte=code.low,
        area_code__lt=code.high,
    )
    return rows


def entitlements_of(household: object) -> QuerySet[Entitlement]:
    """Every entitlement of a household and of its persons, the newest first."""
    rows: QuerySet[Entitlement] = Entitlement.objects.filter(household_id=household)
    return rows.select_related("person").order_by("-starts_on", "programme")


@once
def granted_to(household: UUID) -> tuple[Entitlement, ...]:
    """The same, read once for a page."""
    return tuple(entitlements_of(household))
