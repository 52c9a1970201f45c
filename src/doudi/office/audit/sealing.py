"""The sealer: every two seconds it gives each new entry its place in its county's chain, and keeps the roots.

Acts do not chain themselves: each would wait for the one before it, everywhere in the county. Two sealers at once do
no harm, because a place in a chain can be taken only once (a constraint).
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import Exists, OuterRef

from doudi.office.audit import roots
from doudi.office.audit.chain import START, Tree, digest_of, link
from doudi.office.audit.keys import first_id_at
from doudi.office.audit.models import Entry, Seal
from doudi.office.audit.reads import flush_seen

logger = logging.getLogger(__name__)
_ROUND = 2.0
_BATCH = 500  # keeps the write transaction far below SQLite's 200 ms
_ROOT_EVERY = timedelta(seconds=60)
_ROOT_SIZE = 1000
_LATE = timedelta(minutes=15)  # longest transaction whose entries may appear behind younger ones


@dataclass(slots=True)
class _Grown:
    """A county's tree, the size of its last root, and since when an entry waits for the next one."""

    tree: Tree
    rooted: int
    waiting_since: datetime | None = None


class Sealer:
    """Seals until told to stop; its last act is a root over everything."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or settings.ROOTS_DIR
        self._grown: dict[str, _Grown] = {}
        self._since: UUID | None = None

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self.seal()
            except (DatabaseError, OSError) as error:
                logger.error("the trail could not be sealed (%s); trying again", type(error).__name__)
                connections.close_all()
            stop.wait(_ROUND)
        self.seal(closing=True)

    def seal(self, *, closing: bool = False) -> int:
        """Seal everything that is committed and write the roots that are due (closing: all of them). Says how many."""
        if self._since is None:
            for county in Seal.objects.values_list("county", flat=True).distinct():
                self._grow(county, whole=True)  # what the last sealer left without a root
        if self._since:
            self._since = min([self._since, *flush_seen()])
        else:
            flush_seen()
        n, counties = 0, set(self._grown)
        while batch := self._unsealed():
            try:
                _chain(batch)
            except IntegrityError:
                logger.warning("another sealer was faster; looking again")
                continue
            n += len(batch)
            counties |= {entry.county for entry in batch}
        self._since = first_id_at(datetime.now(UTC) - _LATE)
        for county in counties:
            self._grow(county, whole=closing)
        return n

    def _unsealed(self) -> list[Entry]:
        sealed = Seal.objects.filter(entry_id=OuterRef("id"))
        entries = Entry.objects.filter(~Exists(sealed)).order_by("id")
        if self._since:
            entries = entries.filter(id__gte=self._since)
        return list(entries[:_BATCH])

    def _grow(self, county: str, *, whole: bool) -> None:
        """Add the new places of the chain to the tree; a root at each 1,000, after 60 s, or over the whole."""
        if county not in self._grown:
            self._grown[county] = self._remembered(county)
        grown = self._grown[county]
        new = Seal.objects.filter(county=county, seq__gt=grown.tree.size).order_by("seq")
        for place in new.values_list("hash", flat=True).iterator(2000):
            grown.tree.add(place)
            if grown.tree.size - grown.rooted >= _ROOT_SIZE:
                self._root(county, grown)
        if grown.tree.size == grown.rooted:
            return
        now = datetime.now(UTC)
        grown.waiting_since = grown.waiting_since or now
        if whole or now - grown.waiting_since >= _ROOT_EVERY - timedelta(seconds=_ROUND):
            self._root(county, grown)

    def _remembered(self, county: str) -> _Grown:
        tree = roots.last_tree(self._folder, county)
        if not Seal.objects.filter(county=county, seq=tree.size).exists():
            if tree.size:
                logger.error("the trail of %s ends before its last root: run `doudi verify audit`", county)
            tree = Tree()
        return _Grown(tree, tree.size)

    def _root(self, county: str, grown: _Grown) -> None:
        roots.write(self._folder, county, grown.tree, datetime.now(UTC))
        grown.rooted, grown.waiting_since = grown.tree.size, None


@transaction.atomic
def _chain(batch: list[Entry]) -> None:
    """Give each entry the next place of its county's chain. Raises IntegrityError when another sealer did."""
    now, places = datetime.now(UTC), []
    for county in sorted({entry.county for entry in batch}):
        last = Seal.objects.filter(county=county).order_by("-seq").values_list("seq", "hash").first()
        seq, previous = last or (0, START)
        for entry in (e for e in batch if e.county == county):
            seq, digest = seq + 1, digest_of(entry.body())
            previous = link(previous, county, seq, digest)
            places.append(Seal(entry_id=entry.id, county=county, seq=seq, digest=digest, hash=previous, sealed_at=now))
    Seal.objects.bulk_create(places)
