"""What the office takes as true, out of what every source said: one function, for imports, pages and rebuilds alike.

Within a source the newest word counts, and when it has lapsed the source is silent: an older word does not come back.
Among sources the rank of the pack decides, else verified by a department before seen on a visit before declared. Of
equal rank and different beyond the pack's tolerance is unknown, and every word is shown. Unknown never becomes a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from doudi.engine.policy.model import Fact

UNKNOWN = "unknown"  # the word of a source that asked and was not told
_KINDS = ("department", "visit", "declared")
Json = str | int | bool
Why = Literal["", "asked", "lapsed", "differ"]


@dataclass(frozen=True, slots=True)
class Said:
    """One observation: what one source said of one subject. facts: name → value, or the text `unknown`."""

    facts: Mapping[str, Json]
    source: str
    observed_on: date
    recorded_at: datetime
    id: str
    period: str = ""
    valid_to: date | None = None

    @property
    def age(self) -> tuple[date, str, datetime, str]:
        return self.observed_on, self.period, self.recorded_at, self.id


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer for one fact. value None: unknown, and `why`: asked in vain, lapsed, or sources differ (`words`)."""

    value: Json | None
    source: str
    on: date
    to: date | None = None
    why: Why = ""
    words: tuple[tuple[Json, str, date], ...] = ()

    def origin(self) -> dict[str, Any]:
        """Where the value comes from, as kept beside it."""
        kept: dict[str, Any] = {"source": self.source, "on": self.on.isoformat()}
        if self.to:
            kept["to"] = self.to.isoformat()
        if self.why:
            kept["why"] = self.why
        if self.words:
            kept["words"] = [[value, source, on.isoformat()] for value, source, on in self.words]
        return kept


@dataclass(frozen=True, slots=True)
class Resolved:
    """Every fact of one subject, plain ones apart from those the pack marks sensitive, and how long this holds."""

    facts: dict[str, Json] = field(default_factory=dict)
    origins: dict[str, Any] = field(default_factory=dict)
    sensitive: dict[str, dict[str, Any]] = field(default_factory=dict)  # {facts: {…}, origins: {…}} or empty
    stale_on: date | None = None


def resolve(said: Iterable[Said], meanings: Mapping[str, Fact], kinds: Mapping[str, str], as_of: date) -> Resolved:
    """Resolve all facts of one subject as they stand at the end of `as_of`.

    meanings: the pack's facts by name (one that is not there is kept with the ordinary rank). kinds: source name →
    department, visit or declared.
    """
    words = list(said)
    by_fact: dict[str, list[Said]] = defaultdict(list)
    for each in words:
        if each.observed_on <= as_of:
            for name in each.facts:
                by_fact[name].append(each)
    plain, closed = Resolved(stale_on=_stale_on(words, as_of)), Resolved()
    for name in sorted(by_fact):
        meaning = meanings.get(name)
        answer = settle(name, by_fact[name], meaning, kinds, as_of)
        into = closed if meaning is not None and meaning.sensitive else plain
        into.origins[name] = answer.origin()
        if answer.value is not None:
            into.facts[name] = answer.value
    if closed.origins:
        plain.sensitive.update(facts=closed.facts, origins=closed.origins)
    return plain


def settle(name: str, said: list[Said], meaning: Fact | None, kinds: Mapping[str, str], as_of: date) -> Settled:
    """One fact out of everything said of it up to as_of; `said` is not empty."""
    if len(said) == 1 and said[0].facts[name] != UNKNOWN and (said[0].valid_to is None or said[0].valid_to >= as_of):
        return Settled(said[0].facts[name], said[0].source, said[0].observed_on, said[0].valid_to)  # nothing to weigh
    newest: dict[str, Said] = {}
    for each in said:
        if each.source not in newest or newest[each.source].age < each.age:
            newest[each.source] = each
    speaking = [s for s in newest.values() if s.valid_to is None or s.valid_to >= as_of]
    known = [s for s in speaking if s.facts[name] != UNKNOWN]
    if not known:
        last = max(speaking or newest.values(), key=lambda s: s.age)
        return Settled(None, last.source, last.observed_on, last.valid_to, "asked" if speaking else "lapsed")
    best = min(_rank(s.source, meaning, kinds) for s in known)
    first = sorted((s for s in known if _rank(s.source, meaning, kinds) == best), key=lambda s: s.age, reverse=True)
    if all(_agree(first[0].facts[name], s.facts[name], meaning) for s in first[1:]):
        return Settled(first[0].facts[name], first[0].source, first[0].observed_on, first[0].valid_to)
    words = tuple((s.facts[name], s.source, s.observed_on) for s in first)
    return Settled(None, first[0].source, first[0].observed_on, None, "differ", words)


def _rank(source: str, meaning: Fact | None, kinds: Mapping[str, str]) -> int:
    """Place in the pack's order (which names sources or kinds), then the order of kinds."""
    order = meaning.source_rank if meaning else ()
    kind = kinds.get(source, "declared")
    for name in (source, kind):
        if name in order:
            return order.index(name)
    return len(order) + _KINDS.index(kind)


def _agree(one: Json, other: Json, meaning: Fact | None) -> bool:
    if one == other or meaning is None or meaning.agree_within is None:
        return one == other
    return abs(Decimal(str(one)) - Decimal(str(other))) <= meaning.agree_within


def _stale_on(said: list[Said], as_of: date) -> date | None:
    """The first later day on which some word begins to speak or falls silent."""
    begins = (s.observed_on for s in said if s.observed_on > as_of)
    ends = (s.valid_to + timedelta(days=1) for s in said if s.valid_to is not None and s.valid_to >= as_of)
    return min((*begins, *ends), default=None)
