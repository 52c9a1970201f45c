from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from doudi.engine.divisions import children, find
from doudi.engine.values import AreaCode
from doudi.office.access import OutOfScope, Scope, access, current_scope
from doudi.office.jobs.queries import business_clock
from doudi.office.law.queries import priority_labels, programme_names
from doudi.office.monitoring import board as boards
from doudi.office.monitoring.actions import ask_for_screening, settle_finding
from doudi.office.monitoring.explaining import explanations
from doudi.office.monitoring.forms import FindingsFilter, Settle
from doudi.office.monitoring.models import Finding
from doudi.office.monitoring.queries import (
    OPEN,
    failed_run,
    kinds,
    latest_run,
    sees_unsent,
    visible_findings,
    waiting_run,
    within,
)
from doudi.office.registry.queries import household

PER_PAGE = 50


@require_GET
@access(["county", "reviewer", "township", "village"], "findings")
def findings(request: HttpRequest) -> HttpResponse:
    """The board of clues and the list of one area, the weightiest first."""
    form = FindingsFilter(request.GET)
    if not form.is_valid():
        raise SuspiciousOperation("findings: odd filter")
    scope, on, chosen = current_scope(), business_clock().today(), form.chosen()
    area = _area(scope, chosen["area"])
    open_here = within(visible_findings(scope), area).filter(state__in=OPEN)
    rows = _filtered(open_here, chosen).select_related("household__head", "person")
    page = Paginator(rows.order_by("-priority", "id"), PER_PAGE).get_page(form.cleaned_data["page"] or 1)
    run = latest_run(area)
    programme = next(iter(run.summary["conservation"]), "") if run and run.summary else ""
    names = {**programme_names(area, on), **priority_labels(area, on)}
    context = {
        "area": find(str(area), on),
        "board": boards.board(scope, area, on),
        "filters": boards.filters(chosen, list(children(str(area.at("county")), on)), kinds(open_here)),
        "page": page,
        "page_url": f"?{urlencode({**chosen, 'page': ''})}".removesuffix("page="),
        "names": names,
        "run": run,
        "waiting": waiting_run(area),
        "failed": failed_run(area),
        "line": boards.line(run, area, programme) if run else None,
        "quiet": sees_unsent(scope),
    }
    return render(request, "monitoring/findings.html", context)


def _area(scope: Scope, asked: str) -> AreaCode:
    """The area asked for, else the widest of the scope. Raises OutOfScope."""
    if asked:
        if not scope.covers(asked):
            raise OutOfScope("area")
        return AreaCode(asked)
    return AreaCode(scope.ranges[0][0])


def _filtered(rows: QuerySet[Finding], chosen: dict[str, str]) -> QuerySet[Finding]:
    if chosen["kind"]:
        rows = rows.filter(kind=chosen["kind"])
    if chosen["priority"]:
        rows = rows.filter(priority__gte=int(chosen["priority"]))
    return rows


@require_GET
@access(["county", "reviewer", "township"], "explain")
def why(request: HttpRequest, id: UUID) -> HttpResponse:
    """One household, each programme condition by condition, with law, figures and what would change the answer."""
    on = business_clock().today()
    view = household(id, as_of=on)
    found = explanations(view, on)
    if not found:
        raise OutOfScope("no programme applies")
    return render(
        request,
        "monitoring/why.html",
        {"household": view, "found": found, "today": on, "line": boards.conditions_line(found[0])},
    )


@require_POST
@access(["county"], "findings")
def compare(request: HttpRequest) -> HttpResponse:
    """比一比: screen the county again."""
    area = AreaCode(current_scope().ranges[0][0]).at("county")
    ask_for_screening(area=area, by=request.user, at=business_clock().now())
    return HttpResponseRedirect(reverse("findings"))


@require_POST
@access(["county", "reviewer"], "findings")
def settle(request: HttpRequest, id: UUID) -> HttpResponse:
    finding = get_object_or_404(visible_findings(current_scope()), pk=id)
    form = Settle(request.POST)
    if form.is_valid():
        settle_finding(finding=finding, reason=form.cleaned_data["reason"], by=request.user, at=business_clock().now())
        return HttpResponseRedirect(reverse("household", args=[finding.household_id]))
    return render(request, "monitoring/settle.html", {"form": form, "finding": finding}, status=422)
