"""How monitoring shows itself elsewhere: its tab, its panels and knots on the household page."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values import Money
from doudi.office.access import Role, Scope
from doudi.office.access.permissions import PERMISSIONS
from doudi.office.access.scopes import scope_or_none
from doudi.office.jobs.queries import business_clock
from doudi.office.law.queries import programme_names
from doudi.office.look.panels import Mark, MemberWord, Panel, TimelineEntry
from doudi.office.monitoring.explaining import explanations, words_of_members
from doudi.office.monitoring.models import Finding
from doudi.office.monitoring.queries import OPEN, findings_of, n_open, sees_verdict
from doudi.office.monitoring.templatetags.monitoring import TONES, titled, word
from doudi.office.registry.queries import household as view_of

EXPLAINED_TO = frozenset({Role.COUNTY, Role.REVIEWER, Role.TOWNSHIP})


def tab(request: HttpRequest) -> int | None:
    """My open clues."""
    scope = scope_or_none()
    return n_open(scope) if scope else None


def clues_panel(household: UUID, scope: Scope) -> Panel | None:
    clues = findings_of(household, scope)
    if not clues:
        return None
    names = programme_names(clues[0].area_code, business_clock().today())
    context = {"findings": clues, "names": names, "may_settle": scope.role in PERMISSIONS["monitoring.settle"]}
    return Panel("clues", _("核查线索"), "monitoring/clues_panel.html", context, order=10)


def explanation_panel(household: UUID, scope: Scope) -> Panel | None:
    if scope.role not in EXPLAINED_TO or not sees_verdict(household, scope):
        return None
    on = business_clock().today()
    found = explanations(view_of(household, as_of=on), on)
    if not found:
        return None
    context = {"found": found, "url": reverse("household-why", args=[household])}
    return Panel("explanation", _("该不该保，为什么"), "monitoring/explanation_panel.html", context, order=30)


def member_words(household: UUID, scope: Scope) -> dict[UUID, list[MemberWord]]:
    """Which members the rules count, to those who are told the explanation: what `labels.members` of the pack names."""
    if scope.role not in EXPLAINED_TO or not sees_verdict(household, scope):
        return {}
    on = business_clock().today()
    return words_of_members(view_of(household, as_of=on), on)


def marks(household: UUID, scope: Scope) -> Iterator[Mark]:
    """What is still open about the household, beside its name."""
    seen = set()
    for finding in findings_of(household, scope):
        if finding.state in OPEN and finding.kind not in seen:
            seen.add(finding.kind)
            yield Mark(TONES[finding.kind][0], finding.get_kind_display(), order=60)


def timeline(household: UUID, scope: Scope) -> Iterator[TimelineEntry]:
    found = findings_of(household, scope)
    names = programme_names(found[0].area_code, business_clock().today()) if found else {}
    for finding in found:
        programme = word(names[finding.programme]) if finding.programme in names else ""
        amount = str(Money(finding.due_fen)) if finding.due_fen is not None else ""
        if finding.state == Finding.State.CLOSED and finding.settled_at:
            yield TimelineEntry(localdate(finding.settled_at), _("线索销号"), "info", finding.settled_reason)
        yield TimelineEntry(finding.first_seen, titled(finding, programme), "risk", "", amount)
