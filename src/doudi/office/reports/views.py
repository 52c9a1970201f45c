from __future__ import annotations

from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from doudi.office.access import Role, access
from doudi.office.look.parts import BottomLine, Part
from doudi.office.look.templatetags.look import iso
from doudi.office.reports.forms import TrailForm
from doudi.office.reports.queries import Asked, trail


@access([Role.AUDITOR, Role.SECADMIN], "audit")
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Who looked at what and why; filters stand in the address, so that a finding of the audit can be cited."""
    form = TrailForm(request.GET)
    if not form.is_valid():
        return render(request, "reports/audit.html", {"form": form, "query": request.GET.urlencode()}, status=422)
    page = trail(Asked(**form.cleaned_data), before=_before(request.GET.get("before", "")))
    line = BottomLine(
        page.n,
        _("条留痕"),
        [Part(page.n_sealed, _("已封存")), Part(page.n_waiting, _("待封存"))],
        balanced=_("一条不少"),
        unit=_entries,
        note=_("最近封存 %s") % iso(page.last_sealed_at) if page.last_sealed_at else "",
    )
    query = request.GET.copy()
    query.pop("before", None)
    return render(request, "reports/audit.html", {"form": form, "page": page, "line": line, "query": query.urlencode()})


def _entries(n: int) -> str:
    return ngettext("条", "条", n)


def _before(text: str) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError as odd:
        raise SuspiciousOperation("audit: odd page mark") from odd
