"""Pages that leak on purpose, and pages that look alike and are right. The walk must tell which is which.

Some leaks are closed by the wall in the database; those are found when it is lowered. The others are open although
both walls stand: the walk is what finds them.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from doudi.office.access import EVERYBODY, access, system_scope
from tests.walk.sample.models import Card, House, Line, Member, Remark

View = Callable[..., HttpResponse]
_cache: dict[str, str] = {}


def behind(model: Any) -> models.QuerySet[Any]:
    """Around the manager in front, as a careless `_base_manager` or `Manager()` would go."""
    return models.QuerySet(model=model)


def text(lines: Any) -> HttpResponse:
    return HttpResponse("\n".join(sorted(map(str, lines))))


def raw_sql(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sample_house")
        return text(name for (name,) in cursor.fetchall())


def values_through_key(request: HttpRequest) -> HttpResponse:
    return text(Remark.objects.values_list("house__name", flat=True))


def select_related(request: HttpRequest) -> HttpResponse:
    return text(member.house.name for member in behind(Member).select_related("house"))


def count(request: HttpRequest) -> HttpResponse:
    return text([behind(House).count()])


def header(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"X-Total": str(behind(House).aggregate(n=models.Count("members"))["n"])})


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(f"{house.name}\n" for house in behind(House).order_by("name").iterator())


def packed(request: HttpRequest) -> HttpResponse:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(zipfile.ZipInfo("houses.json"), json.dumps(list(behind(House).values_list("name", flat=True))))
    return HttpResponse(out.getvalue())


def by_id(request: HttpRequest, card_id: UUID) -> HttpResponse:
    return text([behind(Card).filter(pk=card_id).count()])


def delete_by_id(request: HttpRequest, card_id: UUID) -> HttpResponse:
    if request.method == "DELETE":
        behind(Card).filter(pk=card_id).delete()
    return HttpResponse("gone")


def system_job_in_a_page(request: HttpRequest) -> HttpResponse:
    with system_scope("careless"):
        return text(House.objects.values_list("name", flat=True))


def unscoped_child(request: HttpRequest) -> HttpResponse:
    return text(Remark.objects.values_list("text", flat=True))


def error_text(request: HttpRequest) -> HttpResponse:
    """A unique key does not know scopes: its error says that the number is there."""
    try:
        with transaction.atomic():
            House.objects.create(area_code="341503203204", name="x", number=request.GET.get("q", "new"))
            raise Http404
    except IntegrityError as error:
        return HttpResponse(str(error), status=409)


def get_that_writes(request: HttpRequest) -> HttpResponse:
    Remark.objects.filter(text__startswith="ours").update(text="ours, read")
    return HttpResponse("read")


def cached_without_scope(request: HttpRequest) -> HttpResponse:
    if "names" not in _cache:
        _cache["names"] = ", ".join(sorted(House.objects.values_list("name", flat=True)))
    return HttpResponse(_cache["names"])


def fails(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def right_list(request: HttpRequest) -> HttpResponse:
    return text([*House.objects.values_list("name", flat=True), House.objects.count()])


def right_detail(request: HttpRequest, card_id: UUID) -> HttpResponse:
    if not Card.objects.filter(pk=card_id).exists():
        raise Http404
    return HttpResponse("card")


def right_write(request: HttpRequest, card_id: UUID) -> HttpResponse:
    if request.method == "POST":
        Card.objects.filter(pk=card_id).update(number=b"1")
    return HttpResponse("done")


def right_log(request: HttpRequest) -> HttpResponse:
    return text(behind(Line).filter(place__gte="341503", place__lt="341504").values_list("text", flat=True))


CLOSED_BY_THE_WALL = [raw_sql, values_through_key, select_related, count, header, streamed, packed, by_id, delete_by_id]
OPEN = [system_job_in_a_page, unscoped_child, error_text, get_that_writes, cached_without_scope, fails]
RIGHT = [right_list, right_detail, right_write, right_log]


def _route(view: View) -> Any:
    parameter = "/<uuid:card_id>" if "card_id" in view.__code__.co_varnames else ""
    return path(view.__name__ + parameter, access(EVERYBODY, "test")(view))


urlpatterns = [_route(view) for view in [*CLOSED_BY_THE_WALL, *OPEN, *RIGHT]]
