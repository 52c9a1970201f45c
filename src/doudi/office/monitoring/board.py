"""The board of clues by township and village, from tallies to the parts of the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doudi.engine.divisions import Area, children, find
from doudi.engine.values import AreaCode
from doudi.office.access import Scope
from doudi.office.jobs.queries import Progress
from doudi.office.look import parts
from doudi.office.look.parts import Board, BoardRow, BottomLine, Choice, Explanation, Filter, Part, Segment
from doudi.office.look.places import spoken
from doudi.office.monitoring.models import Finding, Run
from doudi.office.monitoring.queries import Tally, areas_of, by_state, clues_of, households_registered, states, tallies

COVERED = ("covered", "covered_elsewhere")
CLUE = ("missed", "to_verify", "covered_to_verify", "covered_wrong_amount", "covered_not_eligible")
QUIET = ("unknown_no_sign",)
NO = ("not_eligible", "not_applicable")
LEAST = (60, 40, 20)  # points, as the filter offers them


@dataclass(frozen=True, slots=True)
class Places:
    """Where the board looks: townships of the scope, or counties while it holds several; and what lies below them."""

    mine: list[AreaCode]
    groups: list[Area]
    on: date

    @classmethod
    def of(cls, scope: Scope, on: date) -> Places:
        mine = areas_of(scope)
        return cls(mine, _groups(mine, on), on)

    def below(self, group: Area) -> list[Area]:
        return _touched(children(group.code, self.on), self.mine)

    def group_of(self, asked: AreaCode | None) -> Area | None:
        return next((g for g in self.groups if asked and AreaCode(g.code).contains(asked)), None)


def _groups(mine: list[AreaCode], on: date) -> list[Area]:
    counties = {str(a.at("county")) for a in mine if a.level not in ("city", "province")}
    wide = [a for a in mine if a.level in ("city", "province")]
    if not wide and len(counties) == 1:
        return _touched(children(counties.pop(), on), mine)
    found = [area for code in sorted(counties) if (area := find(code, on))]
    return [*found, *(c for a in wide for c in _counties(a, on))]


def _counties(area: AreaCode, on: date) -> list[Area]:
    below = list(children(str(area), on))
    return below if area.level == "city" else [c for city in below for c in children(city.code, on)]


def _touched(places: Iterable[Area], mine: list[AreaCode]) -> list[Area]:
    return [p for p in places if any(AreaCode(p.code).contains(m) or m.contains(p.code) for m in mine)]


def board(scope: Scope, places: Places, asked: AreaCode | None) -> Board:
    """Who has how much left. Open stands the group asked for, else the one with most work."""
    groups = tallies(scope, places.groups)
    chosen = places.group_of(asked)
    shown = chosen or (groups[0].area if groups else None)
    below = tallies(scope, places.below(shown)) if shown else []
    title = _("%(name)s，%(n)s 个村（社区）") % {"name": spoken(shown), "n": len(below)} if shown else ""
    return Board(
        groups=[_row(t, t.area == chosen) for t in groups],
        rows=[_row(t, t.area.code == str(asked)) for t in below if t.n],
        groups_title=_("乡镇街道"),
        rows_title=title,
    )


def _row(tally: Tally, chosen: bool) -> BoardRow:
    segments = [
        Segment("closed", tally.closed, _("已销号")),
        Segment("working", tally.sent, _("已下发")),
        Segment("untouched", tally.unsent, _("未下发")),
    ]
    url = f"?{urlencode({'area': tally.area.code})}"
    return BoardRow(spoken(tally.area), url, tally.n, tally.left, [s for s in segments if s.n], chosen=chosen)


def line(runs: list[Run], area: AreaCode | None, programme: str, filing: bool = False) -> BottomLine:
    """Every household of the area ends in one state: the registry's count against the runs' own and the clues kept.

    filing: a newer run is filing its clues; until it has, the clues are those that the older one counted.
    """
    counted = states(runs, area, programme)

    def n(names: tuple[str, ...]) -> int:
        return sum(counted.get(name, 0) for name in names)

    return BottomLine(
        total=sum(households_registered(area or AreaCode(run.area_code), run.as_of) for run in runs),
        label=_("户在册"),
        parts=[
            Part(n(COVERED), _("在保")),
            *([Part(n(CLUE), _("有线索"))] if filing else _standing(runs, area, programme)),
            Part(n(NO), _("不符合条件")),
            Part(n(QUIET), _("暂无线索")),
        ],
        balanced=_("合计轧平，一户不少"),
        unit=lambda n: ngettext("户", "户", n),
    )


def _standing(runs: list[Run], area: AreaCode | None, programme: str) -> list[Part]:
    counted, chosen = by_state(clues_of(runs, area, programme)), {"area": str(area or "")}
    closed = counted.pop(Finding.State.CLOSED, 0)
    return [
        Part(sum(counted.values()), _("线索未销号"), _url(chosen)),
        Part(closed, _("线索已销号"), _url(chosen, state="again")),
    ]


def received_line(rows: QuerySet[Finding], area: AreaCode | None) -> BottomLine:
    """What was sent to this desk: the whole against its states. Counts of the screening stay with the county."""
    counted = by_state(rows)
    chosen = {"area": str(area or "")}
    return BottomLine(
        total=rows.count(),
        label=_("条线索收到"),
        parts=[
            Part(counted.get(Finding.State.SENT, 0), str(Finding.State.SENT.label), _url(chosen)),
            Part(counted.get(Finding.State.CLOSED, 0), str(Finding.State.CLOSED.label), _url(chosen, state="closed")),
        ],
        balanced=_("一条不少"),
        unit=lambda n: ngettext("条线索", "条线索", n),
    )


def conditions_line(found: list[Explanation]) -> BottomLine:
    """Every condition of every programme shown is met, not met or not known."""
    n_unknown = sum(e.n_unknown for e in found)
    return BottomLine(
        total=sum(len(e.conditions) for e in found),
        label=_("个条件"),
        parts=[
            Part(sum(e.n_met for e in found), _("符合")),
            Part(sum(e.n_failed for e in found), _("不符合")),
            Part(n_unknown, _("不清楚")),
        ],
        missing=_("不清楚不等于不符合") if n_unknown else "",
        unknown=True,
        balanced=_("逐条核过"),
        note=f"{_('政策库')} {found[0].pack}",
    )


def filters(chosen: dict[str, str], places: Places, kinds: dict[str, int]) -> list[Filter]:
    """Area, kind, state, priority; each with a stable address. One that leaves nothing to choose is left out."""
    kind, area = _kinds(chosen, kinds), _areas(chosen, places)
    offered = [f for f, least in ((area, 2), (kind, 1)) if f.value or len(f.choices) >= least]
    return [*offered, _states(chosen), _priorities(chosen)]


def _areas(chosen: dict[str, str], places: Places) -> Filter:
    area = find(chosen["area"]) if chosen["area"] else None
    choices = [
        Choice(spoken(a), _url(chosen, area=a.code), a.code == chosen["area"])
        for a in (places.groups if len(places.groups) > 1 else [b for g in places.groups for b in places.below(g)])
    ]
    return Filter(_("地区"), choices, spoken(area) if area else "", _url(chosen, area=""))


def _kinds(chosen: dict[str, str], kinds: dict[str, int]) -> Filter:
    choices = [
        Choice(f"{k.label} {kinds[k.value]}", _url(chosen, kind=k.value), k.value == chosen["kind"])
        for k in Finding.Kind
        if kinds.get(k.value)
    ]
    value = str(Finding.Kind(chosen["kind"]).label) if chosen["kind"] else ""
    return Filter(_("类别"), choices, value, _url(chosen, kind=""))


def _states(chosen: dict[str, str]) -> Filter:
    words = {"closed": _("已销号"), "again": _("已销号，最近一次比对仍有")}
    choices = [Choice(text, _url(chosen, state=name), name == chosen["state"]) for name, text in words.items()]
    return Filter(_("状态"), choices, words.get(chosen["state"], ""), _url(chosen, state=""))


def _priorities(chosen: dict[str, str]) -> Filter:
    words = {str(least): _("%d 分以上") % least for least in LEAST}
    choices = [Choice(text, _url(chosen, priority=n), n == chosen["priority"]) for n, text in words.items()]
    return Filter(_("优先级"), choices, words.get(chosen["priority"], ""), _url(chosen, priority=""))


def _url(chosen: dict[str, str], **change: str) -> str:
    kept = {name: value for name, value in {**chosen, **change}.items() if value}
    return f"?{urlencode(kept)}#clues"


def under_way(job: Progress) -> parts.Progress:
    """The screening that waits or runs, as everybody's long jobs are shown."""
    return parts.Progress(
        _("正在比对"), job.n, job.total, ngettext("户", "户", job.total), round(job.rate or 0), job.eta
    )
