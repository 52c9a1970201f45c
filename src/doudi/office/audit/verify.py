"""Proves the trail: every entry as sealed, every place of every chain there, every root outside the database met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, Max, OuterRef

from doudi.engine.words import say
from doudi.office.audit import roots
from doudi.office.audit.chain import START, Tree, digest_of, link
from doudi.office.audit.models import BODY, Entry, Seal, body_of

_BATCH = 1000
_ROOT_WITHIN = timedelta(seconds=120)  # a living sealer writes one every 60 s

Kind = Literal["edited", "deleted", "gap", "moved", "cut", "rewritten", "no_root", "damaged_root"]


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a county's trail is broken. entry: its id, empty when only the place is known."""

    kind: Kind
    county: str
    seq: int
    entry: str = ""
    until: int = 0
    file: str = ""

    def text(self) -> str:
        return say(
            f"audit.{self.kind}",
            county=self.county,
            seq=self.seq,
            entry=self.entry or "?",
            until=self.until,
            file=self.file,
        )


@dataclass(slots=True)
class Proof:
    """What was proved. unsealed: entries too young for a place; unrooted: places too young for a root."""

    entries: int = 0
    sealed: int = 0
    unsealed: int = 0
    unrooted: int = 0
    roots: int = 0
    counties: int = 0
    breaks: list[Break] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.breaks


def verify_trail(folder: Path | None = None) -> Proof:
    """Check the whole trail against its chains and the roots in `folder` (default ROOTS_DIR); changes nothing."""
    folder = folder or settings.ROOTS_DIR
    proof = Proof(entries=Entry.objects.count())
    for county in sorted({*Seal.objects.values_list("county", flat=True).distinct(), *roots.counties(folder)}):
        proof.counties += 1
        if found := _check(county, folder, proof):
            proof.breaks.append(found)
    proof.unsealed = Entry.objects.filter(~Exists(Seal.objects.filter(entry_id=OuterRef("id")))).count()
    return proof


def _check(county: str, folder: Path, proof: Proof) -> Break | None:
    try:
        known = roots.read(folder, county)
    except roots.DamagedRoots as damaged:
        return Break("damaged_root", county, damaged.line, file=str(damaged.file))
    waiting = iter(known)
    due = next(waiting, None)
    tree, previous, rooted = Tree(), START, 0
    for seq, seal, entry in _places(county):
        if found := _compare(county, seq, seal, entry, previous):
            return found
        previous = seal.hash
        tree.add(previous)
        proof.sealed += 1
        while due and due.size == seq:
            if due.root != tree.root:
                return Break("rewritten", county, rooted + 1, _entry_at(county, rooted + 1), until=seq)
            rooted, proof.roots = seq, proof.roots + 1
            due = next(waiting, None)
    if due:
        return Break("cut", county, tree.size + 1, until=known[-1].size)
    proof.unrooted += tree.size - rooted
    return _without_root(county, rooted)


@dataclass(frozen=True, slots=True)
class _Place:
    seq: int
    entry_id: UUID
    digest: str
    hash: str


def _places(county: str) -> Iterator[tuple[int, _Place, dict[str, Any] | None]]:
    """Expected place, the place found and the content of its entry (None = gone), in order, a batch at a time."""
    expected, last = 0, -1
    while True:
        rows = Seal.objects.filter(county=county, seq__gt=last).order_by("seq")
        batch = [_Place(*row) for row in rows.values_list("seq", "entry_id", "digest", "hash")[:_BATCH]]
        if not batch:
            return
        entries = Entry.objects.filter(id__in=[place.entry_id for place in batch])
        bodies = {row[0]: body_of(row) for row in entries.values_list(*BODY).iterator()}
        for place in batch:
            expected += 1
            yield expected, place, bodies.get(place.entry_id)
        last = batch[-1].seq


def _compare(county: str, seq: int, place: _Place, body: dict[str, Any] | None, previous: str) -> Break | None:
    entry = str(place.entry_id)
    if place.seq != seq:
        return Break("gap", county, seq)
    if body is None:
        return Break("deleted", county, seq, entry)
    if digest_of(body) != place.digest:
        return Break("edited", county, seq, entry)
    if body["county"] != county or link(previous, county, seq, place.digest) != place.hash:
        return Break("moved", county, seq, entry)
    return None


def _without_root(county: str, rooted: int) -> Break | None:
    """Places that had to have a root, because sealing went on for minutes after them, and have none."""
    places = Seal.objects.filter(county=county)
    first = places.filter(seq=rooted + 1).values_list("entry_id", "sealed_at").first()
    latest: datetime | None = places.aggregate(at=Max("sealed_at"))["at"]
    if first and latest and latest - first[1] > _ROOT_WITHIN:
        return Break("no_root", county, rooted + 1, str(first[0]))
    return None


def _entry_at(county: str, seq: int) -> str:
    return str(Seal.objects.filter(county=county, seq=seq).values_list("entry_id", flat=True).first() or "")
