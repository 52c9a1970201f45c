"""The values of one pack in words: what a comparison shows on each of its sides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from doudi.engine.policy.model import (
    Agg,
    Call,
    Enrolled,
    Law,
    Lit,
    Pack,
    Parameter,
    ParameterValue,
    Ref,
    Words,
)
from doudi.engine.policy.plan import placed, standing_at
from doudi.engine.policy.spoken import Spoken
from doudi.engine.words import Language


class Side:
    """Says the values of one pack."""

    def __init__(self, pack: Pack, lang: Language) -> None:
        self.pack, self.lang = pack, lang
        self.spoken, self.by_name = Spoken(pack, lang), _Named(pack, lang)

    def text(self, value: Any, type_: str = "") -> str | None:
        if value is None or value in ((), (None, None), {}):
            return None
        if isinstance(value, Lit | Ref | Call | Agg | Enrolled):
            return self.spoken.expr(value)
        if isinstance(value, Words):
            return str(getattr(value, self.lang))
        if isinstance(value, Law):
            return self.law(value.source, value.article)
        if isinstance(value, tuple):
            if len(value) == 2 and any(isinstance(v, date) for v in value):
                days = (self.text(v) or "…" for v in value)
                return self.spoken.say("span", **dict(zip(("since", "until"), days, strict=True)))
            return self.spoken.say("list").join(self.text(v) or "" for v in value)
        if isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False, default=str)
        return self.spoken.value(value, type_)

    def exact(self, value: Any) -> str | None:
        """Where the labels do not show what differs: names instead of labels, both languages instead of one."""
        if isinstance(value, Lit | Ref | Call | Agg | Enrolled):
            return self.by_name.expr(value)
        return f"{value.zh} / {value.en}" if isinstance(value, Words) else self.text(value)

    def law(self, source: str, article: str) -> str | None:
        if not source:
            return None
        found = self.pack.sources.get(source)
        title = found.title if found else source
        return self.spoken.say("law" if article[:1].isdigit() else "law_other", title=title, article=article)

    def figure(self, parameter: Parameter, value: ParameterValue) -> str:
        if isinstance(value.value, str) and parameter.type in ("text", "enum"):
            return self.spoken.named_value(parameter.name, value.value)
        return self.spoken.value(value.value, parameter.type)


class _Named(Spoken):
    def label(self, name: str) -> str:
        return name


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is said: value, citation, confidence; all None where there is none."""

    value: str | None = None
    law: str | None = None
    confidence: str | None = None


class Figures:
    """What holds where and when, of one parameter of one pack."""

    def __init__(self, side: Side, parameter: Parameter | None) -> None:
        self.side, self.parameter = side, parameter
        self.placed = placed(parameter) if parameter else {}

    def at(self, area: str, day: date, key: str) -> Figure:
        found = standing_at(self.parameter, self.placed, area, key or None, day) if self.parameter else None
        if found is None or self.parameter is None:
            return Figure()
        law = self.side.law(found.source, found.article)
        return Figure(self.side.figure(self.parameter, found), law, found.confidence)

    def called(self, key: str) -> str:
        per = self.parameter.per if self.parameter else None
        return self.side.spoken.named_value(per, key) if per else key
