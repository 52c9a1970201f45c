"""examples.yaml: worked households. Only their shape and names are checked here; packtest runs them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date

from doudi.engine.policy import graph
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Entity, Fact, Pack, Scalar, Variable
from doudi.engine.policy.periods import is_period, kind_of, period_on
from doudi.engine.words.near import hint

UNKNOWN = "unknown"
_EXAMPLE = "name as_of facts enrolments history overlays expect margin"
_OF_ENROLMENT = "subject_type subject_id amount period starts_on ends_on persons"
_STATES = (
    "not_applicable", "not_eligible", "unknown_no_sign", "to_verify", "missed", "covered", "covered_to_verify",
    "covered_wrong_amount", "covered_not_eligible", "covered_elsewhere",
)  # fmt: skip
_OUTCOMES = ("eligible", "not_eligible", "needs_verification", "not_applicable")
_EXPECTED = "outcome amount state failed unknown margin"


def check_examples(item: Item, pack: Pack, programme: str | None, seen: dict[str, Item], broken: Set[str]) -> None:
    """seen: names of all examples so far, which must differ; broken: facts and variables that are faults."""
    placed = _placed(pack)
    for example in item.items("name"):
        f = example.record(_EXAMPLE, "name as_of facts expect", "enrolments history overlays")
        name = f["name"].label() if "name" in f else ""
        if name and name in seen:
            example.fault("policy.name_twice", name=name, file=seen[name].node.file, line=seen[name].node.line)
        seen.setdefault(name, example)
        if "as_of" in f:
            f["as_of"].day()
        _Example(pack, programme, bool("overlays" in f and f["overlays"].node.value), broken).check(f)
        _check_division(f, placed)


def _placed(pack: Pack) -> set[str]:
    """Programmes that read a parameter kept by area."""
    by_area = {p.name for p in pack.parameters.values() if p.by == "area"}
    return {
        p.name
        for p in pack.programmes.values()
        if by_area & graph.behind(pack.variables, (*graph.deciding(p), *graph.asking(p)))
    }


def _check_division(f: Mapping[str, Item], placed: set[str]) -> None:
    if "facts" not in f or "expect" not in f:
        return
    household = f["facts"].entries().get("household")
    if household is None or "division" not in household.entries():
        for programme in sorted(placed & f["expect"].entries().keys()):
            f["facts"].fault("policy.no_division", programme=programme)
            return


class _Example:
    def __init__(self, pack: Pack, programme: str | None, has_overlays: bool, broken: Set[str]) -> None:
        self.broken = broken
        self.pack, self.programme, self.has_overlays = pack, programme, has_overlays
        self.ids: set[str] = set()
        self.known: dict[str, Fact | Variable] = {**pack.variables, **pack.facts}
        self.told: set[tuple[str, str, str]] = set()  # subject, name, period
        self.as_of: date | None = None
        self.period = ""  # of the row of `history` being read

    def check(self, f: Mapping[str, Item]) -> None:
        self.as_of = f["as_of"].node.value if "as_of" in f and isinstance(f["as_of"].node.value, date) else None
        if "facts" in f:
            self.facts(f["facts"].record("household persons", may_be_empty="household persons"))
        for row in f["history"].items("period") if "history" in f else []:
            self.history(row.record("period household persons", "period", "household persons"))
        for row in f["enrolments"].items("programme") if "enrolments" in f else []:
            self.enrolment(row.record(f"programme {_OF_ENROLMENT}", "programme", _OF_ENROLMENT))
        if "expect" in f:
            self.expected(f["expect"])

    def history(self, f: Mapping[str, Item]) -> None:
        if "period" not in f:
            return
        if not is_period(f["period"].node.text):
            f["period"].fault("policy.history_form", got=f["period"].shown())
            return
        self.period = f["period"].node.text
        self.facts(f)
        self.period = ""

    def facts(self, f: Mapping[str, Item]) -> None:
        if "household" in f:
            self.values(f["household"].entries(), "household", {"division", "id"})
        for person in f["persons"].items("id") if "persons" in f else []:
            entries = person.entries()
            if "id" in entries:
                self.ids.add(entries["id"].label())
            if "role" in entries:
                self.role(entries["role"])
            self.values(entries, "person", {"division", "id", "role"})

    def role(self, item: Item) -> None:
        if self.pack.roles:
            item.choice(self.pack.roles)
        else:
            item.text()

    def values(self, entries: Mapping[str, Item], entity: Entity, fixed: set[str]) -> None:
        if "division" in entries:
            entries["division"].scalar("area")
        subject = entries["id"].node.text if entity == "person" and "id" in entries else ""
        for name, item in entries.items():
            if name not in fixed:
                self.value(name, item, entity)
                self.of_period(name, item, subject)

    def declared(self, name: str) -> Fact | Variable | None:
        return self.known.get(f"{self.programme}.{name}") or self.known.get(name)

    def of_period(self, name: str, item: Item, subject: str) -> None:
        """A value stands once, and in a period of its kind; a whole year also for what its months share."""
        found = self.declared(name)
        if found is None or self.as_of is None or item.node.value is None:
            return
        period = self.period or period_on(self.as_of, found.period)
        shared = isinstance(found, Fact) and found.spread and found.period == "month"
        if self.period and kind_of(period) != found.period and not (shared and kind_of(period) == "year"):
            item.fault("policy.history_period", name=name, period=self.period, kind=found.period)
        elif (subject, found.name, period) in self.told:
            item.fault("policy.history_twice", name=name, period=period or found.period)
        self.told.add((subject, found.name, period))

    def value(self, name: str, item: Item, entity: Entity) -> None:
        """A fact, or a variable that it overrides; empty is not given, the text `unknown` is unknown."""
        if self.broken & {name, f"{self.programme}.{name}"}:
            return
        found = self.declared(name)
        if found is None:
            if not self.has_overlays:
                item.fault("policy.unknown_name", name=name[:60], near=hint(name, self.known))
        elif found.entity != entity:
            item.fault("policy.other_entity", name=name, entity=found.entity)
        elif item.node.value not in (None, UNKNOWN):
            item.scalar(found.type, found.values if isinstance(found, Fact) else ())

    def programme_known(self, item: Item, name: str, others: tuple[str, ...] = ()) -> bool:
        if name in self.pack.programmes or name in others or self.has_overlays:
            return True
        item.fault("policy.unknown_programme", name=name[:60], near=hint(name, [*self.pack.programmes, *others]))
        return False

    def enrolment(self, f: Mapping[str, Item]) -> None:
        if "programme" in f:
            self.programme_known(f["programme"], f["programme"].label(), self.pack.other_programmes)
        if "amount" in f:
            f["amount"].scalar("money")
        if "subject_type" in f:
            f["subject_type"].choice(("person", "household"))
        subject = f["subject_id"].label() if "subject_id" in f else "household"
        persons = f["persons"].texts() if "persons" in f else ()
        for id_ in [*([subject] if subject != "household" else []), *persons]:
            if id_ not in self.ids:
                f["programme"].fault("policy.unknown_person", id=id_[:60], near=hint(id_, self.ids))

    def expected(self, item: Item) -> None:
        for name, entry in item.entries().items():
            if name == "variables":
                for variable, value in entry.entries().items():
                    self.expected_variable(variable, value)
            elif name != "margin" and self.programme_known(entry, name) and name in self.pack.programmes:
                self.expected_outcome(entry, name)

    def expected_variable(self, name: str, item: Item) -> None:
        known = [*self.pack.variables, *self.pack.parameters, *self.pack.facts]
        if self.broken & {name, f"{self.programme}.{name}"}:
            return
        if name not in known and f"{self.programme}.{name}" not in known and not self.has_overlays:
            item.fault("policy.unknown_name", name=name[:60], near=hint(name, self.pack.variables))

    def expected_outcome(self, item: Item, programme: str) -> None:
        entries = item.entries()
        if entries and set(entries) <= self.ids:  # a person programme of several persons
            for entry in entries.values():
                self.expected_outcome(entry, programme)
            return
        f = item.record(_EXPECTED, may_be_empty="amount")
        for key, allowed in (("outcome", _OUTCOMES), ("state", _STATES)):
            if key in f:
                f[key].choice(allowed)
        if "amount" in f:
            _: Scalar = f["amount"].scalar("money")
        conditions = {c.name for c in self.pack.programmes[programme].conditions}
        for key in ("failed", "unknown"):
            known = conditions | ({"amount"} if key == "unknown" else set())
            for entry in f[key].items() if key in f else []:
                if entry.node.text not in known and not self.has_overlays:
                    entry.fault(
                        "policy.unknown_condition", name=entry.node.text[:60], near=hint(entry.node.text, known)
                    )
