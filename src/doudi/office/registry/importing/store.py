"""One chunk of lines becomes rows: everything is read, decided and sealed first (`plan`), and then only written.

The write is one short transaction: all of the chunk, its counts and the resume mark, or nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Q

from doudi.engine.linkage import initials, name_key, reading
from doudi.engine.policy.model import Fact
from doudi.engine.values import SHANGHAI, AreaCode, new_id
from doudi.office.access.sealing import seal_text
from doudi.office.registry.bulk import maker, to_insert, to_insert_rows, to_update
from doudi.office.registry.importers import Accepted, importers_of
from doudi.office.registry.importing.households import Houses
from doudi.office.registry.importing.matching import Match
from doudi.office.registry.importing.reads import Reads
from doudi.office.registry.importing.records import Record
from doudi.office.registry.importing.registers import Register
from doudi.office.registry.importing.sheets import joined
from doudi.office.registry.listed import listed_of, listed_writes
from doudi.office.registry.models import (
    Batch,
    BatchRow,
    Household,
    Identity,
    Membership,
    Observation,
    Person,
    RegisterKey,
    Subject,
)
from doudi.office.registry.resolution import Json, Said, resolve
from doudi.office.registry.saying import RESOLVED, put_resolved, said, split_facts
from doudi.office.registry.sealing import last_four_index, phone_index, seal_facts

_make_person = maker(Person)
_HOME = ("id", "area_code", "kind", "batch_id", "address", "is_provisional", *RESOLVED)
_PERSON = [*RESOLVED, "area_code", "household_id", "role", "phone", "phone_index"]
_STAY = ["ended_on", "ended_by_id", "role", "seen_on", "role_before", "renamed_by_id"]
_OBSERVED = (
    *("id", "area_code", "person_id", "household_id", "facts", "sensitive", "source_id", "batch_id", "row", "tier"),
    *("observed_on", "period", "valid_to", "recorded_at", "recorded_by"),
)


@dataclass(frozen=True)
class Setting:
    """What holds for the whole batch."""

    batch: Batch
    register: Register
    meanings: Mapping[str, Fact]
    kinds: Mapping[str, str]
    by: Any
    at: datetime

    @cached_property
    def today(self) -> date:
        return self.at.astimezone(SHANGHAI).date()

    @cached_property
    def county(self) -> str:
        return AreaCode(self.batch.area_code).at("county").code


class Chunk:
    """The matched lines of one chunk: `plan` reads, `write` writes, with few statements."""

    def __init__(self, setting: Setting, matches: Sequence[Match], reads: Reads) -> None:
        self._s, self._reads = setting, reads
        self._matches = matches
        self._taken = [m for m in matches if m.state in ("known", "new")]
        self._persons: dict[bytes, Person] = {}
        self._new: list[Person] = []
        self._changed: set[tuple[str, int]] = set()
        self._phoned: dict[UUID, Person] = {}
        self._said: dict[UUID, list[Said]] = defaultdict(list)
        self._observations: list[tuple[object, ...]] = []
        self._writes: list[Callable[[], object]] = []
        self._accepted: list[Accepted] = []

    def plan(self) -> Chunk:
        """Find out what is to be written, and prepare it; writes nothing."""
        houses = self._place()
        subjects = self._observe()
        self._resolve(subjects)
        self._writes = self._rows(houses, subjects)
        if importers_of(self._s.batch.kind):
            lines = self._taken
            self._accepted = [_accepted(m, self._observed_on(m.record), houses.listed_with(m.record)) for m in lines]
        return self

    def write(self) -> Counter[str]:
        """Write what was planned inside the caller's transaction; returns the states of the lines."""
        for write in self._writes:
            write()
        for importer in importers_of(self._s.batch.kind):
            changed = importer.accept(self._s.batch, self._accepted, self._s.at, self._s.by)
            self._changed.update((line.sheet, line.row) for line in changed)
        return Counter(self._state(match) for match in self._matches)

    # ---- who and where ---------------------------------------------------------------------------------------------
    def _place(self) -> Houses:
        known = {m.person.id: m.person for m in self._taken if m.person}
        for match in self._taken:
            assert match.index is not None
            if match.person:
                match.person = known[match.person.id]
                self._persons[match.index] = match.person
        identities = self._identities()
        houses = Houses(self._s.batch, self._s.register, self._s.county, self._reads)
        houses.prepare([m.record for m in self._taken], list(known.values()))
        for match in self._taken:
            person = self._persons.get(match.index or b"") or self._person(match, identities)
            match.person = person
            if match.state == "known" and self._phone(person, match.record):
                self._phoned[person.id] = person
                self._changed.add(match.record.line[:2])
            area = match.area_code or person.area_code
            if houses.place(person, match.record, area, self._observed_on(match.record)):
                self._changed.add(match.record.line[:2])
            if person.household and person.area_code != person.household.area_code:
                person.area_code = person.household.area_code
                houses.moves.moved.add(person.id)
        return houses

    def _identities(self) -> dict[bytes, UUID]:
        new = {m.index for m in self._taken if m.state == "new" and m.index}
        rows = self._reads.rows(Identity.objects.filter(number_index__in=list(new)))
        found = {bytes(row.number_index or b""): row.id for row in rows}
        self._new_identities = {index: new_id() for index in sorted(new - found.keys())}
        return found | self._new_identities

    def _person(self, match: Match, identities: Mapping[bytes, UUID]) -> Person:
        record, index = match.record, match.index
        assert index is not None and record.id_number
        person = _make_person(
            identity_id=identities[index],
            area_code=match.area_code or self._s.batch.area_code,
            county_code=self._s.county,
            name=record.name,
            name_key=name_key(record.name),
            reading=reading(record.name),
            initials=initials(record.name),
            number_index=index,
            last_four_index=last_four_index(record.id_number.last_four),
            batch_id=self._s.batch.id,
        )
        person.number = seal_text("registry_person", "number", person.id, record.number)
        self._persons[index] = person
        self._new.append(person)
        self._phone(person, record)
        return person

    def _phone(self, person: Person, record: Record) -> bool:
        if not record.phone or (index := phone_index(record.phone)) == person.phone_index:
            return False
        person.phone, person.phone_index = seal_text("registry_person", "phone", person.id, record.phone), index
        return True

    def _observed_on(self, record: Record) -> date:
        return record.observed_on or self._s.batch.observed_on

    # ---- what was said ---------------------------------------------------------------------------------------------
    def _observe(self) -> list[Subject]:
        """Observations that are not there yet; returns every subject of the chunk about which something new is said."""
        fresh: dict[UUID, Subject] = {p.id: p for p in self._new}
        pairs = [pair for m in self._taken for pair in self._words(m)]
        old = self._held({s.id for s, _, _ in pairs if s.id not in fresh})
        told: set[tuple[UUID, date, str]] = set()
        for subject, match, facts in pairs:
            day = self._observed_on(match.record)
            word = (subject.id, day, repr(sorted(facts.items())))
            if word in told or any(_same(s, facts, day, self._s.batch.source_id) for s in old.get(subject.id, ())):
                continue
            told.add(word)
            fresh[subject.id] = subject
            self._add(subject, match, facts, day)
            self._changed.add(match.record.line[:2])
        for id, words in old.items():
            self._said[id] = words + self._said[id]
        return list(fresh.values())

    def _words(self, match: Match) -> list[tuple[Subject, Match, dict[str, Json]]]:
        person, record = match.person, match.record
        assert person is not None
        words: list[tuple[Subject, Match, dict[str, Json]]] = []
        if record.person:
            words.append((person, match, record.person))
        if record.household and person.household:
            words.append((person.household, match, record.household))
        return words

    def _held(self, ids: set[UUID]) -> dict[UUID, list[Said]]:
        found: dict[UUID, list[Said]] = defaultdict(list)
        if ids:
            of_persons, of_households = Q(person__in=ids), Q(household__in=ids)  # two: an OR finds no index
            counts = Q(batch__isnull=True) | Q(batch__undone_at__isnull=True)
            for whose in (of_persons, of_households):
                for row in self._reads.rows(Observation.objects.filter(counts, whose)):
                    found[row.person_id or row.household_id].append(said(row))
        return found

    def _add(self, subject: Subject, match: Match, facts: dict[str, Json], day: date) -> None:
        id, batch, record = new_id(), self._s.batch, match.record
        plain, closed = split_facts(facts, self._s.meanings)
        word = Said(facts, batch.source_id, day, self._s.at, str(id), record.period or batch.period, record.valid_to)
        person, household = (subject.id, None) if isinstance(subject, Person) else (None, subject.id)
        sealed = seal_facts("registry_observation", id, closed)
        whose = (
            id,
            subject.area_code,
            person,
            household,
            plain,
            sealed,
            word.source,
            batch.id,
            record.line.row,
            match.tier,
        )
        self._observations.append((*whose, day, word.period, word.valid_to, word.recorded_at, str(self._s.by)))
        self._said[subject.id].append(word)

    def _resolve(self, subjects: Sequence[Subject]) -> None:
        for subject in subjects:
            answer = resolve(self._said[subject.id], self._s.meanings, self._s.kinds, self._s.today)
            put_resolved(subject, answer, self._s.today)

    # ---- rows ------------------------------------------------------------------------------------------------------
    def _rows(self, houses: Houses, subjects: Sequence[Subject]) -> list[Callable[[], object]]:
        """The statements in their order: a row comes after those it points to, as the wall demands."""
        moves, new = houses.moves, {p.id for p in self._new}
        born = {h.id for h in moves.households}
        old = {s.id: s for s in subjects if s.id not in new and s.id not in born}
        persons = {p.id: p for p in old.values() if isinstance(p, Person)} | self._phoned
        persons |= {p.id: p for p in self._persons.values() if p.id in moves.moved}
        persons = {id: p for id, p in persons.items() if id not in new}
        homes = {h.id: h for h in old.values() if isinstance(h, Household)} | {h.id: h for h in moves.heads}
        listed = listed_writes(subjects, listed_of(list(old), self._reads.rows), self._s.meanings)
        parked = [_parked(m, self._s.batch) for m in self._matches if m.state in ("doubtful", "refused")]
        return [
            to_insert_rows(Identity, ("number_index", "id"), list(self._new_identities.items())).run,
            to_insert_rows(Household, _HOME, [_home(h) for h in moves.households]).run,
            to_insert(Person, self._new).run,
            to_update(Person, list(persons.values()), _PERSON).run,
            to_update(Household, list(homes.values()), [*RESOLVED, "head_id", "is_provisional"]).run,
            to_update(Membership, moves.touched, _STAY).run,
            to_insert(Membership, moves.memberships).run,
            to_insert(RegisterKey, moves.keys).run,
            to_update(RegisterKey, moves.rekeyed, ["household_id"]).run,
            to_insert_rows(Observation, _OBSERVED, self._observations).run,
            *listed,
            *_dissolve(houses.emptied()),
            to_insert(BatchRow, parked).run,
        ]

    def _state(self, match: Match) -> str:
        if match.state == "known":
            return "changed" if match.record.line[:2] in self._changed else "same"
        return match.state


def digest(matches: Sequence[Match]) -> str:
    """SHA-256 over the lines of a chunk as written, for its entry in the trail."""
    summed = hashlib.sha256()
    for match in matches:
        summed.update(f"{match.record.line.row}\x1e{joined(match.record.line.cells)}\x1d".encode())
    return summed.hexdigest()


def _same(word: Said, facts: Mapping[str, Json], day: date, source: str) -> bool:
    return word.source == source and word.observed_on == day and word.facts == facts


def _dissolve(left: Mapping[UUID, date]) -> list[Callable[[], object]]:
    by_day: dict[date, list[UUID]] = defaultdict(list)
    for id, last in left.items():
        by_day[last].append(id)
    still = Household.objects.filter(dissolved_on__isnull=True)
    return [
        partial(still.filter(pk__in=ids).update, dissolved_on=last + timedelta(days=1)) for last, ids in by_day.items()
    ]


_home = attrgetter(*_HOME)  # a new household without its head, who is not there yet


def _accepted(match: Match, day: date, listed_with: UUID | None) -> Accepted:
    person, record = match.person, match.record
    assert person is not None and person.household_id is not None
    return Accepted(
        record.line.sheet,
        record.line.row,
        person.id,
        person.household_id,
        listed_with or person.household_id,
        person.role,
        person.area_code,
        day,
        record.period,
        dict(record.extra),
    )


def _parked(match: Match, batch: Batch) -> BatchRow:
    line = match.record.line
    row = BatchRow(
        area_code=batch.area_code,
        batch=batch,
        sheet=line.sheet[:100],
        row=line.row,
        column=match.column[:100],
        state=match.state,
        reason=match.reason,
        candidates=list(match.candidates),
    )
    # What the reason quotes may be a number that stands in a wrong column: sealed with the line.
    content = json.dumps({"cells": line.cells, "fields": match.fields}, ensure_ascii=False)
    row.content = seal_text("registry_batchrow", "content", row.id, content)
    return row
