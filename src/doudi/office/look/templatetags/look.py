"""Template tags: each part of the kit with all its states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from doudi.office.look import icons, parts, places

register = template.Library()

CHIP_ICONS = {
    "ok": "check",
    "warn": "triangle-alert",
    "bad": "circle-x",
    "hot": "ban",
    "info": "info",
    "unknown": "circle-question-mark",
    "off": "hourglass",
}
RING = 37.7  # circumference of r = 6


@register.simple_tag
def icon(name: str, size: int = 20, label: str = "") -> SafeString:
    return icons.icon(name, size, str(label))


@register.filter
def number(value: int | Decimal | str) -> str:
    """1560 → 1,560; Decimal keeps its decimals; text is text."""
    return value if isinstance(value, str) else f"{value:,}"


@register.filter
def money(value: Decimal | int | str) -> str:
    """Yuan with two decimals and thousands: 1,560.00."""
    return f"{Decimal(value):,.2f}"


@register.filter
def day(value: date | datetime | None) -> str:
    """In running text: 2026年7月22日, 22 July 2026."""
    if value is None:
        return ""
    on = timezone.localdate(value) if isinstance(value, datetime) else value
    if get_language() == "en":
        return f"{on.day} {date_format(on, 'F Y')}"
    return f"{on.year}年{on.month}月{on.day}日"


@register.filter
def month(value: date) -> str:
    """Over a column of a year: 7月, Jul."""
    return date_format(value, "M") if get_language() == "en" else f"{value.month}月"


@register.filter
def weekday(value: date) -> str:
    return date_format(value, "l")


@register.filter
def iso(value: date | datetime | None) -> str:
    """In tables: 2026-07-22; an instant also with its local hour."""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if value else ""


@register.filter
def place(code: str) -> str:
    """Township and village of an area code: 西河口乡江店村."""
    return places.place(code)


@register.simple_tag
def chip(tone: parts.ChipTone, words: str, mark: str = "") -> SafeString:
    """A state: icon and word. One word per state in the whole product."""
    return format_html('<span class="chip chip-{}">{}{}</span>', tone, icons.icon(mark or CHIP_ICONS[tone], 16), words)


@register.simple_tag
def tag(words: str) -> SafeString:
    """A plain fact beside a title, no state: 4 人."""
    return format_html('<span class="tag">{}</span>', words)


@register.simple_tag
def stamp(words: str) -> SafeString:
    """Earned, never for work in progress: 清零, 不重发."""
    return format_html('<span class="stamp">{}</span>', words)


@register.simple_tag
def clock(state: parts.Clock | str, words: str = "", share: float = 0.0) -> SafeString:
    face = state if isinstance(state, parts.Clock) else parts.Clock(state, words, share)  # type: ignore[arg-type]
    return format_html('<span class="clock clock-{}">{}{}</span>', face.state, _ring(face), face.words)


def _ring(face: parts.Clock) -> SafeString:
    if face.state == "overdue":
        body = mark_safe('<circle class="disc" cx="9" cy="9" r="9"/><path class="bang" d="M9 4.5v5.5M9 13v.6"/>')
    elif face.state == "waiting":
        body = mark_safe('<circle class="ring-wait" cx="9" cy="9" r="7"/>')
    else:
        left = RING * min(1.0, max(0.0, face.share))
        body = format_html(
            '<circle class="ring" cx="9" cy="9" r="6"/>'
            '<circle class="ring-left" cx="9" cy="9" r="6" stroke-dasharray="{} {}" transform="rotate(-90 9 9)"/>',
            f"{left:.1f}",
            f"{RING:.1f}",
        )
    return format_html('<svg class="face" width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">{}</svg>', body)


@register.simple_tag
def amount(value: Decimal | str | None, why: str = "", state: str = "known", per: str = "") -> SafeString:
    """Yuan with its why. None is 不清楚, never 0; state `planned` is hatched; `why` is the address of the slip."""
    if value is None or value == "":
        return format_html('<span class="amount amount-unknown">{}</span>', gettext("不清楚"))
    figure = format_html('{}<span class="unit">{}</span>', money(value), pgettext("紧跟数字", "元"))
    cls = "amount amount-planned" if state == "planned" else "amount"
    tail = format_html('<span class="unit">{}</span>', per) if per else ""
    if why:
        return format_html('<a class="{}" href="{}">{}</a>{}', cls, why, figure, tail)
    return format_html('<span class="{}">{}</span>{}', cls, figure, tail)


@register.simple_tag
def why(url: str, words: str = "") -> SafeString:
    return format_html('<a class="why" href="{}">{}</a>', url, words or gettext("为什么"))


@register.simple_tag
def key(name: str) -> SafeString:
    """The key stands on the thing itself."""
    return format_html('<kbd class="key">{}</kbd>', name)


@register.inclusion_tag("look/parts/bottom_line.html")
def bottom_line(line: parts.BottomLine) -> dict[str, Any]:
    return {"line": line}


@register.inclusion_tag("look/parts/counters.html")
def counters(rows: Iterable[parts.Counter], boxed: bool = False) -> dict[str, Any]:
    return {"counters": rows, "boxed": boxed}


@register.inclusion_tag("look/parts/filters.html")
def filters(rows: Iterable[parts.Filter], saved: str = "") -> dict[str, Any]:
    """Always in this order: area, class, state, due, saved."""
    return {"filters": rows, "saved": saved}


@register.inclusion_tag("look/parts/steps.html")
def steps(rows: Iterable[parts.Step]) -> dict[str, Any]:
    return {"steps": rows}


@register.inclusion_tag("look/parts/chain.html")
def chain(entries: Iterable[Any], today: date) -> dict[str, Any]:
    return {"knots": parts.chain(entries, today)}


@register.inclusion_tag("look/parts/alert.html")
def alert(tone: str, text: str, url: str = "", link: str = "", strong: str = "") -> dict[str, Any]:
    """One sentence and one link. tone: red, amb, dai, vio."""
    mark = {"red": "ban", "amb": "triangle-alert", "vio": "circle-question-mark"}.get(tone, "info")
    return {"tone": tone, "text": text, "url": url, "link": link, "strong": strong, "mark": mark}


@register.inclusion_tag("look/parts/empty.html")
def empty(title: str, text: str = "", url: str = "", link: str = "", good: bool = True) -> dict[str, Any]:
    """Good news or a next step, with a link."""
    return {"title": title, "text": text, "url": url, "link": link, "mark": "circle-check" if good else "inbox"}


@register.inclusion_tag("look/parts/fault.html")
def fault(place: str, reason: str, remedy: str, kept: str = "") -> dict[str, Any]:
    """Place, reason, remedy, and what was kept."""
    return {"place": place, "reason": reason, "remedy": remedy, "kept": kept}


@register.inclusion_tag("look/parts/progress.html")
def progress(job: parts.Progress) -> dict[str, Any]:
    return {"job": job, "width": f"{job.share * 100:.1f}%"}


@register.inclusion_tag("look/parts/closed_button.html")
def closed_button(words: str, because: str) -> dict[str, Any]:
    """A button that may not be used now: it stays in place, the reason beside it in words."""
    return {"words": words, "because": because}


@register.inclusion_tag("look/parts/signing.html")
def signing(title: str, name: str = "", note: str = "", state: str = "later") -> dict[str, Any]:
    """A box for maker, checker, bank. state: signed, mine, later."""
    return {"title": title, "name": name, "note": note, "state": state}


@register.inclusion_tag("look/parts/board.html")
def board(board: parts.Board) -> dict[str, Any]:
    return {"board": board}


@register.inclusion_tag("look/parts/explanation.html", takes_context=True)
def explanation(context: template.Context, explanation: parts.Explanation) -> dict[str, Any]:
    return {"e": explanation, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("look/parts/why_slip.html")
def why_slip(explanation: parts.Explanation, title: str = "", url: str = "") -> dict[str, Any]:
    """The docked slip beside a figure: result, sum in one line, figures with date and area, article, then all steps."""
    return {"e": explanation, "title": title, "url": url}


@register.simple_tag
def share_bar(share: float, n: int, most: int) -> SafeString:
    """How much a group has, against the group with most, and how far it has come; the number stands beside it."""
    length = 100 * n / most
    return format_html(
        '<svg class="bar" width="100%" height="8" aria-hidden="true"><rect class="bar-open" width="{}%" height="8"/>'
        '<rect class="bar-done" width="{}%" height="8"/></svg>',
        f"{length:.1f}",
        f"{length * share:.1f}",
    )


@register.simple_tag
def stacked_bar(segments: Iterable[parts.Segment], most: int = 0) -> SafeString:
    """Pieces in the order of finality with white gaps; open work is hatched or hollow and reads in grey print.

    most: how many fill the whole length; 0 when these do.
    """
    rows = [s for s in segments if s.n]
    total = sum(s.n for s in rows) or 1
    gap, x, drawn = 0.5, 0.0, []
    usable = 100 * total / (most or total) - gap * (len(rows) - 1)
    for s in rows:
        width = usable * s.n / total
        drawn.append(
            format_html(
                '<rect class="seg seg-{}" x="{}%" width="{}%" y="1" height="12"{}/>',
                s.kind,
                f"{x:.2f}",
                f"{width:.2f}",
                mark_safe(' fill="url(#hatch)"') if s.kind == "working" else "",
            )
        )
        x += width + gap
    words = pgettext("列举", "，").join(f"{s.label} {s.n}" for s in rows)
    return format_html(
        '<svg class="bar" width="100%" height="14" role="img" aria-label="{}">{}</svg>',
        words,
        mark_safe("".join(drawn)),
    )
