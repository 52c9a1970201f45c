"""The naive interpreter: the language page read aloud, slow and without a second thought.

For tests only. It reads the checked pack and one household, shares no code with the plan or the two backends, works in
fractions and looks every name up by recursion. Each value it finds is counted for the coverage table.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from doudi.engine.policy.model import (
    Call,
    Exclusion,
    Expr,
    Programme,
)
from doudi.engine.screening.household import Enrolment
from tests.generative import arithmetic
from tests.generative.reading import AMOUNT, Reading, Said, Subject, paid_in


class Reference(Reading):
    """Programmes: outcome, amount and state of a subject."""

    def say(self, p: Programme, s: Subject) -> Said:
        key = (f"say {p.name}", s.id)
        if key not in self.kept:
            self.kept[key] = self.judged(p, s)
            self.count(f"outcome {self.kept[key].outcome}")
        return self.kept[key]

    def judged(self, p: Programme, s: Subject) -> Said:
        nothing: frozenset[str] = frozenset()
        if not self.holds(p.in_force, "programme"):
            return Said("not_applicable", None, nothing, nothing)
        if p.applies_when is not None and self.value(p.applies_when, s) is False:
            return Said("not_applicable", None, nothing, nothing)
        met = {c.name: self.value(c.expr, s) for c in p.conditions if self.holds((c.since, c.until), "condition")}
        failed = frozenset(n for n, m in met.items() if m is False)
        unknown = frozenset(n for n, m in met.items() if m is None)
        if failed:
            return Said("not_eligible", None, failed, unknown)
        if unknown:
            return Said("needs_verification", None, failed, unknown)
        if p.amount is None:
            return Said("eligible", None, failed, unknown)
        due = self.due(p, p.amount, s)
        fen = None if due is None else arithmetic.to_multiple(due, Fraction(1, 100), "half_up")
        if fen is None or abs(fen) >= 10**12:  # a file's amount has twelve digits
            return Said("needs_verification", None, failed, frozenset([AMOUNT]))
        return Said("eligible", fen, failed, unknown)

    def due(self, p: Programme, amount: Expr, s: Subject) -> Fraction | None:
        """The amount, less what goes before it by `difference`, rounded after that."""
        others = [x.programme for x in self.excluding(p) if x.mode == "difference" and self.is_beside(p, x.programme)]
        if not others:
            return self.value(amount, s)
        is_rounded = isinstance(amount, Call) and amount.op == "round"
        whole, *rest = amount.args if is_rounded else (amount,)
        own = self.part(whole, Call("-", (whole, whole), "money", None), s)  # one chain with what is taken off
        rounding = [self.value(e, s) for e in rest]
        paid = [self.paid_first(other, s) for other in others]
        if own is None or None in paid or None in rounding:
            return None
        left = own - sum(x for x in paid if x is not None)
        if arithmetic.is_too_large("money", left):
            return None
        left = max(Fraction(0), left)
        self.count("difference: something" if left else "difference: nothing")
        return arithmetic.to_multiple(left, *rounding) if rounding else left

    def paid_first(self, other: str, s: Subject) -> Fraction | None:
        """What another programme is due to pay; where that is not known, or it is not decided here, what it pays."""
        decided = self.pack.programmes.get(other)
        enrolled = [e for e in self.current(s) if e.programme == other]
        paid = paid_in(enrolled)
        if decided is None:
            return paid
        said = self.say(decided, s)
        if said.outcome == "eligible":
            return said.amount
        return paid if enrolled or said.outcome != "needs_verification" else None

    def is_beside(self, p: Programme, other: str) -> bool:
        decided = self.pack.programmes.get(other)
        return decided is None or decided.subject == p.subject

    def excluding(self, p: Programme) -> list[Exclusion]:
        """The exclusions of a programme in force; `higher` is also that of the other side."""
        own = [x for x in p.excludes if self.holds((x.since, x.until), "exclusion")]
        named = {x.programme for x in own if x.mode != "same_need"}
        return own + [
            Exclusion(other.name, "higher")
            for other in self.pack.programmes.values()
            for x in other.excludes
            if (x.programme, x.mode) == (p.name, "higher") and other.name not in named and other.subject == p.subject
            if self.holds((x.since, x.until), "exclusion")
        ]

    def holds(self, window: tuple[date | None, date | None], what: str) -> bool:
        since, until = window
        for edge, day in (("begins", since), ("ends", until)):
            if day is not None and abs((day - self.as_of).days) <= 1:
                self.count(f"{what} {edge} {('today', 'tomorrow', 'yesterday')[(day - self.as_of).days]}")
        return (since is None or since <= self.as_of) and (until is None or self.as_of <= until)

    def state(self, p: Programme, s: Subject) -> str:
        said = self.say(p, s)
        asked = True if p.ask_when is None else self.value(p.ask_when, s) is True
        won, had = [self.wins(x, p, s) for x in self.excluding(p)], self.had(p, s)
        mine = [e for e in self.current(s) if e.programme == p.name]
        if mine and self.holds(p.in_force, "programme"):
            return self.covered(p, s, said, mine)
        if said.outcome in ("not_applicable", "not_eligible"):
            return said.outcome
        if had:
            return "covered"
        if any(won):
            return "covered_elsewhere"
        if said.outcome == "eligible":
            return "missed"
        return "to_verify" if asked else "unknown_no_sign"

    def covered(self, p: Programme, s: Subject, said: Said, mine: list[Enrolment]) -> str:
        if said.outcome == "needs_verification":
            return "covered_to_verify"
        if said.outcome != "eligible":
            return "covered_not_eligible"
        paid = paid_in(mine)
        margin = (self.value(p.tolerance, s) or 0) if p.tolerance is not None else 0
        wrong = paid is not None and said.amount is not None and abs(paid - said.amount) > margin
        return "covered_wrong_amount" if wrong else "covered"

    def wins(self, x: Exclusion, p: Programme, s: Subject) -> bool:
        """Whether the other programme has the subject."""
        decided = self.pack.programmes.get(x.programme)
        if not self.is_beside(p, x.programme) or x.mode == "same_need":
            self.count(f"{x.mode}: a finding at most")
            return False
        enrolled = [e for e in self.current(s) if e.programme == x.programme]
        theirs = paid_in(enrolled) if enrolled else None
        is_due = decided is not None and self.say(decided, s).outcome == "eligible"
        if decided is not None and is_due:
            theirs = self.say(decided, s).amount
        mine = self.say(p, s).amount
        if x.mode == "instead":
            found = is_due or bool(enrolled)
        elif mine is None or theirs is None:
            found = False
        elif x.mode == "difference":
            found = mine == 0 and theirs > 0
        else:
            found = theirs > mine or (theirs == mine and (bool(enrolled) or x.programme < p.name))
        self.count(f"{x.mode}: {'wins' if found else 'does not win'}")
        return found

    def had(self, p: Programme, s: Subject) -> bool:
        """Given before, and not again within a while from the day it was granted, whether it still runs or not."""
        mine = [e for e in self.household.enrolments if e.programme == p.name and e.subject_id == s.id]
        granted = [e.starts_on for e in mine if e.starts_on is not None and e.starts_on <= self.as_of]
        if p.once_per in (None, "event") or not granted:
            return False
        still = [p.once_per == "life" or self.bars(day, str(p.once_per)) for day in granted]
        self.count(f"once per {str(p.once_per).split()[-1]}: {'barred' if any(still) else 'again'}")
        return any(still)

    def bars(self, granted: date, length: str) -> bool:
        n, unit = length.split()
        if unit == "days":
            over = arithmetic.day_after(granted, int(n), self.count)
        else:
            over = arithmetic.month_after(granted, int(n) * (12 if unit == "years" else 1), self.count)
        return over is None or over > self.as_of

    def priority(self, p: Programme, s: Subject) -> tuple[str, ...]:
        return tuple(part.name for part in p.priority if self.value(part.when, s) is True)
