from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doudi.engine.divisions import find
from doudi.engine.values import AreaCode
from doudi.office.access import OutOfScope, Scope, access, current_scope
from doudi.office.access.permissions import PERMISSIONS
from doudi.office.jobs.queries import business_clock
from doudi.office.law.queries import NoEdition, household_programme, priority_labels, programme_names
from doudi.office.monitoring import board as boards
from doudi.office.monitoring.actions import NotOpen, ask_for_screening, settle_finding
from doudi.office.monitoring.explaining import explanations, spoken_here
from doudi.office.monitoring.forms import FindingsFilter, Settle
from doudi.office.monitoring.models import Finding
from doudi.office.monitoring.queries import (
    OPEN,
    areas_of,
    faults_of,
    how_far,
    kinds,
    latest_runs,
    sees_unsent,
    sees_verdict,
    still_found,
    unfinished_run,
    visible_findings,
    within,
)
from doudi.office.registry.queries import household

PER_PAGE = 50


@require_safe
@access(["county", "reviewer", "township", "village"], "findings")
def findings(request: HttpRequest) -> HttpResponse:
    """The board of clues and the list of one area, the weightiest first."""
    form = FindingsFilter(request.GET)
    if not form.is_valid():
        raise SuspiciousOperation("findings: odd filter")
    scope, on, chosen = current_scope(), business_clock().today(), form.chosen()
    asked = _asked(scope, chosen["area"], on)
    visible = visible_findings(scope)
    places = boards.Places.of(scope, on)
    here = within(visible, asked)
    of_state = here.filter(_state(chosen["state"], asked))
    rows = _filtered(of_state, chosen).select_related("household__head", "person").order_by("-priority", "id")
    where = asked or areas_of(scope)[0]
    board = boards.board(scope, places, asked)
    context = {
        "areas": [find(str(a), on) for a in ([asked] if asked else areas_of(scope))],
        "asked": asked,
        "closed": bool(chosen["state"]),
        "board": board,
        "with_board": any(group.n for group in board.groups),  # before any clue there is nothing to be cleared
        "with_groups": len(board.groups) > 1,  # a township has nothing to choose from
        "filters": boards.filters(chosen, places, kinds(of_state)),
        "page": Paginator(rows, PER_PAGE).get_page(form.cleaned_data["page"] or 1),
        "page_url": f"?{urlencode({**chosen, 'page': ''})}".removesuffix("page="),
        "names": {**programme_names(where, on), **priority_labels(where, on)},
        "quiet": sees_unsent(scope),
        "may_compare": scope.role in PERMISSIONS["monitoring.screen"],
    }
    desk = _screened(asked, where, on) if sees_unsent(scope) else {"line": boards.received_line(here, asked)}
    return render(request, "monitoring/findings.html", context | desk)


def _screened(asked: AreaCode | None, where: AreaCode, on: date) -> dict[str, Any]:
    """What the desk that screens sees besides: the runs, the one under way, the sum of all households."""
    runs, unfinished = latest_runs(asked), unfinished_run()
    job = how_far(unfinished) if unfinished else None
    programme = household_programme(where, on)
    return {
        "run": runs[0] if runs else None,
        "line": boards.line(runs, asked, programme, filing=job is not None) if runs else None,
        "waiting": boards.under_way(job) if job else None,
        "faults": [f.to_json(spoken_here()) for f in faults_of(unfinished)] if unfinished else [],
    }


def _asked(scope: Scope, code: str, on: date) -> AreaCode | None:
    """The area asked for. Raises OutOfScope."""
    if not code:
        return None
    area = AreaCode(code)
    if find(code, on) is None:
        raise OutOfScope("area")
    if not scope.covers(code) and not any(area.contains(mine) for mine in areas_of(scope)):
        raise OutOfScope("area")
    return area


def _state(name: str, asked: AreaCode | None) -> Q:
    if name == "again":
        return still_found(latest_runs(asked))
    return Q(state=Finding.State.CLOSED) if name == "closed" else Q(state__in=OPEN)


def _filtered(rows: QuerySet[Finding], chosen: dict[str, str]) -> QuerySet[Finding]:
    if chosen["kind"]:
        rows = rows.filter(kind=chosen["kind"])
    if chosen["priority"]:
        rows = rows.filter(priority__gte=int(chosen["priority"]))
    return rows


@require_safe
@access(["county", "reviewer", "township"], "explain")
def why(request: HttpRequest, id: UUID) -> HttpResponse:
    """One household, each programme condition by condition, with law, figures and what would change the answer."""
    on = business_clock().today()
    view = household(id, as_of=on)
    scope = current_scope()
    quiet = not sees_verdict(id, scope)
    found = [] if quiet else explanations(view, on)
    context = {"household": view, "found": found, "today": on, "quiet": quiet}
    if found:
        context["line"] = boards.conditions_line(found)
    return render(request, "monitoring/why.html", context)


@require_POST
@access(["county"], "findings")
def compare(request: HttpRequest) -> HttpResponse:
    """比一比: screen every county of the scope again; one without a pack in use is named, the others are screened."""
    without = []
    for area in areas_of(current_scope()):
        try:
            ask_for_screening(area=area.at("county"), by=request.user, at=business_clock().now())
        except NoEdition as missing:
            without.append(missing)
    if without:
        return render(request, "monitoring/no_edition.html", {"without": without}, status=409)
    return HttpResponseRedirect(reverse("findings"))


@require_http_methods(["GET", "HEAD", "POST"])
@access(["county", "township"], "findings")
def settle(request: HttpRequest, id: UUID) -> HttpResponse:
    """Write what was found out, and the clue is closed."""
    finding = get_object_or_404(visible_findings(current_scope()).select_related("household__head"), pk=id)
    form = Settle(request.POST or None)
    context = {"form": form, "finding": finding}
    if request.method == "POST" and form.is_valid():
        reason, at = form.cleaned_data["reason"], business_clock().now()
        try:
            settle_finding(finding=finding, reason=reason, by=request.user, at=at)
        except NotOpen as closed:
            return render(request, "monitoring/settle.html", {"finding": closed.finding}, status=409)
        return HttpResponseRedirect(reverse("household", args=[finding.household_id]))
    return render(request, "monitoring/settle.html", context, status=422 if form.errors else 200)
