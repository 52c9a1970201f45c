"""The board of clues by township and village, from tallies to the parts of the page."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from doudi.engine.divisions import Area, find
from doudi.engine.values import AreaCode
from doudi.office.access import Scope
from doudi.office.look.parts import Board, BoardRow, BottomLine, Choice, Explanation, Filter, Part, Segment
from doudi.office.look.places import spoken
from doudi.office.monitoring.models import Finding, Run
from doudi.office.monitoring.queries import Tally, households_registered, states, tallies

COVERED = ("covered", "covered_elsewhere")
CLUE = ("missed", "to_verify", "covered_to_verify", "covered_wrong_amount", "covered_not_eligible")
QUIET = ("unknown_no_sign",)
NO = ("not_eligible", "not_applicable")
PRIORITIES = ((60, _("60 分以上")), (40, _("40 分以上")), (20, _("20 分以上")))


def board(scope: Scope, area: AreaCode, on: date) -> Board:
    """Townships of the county on the left; on the right the villages of the chosen one, or of the first with work."""
    townships = tallies(scope, area.at("county"), on)
    mine = [t for t in townships if scope.covers(t.area.code) or area.level != "county"]
    at = str(area.at("township"))
    chosen = next((t for t in mine if t.area.code == at), mine[0] if mine else None)
    villages = tallies(scope, AreaCode(chosen.area.code), on) if chosen else []
    return Board(
        groups=[_row(t, t is chosen) for t in mine],
        rows=[_row(t, t.area.code == str(area)) for t in villages if t.n],
        groups_title=_("乡镇街道"),
        rows_title=_("%(name)s，%(n)s 个村（社区）") % {"name": chosen.area.name if chosen else "", "n": len(villages)},
    )


def _row(tally: Tally, chosen: bool) -> BoardRow:
    segments = [
        Segment("closed", tally.closed, _("已销号")),
        Segment("working", tally.sent, _("已下发")),
        Segment("untouched", tally.unsent, _("未下发")),
    ]
    url = f"?{urlencode({'area': tally.area.code})}"
    return BoardRow(spoken(tally.area.name), url, tally.n, tally.left, [s for s in segments if s.n], chosen=chosen)


def line(run: Run, area: AreaCode, programme: str) -> BottomLine:
    """Every household of the area ends in one state: the registry's count against the run's own."""
    counted = states(run, area, programme)

    def n(names: tuple[str, ...]) -> int:
        return sum(counted.get(name, 0) for name in names)

    return BottomLine(
        total=households_registered(area, run.as_of),
        label=_("户在册"),
        parts=[
            Part(n(COVERED), _("在保")),
            Part(n(CLUE), _("有线索"), f"?{urlencode({'area': str(area)})}#clues"),
            Part(n(NO), _("不符合条件")),
            Part(n(QUIET), _("暂无线索，不打扰")),
        ],
        balanced=_("合计轧平，一户不少"),
        unit=_("户"),
        note=_("比对日期 %(day)s") % {"day": run.as_of.isoformat()},
    )


def conditions_line(e: Explanation) -> BottomLine:
    """Every condition is met, not met or not known."""
    return BottomLine(
        total=len(e.conditions),
        label=_("个条件"),
        parts=[Part(e.n_met, _("符合")), Part(e.n_failed, _("不符合")), Part(e.n_unknown, _("不清楚"))],
        missing=_("不清楚不等于不符合") if e.n_unknown else "",
        unknown=True,
        balanced=_("逐条核过"),
        note=f"{_('政策库')} {e.pack}",
    )


def filters(chosen: dict[str, str], areas: list[Area], kinds: dict[str, int]) -> list[Filter]:
    """Area, kind, priority; each with a stable address."""
    area = find(chosen["area"]) if chosen["area"] else None
    kind = Finding.Kind(chosen["kind"]).label if chosen["kind"] else ""
    priority = next((str(words) for least, words in PRIORITIES if str(least) == chosen["priority"]), "")
    return [
        Filter(
            _("地区"),
            [Choice(a.name, _url(chosen, area=a.code), a.code == chosen["area"]) for a in areas],
            area.name if area else "",
            _url(chosen, area=""),
        ),
        Filter(
            _("类别"),
            [
                Choice(f"{kind.label} {kinds[kind.value]}", _url(chosen, kind=kind.value), kind.value == chosen["kind"])
                for kind in Finding.Kind
                if kinds.get(kind.value)
            ],
            str(kind),
            _url(chosen, kind=""),
        ),
        Filter(
            _("优先级"),
            [
                Choice(str(words), _url(chosen, priority=str(least)), str(least) == chosen["priority"])
                for least, words in PRIORITIES
            ],
            priority,
            _url(chosen, priority=""),
        ),
    ]


def _url(chosen: dict[str, str], **change: str) -> str:
    kept = {name: value for name, value in {**chosen, **change}.items() if value}
    return f"?{urlencode(kept)}#clues"
