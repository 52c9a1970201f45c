from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

LONGEST = 4_000  # characters; the web server itself answers above 8,190, in its own words


class AddressLength:
    """A longer address than any page of ours has is answered by our own page. Stands after the language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if len(request.get_full_path()) > LONGEST:
            return render(request, "414.html", status=414)
        return self._get_response(request)
