from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
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


class HeadWithoutBody:
    """A HEAD is answered with the length of a page instead of the page. Outermost, so that the length is the last one.

    Servers leave the body out anyway, but say so in the log each time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if request.method == "HEAD" and isinstance(response, HttpResponse):
            length = str(len(response.content))
            response.content = b""
            response.headers["Content-Length"] = length
        return response
