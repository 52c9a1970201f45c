"""What the kit page shows: every part in every state, with invented figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doudi.office.look import parts
from doudi.office.look.panels import TimelineEntry
from doudi.office.look.parts import Part


def kit() -> dict[str, Any]:
    return {
        "lines": _lines(),
        "counters": _counters(),
        "filters": _filters(),
        "steps": [parts.Step(_("编制"), "done"), parts.Step(_("复核"), "now"), parts.Step(_("送银行"))],
        "job": parts.Progress(_("正在入库"), 2615, 4218, _("行"), 5200, 1),
        "entries": _entries(),
        "today": date(2020, 7, 20),
        "board": _board(),
        "explanation": _explanation(),
        "why": _why(),
        "amount": Decimal("800.00"),
    }


def _lines() -> list[parts.BottomLine]:
    desk = (Part(3, _("逾期"), "#"), Part(7, _("今天到期"), "#"), Part(20, _("其他"), "#"))
    roll = (Part(37, _("待联系")), Part(42, _("转移中")), Part(204, _("已到位")))
    short = (Part(37, _("待联系")), Part(42, _("转移中")), Part(203, _("已到位")))
    return [
        parts.BottomLine(30, _("件在手"), desk, note=_("08:40 更新")),
        parts.BottomLine(283, _("人在册"), roll, missing=_("还有 79 人没着落"), unit=_people),
        parts.BottomLine(283, _("人在册"), short, unit=_people),
    ]


def _people(n: int) -> str:
    return ngettext("人", "人", n)


def _counters() -> list[parts.Counter]:
    return [
        parts.Counter(_("逾期"), 3, _("最久 2 天"), "#", "red", "circle-x"),
        parts.Counter(_("今天到期"), 7, _("3 小时内 2"), "#", "amb", "clock"),
        parts.Counter(_("三天内到期"), 11, _("周五前"), "#", "dai", "calendar"),
        parts.Counter(_("不清楚"), 4, _("先问清楚"), "#", "vio", "circle-question-mark"),
        parts.Counter(_("等别人"), 9, _("县级 5，村里 3"), "#", "plain", "hourglass"),
    ]


def _filters() -> list[parts.Filter]:
    choices = [parts.Choice(_("全部"), "#", True), parts.Choice(_("疑似漏保"), "#")]
    return [
        parts.Filter(_("地区"), choices, "西河口乡", "#"),
        parts.Filter(_("类别"), choices),
        parts.Filter(_("状态"), (), _("核实中"), "#"),
        parts.Filter(_("期限"), choices),
    ]


def _entries() -> list[TimelineEntry]:
    return [
        TimelineEntry(date(2020, 10, 5), _("过渡期救助到期"), "next", _("须在此前续接，不留空档")),
        TimelineEntry(date(2020, 7, 8), _("过渡期生活救助"), "help", _("应急局发"), "4500.00", until=date(2020, 10, 5)),
        TimelineEntry(date(2020, 6, 23), _("应急期救助"), "help", _("应急局发"), "1500.00", until=date(2020, 7, 7)),
        TimelineEntry(date(2020, 6, 22), _("洪涝：房屋倒塌"), "disaster", _("协理员现场核定")),
        TimelineEntry(date(2020, 2, 1), _("临时救助"), "help", "", "2000.00", until=date(2020, 3, 31)),
        TimelineEntry(date(2020, 1, 15), _("风险信号：大额医疗支出"), "risk", _("医保名单比对")),
        TimelineEntry(date(2019, 9, 3), _("入户走访"), "info"),
    ]


def _segments(*ns: int) -> list[parts.Segment]:
    words = (_("已入保"), _("转其他救助"), _("核后不符"), _("核实中"), _("没动"))
    kinds: tuple[Any, ...] = ("covered", "other", "closed", "working", "untouched")
    return [parts.Segment(kind, n, word) for kind, n, word in zip(kinds, ns, words, strict=True)]


def _board() -> parts.Board:
    def row(name: str, clock: parts.Clock | None, *ns: int, chosen: bool = False) -> parts.BoardRow:
        return parts.BoardRow(name, "#", sum(ns), ns[3] + ns[4], _segments(*ns), "", clock, chosen)

    late, soon = parts.Clock("overdue", _("超 1 天")), parts.Clock("today", _("今天"), 0.15)
    ahead = parts.Clock("ahead", _("剩 2 天"), 0.6)
    return parts.Board(
        groups=[
            parts.BoardRow("西河口乡", "#", 203, 38, chosen=True),
            parts.BoardRow("小华山街道", "#", 66, 31),
            parts.BoardRow("固镇镇", "#", 60, 0),
        ],
        rows=[
            row("郝集村", late, 10, 6, 3, 4, 6),
            row("江店村", soon, 7, 4, 1, 2, 4, chosen=True),
            row("淠河村", ahead, 9, 4, 2, 6, 0),
            row("潘岔村", None, 4, 2, 0, 0, 0),
        ],
        groups_title=_("乡镇街道"),
        rows_title=_("西河口乡的村"),
        funnel=[Part(12846, _("名单上")), Part(2056, _("有线索")), Part(1808, _("已有结果")), Part(248, _("还剩"))],
        about=_("重残、大病、监测户"),
    )


def _explanation() -> parts.Explanation:
    return parts.Explanation(
        programme=_("最低生活保障"),
        outcome=_("待核实"),
        tone="unknown",
        question=parts.Question(
            _("她家的存款合计超过 43,200 元吗？"),
            _("只差一个问题，就能定"),
            [
                parts.Answer(_("没超过"), _("符合，每月 800.00 元"), "ok"),
                parts.Answer(_("超过"), _("不符合，转临时救助")),
                parts.Answer(_("不清楚"), _("派走访，或取授权"), "unknown"),
            ],
        ),
        conditions=[
            parts.Condition(_("户籍"), _("在本区"), "西河口乡江店村", _("公安户籍 2020-06-30"), "met"),
            parts.Condition(
                _("家庭人均月收入"), _("低于 600.00 元"), _("400.00 元，4 人"), _("入户 2020-07-16"), "met"
            ),
            parts.Condition(_("车辆"), _("没有"), _("1 辆"), _("车管 2020-07-01"), "failed", change=_("卖掉后重算")),
            parts.Condition(_("家庭财产"), _("不超过 43,200.00 元"), "", _("未取得查询授权"), "unknown"),
        ],
        laws=[
            parts.Law(
                _("示例办法"), _("示例〔2012〕1 号"), _("第四条"), _("人均收入低于标准、财产符合规定的，可以享受。")
            )
        ],
        parameters=[parts.Parameter(_("低保标准"), _("裕安区农村，2020-01-01 起"), "600.00", _("元/人月"), demo=True)],
        changes=[_("存款不超过 43,200.00 元：符合，每月 800.00 元")],
        steps=[_("人均收入 1,600.00 ÷ 4 = 400.00"), _("（600.00 − 400.00）× 4 = 800.00")],
        as_of=date(2020, 7, 20),
        pack="cn 2020.07",
    )


def _why() -> parts.Explanation:
    return parts.Explanation(
        programme=_("为什么每月低保金是"),
        outcome=_("符合"),
        tone="ok",
        conditions=[],
        amount="800.00",
        sum="（600.00 − 400.00）× 4",
        laws=[parts.Law(_("示例办法"), "", _("第四条"), "")],
        parameters=[parts.Parameter(_("低保标准"), _("裕安区农村，2020-01-01 起"), "600.00", _("元/人月"), demo=True)],
        inputs=[(_("人均收入"), "400.00", _("入户 2020-07-16"))],
    )
