"""Where each person of a chunk belongs: which household the lines speak of, and who moves into or out of one.

A list that says who lives together (`living`) moves people, unless a later one has spoken. A household book (`book`)
keeps its own record; it and a roster (`listed`) house those of whom nothing is known. Anybody else who is new gets a
household of their own, a guess (`is_provisional`) that yields to every list that says more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from doudi.engine.linkage import name_key
from doudi.engine.values import BadIdNumber, IdNumber, new_id
from doudi.office.registry.bulk import maker
from doudi.office.registry.importing.reads import Reads
from doudi.office.registry.importing.records import Record
from doudi.office.registry.importing.registers import Register
from doudi.office.registry.models import Batch, Household, Membership, Person, RegisterKey
from doudi.office.registry.sealing import number_index, register_key

_make_home = maker(Household)
_make_key = maker(RegisterKey)
NEVER = date(1900, 1, 1)  # the end of what was guessed and never held


@dataclass(slots=True)
class Stay:
    """A membership that is still to be written: the columns of Membership, without a model's weight per line."""

    area_code: str
    person_id: UUID
    household_id: UUID
    kind: str
    role: str
    started_on: date | None
    seen_on: date | None
    batch_id: UUID
    ended_on: date | None = None
    ended_by_id: UUID | None = None
    role_before: str = ""
    renamed_by_id: UUID | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(slots=True)
class Moves:
    """What has to be written: new rows, memberships that end, keys the register will know its households by."""

    households: list[Household] = field(default_factory=list)
    memberships: list[Stay] = field(default_factory=list)
    keys: list[RegisterKey] = field(default_factory=list)
    rekeyed: list[RegisterKey] = field(default_factory=list)
    touched: list[Membership] = field(default_factory=list)
    heads: list[Household] = field(default_factory=list)
    moved: set[UUID] = field(default_factory=set)


class Houses:
    """Places the people of one chunk. `county` 12 digits; `area` where a line without a place happens."""

    def __init__(self, batch: Batch, register: Register, county: str, reads: Reads) -> None:
        self._batch, self._register, self._county, self._reads = batch, register, county, reads
        self.moves = Moves()
        self._groups: dict[str, Household] = {}
        self._keys_held: dict[str, RegisterKey] = {}
        self._keys_said: dict[str, str] = {}
        self._open: dict[tuple[UUID, str], Membership | Stay] = {}
        self._homes: dict[UUID, Household] = {}

    def prepare(self, records: Sequence[Record], known: Sequence[Person]) -> None:
        """Read what is there already: three queries for the whole chunk."""
        wanted = {k for r in records for k in self._keys(r)}
        rows = RegisterKey.objects.filter(source=self._batch.source_id, county_code=self._county, key__in=list(wanted))
        for row in self._reads.rows(rows.select_related("household")):
            self._keys_held[row.key] = row
            if row.household and row.household.dissolved_on is None:
                self._groups[row.key] = self._homes.setdefault(row.household_id, row.household)
        self._know_heads(records)
        says_where = self._register.belongs != "none"  # else it houses only whoever lives nowhere
        placed = [p.id for p in known if says_where or p.household_id is None]
        memberships = Membership.objects.filter(person__in=placed, ended_on__isnull=True)
        for stay in self._reads.rows(memberships.select_related("household")):
            self._open[stay.person_id, stay.kind] = stay
            stay.household = self._homes.setdefault(stay.household_id, stay.household)

    def _know_heads(self, records: Sequence[Record]) -> None:
        """A household that its head's number leads to is the one he lives in, whatever the order of the lines."""
        if self._register.belongs == "none":
            return
        wanted = {number_index(head): r for r in records if (head := _number(r.head_number))}
        heads = Person.objects.filter(county_code=self._county, number_index__in=list(wanted))
        for head in self._reads.rows(heads.filter(household__isnull=False).select_related("household")):
            home = self._homes.setdefault(head.household_id, head.household)
            if home.head_id in (None, head.id):
                self._claim(self._key(wanted[bytes(head.number_index)], "living"), home)

    def _keys(self, record: Record) -> list[str]:
        if self._register.belongs == "none":
            return []
        return [self._key(record, kind) for kind in self._kinds()]

    def _kinds(self) -> tuple[str, ...]:
        return ("living", "book") if self._register.belongs == "book" else ("living",)

    def _key(self, record: Record, kind: str) -> str:
        """What this register calls the household of a line: its own number, else the head's, else the head's name."""
        if record.household_key:
            said = f"key {record.household_key}"
        elif head := _number(record.head_number):
            said = f"head {head}"
        elif record.head_name:
            said = f"name {name_key(record.head_name)} {record.village}"
        else:
            said = f"head {record.number}"
        text = f"{kind} {said}"
        if text not in self._keys_said:
            self._keys_said[text] = register_key(text)
        return self._keys_said[text]

    def place(self, person: Person, record: Record, area: str, on: date) -> bool:
        """Put one person where the line says; True when anything changed."""
        if self._register.belongs == "none" and person.household_id:
            return False
        changed = False
        if self._register.belongs == "book":
            changed = self._into(person, record, "book", area, on)
        held = self._open.get((person.id, "living"))
        if held is None or self._may_move(held, on):
            changed |= self._into(person, record, "living", area, on)
        return changed

    def emptied(self) -> dict[UUID, date]:
        """Households that everybody has left, and the last day of whoever left: they are dissolved the day after."""
        ended = {m.id: m for m in self.moves.touched if m.ended_on}
        left = {m.household_id: day for m in ended.values() if (day := m.ended_on)}
        if not left:
            return {}
        before = self._reads.rows(Membership.objects.filter(household__in=left, ended_on__isnull=True))
        lived_in = {m.household_id for m in before if m.id not in ended}
        lived_in |= {m.household_id for m in self.moves.memberships if m.ended_on is None}
        return {id: last for id, last in left.items() if id not in lived_in}

    def listed_with(self, record: Record) -> UUID | None:
        """The household under whose head the list shows this line, wherever the person lives."""
        if self._register.belongs == "none":
            return None
        home = self._groups.get(self._key(record, "living"))
        return home.id if home else None

    def _may_move(self, held: Membership | Stay, on: date) -> bool:
        """May this list say where somebody lives of whom another did? A guess yields to every list."""
        if self._homes[held.household_id].is_provisional:
            return True
        return self._register.belongs == "living" and (held.seen_on is None or held.seen_on <= on)

    def _into(self, person: Person, record: Record, kind: str, area: str, on: date) -> bool:
        home = self._home(person, record, kind, area)
        held = self._open.get((person.id, kind))
        role = record.role or ("head" if is_head(record) or home.head_id == person.id else person.role)
        if role == "head" and home.head_id is None:
            # A head is written after the persons are: the wall lets no row point to one that is not there yet.
            home.head_id = person.id
            self.moves.heads.append(home)
        if held and held.household_id == home.id:
            return self._confirm(held, person, role, on)
        started_on = self._leave(held, on) if held else None
        new = Stay(home.area_code, person.id, home.id, kind, role, started_on, on, self._batch.id)
        self._open[person.id, kind] = new
        self.moves.memberships.append(new)
        if kind == "living":
            person.household, person.role = home, role
            self.moves.moved.add(person.id)
        return True

    def _leave(self, held: Membership | Stay, on: date) -> date | None:
        """End a membership; returns since when the next one holds: one that was a guess never held at all."""
        guessed = self._homes[held.household_id].is_provisional
        held.ended_on = NEVER if guessed else max(on - timedelta(days=1), held.started_on or NEVER)
        held.ended_by_id = self._batch.id
        if isinstance(held, Membership):
            self.moves.touched.append(held)
        return held.started_on if guessed else on

    def _confirm(self, held: Membership | Stay, person: Person, role: str, on: date) -> bool:
        renamed = bool(role) and role != held.role
        if isinstance(held, Membership) and (renamed or held.seen_on is None or held.seen_on < on):
            self.moves.touched.append(held)
        held.seen_on = max(on, held.seen_on or on)
        if renamed:
            if held.renamed_by_id != self._batch.id:
                held.role_before, held.renamed_by_id = held.role, self._batch.id
            held.role = role
            if held.kind == "living":
                person.role = role
                self.moves.moved.add(person.id)
        return renamed

    def _home(self, person: Person, record: Record, kind: str, area: str) -> Household:
        if self._register.belongs == "none":
            return self._new(kind, area, guessed=True)
        key = self._key(record, kind)
        home = self._groups.get(key)
        if home and not (is_head(record) and home.head_id not in (None, person.id)):
            return home
        # Two heads of one name in one village are two households: the later lines belong to the later head.
        held = self._open.get((person.id, kind))
        if held and is_head(record) and self._may_head(person, self._homes[held.household_id]):
            home = self._homes[held.household_id]
            home.is_provisional, home.head_id = False, person.id
            self.moves.heads.append(home)
        else:
            home = self._new(kind, area)
        self._claim(key, home)
        return home

    def _may_head(self, person: Person, home: Household) -> bool:
        """Does a household go on under this head? Beside a living head whoever heads a list has one of their own."""
        if home.head_id in (None, person.id):
            return True
        held = self._reads.rows(Person.objects.filter(pk=home.head_id))
        return all(h.household_id != home.id or h.facts.get("is_deceased") is True for h in held)

    def _claim(self, key: str, home: Household) -> None:
        """From now on the register means this household by its key; a key whose household is dissolved moves on."""
        held = self._keys_held.get(key)
        if key not in self._groups and held:
            held.household_id = home.id
            self.moves.rekeyed.append(held)
        elif key not in self._groups:
            self.moves.keys.append(
                _make_key(
                    area_code=home.area_code,
                    source_id=self._batch.source_id,
                    county_code=self._county,
                    key=key,
                    household_id=home.id,
                )
            )
        self._groups[key] = home

    def _new(self, kind: str, area: str, *, guessed: bool = False) -> Household:
        home = _make_home(area_code=area, kind=kind, batch_id=self._batch.id, is_provisional=guessed)
        self._homes[home.id] = home
        self.moves.households.append(home)
        return home


@lru_cache(maxsize=4096)  # a head's number stands on every line of the household and is asked for several times
def _number(text: str) -> str:
    try:
        return IdNumber.parse(text).number if text else ""
    except BadIdNumber:
        return ""


def is_head(record: Record) -> bool:
    """Is the line about the head of its household? Somebody of whose household nothing is said heads their own."""
    if record.role:
        return record.role == "head"
    if head := _number(record.head_number):
        return head == record.number
    if record.head_name:
        return name_key(record.head_name) == name_key(record.name)
    return not record.household_key
