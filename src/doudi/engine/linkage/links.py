"""Is the person of a register's row one we know? Exact number, then repaired number; else a person decides.

The name must not contradict, because one number in sixty stands beside the wrong name (a parent's on a child). A
repaired number counts only when one known person alone is left with name and birth agreeing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from doudi.engine.linkage.names import compare_names
from doudi.engine.linkage.numbers import Repair
from doudi.engine.values import BadIdNumber, IdNumber


@dataclass(frozen=True, slots=True)
class Claim:
    """What a row says of a person. number: as written; birth: from a column of its own, if there is one."""

    name: str
    number: str
    birth: date | None = None

    @property
    def birth_said(self) -> date | None:
        """The birth date of its own column, else of the number's digits as written, when they are a date."""
        if self.birth:
            return self.birth
        try:
            return date.fromisoformat(f"{self.number[6:10]}-{self.number[10:12]}-{self.number[12:14]}")
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Known:
    """A person we have, with the number under which they were found."""

    id: str
    name: str
    number: str
    birth: date | None


@dataclass(frozen=True, slots=True)
class Link:
    """tier: exact or repaired (id is then the person), doubtful (a person decides among candidates), new."""

    tier: Literal["exact", "repaired", "doubtful", "new"]
    id: str | None = None
    reason: str = ""
    candidates: tuple[str, ...] = ()


def link(claim: Claim, known: Sequence[Known], mended: Sequence[Repair] = ()) -> Link:
    """Judge one claim against the known people that stand under its number or under a repair of it.

    known: every known person whose number is the claim's own (then `mended` is empty) or one of `mended`.
    """
    if not mended:
        return _exact(claim, known)
    names = {k.id: compare_names(claim.name, k.name) for k in known}
    fitting = [k for k in known if names[k.id] in ("same", "sounds_alike") and k.birth == claim.birth_said]
    if len(fitting) == 1:
        return Link("repaired", fitting[0].id)
    candidates = tuple(k.id for k in known if names[k.id] != "other")
    return Link("doubtful", reason="link.number_broken", candidates=candidates)


def _exact(claim: Claim, known: Sequence[Known]) -> Link:
    if not known:
        return Link("new")
    (person,) = known
    agreement = compare_names(claim.name, person.name)
    if agreement == "other":
        return Link("doubtful", reason="link.name_differs", candidates=(person.id,))
    if agreement == "blank" and claim.birth_said != _birth(person):
        return Link("doubtful", reason="link.name_missing", candidates=(person.id,))
    return Link("exact", person.id)


def _birth(person: Known) -> date | None:
    try:
        return person.birth or IdNumber.parse(person.number).birth
    except BadIdNumber:
        return None
