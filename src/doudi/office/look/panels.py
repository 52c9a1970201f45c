"""The shape in which each room shows itself on the household page; fixed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

Tone = Literal["help", "risk", "disaster", "next", "info"]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One knot of the help chain. `url` leads to the object; amount is yuan as text.

    until: last day of a help that has an end; None while it runs or when the entry is a moment.
    """

    on: date
    title: str
    tone: Tone = "info"
    text: str = ""
    amount: str = ""
    url: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One block of the household page: a template of the room and its context, in a fixed place.

    place: `work` (left, wide) or `evidence` (right); `order` sorts inside a place.
    """

    key: str
    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    place: Literal["work", "evidence"] = "work"
    order: int = 50


@dataclass(frozen=True, slots=True)
class Mark:
    """A state beside the household's name: 低保在保, 待核实. tone: of a chip."""

    tone: Literal["ok", "warn", "bad", "hot", "info", "unknown", "off"]
    words: str
    order: int = 50


@dataclass(frozen=True, slots=True)
class MemberWord:
    """What a room says of one member in the list of them, as 计入人口; unknown: nobody can tell yet."""

    words: str
    is_unknown: bool = False


PanelProvider = Callable[[UUID, Any], Panel | None]  # (household id, scope)
TimelineProvider = Callable[[UUID, Any], Iterable[TimelineEntry]]

MarkProvider = Callable[[UUID, Any], Iterable[Mark]]

MemberProvider = Callable[[UUID, Any], Mapping[UUID, list[MemberWord]]]  # by the member's id

panels: list[PanelProvider] = []
timelines: list[TimelineProvider] = []
marks: list[MarkProvider] = []
members: list[MemberProvider] = []
