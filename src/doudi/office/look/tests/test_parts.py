"""Parts judge themselves from their numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.template import Context, Template
from django.utils import translation

from doudi.office.look.panels import TimelineEntry
from doudi.office.look.parts import Answer, BottomLine, Part, Progress, Question, Segment, chain

TODAY = date(2020, 7, 20)


def draw(text: str, **context: object) -> str:
    return Template("{% load look %}" + text).render(Context(context))


def test_a_bottom_line_that_does_not_add_up_says_by_how_much_and_never_ticks() -> None:
    line = BottomLine(
        283, "人在册", [Part(37, "待联系"), Part(245, "已到位")], unit=lambda n: "人" if n == 1 else "个人"
    )
    page = draw("{% bottom_line line %}", line=line)
    assert line.state == "differs" and "差 1 人，查对" in page and "账平" not in page


def test_a_bottom_line_with_people_unplaced_is_incomplete_although_it_adds_up() -> None:
    line = BottomLine(2, "人在册", [Part(1, "待联系"), Part(1, "已到位")], missing="还有 1 人没着落")
    assert line.state == "incomplete" and "账平" not in draw("{% bottom_line line %}", line=line)


def test_a_bottom_line_of_money_adds_up_to_the_fen() -> None:
    parts = [Part(Decimal("0.10"), "甲"), Part(Decimal("0.20"), "乙")]
    assert BottomLine(Decimal("0.30"), "元", parts).state == "balances"


def test_an_amount_that_is_not_known_is_never_zero() -> None:
    assert "不清楚" in draw("{% amount None %}") and "0.00" not in draw("{% amount None %}")
    assert "0.00" in draw("{% amount value %}", value=Decimal(0))


def test_dates_and_amounts_follow_the_reader_s_language() -> None:
    assert draw("{{ d|day }}", d=TODAY) == "2020年7月20日"
    with translation.override("en"):
        assert draw("{{ d|day }}", d=TODAY) == "20 July 2020"
        assert "1,560.00" in draw("{% amount value %}", value="1560.00")


def test_what_stands_in_a_part_is_escaped() -> None:
    evil = "<script>x</script>"
    page = draw(
        '{% chip "ok" evil %}{% amount 1 evil %}{% stamp evil %}{% clock "ahead" evil %}{% why evil evil %}', evil=evil
    )
    assert "<script>" not in page


def test_bars_of_a_board_say_how_much_before_anything_is_done() -> None:
    segments = [Segment("untouched", 1, "未下发")]
    assert 'width="25.00%"' in draw("{% stacked_bar rows 4 %}", rows=segments)
    half_done = draw("{% share_bar 0.5 10 20 %}")
    assert 'class="bar-open" width="50.0%"' in half_done and 'class="bar-done" width="25.0%"' in half_done


def test_a_job_that_cannot_yet_count_says_so() -> None:
    page = draw("{% progress job %}", job=Progress("正在比对", 0, 0, "户"))
    assert "正在准备" in page and "0 / 0" not in page and "aria-valuenow" not in page


def test_a_stacked_bar_fills_its_width_and_leaves_out_what_is_zero() -> None:
    bar = draw(
        "{% stacked_bar rows %}",
        rows=[Segment("covered", 1, "已入保"), Segment("other", 0, "转"), Segment("working", 1, "核实中")],
    )
    assert bar.count("<rect") == 2 and 'width="49.75%"' in bar and "url(#hatch)" in bar


def entry(on: date, tone: str = "help", until: date | None = None) -> TimelineEntry:
    return TimelineEntry(on, "", tone, until=until)  # type: ignore[arg-type]


def test_help_that_follows_the_day_after_is_one_solid_line() -> None:
    knots = chain([entry(date(2020, 7, 8)), entry(date(2020, 6, 23), until=date(2020, 7, 7))], TODAY)
    assert [k.line for k in knots] == ["solid", "none"] and knots[0].gap_days == 0


def test_a_gap_between_two_helps_is_named_with_its_days() -> None:
    knots = chain([entry(date(2020, 7, 8)), entry(date(2020, 3, 1), until=date(2020, 6, 30))], TODAY)
    assert knots[0].gap_days == 7 and knots[0].line == "gap"


def test_what_lies_ahead_is_dotted() -> None:
    knots = chain([entry(date(2020, 10, 5), "next"), entry(date(2020, 7, 8))], TODAY)
    assert knots[0].ahead and knots[0].line == "dotted"


def test_a_question_nobody_can_answer_here_shows_its_outcomes_without_buttons_or_keys() -> None:
    answers = [Answer("没超过", "符合", "ok"), Answer("超过", "不符合")]
    text = '{% include "look/parts/question.html" %}'
    told = draw(text, question=Question("超过吗？", answers=answers))
    assert "没超过" in told and "不符合" in told and "<button" not in told and "<kbd" not in told
    asked = draw(text, question=Question("超过吗？", answers=answers, action="/x"))
    assert asked.count("<button") == asked.count("<kbd") == 2


def test_what_is_not_known_is_violet_and_what_is_missing_is_not() -> None:
    parts = [Part(1, "符合"), Part(1, "不清楚")]
    assert "bl-unknown" in draw(
        "{% bottom_line line %}", line=BottomLine(2, "个", parts, missing="不清楚", unknown=True)
    )
    assert "bl-unknown" not in draw("{% bottom_line line %}", line=BottomLine(2, "个", parts, missing="没着落"))


def test_a_month_over_a_column_follows_the_reader_s_language() -> None:
    assert draw("{{ d|month }}", d=TODAY) == "7月"
    with translation.override("en"):
        assert draw("{{ d|month }}", d=TODAY) == "Jul"
