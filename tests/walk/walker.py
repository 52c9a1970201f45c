"""Opens every route as every role, in two twin worlds, and tells what should not have happened."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.db.models import QuerySet
from django.test import Client, override_settings

from doudi.office.access import system_scope
from doudi.office.access.models import User
from doudi.office.access.walls import scoped_models
from tests.walk.frozen import frozen
from tests.walk.routes import Route, routes
from tests.walk.worlds import THEIR_COUNTY, THEIRS, World, build

LOGS = {"audit_entry", "audit_seal", "django_session", "axes_accessattempt", "axes_accessfailurelog"}
_WRITES = re.compile(r'\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b\D*?(?:main\.)?"(?!main)(\w+)"', re.I)
_TOKEN = re.compile(
    rb'(csrfmiddlewaretoken" value="|name="csrf-token" content="|X-CSRFToken[^:]*:[^"&]*(?:"|&quot;))[\w]+'
)


@dataclass(frozen=True)
class Alarm:
    route: str
    role: str
    method: str
    path: str
    why: str


@dataclass
class Walk:
    """The answers of one world by (route, role, method, path), and what was wrong in it by itself."""

    answers: dict[tuple[str, str, str, str], bytes] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)


def walk(urlconf: str | None = None, wanted: Callable[[str], bool] = bool) -> tuple[list[Alarm], set[str]]:
    """Walk both twins of the office, or of another URL configuration, and compare them; wanted: which roles of ours.

    Returns the alarms, and the routes that answered somebody of ours with something other than a refusal.
    """
    with override_settings(ROOT_URLCONF=urlconf) if urlconf else ExitStack():
        first, world = _walked(0, None, urlconf, wanted)
        second, _ = _walked(1, world, urlconf, wanted)
    assert first.answers.keys() == second.answers.keys()
    differing = [
        Alarm(*key, f"the twins differ: {_difference(answer, second.answers[key])}")
        for key, answer in first.answers.items()
        if second.answers[key] != answer
    ]
    opened = {route for (route, *_), answer in first.answers.items() if answer[:1] in b"23"}
    return [*first.alarms, *second.alarms, *differing], opened


def _difference(one: bytes, other: bytes) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(at - 30, 0)
    return f"{one[start : at + 30]!r} and {other[start : at + 30]!r}"


def _walked(twin: int, target: World | None, urlconf: str | None, wanted: Callable[[str], bool]) -> tuple[Walk, World]:
    """target: the world whose ids stand in the addresses; theirs are then of the twin, where they may not be there."""
    call_command("flush", interactive=False, verbosity=0)
    world = build(twin)
    walk = Walk()
    canaries = [word.encode() for word in world.canaries]
    with frozen(seed=7):
        roles = [(role, client) for role, client in _roles() if role.startswith("their") or wanted(role)]
        _read(walk, roles, routes(urlconf), target or world, canaries)
        _write(walk, roles, routes(urlconf), target or world, canaries)
    return walk, world


def _roles() -> list[tuple[str, Client]]:
    """Theirs first, so that what a page keeps of them would be met by ours; then nobody; then all of ours."""
    signed_in = []
    users = list(User.objects.order_by("username"))
    for user in (
        [u for u in users if u.username.startswith("their")]
        + [None]
        + [u for u in users if u.username.startswith("our")]
    ):
        client = Client(raise_request_exception=False)
        if user:
            client.force_login(user)
        signed_in.append((user.username if user else "anonymous", client))
    return signed_in


def _read(
    walk: Walk, roles: list[tuple[str, Client]], found: list[Route], target: World, canaries: list[bytes]
) -> None:
    before = _rows(lambda model: True)
    queries = ["", *(f"?q={word}&area={THEIRS}&by={word}&tab=facts" for word in target.searched)]
    for role, client in roles:
        for route in found:
            first, *others = route.paths(target)
            for path in [*(first + query for query in queries), *others]:
                with _writing() as written:
                    _keep(walk, route, role, "GET", path, client.get(path), canaries)
                if written:
                    walk.alarms.append(Alarm(route.pattern, role, "GET", path, f"a GET wrote {sorted(written)}"))
    if _rows(lambda model: True) != before:
        walk.alarms.append(Alarm("*", "*", "GET", "*", "rows changed although only GETs were sent"))


def _write(
    walk: Walk, roles: list[tuple[str, Client]], found: list[Route], target: World, canaries: list[bytes]
) -> None:
    for role, client in roles:
        if role.startswith("their"):
            continue
        before = _rows(_is_scoped, THEIR_COUNTY[:6])
        for route in found:
            for path in route.paths(target):
                form = _form(client.get(path))
                by = client if route.pattern != "logout" else Client(raise_request_exception=False)
                with _writing() as written:
                    _keep(walk, route, role, "POST", path, by.post(path, form), canaries)
                    _keep(walk, route, role, "DELETE", path, by.delete(path), canaries)
                if written and (now := _rows(_is_scoped, THEIR_COUNTY[:6])) != before:
                    walk.alarms.append(Alarm(route.pattern, role, "POST", path, "foreign rows changed"))
                    before = now
        if _rows(_is_scoped, THEIR_COUNTY[:6]) != before:
            walk.alarms.append(Alarm("*", role, "POST", "*", "foreign rows changed"))


def _keep(walk: Walk, route: Route, role: str, method: str, path: str, answer: Any, canaries: list[bytes]) -> None:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "".join(
        f"{name}: {value}\n" for name, value in sorted(answer.items()) if name not in ("Date", "X-Request-ID")
    )
    whole = f"{answer.status_code}\n{headers}\n".encode() + _TOKEN.sub(rb"\1", content)
    if answer.status_code >= 500 and answer.status_code != 503:
        walk.alarms.append(Alarm(route.pattern, role, method, path, f"status {answer.status_code}"))
    if role.startswith("their"):
        return
    walk.answers[route.pattern, role, method, path] = whole
    if any(word in readable for readable in _readable(whole, content) for word in canaries):
        walk.alarms.append(Alarm(route.pattern, role, method, path, "a word of the other county"))


def _readable(whole: bytes, content: bytes) -> Iterator[bytes]:
    """The answer as it is, with its escapes undone, and what is packed in it."""
    yield whole
    if b"\\u" in content:
        yield content.decode("unicode_escape", errors="ignore").encode("utf-8", errors="ignore")
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield packed.read(name)


@contextmanager
def _writing() -> Iterator[set[str]]:
    """The tables, logs apart, that statements write while it is open."""
    written: set[str] = set()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if (match := _WRITES.match(sql)) and match[1] not in LOGS:
            written.add(match[1])
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for alias in ("default", "system"):
            stack.enter_context(connections[alias].execute_wrapper(watch))
        yield written


def _is_scoped(model: Any) -> bool:
    return model in scoped_models() and model._meta.db_table not in LOGS


def _rows(wanted: Any, county: str = "") -> dict[str, list[Any]]:
    """Rows of the wanted tables, logs apart; of one county when it is named (six digits)."""
    with system_scope("walk"):
        found = {}
        for model in apps.get_models():
            if wanted(model) and model._meta.managed and model._meta.db_table not in LOGS:
                rows = QuerySet(model=model).order_by("pk")
                if county:
                    rows = rows.filter(**{f"{model.scope_column}__startswith": county})
                found[model._meta.label] = [tuple(map(_plain, row)) for row in rows.values_list()]
        return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


class _Form(HTMLParser):
    """What a browser would send of the page's last form, with something in every field."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.data = {}
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and value:
            self.data.setdefault(self._select, value)
        elif tag == "input" and name and name != "csrfmiddlewaretoken":
            is_file = given.get("type") == "file"
            self.data[name] = SimpleUploadedFile("list.csv", b"a,b\n1,2\n") if is_file else value or "x"
        elif tag == "textarea" and name:
            self.data[name] = "x"

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def _form(page: Any) -> dict[str, Any]:
    form = _Form()
    if not page.streaming:
        form.feed(page.content.decode("utf-8", errors="ignore"))
    return form.data
