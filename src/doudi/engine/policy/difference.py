"""Two packs side by side: what changed, in words, by what it belongs to.

Packs are compared as they are understood, never as files: spelling, comments, order and the file in which something
stands are no change. Every field of the model is compared, so nothing that has a meaning can change unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from doudi.engine.policy.model import (
    Bracket,
    Condition,
    Pack,
    Parameter,
    Programme,
    Scale,
    Source,
    Variable,
)
from doudi.engine.policy.spoken_values import Figure, Figures, Side
from doudi.engine.words import Language

Section = Literal[
    "pack", "programme", "condition", "priority", "exclusion", "variable", "parameter", "fact", "sign", "source",
    "example", "catalogue",
]  # fmt: skip
How = Literal["added", "removed", "changed"]
_MOST = 20  # differences told inside one catalogue or example


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that differs, in words; None: it is not there. at: the place, day, value it holds for."""

    what: str  # the field
    old: str | None
    new: str | None
    at: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    section: Section
    how: How
    programme: str  # whose it is; empty: the whole pack's
    name: str
    label: str
    details: tuple[Detail, ...]


def differences(old: Pack, new: Pack, lang: Language) -> list[Change]:
    """Every change from one pack to the other: the pack itself, then by programme, then what belongs to all."""
    return list(_Difference(old, new, lang).changes())


def _moment(old: Figure, new: Figure, at: dict[str, str]) -> list[Detail]:
    """What changes for a place from a day on: the value with its new citation, or the citation alone."""
    if old.value != new.value:
        more = {"law": new.law, "confidence": new.confidence} if new.value is not None else {}
        return [Detail("value", old.value, new.value, at | {k: v for k, v in more.items() if v})]
    return [
        Detail(what, *sides, at)
        for what in ("law", "confidence")
        if (sides := (getattr(old, what), getattr(new, what)))[0] != sides[1]
    ]


class _Difference:
    def __init__(self, old: Pack, new: Pack, lang: Language) -> None:
        self.old, self.new = Side(old, lang), Side(new, lang)

    @property
    def packs(self) -> tuple[Pack, Pack]:
        return self.old.pack, self.new.pack

    def changes(self) -> Iterator[Change]:
        a, b = self.packs
        yield from self.head()
        for name in _names(a.programmes, b.programmes):
            yield from self.programme(name, a.programmes.get(name), b.programmes.get(name))
            yield from self.declared(name)
        yield from self.declared("")
        yield from self.declarations("fact", "", a.facts, b.facts, renamed=_renamed(b))
        yield from self.declarations("sign", "", a.signs, b.signs)
        yield from self.sources()
        examples = _by_name(a.examples) if a.overlays == b.overlays else {}  # a draft brings its own, the others stay
        yield from self.trees("example", examples, _by_name(b.examples))
        yield from self.trees("catalogue", _lists(a), _lists(b))

    def declared(self, owner: str) -> Iterator[Change]:
        """Variables and parameters of a programme, or of the root."""
        a, b = self.packs
        yield from self.declarations("variable", owner, _of(a.variables, owner), _of(b.variables, owner))
        yield from self.declarations("parameter", owner, _of(a.parameters, owner), _of(b.parameters, owner))

    def head(self) -> Iterator[Change]:
        a, b = self.packs
        whole = ("id", "edition", "in_force", "areas", "missing", "rule_date", "roles", "other_programmes")
        details = [d for name in whole if (d := self.one(name, getattr(a, name), getattr(b, name)))]
        details += self.paths("labels", a.labels, b.labels)
        if details:
            yield Change("pack", "changed", "", b.id, f"{b.id} {b.edition}", tuple(details))

    # ---- programmes ----------------------------------------------------------------------------------------------
    def programme(self, name: str, a: Programme | None, b: Programme | None) -> Iterator[Change]:
        details = self.fields(a, b, ("conditions", "priority", "excludes", "names", "catalogue"))
        details += self.dated("names", a.names if a else (), b.names if b else ())
        details += self.paths("catalogue", a.catalogue if a else {}, b.catalogue if b else {})
        if details or a is None or b is None:
            side = self.new if b else self.old
            yield Change("programme", _how(a, b), name, name, side.spoken.programme(name), tuple(details))
        conditions = [{c.name: c for c in p.conditions} if p else {} for p in (a, b)]
        taken = _bits_taken(*conditions)
        for change in self.declarations(
            "condition", name, conditions[0], conditions[1], _renamed_conditions(*conditions)
        ):
            reused = (Detail("bit_reused", taken[change.name], change.name),) if change.name in taken else ()
            yield replace(change, details=(*change.details, *reused))
        parts = [{x.name: x for x in p.priority} if p else {} for p in (a, b)]
        yield from self.declarations("priority", name, parts[0], parts[1])
        rules = [{f"{e.programme} {e.since or ''}".strip(): e for e in p.excludes} if p else {} for p in (a, b)]
        yield from self.declarations("exclusion", name, rules[0], rules[1])

    # ---- whatever is declared by name ----------------------------------------------------------------------------
    def declarations(
        self,
        section: Section,
        owner: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        renamed: Mapping[str, str] | None = None,
    ) -> Iterator[Change]:
        """renamed: new name → the old one of the same thing."""
        before = {n: o for n, o in (renamed or {}).items() if n in new and n not in old and o in old and o not in new}
        for name in [n for n in _names(old, new) if n not in before.values()]:
            a, b = old.get(before.get(name, name)), new.get(name)
            details = self.of(section, a, b)
            if details or a is None or b is None:
                yield Change(section, _how(a, b), owner, name, self.called(section, name, a, b), tuple(details))

    def of(self, section: Section, a: Any, b: Any) -> list[Detail]:
        if section == "variable":
            return self.variable(a, b)
        if section == "parameter":
            return self.parameter(a, b)
        return self.fields(a, b)

    def called(self, section: Section, name: str, a: Any, b: Any) -> str:
        side, thing = (self.new, b) if b is not None else (self.old, a)
        if section == "exclusion":
            return side.spoken.say(f"exclusion.{thing.mode}", name=side.spoken.programme(thing.programme))
        label = getattr(thing, "label", None)
        return str(getattr(label, side.lang)) if label else name

    def variable(self, a: Variable | None, b: Variable | None) -> list[Detail]:
        details = self.fields(a, b, ("formulas",))
        return details + self.dated("expr", a.formulas if a else (), b.formulas if b else ())

    def fields(self, a: Any, b: Any, apart: tuple[str, ...] = ()) -> list[Detail]:
        """Each field of a declaration; a new or gone one is told by the fields that say something."""
        known = a if a is not None else b
        found = []
        for f in fields(known):
            if f.name in apart or (f.name == "name" and (a is None or b is None)):
                continue
            old, new = getattr(a, f.name, None), getattr(b, f.name, None)
            if (a is None or b is None) and (old or new) in (None, False, "", (), f.default):
                continue
            if detail := self.one(f.name, old, new, getattr(known, "type", "")):
                found.append(detail)
        return found

    def one(self, what: str, old: Any, new: Any, type_: str = "") -> Detail | None:
        if old == new:
            return None
        texts = self.old.text(old, type_), self.new.text(new, type_)
        if texts[0] == texts[1]:
            texts = self.old.exact(old), self.new.exact(new)
        return Detail(what, *texts)

    def dated(
        self, what: str, old: tuple[tuple[date | None, Any], ...], new: tuple[tuple[date | None, Any], ...]
    ) -> list[Detail]:
        """Values from a day on; where one side has none of that day, the one that stands on it is shown."""
        found = []
        for day in sorted({day for day, _ in (*old, *new)}, key=lambda d: d or date.min):
            if detail := self.one(what, _standing(old, day), _standing(new, day)):
                found.append(Detail(what, detail.old, detail.new, {"from": day.isoformat()} if day else {}))
        return found

    # ---- figures -------------------------------------------------------------------------------------------------
    def parameter(self, a: Parameter | None, b: Parameter | None) -> list[Detail]:
        details = self.fields(a, b, ("values", "scale"))
        old, new = Figures(self.old, a), Figures(self.new, b)
        moments = sorted({(v.area, v.since, v.key or "") for p in (a, b) if p for v in p.values})
        for area, since, key in moments:
            at = {"area": area, "from": since.isoformat()}
            if key:
                at["key"] = (new if b and b.per else old).called(key)
            details += _moment(old.at(area, since, key), new.at(area, since, key), at)
        return details + self.scales(a, b)

    def scales(self, a: Parameter | None, b: Parameter | None) -> list[Detail]:
        old, new = (p.scale if p and isinstance(p.scale, Scale) else None for p in (a, b))
        details = [d for d in [self.one("scale", old and old.kind, new and new.kind)] if d]
        brackets = [s.brackets if s else () for s in (old, new)]
        for n in range(max(map(len, brackets))):
            for what in ("threshold", "amount"):
                curves = [_curve(b[n], what) if n < len(b) else () for b in brackets]
                for d in self.dated(what, *curves):
                    details.append(Detail(d.what, d.old, d.new, {"bracket": str(n + 1), **d.at}))
        return details

    # ---- sources, examples, lists of other rooms -----------------------------------------------------------------
    def sources(self) -> Iterator[Change]:
        a, b = (p.sources for p in self.packs)
        for name in _names(a, b):
            old, new = a.get(name), b.get(name)
            details = self.fields(old, new, ("articles", "id"))
            details += self.articles(old, new)
            if details or old is None or new is None:
                label = (new or old or next(iter(a.values()))).title
                yield Change("source", _how(old, new), "", name, label, tuple(details))

    def articles(self, old: Source | None, new: Source | None) -> list[Detail]:
        a, b = (s.articles if s else {} for s in (old, new))
        found = []
        for article in _names(a, b):
            if detail := self.one("says", a.get(article), b.get(article)):
                found.append(Detail("says", detail.old, detail.new, {"article": article}))
        return found

    def trees(self, section: Section, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
        for name in _names(old, new):
            a, b = old.get(name), new.get(name)
            if a != b or (name in old) != (name in new):
                both = name in old and name in new
                how: How = "changed" if both else "added" if name in new else "removed"
                yield Change(section, how, "", name, name, tuple(self.paths("path", a, b)) if both else ())

    def paths(self, what: str, old: Any, new: Any) -> list[Detail]:
        a, b = dict(_leaves(old)), dict(_leaves(new))
        differ = [path for path in _names(a, b) if a.get(path) != b.get(path)]
        found = [Detail(what, _plain(a.get(p)), _plain(b.get(p)), {"path": p}) for p in differ[:_MOST]]
        if len(differ) > _MOST:
            found.append(Detail("more", None, str(len(differ) - _MOST)))
        return found


def _how(a: object, b: object) -> How:
    return "added" if a is None else "removed" if b is None else "changed"


def _names(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted({*old, *new})


def _of(declared: Mapping[str, Any], owner: str) -> dict[str, Any]:
    return {name: x for name, x in declared.items() if name.rpartition(".")[0] == owner}


def _renamed(pack: Pack) -> dict[str, str]:
    return {f.name: f.renamed_from for f in pack.facts.values() if f.renamed_from}


Conditions = Mapping[str, Condition]


def _renamed_conditions(old: Conditions, new: Conditions) -> dict[str, str]:
    """Another name at the same bit for the same rule or under the same label."""
    by_bit = {c.bit: c for c in old.values()}
    pairs = ((c, by_bit[c.bit]) for c in new.values() if c.bit in by_bit)
    return {c.name: was.name for c, was in pairs if c.expr == was.expr or (c.label and c.label == was.label)}


def _bits_taken(old: Conditions, new: Conditions) -> dict[str, str]:
    """New conditions at the bit of another one, which is never lawful: new name → the old one."""
    by_bit, renamed = {c.bit: c.name for c in old.values()}, _renamed_conditions(old, new)
    return {n: by_bit[c.bit] for n, c in new.items() if by_bit.get(c.bit, n) != n and n not in renamed}


def _standing(dated: tuple[tuple[date | None, Any], ...], day: date | None) -> Any:
    found = None
    for since, value in dated:
        if since is None or (day is not None and since <= day):
            found = value
    return found


def _curve(bracket: Bracket, what: str) -> tuple[tuple[date | None, Decimal | None], ...]:
    values = bracket.threshold if what == "threshold" else bracket.amount
    return tuple((v.since, v.value) for v in values)  # type: ignore[misc]


def _by_name(examples: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {str(e.get("name", n)): e for n, e in enumerate(examples, 1)}


def _lists(pack: Pack) -> dict[str, Any]:
    """By file: `registers.company_query`; the calendar as days and whether one works on them."""
    found: dict[str, Any] = {}
    for kind, content in pack.catalogues.items():
        if isinstance(content, dict) and all(isinstance(v, dict | list) for v in content.values()):
            found |= {f"{kind}.{name}": part for name, part in content.items()}
        else:
            found[kind] = content
    if pack.calendar.exceptions:
        found["calendar"] = {day.isoformat(): works for day, works in pack.calendar.exceptions}
    return found


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict) and tree:
        for key, child in tree.items():
            yield from _leaves(child, f"{path}.{key}".lstrip("."))
    elif isinstance(tree, list) and tree:
        for n, child in enumerate(tree, 1):
            called = child.get("name") or child.get("id") if isinstance(child, dict) else None
            yield from _leaves(child, f"{path}.{called or n}".lstrip("."))
    elif tree is not None:
        yield path, tree


def _plain(value: Any) -> str | None:
    return None if value is None else value.isoformat() if isinstance(value, date) else str(value)
