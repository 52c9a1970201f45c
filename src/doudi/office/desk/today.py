"""My work today, out of what each room says waits for me."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doudi.office.access import Scope
from doudi.office.look import work
from doudi.office.look.parts import BottomLine, Counter, Part
from doudi.office.look.work import DUES, Due, Task

SHOWN = 20  # rows of one group while all are shown; the rest behind its counter
PAGE = 50  # rows of one group by itself
_ONLY_WITH_ROWS: tuple[Due, ...] = ("later", "undated")  # the others are looked for every morning, also at 0
_SHAPES: dict[Due, tuple[str, str]] = {
    "overdue": ("red", "circle-x"),
    "today": ("amb", "clock"),
    "soon": ("dai", "calendar"),
    "later": ("plain", "calendar"),
    "undated": ("plain", "list-checks"),
    "waiting": ("plain", "hourglass"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one due with how many there are in all; `more` are not shown. page: of the group by itself."""

    due: Due
    title: str
    tone: str
    icon: str
    n: int
    tasks: Sequence[Task]
    page: Page[Any] | None = None

    @property
    def more(self) -> int:
        return self.n - len(self.tasks)


@dataclass(frozen=True, slots=True)
class Today:
    counters: list[Counter]
    groups: list[Group]
    line: BottomLine

    @property
    def tasks(self) -> list[Task]:
        """All shown, in one order."""
        return [task for group in self.groups for task in group.tasks]

    @property
    def first(self) -> int:
        """The number of the first task shown among its own."""
        page = self.groups[0].page if self.groups else None
        return page.start_index() if page else 1


def titles() -> dict[Due, str]:
    return {
        "overdue": _("逾期"),
        "today": _("今天到期"),
        "soon": _("三天内到期"),
        "later": _("三天以后到期"),
        "undated": _("没定期限"),
        "waiting": _("等别人"),
    }


def today(scope: Scope, on: date, only: str = "", page: str = "") -> Today:
    """Everything in hand, the late first. only: one of the dues, then a page of it (the nearest one there is)."""
    counts = dict.fromkeys(DUES, 0)
    for source in work.sources:
        for due, n in source.counts(scope, on).items():
            counts[due] += n
    wanted = [due for due in DUES if counts[due] and only in ("", due)]
    groups = [
        _page(scope, on, due, counts[due], page) if only else _group(scope, on, due, counts[due]) for due in wanted
    ]
    return Today(_counters(counts, groups), groups, _line(scope, on, counts))


def in_hand(scope: Scope, on: date) -> int:
    """Everything that waits, as each room counts it."""
    return sum(source.total(scope, on) for source in work.sources)


def _group(scope: Scope, on: date, due: Due, n: int) -> Group:
    tone, icon = _SHAPES[due]
    return Group(due, titles()[due], tone, icon, n, _tasks(scope, on, due, SHOWN))


def _page(scope: Scope, on: date, due: Due, n: int, asked: str) -> Group:
    page = Paginator(range(n), PAGE).get_page(asked)
    tasks = _tasks(scope, on, due, page.end_index())[page.start_index() - 1 :]
    tone, icon = _SHAPES[due]
    return Group(due, titles()[due], tone, icon, n, tasks, page)


def _tasks(scope: Scope, on: date, due: Due, limit: int) -> list[Task]:
    tasks: list[Task] = []
    for source in work.sources:
        if len(tasks) < limit:
            tasks.extend(source.tasks(scope, on, due, limit - len(tasks)))
    return tasks


def _counters(counts: dict[Due, int], groups: list[Group]) -> list[Counter]:
    first = {group.due: group.tasks[0] for group in groups if group.tasks}
    counters = []
    for due, title in _shown(counts).items():
        tone, icon = _SHAPES[due]
        fact = _fact(first[due]) if due in first else ""
        counters.append(Counter(title, counts[due], fact, f"?due={due}", tone if counts[due] else "plain", icon))  # type: ignore[arg-type]
    return counters


def _shown(counts: dict[Due, int]) -> dict[Due, str]:
    return {due: title for due, title in titles().items() if counts[due] or due not in _ONLY_WITH_ROWS}


def _fact(task: Task) -> str:
    if task.clock and task.due in ("overdue", "today"):
        return _("最急 %s") % task.clock.words
    return _("先看 %s") % task.who


def _tasks_of(n: int) -> str:
    return ngettext("件", "件", n)


def _line(scope: Scope, on: date, counts: dict[Due, int]) -> BottomLine:
    done = sum(source.done(scope, on) for source in work.sources)
    parts = [Part(counts[due], title, f"?due={due}") for due, title in _shown(counts).items()]
    return BottomLine(in_hand(scope, on), _("件在手"), parts, unit=_tasks_of, note=_("今天已办 %d 件") % done)
