"""Why somebody who meets the conditions of a programme has another one instead, in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from doudi.engine.policy.model import PlannedExclusion, PlannedProgramme
from doudi.engine.screening.python import Names
from doudi.engine.screening.states import winner

if TYPE_CHECKING:
    from doudi.engine.screening.prose import Prose


def excluded_text(prose: Prose, programme: PlannedProgramme, names: Names) -> str:
    """Names the programme that goes first, what it pays or is due to pay, and the rule."""
    found = winner(programme, names["#verdicts"], names["#enrolled"])
    if found is None:
        return ""
    mine = names["#verdicts"][programme.name].amount
    same_mode = [e for e in programme.excludes if e.mode == found.mode] if found.mode == "difference" else [found]
    theirs = [_theirs(names, e.programme) for e in same_mode]
    who = [_who(prose, names, e, amount) for e, amount in zip(same_mode, theirs, strict=True) if amount or e == found]
    tie = "_tie" if found.mode == "higher" and theirs[0] == mine else ""
    fields = {
        "other": prose.programme(found.programme),
        "who": prose.say("list").join(who),
        "mine": "" if mine is None else prose.money(mine),
    }
    return prose.say(f"excluded.{found.mode}{tie}", **fields)


def _theirs(names: Names, programme: str) -> Decimal | None:
    """What another programme is due to pay, else what it pays now."""
    verdict = names["#verdicts"].get(programme)
    if verdict is not None and verdict.outcome == "eligible":
        return verdict.amount  # type: ignore[no-any-return]
    return names["#enrolled"].get(programme)  # type: ignore[no-any-return]


def _who(prose: Prose, names: Names, e: PlannedExclusion, amount: Decimal | None) -> str:
    code = "excluded.paid" if e.programme in names["#enrolled"] else "excluded.due"
    shown = "" if amount is None else prose.say("excluded.amount", amount=prose.money(amount))
    return prose.say(code, other=prose.programme(e.programme), amount=shown)
