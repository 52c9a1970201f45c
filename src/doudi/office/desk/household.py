"""The household page put together: members, facts with their sources, the chain, and each room's panels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doudi.office.access import Scope
from doudi.office.audit.models import Entry
from doudi.office.audit.queries import history_of
from doudi.office.desk.facts import FactLine, lines, listed, said
from doudi.office.desk.words import PageWords
from doudi.office.look import panels
from doudi.office.look.panels import Mark, MemberWord, Panel, TimelineEntry
from doudi.office.look.parts import BottomLine, Part
from doudi.office.registry.queries import FactView, HouseholdView, MemberView


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A row of the table of members; age in full years on the day, None while the birthday is unknown, or at death.

    died: in words, empty while alive; lives_here: None while nobody said; words: what the rooms say of the member.
    """

    id: UUID
    name: str
    role: str
    sex: str
    age: int | None
    number: str
    phone: str
    has_sensitive: bool
    facts: list[FactLine]
    died: str
    lives_here: bool | None
    words: list[MemberWord]

    @property
    def is_home(self) -> bool:
        """Alive, and nobody said that they live elsewhere."""
        return not self.died and self.lives_here is not False


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry about the household or a member. field: what was revealed; whose: the member, or empty."""

    entry: Entry
    field: str
    whose: str


def member_lines(view: HouseholdView, scope: Scope, words: PageWords) -> list[MemberLine]:
    roles = words.labels.get("roles", {})
    told = [provider(view.id, scope) for provider in panels.members]
    return [
        MemberLine(
            member.id,
            member.name,
            said(roles.get(member.role), member.role),
            {"M": _("男"), "F": _("女")}.get(member.sex, ""),
            age(member, min(member.died_on or view.as_of, view.as_of)),
            member.number,
            member.phone,
            member.has_sensitive,
            lines(member.facts, words),
            _died(member, view.as_of),
            member.lives_here,
            [word for by_member in told for word in by_member.get(member.id, [])],
        )
        for member in view.members
    ]


def _died(member: MemberView, on: date) -> str:
    """A death that no source dates is taken as before the day."""
    if not member.is_deceased or (member.died_on and member.died_on > on):
        return ""
    return _("%(day)s 去世") % {"day": member.died_on.isoformat()} if member.died_on else _("已去世")


def age(member: MemberView, on: date) -> int | None:
    """Full years; born on 29 February, the birthday of a common year is 1 March."""
    if (born := member.birth) is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def timeline(view: HouseholdView, scope: Scope, words: PageWords) -> list[TimelineEntry]:
    """What each room tells of the household, and what each source said of it."""
    told = [entry for provider in panels.timelines for entry in provider(view.id, scope)]
    return [*told, *_observed(view, words)]


def _observed(view: HouseholdView, words: PageWords) -> list[TimelineEntry]:
    events: defaultdict[tuple[date, str], dict[str, None]] = defaultdict(dict)
    everything: list[FactView] = [*view.facts.values()]
    everything += [fact for member in view.members for fact in member.facts.values()]
    for fact in everything:
        if fact.on and fact.source:
            known = words.meanings.get(fact.name)
            events[fact.on, fact.source][said(known.label if known else None, fact.name)] = None
    return [
        TimelineEntry(on, said(words.sources.get(source), source), "info", _few(list(labels)))
        for (on, source), labels in events.items()
    ]


def _few(labels: list[str]) -> str:
    if len(labels) <= 4:
        return listed(labels)
    return _("%(some)s等 %(n)d 项") % {"some": listed(labels[:3]), "n": len(labels)}


def shown_panels(household: UUID, scope: Scope) -> dict[str, list[Panel]]:
    """Panels by place, in their order."""
    told = [panel for provider in panels.panels if (panel := provider(household, scope))]
    told.sort(key=lambda panel: panel.order)
    return {place: [p for p in told if p.place == place] for place in ("work", "evidence")}


def shown_marks(household: UUID, scope: Scope) -> list[Mark]:
    told = [mark for provider in panels.marks for mark in provider(household, scope)]
    return sorted(told, key=lambda mark: mark.order)


def context(view: HouseholdView, scope: Scope, words: PageWords) -> dict[str, Any]:
    """What every tab shows."""
    return {
        "household": view,
        "members": (members := member_lines(view, scope, words)),
        "n_home": sum(member.is_home for member in members),
        "facts": lines(view.facts, words),
        "marks": shown_marks(view.id, scope),
    }


def story(view: HouseholdView, scope: Scope, words: PageWords) -> dict[str, Any]:
    """The first tab: the chain and what each room has to show."""
    return {"entries": timeline(view, scope, words), "panels": shown_panels(view.id, scope)}


def history(view: HouseholdView, limit: int = 100) -> list[Seen]:
    """Who opened the household or revealed something of its members, newest first."""
    told = history_of(("registry.household", str(view.id)))
    for member in view.members:
        told |= history_of(("registry.person", str(member.id)))
    names = {str(member.id): member.name for member in view.members}
    return [Seen(e, str(e.detail.get("field", "")), names.get(e.subject_id, "")) for e in told[:limit]]


def _facts(n: int) -> str:
    return ngettext("项", "项", n)


def bottom_line(view: HouseholdView, words: PageWords) -> BottomLine:
    """Every fact the law asks of this household and its members: known, unknown, sealed, never asked."""
    declared = [fact.entity for fact in words.meanings.values()]
    total = declared.count("household") + declared.count("person") * len(view.members)
    subjects = [("household", view.facts), *(("person", member.facts) for member in view.members)]
    held = [fact for _entity, facts in subjects for name, fact in facts.items() if name in words.meanings]
    never = sum(
        1
        for entity, facts in subjects
        for name, fact in words.meanings.items()
        if fact.entity == entity and name not in facts
    )
    sealed = sum(fact.sensitive for fact in held)
    known = sum(fact.value is not None for fact in held)
    parts = [
        Part(known, _("清楚"), "?tab=facts"),
        Part(sealed, _("加密保存"), "?tab=facts"),
        Part(len(held) - known - sealed, _("不清楚"), "?tab=facts"),
        Part(never, _("没问过")),
    ]
    return BottomLine(total, _("项情况"), parts, balanced=_("一项不少"), unit=_facts)
