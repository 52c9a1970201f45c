"""Open clues as tasks of the day: for the county's desk all of them, for others those that were sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doudi.engine.divisions import find
from doudi.engine.policy.model import Words
from doudi.office.law.queries import priority_labels, programme_names
from doudi.office.look.parts import Clock
from doudi.office.look.places import spoken
from doudi.office.look.work import SOON, Due, Task, due_of
from doudi.office.monitoring.models import Finding
from doudi.office.monitoring.queries import OPEN, n_open, visible_findings
from doudi.office.monitoring.templatetags.monitoring import titled, word

MAY_ENTER = frozenset({"county", "reviewer", "township", "village"})


class Clues:
    """A `WorkSource` of the desk."""

    def total(self, scope: Any, today: date) -> int:
        return n_open(scope) if scope.role in MAY_ENTER else 0

    def counts(self, scope: Any, today: date) -> Mapping[Due, int]:
        found: Counter[Due] = Counter()
        for due_on, n in self._open(scope).values_list("due_on").annotate(n=Count("pk")).order_by():
            found[due_of(due_on, today)] += n
        return found

    def tasks(self, scope: Any, today: date, due: Due, limit: int) -> Sequence[Task]:
        rows = self._open(scope).filter(_when(due, today)).select_related("household__head")
        found = list(rows.order_by("due_on", "-priority", "id")[:limit])
        if not found:
            return []
        area = found[0].area_code
        names = {**programme_names(area, today), **priority_labels(area, today)}
        return [_task(finding, due, today, names) for finding in found]

    def done(self, scope: Any, today: date) -> int:
        rows = visible_findings(scope) if scope.role in MAY_ENTER else Finding.objects.none()
        return rows.filter(state=Finding.State.CLOSED, settled_at__date=today).count()

    def _open(self, scope: Any) -> QuerySet[Finding]:
        return visible_findings(scope).filter(state__in=OPEN) if scope.role in MAY_ENTER else Finding.objects.none()


def _task(f: Finding, due: Due, today: date, names: Mapping[str, Words]) -> Task:
    programme = word(names[f.programme]) if f.programme in names else ""
    reasons = [word(names[part]) for part in f.priority_parts if part in names]
    area, head = find(f.area_code), f.household.head
    return Task(
        due=due,
        clock=_clock(f.due_on, today),
        what=titled(f, programme),
        who=head.name if head else "",
        where=spoken(area) if area else "",
        why=_("、").join(reasons),
        verb=_("核实"),
        url=reverse("household", args=[f.household_id]),
        household=f.household_id,
        main=f.priority >= 40,
        since=f.first_seen,
    )


def _clock(due_on: date | None, today: date) -> Clock | None:
    """The ring is full ten days before the term."""
    if due_on is None:
        return None
    left = (due_on - today).days
    if left < 0:
        return Clock("overdue", ngettext("超 %d 天", "超 %d 天", -left) % -left)
    if left == 0:
        return Clock("today", _("今天到期"), 0.1)
    return Clock("ahead", ngettext("剩 %d 天", "剩 %d 天", left) % left, min(1.0, left / 10))


def _when(due: Due, today: date) -> Q:
    soon = today + timedelta(days=SOON)
    match due:
        case "overdue":
            return Q(due_on__lt=today)
        case "today":
            return Q(due_on=today)
        case "soon":
            return Q(due_on__gt=today, due_on__lte=soon)
        case "later":
            return Q(due_on__gt=soon)
        case "undated":
            return Q(due_on__isnull=True)
        case _:
            return Q(pk__in=[])
