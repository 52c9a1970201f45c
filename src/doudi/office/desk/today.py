"""My work today, out of what each room says waits for me."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from doudi.office.access import Scope
from doudi.office.look import work
from doudi.office.look.parts import BottomLine, Counter, Part
from doudi.office.look.work import DUES, Due, Task

SHOWN = 20  # rows of one group on the first page; the rest behind its counter
_SHAPES: dict[Due, tuple[str, str]] = {
    "overdue": ("red", "circle-x"),
    "today": ("amb", "clock"),
    "soon": ("dai", "calendar"),
    "later": ("plain", "list-checks"),
    "waiting": ("plain", "hourglass"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks of one due with how many there are in all; `more` are not shown."""

    due: Due
    title: str
    tone: str
    icon: str
    n: int
    tasks: Sequence[Task]

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
    def more(self) -> int:
        return sum(group.more for group in self.groups)


def titles() -> dict[Due, str]:
    return {
        "overdue": _("逾期"),
        "today": _("今天到期"),
        "soon": _("三天内到期"),
        "later": _("没到期限"),
        "waiting": _("等别人"),
    }


def today(scope: Scope, on: date, only: str = "", limit: int = SHOWN) -> Today:
    """Everything in hand, the late first. only: one of the dues, then all its rows up to ten times the limit."""
    counts = dict.fromkeys(DUES, 0)
    for source in work.sources:
        for due, n in source.counts(scope, on).items():
            counts[due] += n
    wanted = [due for due in DUES if counts[due] and only in ("", due)]
    groups = [_group(scope, on, due, counts[due], limit * 10 if only else limit) for due in wanted]
    return Today(_counters(counts, groups), groups, _line(scope, on, counts))


def _group(scope: Scope, on: date, due: Due, n: int, limit: int) -> Group:
    tasks: list[Task] = []
    for source in work.sources:
        if len(tasks) < limit:
            tasks.extend(source.tasks(scope, on, due, limit - len(tasks)))
    tone, icon = _SHAPES[due]
    return Group(due, titles()[due], tone, icon, n, tasks)


def _counters(counts: dict[Due, int], groups: list[Group]) -> list[Counter]:
    first = {group.due: group.tasks[0] for group in groups if group.tasks}
    counters = []
    for due, title in titles().items():
        tone, icon = _SHAPES[due]
        fact = _fact(first[due]) if due in first else ""
        counters.append(Counter(title, counts[due], fact, f"?due={due}", tone if counts[due] else "plain", icon))  # type: ignore[arg-type]
    return counters


def _fact(task: Task) -> str:
    if task.clock and task.due in ("overdue", "today"):
        return _("最急 %s") % task.clock.words
    return _("先看 %s") % task.who


def _line(scope: Scope, on: date, counts: dict[Due, int]) -> BottomLine:
    total = sum(source.total(scope, on) for source in work.sources)
    done = sum(source.done(scope, on) for source in work.sources)
    parts = [Part(counts[due], title, f"?due={due}") for due, title in titles().items()]
    return BottomLine(total, _("件在手"), parts, unit=_("件"), note=_("今天已办 %d 件") % done)
