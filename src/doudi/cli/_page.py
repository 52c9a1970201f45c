"""`doudi pack show` on paper: for a lawyer who checks it against the documents and has never programmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from unicodedata import east_asian_width

from doudi.engine.policy.model import Pack
from doudi.engine.policy.page import page
from doudi.engine.words import has, language, say

_FEW = 6  # figures told beside a condition; all of them stand at the end


def listed(pack: Pack, path: str) -> Iterator[str]:
    """The programmes of a pack, and how to see one."""
    yield say("page.pack", pack=pack.id, edition=pack.edition, hash=pack.hash[:12])
    rows = [[say(f"page.column.{c}") for c in ("programme", "name", "subject", "period", "in_force", "conditions")]]
    for name in pack.programmes:
        p = page(pack, name, language())
        rows.append([name, p["name"], say(f"page.subject.{p['subject']}"), say(f"page.period.{p['period']}"),
                     _days(p["in_force"]), str(len(p["conditions"]))])  # fmt: skip
    yield from ("", *table(rows), "", say("page.how", path=path))


def lines(p: dict[str, Any], *, with_people: bool = False) -> Iterator[str]:
    """with_people: also who the people of each example are."""
    yield say("page.title", name=_named(p["name"], p["programme"]))
    yield say("page.pack", pack=p["pack"]["id"], edition=p["pack"]["edition"], hash=p["pack"]["hash"][:12])
    in_force = say("page.in_force", days=_days(p["in_force"]))
    yield " · ".join([say(f"page.subject.{p['subject']}"), say(f"page.period.{p['period']}"), in_force])
    for told in p["handling"]:
        text = say(f"page.{told['what']}", text=told["text"])
        yield say("page.since", text=text, since=_day(told["from"])) if told["from"] else text
    if p["applies_when"]:
        yield say("page.applies_when", text=p["applies_when"])
    if p["ask_lines"]:
        first, *more = p["ask_lines"]
        yield from (say("page.ask_when", text=first), *(f"  {line}" for line in more))
    yield from ("", say("page.conditions"), say("page.conditions.how"))
    for n, condition in enumerate(p["conditions"], 1):
        yield from ("", *_condition(n, condition))
    if p["amount"]:
        yield from ("", say("page.amount"), *(f"  {line}" for line in p["amount_lines"]))
        yield from _where(p["amount_where"], "  ")
        yield from _figures(p["amount_figures"], "  ")
        if p["tolerance"]:
            yield "  " + say("page.tolerance", text=p["tolerance"])
    yield from _section("page.excludes", (_exclusion(x) for x in p["excludes"]))
    yield from _section("page.variables", (line for v in p["variables"] for line in _variable(v)))
    yield from _section("page.priority", (say("page.points", **x) for x in p["priority"]))
    yield from _section("page.parameters", (line for x in p["parameters"] for line in _parameter(x)))
    yield from _section("page.examples", _examples(p["examples"], with_people))


def table(rows: list[list[str]]) -> Iterator[str]:
    """Columns under one another; a Chinese character is two wide."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for n, row in enumerate(rows):
        yield "  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)).rstrip()
        if n == 0:
            yield "  ".join("-" * w for w in widths)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _named(label: str, name: str) -> str:
    """The label with the name behind it, unless it says the name already."""
    return label if name in label else say("page.named", label=label, name=name)


def _unit(unit: str | None) -> str | None:
    return say(f"page.unit.{unit}") if unit and has(f"page.unit.{unit}") else unit


def _section(code: str, found: Iterable[str]) -> Iterator[str]:
    mine = list(found)
    if mine:
        yield from ("", say(code), *(f"  {line}".rstrip() for line in mine))


def _day(iso: str | None) -> str:
    if not iso:
        return say("page.open")
    day = date.fromisoformat(iso)
    return say("spoken.date", y=day.year, m=day.month, d=day.day)


def _days(pair: list[str | None]) -> str:
    return say("spoken.span", since=_day(pair[0]), until=_day(pair[1]))


# ---- conditions ----------------------------------------------------------------------------------------------------
def _condition(n: int, c: dict[str, Any]) -> Iterator[str]:
    yield say("page.condition", n=n, label=c["label"], name=c["name"])
    yield from (f"   {line}" for line in c["lines"])
    yield from _where(c["where"], "   ")
    yield from _figures(c["figures"], "   ")
    yield "   " + (_law(c["law"]) if c["law"] else say("page.no_law"))
    if c["law"] and c["law"]["says"]:
        yield "   " + say("page.says", text=c["law"]["says"])
    if c["from"] or c["to"]:
        yield "   " + say("page.in_force", days=_days([c["from"], c["to"]]))
    for key in ("question", "remedy"):
        if c[key]:
            yield "   " + say(f"page.{key}", text=c[key])


def _where(variables: list[dict[str, Any]], indent: str) -> Iterator[str]:
    for v in variables:
        first, *more = v["lines"]
        yield indent + say("page.where", label=v["label"], text="" if more else first).rstrip()
        yield from (f"{indent}  {line}" for line in (first, *more) if more)


def _law(law: dict[str, Any]) -> str:
    code = "page.law" if law["article"][:1].isdigit() else "page.law_other"
    return say(code, **{k: law[k] for k in ("title", "number", "article", "source")})


def _figures(figures: list[dict[str, Any]], indent: str) -> Iterator[str]:
    for figure in figures:
        if not figure["values"] and not figure["is_scale"]:
            asked = say("page.open_parameter", question=figure["question"] or say("page.no_question"))
            yield indent + say("page.figure", label=figure["label"], value=asked)
        for v in figure["values"][:_FEW]:
            value = _measured(v, figure["unit"])
            yield indent + say(
                "page.figure", label=figure["label"], value=say("page.standing", value=value, **_cited(v))
            )
        if len(figure["values"]) > _FEW:
            yield indent + say("page.more_figures", label=figure["label"], n=len(figure["values"]) - _FEW)


def _measured(v: dict[str, Any], unit: str | None) -> str:
    """The figure with its unit: 24 months, 1 home."""
    if v["value"] is not None and has(f"explain.unit.{unit}"):
        v = {**v, "value": say(f"explain.unit.{unit}", n=v["value"])}
        unit = None
    return " ".join(x for x in (_text(v), _unit(unit)) if x)


def _text(v: dict[str, Any]) -> str:
    text = v["value"] if v["value"] is not None else say("page.ends")
    return f"{v['key']} {text}" if v["key"] else text


def _cited(v: dict[str, Any]) -> dict[str, str]:
    code = "page.cited" if v["article"][:1].isdigit() else "page.cited_other"
    law = say(code, title=v["title"], article=v["article"]) if v["source"] else say("page.uncited")
    return {
        "area": v["place"] or say("page.nation"),
        "since": _day(v["from"]),
        "law": law,
        "confidence": say(f"page.confidence.{v['confidence']}"),
    }


# ---- how it is computed, figures, examples -------------------------------------------------------------------------
def _exclusion(x: dict[str, Any]) -> str:
    text = say(f"page.mode.{x['mode']}", name=x["name"])
    return f"{text} · {say('page.in_force', days=_days([x['from'], x['to']]))}" if x["from"] or x["to"] else text


def _variable(v: dict[str, Any]) -> Iterator[str]:
    for formula in v["formulas"]:
        label = v["label"]
        if formula["from"]:
            label = say("page.since", text=label, since=_day(formula["from"]))
        first, *more = formula["lines"]
        if not more:
            yield f"{label} = {first}"
        else:
            yield from (f"{label} =", *(f"  {line}" for line in (first, *more)))
    if v["end"]:
        yield "  " + say("page.until", until=_day(v["end"]))


def _parameter(x: dict[str, Any]) -> Iterator[str]:
    unit = _unit(x["unit"]) if x["type"] not in ("text", "money") else None
    yield " · ".join(part for part in (_named(x["label"], x["name"]), unit, x["says"]) if part)
    if not x["values"] and not x["scale"]:
        yield "  " + say("page.open_parameter", question=x["question"] or say("page.no_question"))
    for value in x["values"]:
        yield f"  {say('page.value', value=_text(value), **_cited(value))}"
    for n, bracket in enumerate(x["scale"]["brackets"] if x["scale"] else (), 1):
        for code, key in (("threshold", "threshold"), ("step", "amount")):
            for value in bracket[key]:
                yield f"  {say('page.' + code, n=n)} {say('page.value', value=_text(value), **_cited(value))}"


def _examples(examples: list[dict[str, Any]], with_people: bool) -> Iterator[str]:
    rows = [[say(f"page.column.{c}") for c in ("n", "example", "outcome", "amount", "reason")]]
    for n, e in enumerate(examples, 1):
        outcome = say(f"explain.verdict.{e['outcome']}") if e["outcome"] else ""
        why = say("spoken.list").join([*e["failed"], *e["unknown"]])
        amount = say("spoken.money", amount=e["amount"]) if e["amount"] else ""
        rows.append([str(n), f"{e['name']} {e['subject']}".strip(), outcome, amount, why])
    if len(rows) == 1:
        return
    yield from table(rows)
    for n, e in enumerate(examples if with_people else (), 1):
        yield from ("", say("page.example", n=n, day=_day(e["as_of"])))
        yield from (f"  {line}" for line in e["situation"])
