"""The kit and the reader's own preferences. Access is declared where the addresses are put together."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from doudi.office.look import icons, samples
from doudi.office.look.frame import PREFERENCES

A_YEAR = 365 * 24 * 3600


def kit(request: HttpRequest) -> HttpResponse:
    """Every component in all its states."""
    return render(request, "look/kit.html", {**samples.kit(), "icons": icons.meanings().items()})


@require_POST
def preference(request: HttpRequest) -> HttpResponse:
    """Strong light and large type, kept in this browser; unknown names and values change nothing."""
    after = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()}):
        after = "/"
    response = HttpResponseRedirect(after)
    for name, values in PREFERENCES.items():
        if (value := request.POST.get(name)) in values:
            response.set_cookie(name, value, max_age=A_YEAR, httponly=True, samesite="Lax")
    return response
