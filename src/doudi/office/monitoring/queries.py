"""Who sees which clues, and how they add up by township and village."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from doudi.engine.divisions import Area, children
from doudi.engine.values import AreaCode
from doudi.office.access import Role, Scope
from doudi.office.access.once import once
from doudi.office.monitoring.models import Finding, Run, StateCount
from doudi.office.registry.models import Household

DESK = frozenset({Role.COUNTY, Role.REVIEWER})
RUNS_KEPT_IN_SIGHT = 50
OPEN = (Finding.State.UNSENT, Finding.State.SENT)


def sees_unsent(scope: Scope) -> bool:
    """Clues start quiet: only the desk that ran the screening sees them before they are sent."""
    return scope.is_system or scope.role in DESK


def visible_findings(scope: Scope) -> QuerySet[Finding]:
    """Open and closed clues of the scope's areas, unsent ones for the county's desk alone."""
    rows: QuerySet[Finding] = Finding.objects.exclude(state=Finding.State.VANISHED)
    return rows if sees_unsent(scope) else rows.exclude(state=Finding.State.UNSENT)


def within(rows: QuerySet[Finding], area: AreaCode) -> QuerySet[Finding]:
    return rows.filter(area_code__gte=area.low, area_code__lt=area.high)


@once
def _runs(county: str) -> tuple[Run, ...]:
    """The county's screenings, the newest first."""
    return tuple(Run.objects.filter(area_code=county).order_by("-asked_at")[:RUNS_KEPT_IN_SIGHT])


def latest_run(area: AreaCode) -> Run | None:
    """The newest finished run that covers an area, seen from inside the scope of its county."""
    return next((run for run in _runs(str(area.at("county"))) if run.state == Run.State.DONE), None)


def waiting_run(area: AreaCode) -> Run | None:
    """The screening of the county that is queued or under way."""
    going = (Run.State.QUEUED, Run.State.RUNNING)
    return next((run for run in _runs(str(area.at("county"))) if run.state in going), None)


def failed_run(area: AreaCode) -> Run | None:
    """The newest screening of the county, if it ended without an answer."""
    newest = next(iter(_runs(str(area.at("county")))), None)
    return newest if newest and newest.state == Run.State.FAILED else None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many clues of one area stand in which state; left: not closed."""

    area: Area
    unsent: int = 0
    sent: int = 0
    closed: int = 0

    @property
    def n(self) -> int:
        return self.unsent + self.sent + self.closed

    @property
    def left(self) -> int:
        return self.unsent + self.sent


@once
def _counted(scope: Scope, county: str) -> tuple[tuple[str, str, int], ...]:
    """Visible clues of a county by village and state."""
    rows = within(visible_findings(scope), AreaCode(county)).values_list("area_code", "state")
    return tuple(rows.annotate(n=Count("pk")))


def tallies(scope: Scope, area: AreaCode, on: date) -> list[Tally]:
    """One tally per area below, those with most work first; all areas of a county come from one query."""
    below = list(children(str(area), on))
    counts: dict[str, Counter[str]] = {a.code: Counter() for a in below}
    level = AreaCode(below[0].code).level if below else "village"
    for code, state, n in _counted(scope, str(area.at("county"))):
        if (key := str(AreaCode(code).at(level))) in counts:
            counts[key][state] += n
    found = [Tally(a, counts[a.code]["unsent"], counts[a.code]["sent"], counts[a.code]["closed"]) for a in below]
    return sorted(found, key=lambda t: (-t.left, t.area.code))


def kinds(rows: QuerySet[Finding]) -> dict[str, int]:
    """Open clues by kind."""
    return dict(rows.filter(state__in=OPEN).values_list("kind").annotate(n=Count("pk")))


def states(run: Run, area: AreaCode, programme: str) -> dict[str, int]:
    """How many subjects of an area ended in each state of a programme, as the run counted them."""
    rows = StateCount.objects.filter(run=run, programme=programme, area_code__gte=area.low, area_code__lt=area.high)
    return dict(rows.values_list("state").annotate(total=Sum("n")))


def households_registered(area: AreaCode, on: date) -> int:
    """Living-together households of an area on a day: the other side of the bottom line, counted in the registry."""
    return Household.objects.filter(
        Q(dissolved_on__isnull=True) | Q(dissolved_on__gt=on),
        Q(started_on__isnull=True) | Q(started_on__lte=on),
        kind=Household.Kind.LIVING,
        area_code__gte=area.low,
        area_code__lt=area.high,
    ).count()


@once
def findings_of(household: UUID, scope: Scope) -> tuple[Finding, ...]:
    """The clues of one household that this scope may see, the weightiest first."""
    return tuple(visible_findings(scope).filter(household_id=household).order_by("-priority", "kind"))
