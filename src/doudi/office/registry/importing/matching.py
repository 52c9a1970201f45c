"""Who is each line about? A chunk of records meets the people this county knows, by blind index of their numbers.

Only equality is asked of the database: the number itself, or the few numbers from which one slip leads to a broken one.
Lines without a number wait for a person, with the namesakes beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.conf import settings

from doudi.engine.linkage import Claim, Known, Repair, compare_names, link, name_key, repairs
from doudi.engine.values import IdNumber
from doudi.office.registry.importing.households import is_head
from doudi.office.registry.importing.places import Places
from doudi.office.registry.importing.reads import Reads
from doudi.office.registry.importing.records import Record
from doudi.office.registry.importing.registers import Register
from doudi.office.registry.models import Person
from doudi.office.registry.sealing import number_index

State = Literal["known", "new", "doubtful", "refused"]


@dataclass(slots=True)
class Match:
    """What became of one record. person: whom it means, or None when they are new; tier exact or repaired.

    column: the header complained of; area_code: where the line says it happens, or empty.
    """

    record: Record
    state: State
    person: Person | None = None
    tier: str = ""
    reason: str = ""
    column: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()
    area_code: str = ""
    index: bytes | None = None


class Matcher:
    """county: 12 digits; places: where lines may lie. `pending` are people of this file who are not stored yet."""

    def __init__(self, county: str, places: Places, register: Register) -> None:
        self._county, self._places, self._register = county, places, register
        self.pending: dict[bytes, str] = {}  # number index → name, of people met as new

    def match(self, records: Sequence[Record], reads: Reads) -> list[Match]:
        """One match per record, in order; three queries however many records there are."""
        mended = {id(r): repairs(r.number) if r.number_fault else () for r in records}
        indexes: dict[str, bytes] = {}
        for record in records:
            if record.id_number:
                indexes[record.number] = number_index(record.number)
            for repair in mended[id(record)]:
                indexes[repair.number] = number_index(repair.number)
        people = self._people(indexes.values(), reads)
        nameless = [r for r in records if not r.number and r.name]
        namesakes = self._namesakes({name_key(r.name) for r in nameless}, reads)
        return [self._one(r, mended[id(r)], indexes, people, namesakes) for r in records]

    def _people(self, indexes: Iterable[bytes], reads: Reads) -> dict[bytes, Person]:
        rows = Person.objects.filter(county_code=self._county, number_index__in=list(set(indexes)))
        return {bytes(p.number_index): p for p in reads.rows(rows.select_related("household"))}

    def _namesakes(self, keys: set[str], reads: Reads) -> dict[str, list[Person]]:
        found: dict[str, list[Person]] = {}
        if keys:
            same = Person.objects.filter(county_code=self._county, name_key__in=list(keys))
            for person in reads.rows(same.order_by("id")):
                found.setdefault(person.name_key, []).append(person)
        return found

    def _one(
        self,
        record: Record,
        mended: tuple[Repair, ...],
        indexes: dict[str, bytes],
        people: dict[bytes, Person],
        namesakes: dict[str, list[Person]],
    ) -> Match:
        if record.faults:
            fault = record.faults[0]
            return Match(record, "refused", reason=fault.code, column=fault.column, fields=dict(fault.fields))
        if self._register.belongs != "none" and not record.role and not is_head(record):
            return Match(record, "refused", reason="import.no_role")
        if record.id_number:
            return self._numbered(record, indexes[record.number], people)
        if mended:
            return self._mended(record, mended, indexes, people)
        if record.number_fault and record.number:
            return Match(record, "refused", reason=f"id.{record.number_fault}")
        return self._unnumbered(record, namesakes)

    def _numbered(self, record: Record, index: bytes, people: dict[bytes, Person]) -> Match:
        assert record.id_number
        if record.id_number.is_invented and not settings.DEMO:
            return Match(record, "refused", reason="import.invented")
        person, waiting = people.get(index), self.pending.get(index)
        known = []
        if person:
            known = [Known(str(person.pk), person.name, record.number, record.id_number.birth)]
        elif waiting is not None:
            known = [Known("", waiting, record.number, record.id_number.birth)]
        claim = Claim(record.name, record.number, record.birth)
        if record.birth and record.birth != record.id_number.birth:
            return Match(record, "doubtful", reason="link.birth_differs", candidates=_ids(known))
        found = link(claim, known)
        if found.tier == "doubtful":
            return Match(record, "doubtful", reason=found.reason, candidates=_ids(known))
        area, trouble = self._places.of(record)
        if found.tier == "new":
            if not record.name:
                return Match(record, "refused", reason="import.no_name")
            if trouble:
                return Match(record, "refused", reason=trouble, fields={"place": f"{record.township}{record.village}"})
            self.pending[index] = record.name
        # Somebody whose only import was undone is there, but lives nowhere: as good as new.
        is_known = waiting is not None or (person is not None and person.household_id is not None)
        state: State = "known" if is_known else "new"
        return Match(record, state, person, found.tier, area_code=area, index=index)

    def _mended(
        self,
        record: Record,
        mended: tuple[Repair, ...],
        indexes: dict[str, bytes],
        people: dict[bytes, Person],
    ) -> Match:
        known, by_id = [], {}
        for repair in mended:
            if person := people.get(indexes[repair.number]):
                birth = _birth_of(repair.number)
                known.append(Known(str(person.pk), person.name, repair.number, birth))
                by_id[str(person.pk)] = (person, indexes[repair.number])
        found = link(Claim(record.name, record.number, record.birth), known, mended)
        if found.tier == "repaired" and found.id:
            person, index = by_id[found.id]
            return Match(record, "known", person, "repaired", area_code=self._places.of(record)[0], index=index)
        if found.candidates:
            return Match(record, "doubtful", reason=found.reason, candidates=found.candidates)
        return Match(record, "refused", reason=f"id.{record.number_fault}")

    def _unnumbered(self, record: Record, namesakes: dict[str, list[Person]]) -> Match:
        if not record.name:
            return Match(record, "refused", reason="import.nobody")
        same = [p for p in namesakes.get(name_key(record.name), []) if _may_be(record, p)]
        return Match(record, "doubtful", reason="link.no_number", candidates=tuple(str(p.pk) for p in same[:20]))


def _may_be(record: Record, person: Person) -> bool:
    born = person.facts.get("birth_date")
    return compare_names(record.name, person.name) == "same" and (
        record.birth is None or born is None or born == record.birth.isoformat()
    )


def _birth_of(number: str) -> date:
    return IdNumber.parse(number).birth


def _ids(known: Sequence[Known]) -> tuple[str, ...]:
    return tuple(k.id for k in known if k.id)
