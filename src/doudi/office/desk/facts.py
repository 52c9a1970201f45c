"""Facts as a clerk reads them: label, value in words, who said it and when; what we do not know is said as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext, pgettext

from doudi.engine.policy.model import Fact, Words
from doudi.office.desk.words import PageWords
from doudi.office.look.places import place
from doudi.office.look.templatetags.look import money
from doudi.office.registry.queries import FactView


@dataclass(frozen=True, slots=True)
class FactLine:
    """value empty: unknown, and `why` says in words why. differing: what each source said (value, source, day)."""

    label: str
    value: str
    unit: str
    source: str
    on: date | None
    to: date | None
    why: str
    differing: tuple[tuple[str, str, date], ...] = ()
    sealed: bool = False


def said(words: Words | Mapping[str, str] | None, otherwise: str) -> str:
    """The pack's own words in the reader's language."""
    if words is None:
        return otherwise
    lang = "en" if get_language() == "en" else "zh"
    return words[lang] if isinstance(words, Mapping) else getattr(words, lang)


def lines(facts: Mapping[str, FactView], words: PageWords) -> list[FactLine]:
    """In the order in which the pack declares the facts; what the pack does not know comes last, under its own name."""
    order = {name: i for i, name in enumerate(words.meanings)}
    views = sorted(facts.values(), key=lambda view: (order.get(view.name, len(order)), view.name))
    return [_line(view, words) for view in views]


def _line(view: FactView, words: PageWords) -> FactLine:
    fact = words.meanings.get(view.name)
    values = words.labels.get("values", {}).get(view.name, {})
    return FactLine(
        label=said(fact.label if fact else None, view.name),
        value="" if view.value is None else _value(view.value, fact, values),
        unit=_unit(fact),
        source=said(words.sources.get(view.source), view.source),
        on=view.on,
        to=view.to,
        why=_why(view),
        differing=tuple((_value(v, fact, values), said(words.sources.get(s), s), on) for v, s, on in view.words),
        sealed=view.sensitive,
    )


def _value(value: str | int | bool, fact: Fact | None, values: Mapping[str, Any]) -> str:
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    match fact.type if fact else "text":
        case "money":
            return money(str(value))
        case "enum":
            return said(values.get(str(value)), str(value))
        case "area":
            return place(str(value))
    return str(value)


def _unit(fact: Fact | None) -> str:
    if fact is None or fact.type != "money":
        return ""
    return gettext("元/月") if fact.period == "month" else gettext("元")


def _why(view: FactView) -> str:
    if view.value is not None:
        return ""
    return {
        "asked": gettext("问过，没问到"),
        "lapsed": gettext("已过期，要重新核实"),
        "differ": gettext("来源不一致"),
        "sealed": gettext("已加密保存"),
    }.get(view.why, gettext("没有数"))


def listed(words: Iterable[str]) -> str:
    """One, two, three, with the reader's comma."""
    return pgettext("列举", "、").join(words)
