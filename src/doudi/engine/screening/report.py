"""report.html: one self-contained page that a county head reads in two minutes, Chinese with an English switch.

Both languages stand in the page and a style sheet shows one: no script, no request. The page holds counts and sums
only, no person, and no clock, so the same screening writes the same page.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from doudi.engine.divisions import find
from doudi.engine.policy.model import Condition, Plan, PlannedProgramme, Scalar, Words
from doudi.engine.policy.periods import plain_name
from doudi.engine.policy.spoken import Spoken
from doudi.engine.screening.answers import STATES
from doudi.engine.screening.notes import out_of_force
from doudi.engine.screening.summary import ConditionCount, Summary
from doudi.engine.words import Language, say

_LANGS: tuple[tuple[int, Language], ...] = ((0, "zh"), (1, "en"))
_KINDS = ("missed", "no_longer_eligible", "amount", "to_verify", "overlap")
_OPEN = ("unknown_no_sign", "to_verify", "covered_to_verify")
_COVERED = ("covered", "covered_wrong_amount")
# The other notes have words of the report's own.
_NOTES = ("screening.not_in_force", "screening.elsewhere", "since.everybody", "since.delta")
_MOST = 12  # rows of a list on the page; the rest is in summary.json
_TOWNSHIPS = 60


def write_report(path: Path, summary: Summary, plan: Plan) -> None:
    """Write the page for a finished screening."""
    page = Template((Path(__file__).parent / "report.html").read_text("utf-8"))
    place = _place(summary, plan)
    # A style sheet cannot switch the title of a page: it stands in the language in which the page opens.
    page_title = f"{say('report.title', 'zh')} · {place[0]}"
    body = [_notices(summary, plan)]
    body += [_programme(summary, plan, plan.programmes[name]) for name in summary.conservation]
    body.append(_method(summary, plan))
    path.write_text(page.substitute(title=escape(page_title), head=_head(summary, plan), body="\n".join(body)), "utf-8")


# ---- words in both languages -----------------------------------------------------------------------------------------
def _both(zh: str, en: str) -> str:
    if zh == en:
        return escape(zh)
    return f'<span lang="zh">{escape(zh)}</span><span lang="en">{escape(en)}</span>'


def _say(code: str, **fields: Any) -> str:
    """A text of the catalogues; a field that is a pair (zh, en) is taken by language."""
    zh, en = ({k: v[i] if isinstance(v, tuple) else v for k, v in fields.items()} for i in (0, 1))
    return _both(say(code, "zh", **zh), say(code, "en", **en))


def _words(words: Words | None, otherwise: str) -> str:
    return _both(words.zh, words.en) if words else escape(otherwise)


def _pair(code: str) -> tuple[str, str]:
    return say(code, "zh"), say(code, "en")


def _yuan(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _table(heads: list[str], rows: list[list[str]], numbers: int, foot: list[str] | None = None) -> str:
    """numbers: how many columns from the right hold numbers."""

    def line(cells: list[str], tag: str) -> str:
        first = len(cells) - numbers
        return "".join(f"<{tag}{' class=num' if i >= first else ''}>{cell}</{tag}>" for i, cell in enumerate(cells))

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    total = f"<tfoot><tr>{line(foot, 'td')}</tr></tfoot>" if foot else ""
    head = f"<thead><tr>{line(heads, 'th')}</tr></thead>"
    return f'<div class="wide"><table>{head}<tbody>{body}</tbody>{total}</table></div>'


def _bar(share: float) -> str:
    width = max(round(share * 90), 1) if share > 0 else 0
    return f'<svg width="90" height="12" aria-hidden="true"><rect width="{width}" height="12" fill="#12536A"/></svg>'


# ---- head and notices ------------------------------------------------------------------------------------------------
def _place(summary: Summary, plan: Plan) -> tuple[str, str]:
    """The smallest area that holds every township of the screening."""
    codes = [code for areas in summary.states.values() for code in areas]
    for width in (9, 6, 4, 2):
        prefixes = {code[:width] for code in codes}
        if len(prefixes) == 1 and (area := find(prefixes.pop(), plan.as_of)):
            return area.full_name, area.full_name
    return _pair("report.several_areas")


def _head(summary: Summary, plan: Plan) -> str:
    place = _place(summary, plan)
    people = _say("report.people", persons=f"{summary.snapshot['persons']:,}",
                  households=f"{summary.snapshot['households']:,}")  # fmt: skip
    return (
        f"<h1>{_say('report.brand')} · {_both(*place)} · {_say('report.title')}</h1>"
        f"<p>{_say('report.as_of', day=plan.as_of.isoformat())} · {people}</p>"
    )


def _notices(summary: Summary, plan: Plan) -> str:
    found = [f'<p class="quiet">{_say("report.quiet")}</p>']
    if summary.snapshot["enrolments"] is None:
        found.append(f'<p class="warn">{_say("report.nobody_enrolled")}</p>')
    if summary.snapshot["as_of"] != plan.as_of:
        days = {"snapshot": summary.snapshot["as_of"], "as_of": plan.as_of}
        found.append(f'<p class="warn">{_say("report.other_day", **days)}</p>')
    demo = sorted(
        {plain_name(n) for v in plan.area_values.values() for (n, _), r in v.items() if r.confidence == "demo"}
    )
    found += [f'<p class="warn">{_both(note.zh, note.en)}</p>' for note in summary.notes if note.code in _NOTES]
    if demo:
        labels = [plan.parameters[n].label for n in demo[:4]]
        more = "…" if len(demo) > len(labels) else ""
        names = ("、".join(w.zh for w in labels) + more, ", ".join(w.en for w in labels) + more)
        found.append(f'<p class="warn">{_say("report.demo_values", names=names)}</p>')
    return "\n".join(found)


# ---- one programme ---------------------------------------------------------------------------------------------------
def _programme(summary: Summary, plan: Plan, p: PlannedProgramme) -> str:
    return "\n".join(
        [
            f"<section><h2>{_words(p.label, p.name)}</h2>",
            _out_of_force(plan, p),
            _counters(summary, p),
            _balance(summary, p),
            _townships(summary, plan, p),
            _coverage(summary, plan, p),
            _reasons(summary, plan, p),
            _missing(summary, plan, p),
            "</section>",
        ]
    )


def _out_of_force(plan: Plan, p: PlannedProgramme) -> str:
    if p.in_force:
        return ""
    return f'<p class="warn">{_both(out_of_force(plan, p, "zh"), out_of_force(plan, p, "en"))}</p>'


def _unit(p: PlannedProgramme) -> tuple[str, str]:
    return _pair(f"report.subject.{p.subject}")


def _counters(summary: Summary, p: PlannedProgramme) -> str:
    cells = []
    for kind in _KINDS:
        n = summary.findings[p.name].get(kind, 0)
        if kind == "overlap" and not n:
            continue
        mine = [a for a in summary.areas if a.programme == p.name and a.kind == kind]
        now, due = sum((a.current_amount for a in mine), Decimal(0)), sum((a.due_amount for a in mine), Decimal(0))
        money = ""
        if kind in ("missed", "amount", "no_longer_eligible") and n:
            money = f"<small>{_say(f'report.money.{kind}', now=_yuan(now), due=_yuan(due))}</small>"
        look = ' class="unknown"' if kind == "to_verify" else ""
        cells.append(
            f"<div{look}>{_say(f'report.{kind}')}<b>{n:,}</b><small>{_say(f'report.{kind}.why')}</small>{money}</div>"
        )
    return f'<div class="counters">{"".join(cells)}</div>'


def _balance(summary: Summary, p: PlannedProgramme) -> str:
    counts = summary.conservation[p.name]
    shown = [state for state in STATES if counts[state]]
    parts = tuple(
        " + ".join(f"{counts[s]:,} {say(f'report.state.{s}', lang)}" for s in shown) for lang in ("zh", "en")
    )  # fmt: skip
    total = _say("report.balance.sum", subjects=f"{counts['n_subjects']:,}", unit=_unit(p), parts=parts)
    return f'<p class="balance"><b>{_say("report.balance")}</b>{total} <em>{_say("report.balance.ok")}</em></p>'


def _townships(summary: Summary, plan: Plan, p: PlannedProgramme) -> str:
    title = f"<h3>{_say('report.townships')}</h3>"
    mine = [a for a in summary.areas if a.programme == p.name]
    if not mine:
        return f"{title}<p>{_say('report.none')}</p>"
    kinds = [k for k in _KINDS if k != "overlap" or summary.findings[p.name].get("overlap")]
    by = {(a.area, a.kind): a for a in mine}
    codes = sorted({a.area for a in mine}, key=lambda c: (-sum(by[c, k].n for k in kinds if (c, k) in by), c))
    most = max(by[c, "missed"].n if (c, "missed") in by else 0 for c in codes) or 1
    rows = []
    for code in codes[:_TOWNSHIPS]:
        counts = [by[code, k].n if (code, k) in by else 0 for k in kinds]
        due = by[code, "missed"].due_amount if (code, "missed") in by else Decimal(0)
        numbers = [f"{n:,}" for n in counts]
        rows.append([_name(code, plan), _bar(counts[0] / most), *numbers, _yuan(due)])
    totals = [f"{sum(a.n for a in mine if a.kind == k):,}" for k in kinds]
    due = sum((a.due_amount for a in mine if a.kind == "missed"), Decimal(0))
    foot = [_say("report.total"), "", *totals, _yuan(due)]
    heads = [_say("report.township"), "", *(_say(f"report.{k}") for k in kinds), _say("report.due")]
    return title + _table(heads, rows, len(kinds) + 1, foot)


def _name(code: str, plan: Plan) -> str:
    area = find(code[:9], plan.as_of) or find(code, plan.as_of)
    return escape(area.name if area else code)


def _coverage(summary: Summary, plan: Plan, p: PlannedProgramme) -> str:
    title, unit = f"<h3>{_say('report.coverage')}</h3>", _unit(p)
    covered, missed = _coverage_of(summary.conservation[p.name])
    if not covered + missed:
        return f"{title}<p>{_say('report.coverage.none', unit=unit)}</p>"
    rate = f"{100 * missed / (covered + missed):.1f}"
    counts = {"should": f"{covered + missed:,}", "covered": f"{covered:,}", "missed": f"{missed:,}"}
    text = _say("report.coverage.text", **counts, rate=rate, unit=unit)
    by_area = {code: _coverage_of(states) for code, states in summary.states[p.name].items()}
    # Below ten the share says more about chance than about a township.
    worst = sorted(((m / (c + m), code) for code, (c, m) in by_area.items() if c + m >= 10 and m), reverse=True)[:3]
    if not worst:
        return f"{title}<p>{text}</p>"
    listed = [[_name(code, plan), _bar(share), f"{100 * share:.1f} %"] for share, code in worst]
    return f"{title}<p>{text}</p>" + _table([_say("report.coverage.worst"), "", _say("report.rate")], listed, 1)


def _coverage_of(states: dict[str, int]) -> tuple[int, int]:
    return sum(states.get(s, 0) for s in _COVERED), states.get("missed", 0)


def _reasons(summary: Summary, plan: Plan, p: PlannedProgramme) -> str:
    counts = [c for c in summary.conditions if c.programme == p.name and c.failed_covered]
    if not counts:
        return ""
    conditions = {c.name: c for c in p.conditions}
    counts.sort(key=lambda c: (-c.failed_covered, c.condition))
    rows = [
        [_label(conditions.get(c.condition), c), _law(conditions.get(c.condition), plan), f"{c.failed_covered:,}"]
        for c in counts[:_MOST]
    ]
    heads = [_say("report.reasons.failed"), _say("report.law"), _say("report.n")]
    return f"<h3>{_say('report.reasons')}</h3>" + _table(heads, rows, 1)


def _label(condition: Condition | None, count: ConditionCount) -> str:
    if count.condition == "amount":
        return _say("report.amount_unknown")
    return _words(condition.label if condition else None, count.condition)


def _law(condition: Condition | None, plan: Plan) -> str:
    if condition is None or condition.law is None:
        return ""
    source = plan.pack.sources.get(condition.law.source)
    title = f"《{source.title}》{source.number}" if source else condition.law.source
    articles = (_article(condition.law.article, "zh"), _article(condition.law.article, "en"))
    return f'<span class="law">{_say("report.law.place", title=title, article=articles)}</span>'


def _article(article: str, lang: Any) -> str:
    return say("report.article", lang, n=article) if article.isdigit() else article


def _missing(summary: Summary, plan: Plan, p: PlannedProgramme) -> str:
    counts = summary.conservation[p.name]
    unsettled = [c for c in summary.conditions if c.programme == p.name and c.unknown]
    if not unsettled:
        return ""
    conditions = {c.name: c for c in p.conditions}
    unsettled.sort(key=lambda c: (-c.unknown_alone, -c.unknown, c.condition))
    rows = []
    for c in unsettled[:_MOST]:
        condition = conditions.get(c.condition)
        question = _words(condition.question if condition else None, "")
        rows.append([_label(condition, c), question, f"{c.unknown:,}", f"{c.unknown_alone:,}"])
    numbers = {"open": f"{sum(counts[s] for s in _OPEN):,}", "no_sign": f"{counts['unknown_no_sign']:,}"}
    text = _say("report.missing.text", **numbers, unit=_unit(p))
    heads = [_say(f"report.{k}") for k in ("condition", "missing.question", "missing.unknown", "missing.alone")]
    return f"<h3>{_say('report.missing')}</h3><p>{text}</p>" + _table(heads, rows, 2)


# ---- method ----------------------------------------------------------------------------------------------------------
def _method(summary: Summary, plan: Plan) -> str:
    names = list(summary.conservation)
    heads = [_say("report.state"), *(_words(plan.programmes[n].label, n) for n in names)]
    rows = [[_say(f"report.state.{s}"), *(f"{summary.conservation[n][s]:,}" for n in names)] for s in STATES]
    foot = [_say("report.total"), *(f"{summary.conservation[n]['n_subjects']:,}" for n in names)]
    edition = [
        [_say("report.pack"), escape(summary.pack["id"])],
        [_say("report.edition"), escape(summary.pack["edition"])],
        [_say("report.hash"), f'<span class="mono">{escape(summary.pack["hash"])}</span>'],
        [_say("report.engine"), escape(f"{summary.run['engine']} {summary.run['engine_version']}")],
    ]
    return (
        f"<section><h2>{_say('report.method')}</h2><p>{_say('report.method.text')}</p>"
        f"{_table(heads, rows, len(names), foot)}{_parameters(plan)}{_table(['', ''], edition, 0)}</section>"
    )


def _value(plan: Plan, name: str, value: Scalar) -> str:
    """A figure in words: yes or no, money with its unit, a choice as the pack's labels call it."""
    if value is None:
        return _say("report.unknown_value")
    kind = plan.parameters[name].type
    zh, en = (
        spoken.named_value(name, value) if isinstance(value, str) else spoken.value(value, kind)
        for spoken in (Spoken(plan.pack, lang) for _, lang in _LANGS)
    )
    return _both(zh, en)


def _key(plan: Plan, name: str, key: str) -> str:
    per = plan.parameters[name].per
    return _both(*(Spoken(plan.pack, lang).named_value(per, key) for _, lang in _LANGS)) if per else escape(key)


def _confidence(grade: str) -> str:
    return _say("report.confidence.demo") if grade == "demo" else escape(grade)


def _parameters(plan: Plan) -> str:
    """Each figure once: what several counties share is written for the area that set it."""
    found = {
        (name, key or "", r.area, r.since, _value(plan, name, r.value), r.source, r.article, r.confidence)
        for values in plan.area_values.values()
        for (name, key), r in values.items()
    }
    rows = []
    for name, key, area, since, value, source, article, confidence in sorted(found)[:_TOWNSHIPS]:
        label = _words(plan.parameters[name].label, name)
        title = plan.pack.sources[source].title if source in plan.pack.sources else source
        place = _name(area, plan) if area else ""
        shown = f"{escape(title)} {_both(_article(article, 'zh'), _article(article, 'en'))} ({_confidence(confidence)})"
        rows.append([label + (f" [{_key(plan, name, key)}]" if key else ""), place, shown, since.isoformat(), value])
    if not rows:
        return ""
    heads = [_say("report.parameters"), "", _say("report.source"), _say("report.since"), _say("report.value")]
    return f"<h3>{_say('report.parameters')}</h3>" + _table(heads, rows, 1)
