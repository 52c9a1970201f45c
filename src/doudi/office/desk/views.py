"""Parse, ask, render. What may be seen follows from the scope in which the request runs."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from doudi.office.access import EVERYBODY, OutOfScope, Role, access, current_scope
from doudi.office.access.actions import reveal as reveal_field
from doudi.office.access.middleware import ScopedRequest
from doudi.office.audit.actions import seen
from doudi.office.audit.personal import masked_words
from doudi.office.desk import household as page
from doudi.office.desk.facts import lines
from doudi.office.desk.forms import RevealForm
from doudi.office.desk.frame import CHECKERS, CLERKS
from doudi.office.desk.today import today as work_today
from doudi.office.desk.words import words_for
from doudi.office.jobs.queries import business_clock
from doudi.office.look.parts import BottomLine, Part
from doudi.office.look.places import steps
from doudi.office.look.work import DUES
from doudi.office.registry import queries as registry

SEALED = ("number", "phone", "sensitive")
PAGE_MARK = re.compile(r"[^|]*\|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGITS = re.compile(r"\d{4}|\d{3}[Xx]")  # the last places of an identity number, or more
TABS = ("chain", "facts", "seen")


@access(EVERYBODY, "work")
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    return redirect("today")


@access(EVERYBODY, "work")
@require_safe
def today(request: ScopedRequest) -> HttpResponse:
    """My work: the late first, counters over exactly the rows they lead to. A village worker gets it as a phone."""
    scope, on = current_scope(), business_clock().today()
    if scope.role in CHECKERS:
        return redirect("audit")
    asked = request.GET.get("due", "")
    only = asked if asked in DUES else ""
    found = work_today(scope, on, only, request.GET.get("page", ""))
    template = "desk/today_phone.html" if scope.role == Role.VILLAGE else "desk/today.html"
    return render(request, template, {"today": found, "on": on, "only": only})


@access(CLERKS, "assistance")
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """People by name, pinyin initials, last digits or village; one hit opens its household.

    The box posts. A search by words goes on to its address, which can be kept and passed on; one by digits stays out of
    every address, because a number of a person would stand in histories and logs.
    """
    asked = request.POST if request.method == "POST" else request.GET
    text, after = asked.get("q", "").strip(), asked.get("after", "")
    by_number = DIGITS.search(text) is not None
    if request.method == "POST" and not by_number:
        return redirect(f"{reverse('search')}?{urlencode({'q': text})}" if text else "search")
    words = words_for(current_scope().ranges[0][0], business_clock().today())
    if after and not PAGE_MARK.fullmatch(after):
        raise SuspiciousOperation("search: odd page mark")
    found = registry.search(text, after=after)
    homes = {line.household_id for line in found.items if line.household_id}
    if len(homes) == 1 and not found.next and not after and len(found.items) == 1:
        return redirect("household", id=homes.pop())
    context = {"text": text, "shown": masked_words(text), "q": "" if by_number else text, "by_number": by_number}
    context |= {"found": found, "after": after, "words": words}
    if found.items:
        context["line"] = _found_line(found)
    return render(request, "desk/search.html", context)


def _found_line(found: registry.SearchPage) -> BottomLine:
    """Everybody found against this page and the others."""
    many = found.n >= registry.COUNTED
    elsewhere = [Part(found.n_elsewhere, _("在别的页"))] if found.n_elsewhere else []
    return BottomLine(
        found.n,
        _("人找到"),
        [Part(found.n - found.n_elsewhere if many else len(found.items), _("在这一页")), *elsewhere],
        balanced=_("一个不少"),
        missing=_("太多，只数到这里；再加一个字或村名") if many else "",
        unknown=many,
        unit=lambda n: ngettext("人", "人", n),
    )


@access(CLERKS, "assistance")
@require_safe
def household(request: ScopedRequest, id: UUID) -> HttpResponse:
    """One household on one page; opening it is one line of the trail."""
    clock = business_clock()
    view = registry.household(id, as_of=clock.today())
    seen(("registry.household", str(id)), by=request.user, at=clock.now(), area=view.area_code)
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else TABS[0]
    scope, words = current_scope(), words_for(view.area_code, view.as_of)
    context = {"words": words, "line": page.bottom_line(view, words), "tab": tab, "today": view.as_of}
    context |= {**page.context(view, scope, words), "crumb": steps(view.area_code)}
    if tab == "chain":
        context |= page.story(view, scope, words)
    elif tab == "seen":
        context["history"] = page.history(view)
    return render(request, "desk/household.html", context)


@access(CLERKS, "assistance")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def reveal(request: ScopedRequest, id: UUID, person_id: UUID, field: str) -> HttpResponse:
    """A full number, after its purpose; asked inside the household page, or as a page of its own without scripts."""
    person = registry.person(person_id)
    if person.household_id != id or field not in SEALED:
        raise OutOfScope("person")
    form = RevealForm(request.POST or None)
    context = {"household_id": id, "person": person, "field": field, "form": form}
    part = "reveal_form"
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        clock = business_clock()
        value = reveal_field(person, field, purpose=purpose, by=request.user, at=clock.now())
        context |= {"value": value, "purpose": form.said}
        part = "revealed"
        if field == "sensitive":
            words = words_for(person.area_code, clock.today())
            context["lines"] = lines(registry.opened_facts(value), words)
    template = f"desk/{part}.html" if request.headers.get("HX-Request") else "desk/reveal.html"
    return render(request, template, context)
