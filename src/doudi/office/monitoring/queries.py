"""Who sees which clues, and how they add up by township and village."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from doudi.engine.divisions import Area
from doudi.engine.values import AreaCode
from doudi.engine.words import Fault
from doudi.office.access import Role, Scope
from doudi.office.access.once import once
from doudi.office.jobs.queries import Progress, progress_of
from doudi.office.monitoring.models import Finding, Run, StateCount
from doudi.office.registry.models import Household

DESK = frozenset({Role.COUNTY, Role.REVIEWER})
RUNS_IN_SIGHT = 100
OPEN = (Finding.State.UNSENT, Finding.State.SENT)
FROM_STATES = (  # the kinds that say the state of one subject in one programme
    Finding.Kind.MISSED,
    Finding.Kind.NO_LONGER_ELIGIBLE,
    Finding.Kind.AMOUNT,
    Finding.Kind.TO_VERIFY,
)


def sees_unsent(scope: Scope) -> bool:
    """Clues start quiet: only the desk that ran the screening sees them before they are sent."""
    return scope.is_system or scope.role in DESK


def visible_findings(scope: Scope) -> QuerySet[Finding]:
    """Open and closed clues of the scope's areas, unsent ones for the county's desk alone."""
    rows: QuerySet[Finding] = Finding.objects.exclude(state=Finding.State.VANISHED)
    return rows if sees_unsent(scope) else rows.exclude(state=Finding.State.UNSENT)


def sees_verdict(household: UUID, scope: Scope) -> bool:
    """Below the desk that screens, what the law says of a household is told unless a clue on it is still unsent.

    The explanation would tell the clue. Asked within the scope's areas, as every clue.
    """
    return sees_unsent(scope) or not Finding.objects.filter(household_id=household, state=Finding.State.UNSENT).exists()


def areas_of(scope: Scope) -> list[AreaCode]:
    """The areas of a scope: one per post, none inside another."""
    return [AreaCode(low) for low, _ in scope.ranges]


def within(rows: QuerySet[Finding], area: AreaCode | None) -> QuerySet[Finding]:
    """Those of an area; None leaves the whole scope."""
    return rows if area is None else rows.filter(area_code__gte=area.low, area_code__lt=area.high)


@once
def _runs() -> tuple[Run, ...]:
    """The screenings of the scope's counties, the newest first."""
    return tuple(Run.objects.defer("summary").order_by("-asked_at", "-pk")[:RUNS_IN_SIGHT])


def latest_runs(area: AreaCode | None = None) -> list[Run]:
    """The newest finished run of each county of the scope, or of the county of one area."""
    newest: dict[str, Run] = {}
    for run in _runs():
        if run.state == Run.State.DONE and (area is None or run.area_code == str(area.at("county"))):
            newest.setdefault(run.area_code, run)
    return list(newest.values())


def unfinished_run() -> Run | None:
    """The newest screening of the scope's counties, unless it is done: queued, under way, or failed."""
    return next((run for run in _runs()[:1] if run.state != Run.State.DONE), None)


def how_far(run: Run) -> Progress | None:
    """The progress of its area's screening, waiting or under way; None when it failed or nobody works on it."""
    if run.state == Run.State.FAILED or (job := progress_of("monitoring.screen", run.area_code)) is None:
        return None
    return job if job.state in ("queued", "running") else None


def faults_of(run: Run) -> list[Fault]:
    """Why a screening has no answer; empty while it may still get one."""
    if run.state == Run.State.FAILED:
        return [Fault(**told) for told in json.loads(run.fault)]
    return [] if how_far(run) else [Fault("monitoring.broke")]


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
def _counted(scope: Scope) -> tuple[tuple[str, str, int], ...]:
    """Visible clues by village and state."""
    rows = visible_findings(scope).order_by().values_list("area_code", "state")
    return tuple(rows.annotate(n=Count("pk")))


def tallies(scope: Scope, places: Iterable[Area]) -> list[Tally]:
    """One tally per place, all of one level; those with most work first. Every call of a page is one query."""
    below = list(places)
    counts: dict[str, Counter[str]] = {a.code: Counter() for a in below}
    level = AreaCode(below[0].code).level if below else "village"
    for code, state, n in _counted(scope):
        if (key := str(AreaCode(code).at(level))) in counts:
            counts[key][state] += n
    found = [Tally(a, counts[a.code]["unsent"], counts[a.code]["sent"], counts[a.code]["closed"]) for a in below]
    return sorted(found, key=lambda t: (-t.left, t.area.code))


def n_open(scope: Scope) -> int:
    """Open clues of the scope, for the tab of every page."""
    return sum(n for _, state, n in _counted(scope) if state in OPEN)


def by_state(rows: QuerySet[Finding]) -> dict[str, int]:
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def clues_of(runs: Iterable[Run], area: AreaCode | None, programme: str) -> QuerySet[Finding]:
    """What stands of the households that these runs found something about: still open, or closed by a person."""
    of_state = Q(state__in=OPEN) | still_found(runs)
    return within(Finding.objects.filter(of_state, programme=programme, kind__in=FROM_STATES), area)


def still_found(runs: Iterable[Run]) -> Q:
    """Closed by a person, although these runs found it again."""
    return Q(state=Finding.State.CLOSED, last_run__in=[run.pk for run in runs])


def kinds(rows: QuerySet[Finding]) -> dict[str, int]:
    """Clues by kind."""
    return dict(rows.order_by().values_list("kind").annotate(n=Count("pk")))


def states(runs: Iterable[Run], area: AreaCode | None, programme: str) -> dict[str, int]:
    """How many subjects of an area (None: of the scope) ended in each state of a programme, as the runs counted."""
    rows = StateCount.objects.filter(run__in=[run.pk for run in runs], programme=programme)
    if area is not None:
        rows = rows.filter(area_code__gte=area.low, area_code__lt=area.high)
    return dict(rows.order_by().values_list("state").annotate(total=Sum("n")))


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
    rows = visible_findings(scope).filter(household_id=household).select_related("person")
    return tuple(rows.order_by("-priority", "kind"))
