"""A plan as columns to compute: what each reads, and in which round.

Persons and households read one another, so a plan is computed in rounds: household values of round k, then person
values of round k, whose aggregates feed households of round k + 1. Facts, parameters and enrolments are round 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from doudi.engine.policy.model import (
    Agg,
    Call,
    Condition,
    Enrolled,
    Entity,
    Expr,
    Lit,
    Plan,
    PlannedProgramme,
    Ref,
    Scalar,
)
from doudi.engine.screening.answers import STATES
from doudi.engine.screening.bounds import base_name
from doudi.engine.screening.duckdb_enrolments import column
from doudi.engine.screening.duckdb_exclusions import stop_of
from doudi.engine.screening.duckdb_fold import folded
from doudi.engine.screening.emit_sql import Names, emit
from doudi.engine.screening.repeats import length_of
from doudi.engine.screening.sql import Sql, as_decimal, literal

OUTCOMES = ("eligible", "not_eligible", "needs_verification", "not_applicable")
_MASKS = ((8, "UTINYINT"), (16, "USMALLINT"), (32, "UINTEGER"), (64, "UBIGINT"))
# An argument that its operator writes more than once becomes a column of its own when it is larger than this.
_WRITTEN_TWICE = 6
_REPEATING = frozenset(
    ("if", "min", "max", "round", "div", "per_month", "age_years", "months_between", "workdays_between", "scale",
     "add_months", "add_days")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One column: its name, whose it is, which columns it reads, and its SQL once these have a place."""

    name: str
    entity: Entity
    reads: frozenset[str]
    write: Callable[[Names], Sql]


class Items:
    """Every column of a plan, in an order in which each reads only earlier ones (aggregates stand among them)."""

    def __init__(
        self,
        plan: Plan,
        constant: Callable[[str], tuple[bool, Scalar]],
        enrolled_reads: Callable[[Enrolled], set[str]],
        overridden: frozenset[str],
    ) -> None:
        """constant: whether a parameter is one in every row, and its value. enrolled_reads: the columns behind
        `enrolled()`. overridden: variables of which the snapshot has a column."""
        self.plan, self.constant_parameter, self.enrolled_reads = plan, constant, enrolled_reads
        self.overridden = overridden
        self.constants: dict[str, Lit] = {}
        self.all: dict[str, Item] = {}
        self.aggregates: dict[Agg, str] = {}
        self._shared: dict[tuple[Expr, Entity], str] = {}
        for name in plan.order:
            if name in plan.definitions:
                definition = plan.definitions[name]
                self.add(name, definition.entity, definition.expr)
            else:
                self._programme(plan.programmes[name])
        for programme in plan.programmes.values():  # states read outcomes of others, so they come last
            if programme.in_force:
                self._signs(programme)
                self._state(programme)

    @cached_property
    def rounds(self) -> dict[str, int]:
        """The round of every item; names that are no item are round 0."""
        rounds: dict[str, int] = {}
        names = {column: agg for agg, column in self.aggregates.items()}
        for name, item in self.all.items():
            latest = max((rounds.get(n, 0) for n in item.reads), default=0)
            rounds[name] = latest + 1 if name in names else latest
        return rounds

    def needed(self, names: Iterable[str], entity: Entity | None = None) -> set[str]:
        """These names and everything they read, directly or not; entity: not beyond items of the other one."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                item = self.all.get(name)
                waiting += item.reads if item and entity in (None, item.entity) else ()
        return found

    # ---- definitions -------------------------------------------------------------------------------------------------
    def add(self, name: str, entity: Entity, expr: Expr) -> None:
        worked_out = folded(expr, self._constant)
        if isinstance(worked_out, Lit) and base_name(name) not in self.overridden:
            self.constants[name] = worked_out
        small = self._split(worked_out, entity)
        as_of = self.plan.as_of
        self.all[name] = Item(name, entity, self._reads(small), lambda names: emit(small, names, as_of))

    def _constant(self, ref: Ref) -> tuple[bool, Scalar]:
        if ref.kind == "parameter":
            return self.constant_parameter(ref.name)
        found = self.constants.get(ref.name) if ref.kind == "variable" else None
        return found is not None, found.value if found else None

    def _reads(self, expr: Expr) -> frozenset[str]:
        found: set[str] = set()
        for node in walk(expr):
            if isinstance(node, Agg):
                found.add(self.aggregates[node])
            elif isinstance(node, Ref) and node.kind == "parameter":
                found |= parameter_reads(self.plan, node.name)
            elif isinstance(node, Ref):
                found.add(node.name)
            elif isinstance(node, Enrolled):
                found |= self.enrolled_reads(node)
        return frozenset(found)

    def _split(self, expr: Expr, entity: Entity) -> Expr:
        """Aggregates and large repeated arguments become items of their own, so that the text stays linear."""
        if isinstance(expr, Agg):
            return self._aggregate(expr)
        if not isinstance(expr, Call):
            return expr
        args = tuple(self._split(a, entity) for a in expr.args)
        if expr.op in _REPEATING:
            args = tuple(self._shared_column(a, entity) for a in args)
        return replace(expr, args=args)

    def _shared_column(self, expr: Expr, entity: Entity) -> Expr:
        if isinstance(expr, Lit | Ref | Agg) or sum(1 for _ in walk(expr)) <= _WRITTEN_TWICE:
            return expr
        if (expr, entity) not in self._shared:
            name = f"shared:{len(self._shared)}"
            self._shared[expr, entity] = name
            as_of = self.plan.as_of
            self.all[name] = Item(name, entity, self._reads(expr), lambda names: emit(expr, names, as_of))
        return Ref(self._shared[expr, entity], "variable", expr.type, entity)

    def _aggregate(self, agg: Agg) -> Agg:
        value = agg.value and self._split(agg.value, "person")
        where = agg.where and self._split(agg.where, "person")
        small = replace(agg, value=value, where=where)
        if small not in self.aggregates:
            name = f"members:{len(self.aggregates)}"
            self.aggregates[small] = name
            parts = [self._reads(e) for e in (value, where) if e is not None]
            self.all[name] = Item(name, "household", frozenset().union(*parts), lambda names: names.members(small))
        return small

    # ---- programmes --------------------------------------------------------------------------------------------------
    def _programme(self, p: PlannedProgramme) -> None:
        if not p.in_force:
            self._constants(p)
            return
        for condition in p.conditions:
            self.add(met_name(p, condition), p.subject, condition.expr)
        for what, expr in (("applies", p.applies_when), ("due_exact", p.amount)):
            if expr is not None:
                self.add(f"{p.name}~{what}", p.subject, expr)
        self._outcome(p)
        self._masks(p)

    def _signs(self, p: PlannedProgramme) -> None:
        """What matters only to findings: whether to ask, how far an amount may be off, how urgent it is."""
        for what, expr in (("tolerance", p.tolerance), ("ask", p.ask_when)):
            if expr is not None:
                self.add(f"{p.name}~{what}", p.subject, expr)
        parts = [(f"{p.name}?{part.name}", i) for i, part in enumerate(p.priority)]
        for (name, _), part in zip(parts, p.priority, strict=True):
            self.add(name, p.subject, part.when)
        self._composed(
            p, "~priority", [n for n, _ in parts],
            lambda at: Sql(bit_mask([(f"{at(n)} IS NOT DISTINCT FROM TRUE", i) for n, i in parts]), "int", 18),
        )  # fmt: skip
        self._composed(
            p, "~asks", {f"{p.name}~ask"} if p.ask_when else (),
            lambda at: Sql(f"coalesce({at(f'{p.name}~ask')}, FALSE)" if p.ask_when else "TRUE", "bool"),
        )  # fmt: skip

    def _constants(self, p: PlannedProgramme) -> None:
        fixed = {
            "~outcome": Sql("'not_applicable'::outcome", "enum"), "~state": Sql("'not_applicable'::state", "enum"),
            "~amount": Sql("CAST(NULL AS DECIMAL(14,2))", "money", 14, 2), "~failed": Sql("0::UTINYINT", "int", 3),
            "~unknown": Sql("0::UTINYINT", "int", 3), "~priority": Sql("0::UTINYINT", "int", 3),
            "~asks": Sql("FALSE", "bool"), ".eligible": Sql("FALSE", "bool"),
            ".amount": Sql("0::DECIMAL(14,2)", "money", 14, 2),
        }  # fmt: skip
        for suffix, sql in fixed.items():
            self.all[p.name + suffix] = Item(p.name + suffix, p.subject, frozenset(), constant(sql))

    def _composed(
        self, p: PlannedProgramme, suffix: str, reads: Iterable[str], write: Callable[[Callable[[str], str]], Sql]
    ) -> None:
        """A column written from others; write gets the place of a name as text."""

        def written(names: Names) -> Sql:
            return write(lambda name: names.name(Ref(name, "variable", "bool", p.subject)).text)

        name = p.name + suffix
        self.all[name] = Item(name, p.subject, frozenset(reads), written)

    def _outcome(self, p: PlannedProgramme) -> None:
        conditions = [met_name(p, c) for c in p.conditions]
        applies, due = f"{p.name}~applies", f"{p.name}~due"
        self._composed(p, "~met", conditions, lambda at: Sql(" AND ".join(map(at, conditions)), "bool"))
        met = f"{p.name}~met"
        reads = {met} | ({applies} if p.applies_when else set()) | ({due} if p.amount else set())
        if p.amount is not None:
            exact = f"{due}_exact"
            self.all[due] = Item(due, p.subject, frozenset((exact,)), lambda names: _to_fen(names, exact, p.subject))

        def outcome(at: Callable[[str], str]) -> Sql:
            first = f"WHEN NOT {at(applies)} THEN 'not_applicable'::outcome " if p.applies_when else ""
            known = f" AND {at(due)} IS NOT NULL" if p.amount else ""
            return Sql(
                f"CASE {first}WHEN {at(met)}{known} THEN 'eligible'::outcome "
                f"WHEN NOT {at(met)} THEN 'not_eligible'::outcome ELSE 'needs_verification'::outcome END",
                "enum",
            )

        self._composed(p, "~outcome", reads, outcome)

        def eligible(at: Callable[[str], str]) -> Sql:
            first = f"WHEN NOT {at(applies)} THEN FALSE " if p.applies_when else ""
            doubt = f"WHEN {at(met)} AND {at(due)} IS NULL THEN NULL " if p.amount else ""
            return Sql(f"CASE {first}{doubt}ELSE {at(met)} END" if first or doubt else at(met), "bool")

        self._composed(p, ".eligible", reads, eligible)
        self._amounts(p)

    def _amounts(self, p: PlannedProgramme) -> None:
        eligible, due = f"{p.name}.eligible", f"{p.name}~due"
        reads = {eligible, due} if p.amount else set()
        none, nothing = "CAST(NULL AS DECIMAL(14,2))", "CAST(0 AS DECIMAL(14,2))"

        def amount(otherwise: str) -> Callable[[Callable[[str], str]], Sql]:
            def write(at: Callable[[str], str]) -> Sql:
                case = f"CASE WHEN {at(eligible)} THEN {at(due)} ELSE {otherwise} END" if p.amount else otherwise
                return Sql(case, "money", 14, 2)

            return write

        self._composed(p, "~amount", reads, amount(none))
        self._composed(p, ".amount", reads, amount(nothing))

    def _masks(self, p: PlannedProgramme) -> None:
        conditions = [(met_name(p, c), c.bit) for c in p.conditions]
        reads = {name for name, _ in conditions} | ({f"{p.name}~applies"} if p.applies_when else set())

        def mask(test: str) -> Callable[[Callable[[str], str]], Sql]:
            def write(at: Callable[[str], str]) -> Sql:
                bits = bit_mask([(f"{at(name)} {test}", bit) for name, bit in conditions])
                if not p.applies_when:
                    return Sql(bits, "int", 18)
                return Sql(f"CASE WHEN NOT {at(f'{p.name}~applies')} THEN 0 ELSE {bits} END", "int", 18)

            return write

        self._composed(p, "~failed", reads, mask("IS NOT DISTINCT FROM FALSE"))
        self._composed(p, "~unknown", reads, mask("IS NULL"))

    def _state(self, p: PlannedProgramme) -> None:
        """The ten states of decision 0001, in its order."""
        outcome, enrolled, current = f"{p.name}~outcome", column(p.subject, p.name, "in"), current_name(p)
        tolerance = f"{p.name}~tolerance"
        stops = [stop for e in p.excludes if (stop := stop_of(self.plan, p, e)) is not None]
        reads = {outcome, enrolled, current, f"{p.name}~asks", f"{p.name}~amount"}.union(*(s.reads for s in stops))
        had = column(p.subject, p.name, "had") if length_of(p) else ""
        reads |= {had} if had else set()
        margin_is_known = tolerance in self.constants
        reads |= {tolerance} if p.tolerance and not margin_is_known else set()

        known = self.constants.get(tolerance)
        constant_margin = literal(known.value, "money").text if known and known.value is not None else "0"

        def state(at: Callable[[str], str]) -> Sql:
            o, e = at(outcome), at(enrolled)
            margin = f"coalesce({at(tolerance)}, 0)" if p.tolerance and not margin_is_known else constant_margin
            off = f"abs({at(f'{p.name}~amount')} - {at(current)}) > {margin}"
            before = f"WHEN {at(had)} THEN 'covered'::state" if had else ""
            won = " OR ".join(s.test(at) for s in stops) or "FALSE"
            return Sql(
                f"""CASE
                WHEN {o} = 'not_applicable'::outcome AND {e} THEN 'covered_not_eligible'::state
                WHEN {o} = 'not_applicable'::outcome THEN 'not_applicable'::state
                WHEN {o} = 'not_eligible'::outcome AND {e} THEN 'covered_not_eligible'::state
                WHEN {o} = 'not_eligible'::outcome THEN 'not_eligible'::state
                WHEN {e} AND {o} = 'needs_verification'::outcome THEN 'covered_to_verify'::state
                WHEN {e} AND {off} THEN 'covered_wrong_amount'::state
                WHEN {e} THEN 'covered'::state
                {before}
                WHEN {won} THEN 'covered_elsewhere'::state
                WHEN {o} = 'eligible'::outcome THEN 'missed'::state
                WHEN {at(f"{p.name}~asks")} THEN 'to_verify'::state
                ELSE 'unknown_no_sign'::state END""",
                "enum",
            )

        self._composed(p, "~state", reads, state)


def constant(sql: Sql) -> Callable[[Names], Sql]:
    return lambda names: sql


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node of an expression, aggregates included but not entered."""
    yield expr
    if isinstance(expr, Call):
        for a in expr.args:
            yield from walk(a)


def met_name(p: PlannedProgramme, condition: Condition) -> str:
    return f"{p.name}:{condition.name}"


def current_name(p: PlannedProgramme) -> str:
    return column(p.subject, p.name, "current")


def parameter_reads(plan: Plan, name: str) -> set[str]:
    """A parameter's own column and the facts that choose its value."""
    parameter = plan.parameters[name]
    chosen_by = {parameter.per} if parameter.per else set()
    return chosen_by | ({"hukou_division"} if parameter.by == "hukou_division" else set()) | {f"parameter:{name}"}


def bit_mask(tests: list[tuple[str, int]]) -> str:
    """Bits set where a test (never NULL) holds, in the narrowest integer: widths cost memory, not time."""
    if not tests:
        return "0::UTINYINT"
    kind = next(name for bits, name in _MASKS if max(bit for _, bit in tests) < bits)
    return " | ".join(f"({test})::{kind} * {1 << bit}::{kind}" for test, bit in tests)


def _to_fen(names: Names, exact: str, entity: Entity) -> Sql:
    value = names.name(Ref(exact, "variable", "money", entity))
    return Sql(f"TRY_CAST({as_decimal(value)} AS DECIMAL(14,2))", "money", 14, 2)


def declare_types() -> list[str]:
    """Outcomes and states as ENUMs: the same text in the file, ten times cheaper to write than VARCHAR."""
    return [f"CREATE TYPE outcome AS ENUM {OUTCOMES}", f"CREATE TYPE state AS ENUM {tuple(STATES)}"]
