from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from doudi.office.audit.actions import TrailUnwritable, circumstances


class TrailMiddleware:
    """Entries of a request say where it came from; a page whose entry cannot be written answers 503.

    Stands outside the scope, which adds role and purpose.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with circumstances(origin=request.META.get("REMOTE_ADDR", "")):
            return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TrailUnwritable):
            return None
        text = gettext("审计日志现在无法写入，所以没有执行，也不显示数据。请稍后再试；仍不行请告知系统管理员。")
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "30"})
