"""A plan as the statements for one chunk of households: staged, results once per entity, written once.

    h0, h1, …   temporary tables of household values, one per round that needs members; all aggregates of a round in
                one GROUP BY over the person file, person expressions inside it
    persons     scanned again, joined with the last household table, expressions by depth, straight into the file

A definition becomes a column of a nested SELECT at its depth; columns nobody reads are never named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from doudi.engine.policy.model import Agg, Enrolled, Entity, Expr, Plan, PlannedProgramme, Ref
from doudi.engine.screening.bounds import base_name
from doudi.engine.screening.duckdb_due import due_names
from doudi.engine.screening.duckdb_enrolments import Enrolments, column, is_column
from doudi.engine.screening.duckdb_items import Item, Items
from doudi.engine.screening.duckdb_parameters import AREAS, Parameters, cell_name
from doudi.engine.screening.duckdb_readback import is_told, read_back
from doudi.engine.screening.duckdb_source import DUE, KEY, KEYS, PRINT, Source, row_print
from doudi.engine.screening.emit_members import Inner, members
from doudi.engine.screening.emit_sql import emit
from doudi.engine.screening.history import is_shared
from doudi.engine.screening.reach import reach
from doudi.engine.screening.sql import FINEST, SQL_TYPES, WIDEST, Sql, alike, quoted, stored
from doudi.engine.screening.workdays import Workdays, workdays_of

CELL, IS_GIVEN = "cell:", "given:"


class Chunk:
    """The statements of one plan over one source. Names already computed keep their width and scale in `places`."""

    def __init__(
        self,
        plan: Plan,
        source: Source,
        reported: Iterable[str] = (),
        *,
        with_inputs: bool = False,
        person_file: str = "",
        also: Iterable[tuple[str, Entity, Expr]] = (),
    ) -> None:
        """reported: the programmes to answer (default all); others are computed where these read them.

        also: further columns of the last household table and of `persons`.

        with_inputs: the first household table folds fingerprint and due date into its own pass over the members,
        and `inputs` reads them there; else `inputs` is a query of its own that needs no table of outcomes.

        person_file: where the caller writes outcomes_person between `statements` and `late`: household values that
        rest on these answers alone are read back from it. Without it `late` is empty.
        """
        self.plan, self.source = plan, source
        self.reported = frozenset(reported) or frozenset(plan.programmes)
        self.parameters = Parameters(plan, source.counties, source.here)
        ids: dict[Entity, str] = {"household": source.household, "person": source.person}
        self.enrolments = Enrolments(plan, source.enrolment, ids, source.held)
        overridden = source.overrides["person"] | source.overrides["household"]
        self.items = Items(plan, self.parameters.constant, self.enrolments.reads, overridden)
        self.places: dict[Entity, dict[str, Sql]] = {"person": {}, "household": {}}
        self.household_outputs, self.person_outputs = self._outputs("household"), self._outputs("person")
        for name, entity, expr in also:
            self.items.add(name, entity, expr)
            (self.household_outputs if entity == "household" else self.person_outputs).append(name)
        self._person_names = self.items.needed(self.person_outputs, "person")
        self.reached = reach(plan, self.reported)  # what the answers rest on: the rest of a row changes none
        self._due = due_names(plan, self.items, self.reached)
        self.with_inputs, self.person_file = with_inputs, person_file
        early, self.late = self._household_statements()
        self.folded = self._enrolment_statements()
        self.statements = [*self.folded, *early]

    def persons(self, extra: str = "", names: Iterable[str] | None = None) -> str:
        """SELECT of every person's outputs (or only `names` of them), in the order of the input.

        extra: a condition on the person rows.
        """
        wanted = self._person_names if names is None else self.items.needed(names, "person")
        return self._person_query(wanted, self.person_table, extra)

    def inputs(self) -> str:
        """SELECT of inputs: per household the fingerprint of all it holds, and the next day that can change it."""
        shown = f"household_id, division, {PRINT} AS fingerprint, {DUE} AS due_on"
        rows = self.household_table if self.with_inputs else f"({self._first_rows([], [], set())})"
        return f"SELECT {shown} FROM {rows} ORDER BY division, household_id"

    def _outputs(self, entity: Entity) -> list[str]:
        suffixes = ("~outcome", "~amount", "~failed", "~unknown", "~state", "~priority", "~asks")
        names = []
        for p in self.programmes(entity):
            names += [p.name + suffix for suffix in suffixes]
            names += [column(entity, p.name, what) for what in ("in", "current")]
        return names

    def programmes(self, entity: Entity) -> list[PlannedProgramme]:
        """Those answered whose subject is a person, or a household."""
        return [p for p in self.plan.programmes.values() if p.subject == entity and p.name in self.reported]

    # ---- households ------------------------------------------------------------------------------------------------
    def _household_statements(self) -> tuple[list[str], list[str]]:
        """One table per round that members read, with all that is read later; the last has what is asked for.

        Second those that need the file of persons first.
        """
        wanted = self.items.needed([*self.household_outputs, *self.person_outputs])
        rounds = self.items.rounds
        last = max((rounds[n] for n in wanted if n in rounds and self._entity(n) == "household"), default=0)
        early: list[str] = []
        late: list[str] = []
        self.household_table, self.person_table, self.kept = "", "", set[str]()
        for at in range(last + 1):
            if at == last:
                keep = {*self.household_outputs, *self._household_columns(self._person_names)}
            elif not self._household_columns(self._members_names(wanted, at + 1)):
                continue
            else:
                later = (n for n in wanted if self._entity(n) == "person" or rounds.get(n, 0) > at)
                read = set().union(*(self.items.all[n].reads for n in later if n in self.items.all))
                keep = {n for n in self._household_columns(read | wanted.intersection(self.household_outputs))
                        if rounds.get(n, 0) <= at}  # fmt: skip
            table = f"h{len(early) + len(late)}"
            is_late = bool(late) or self._is_told_by_persons(keep)
            (late if is_late else early).append(self._household_table(table, sorted(keep), final=at == last))
            self.household_table, self.kept = table, keep
            if not is_late:
                self.person_table = table
        return early, late

    def _is_told_by_persons(self, keep: Iterable[str]) -> bool:
        """Whether every aggregate of the next table can be read back, all that persons read being there before."""
        if not self.person_file or not self.kept.issuperset(self._household_columns(self._person_names)):
            return False
        names = self._not_yet_kept(keep)
        new = [agg for agg, column in self.items.aggregates.items() if column in names]
        return bool(new) and all(is_told(agg, self.programmes("person")) for agg in new)

    def _members_names(self, wanted: set[str], at: int) -> set[str]:
        """Every name that a person's row needs for the aggregates of one round."""
        aggregates = (n for n in self.items.aggregates.values() if n in wanted and self.items.rounds[n] == at)
        return self.items.needed(set().union(*(self.items.all[n].reads for n in aggregates)), "person")

    def _household_columns(self, names: Iterable[str]) -> list[str]:
        """Those names that are columns of the household (facts, items, enrolments), sorted; choosers of figures too."""
        names = set(names)
        names |= {n for p in names if p.startswith("parameter:") for n in self._parameter_columns(p)}
        return sorted(n for n in names if self._entity(n) == "household")

    def _entity(self, name: str) -> Entity | None:
        if name in self.items.all:
            return self.items.all[name].entity
        if name in self.plan.facts:
            return self.plan.facts[name].entity
        return name.split(":")[0] if name.startswith(("household:", "person:")) else None  # type: ignore[return-value]

    def _household_table(self, table: str, keep: list[str], final: bool) -> str:
        names = self._not_yet_kept(keep)
        items = [i for n, i in self.items.all.items() if n in names and i.entity == "household"]
        of_members = set(self.items.aggregates.values())
        aggregates = [i for i in items if i.name in of_members]
        others = [i for i in items if i.name not in of_members]
        if self.with_inputs and not self.household_table:
            body = self._first_rows(aggregates, others, names | self.kept)
        else:
            base = self._base("household", self.household_table, names | self.kept)
            body = self._layers(self._with_members(base, aggregates), others, "household")
        columns = [*KEYS["household"], KEY, *([PRINT, DUE] if self.with_inputs else []), *(quoted(n) for n in keep)]
        if not final:  # a variable of a later round may be overridden
            given = sorted(self.source.overrides["household"])
            columns += [quoted(cell + name) for name in given for cell in (CELL, IS_GIVEN)]
        return f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {', '.join(columns)} FROM ({body})"

    def _first_rows(self, aggregates: list[Item], others: list[Item], names: set[str]) -> str:
        """Households with their first round, and with fingerprint and due date of all they and their members hold."""
        items, read = self._due_items("household")
        base = self._base("household", "", names | read, with_print=True)
        rows = self._layers(self._with_members(base, aggregates, with_print=True), [*others, *items], "household")
        return f"SELECT * REPLACE ({self._earliest('household')} AS {DUE}) FROM ({rows})"

    def _due_items(self, entity: Entity) -> tuple[list[Item], set[str]]:
        """The columns behind the next day of an entity's rows, and what they read."""
        needed = self.items.needed(self._due[entity])
        items = [item for name, item in self.items.all.items() if name in needed]
        return items, set().union(*(i.reads for i in items))

    def _earliest(self, entity: Entity) -> str:
        return f"least({', '.join([DUE, *map(quoted, self._due[entity])])})"

    def _not_yet_kept(self, names: Iterable[str]) -> set[str]:
        """What is still to be computed for these names: not beyond the last table, not beyond aggregates."""
        found: set[str] = set()
        waiting, of_members = list(names), set(self.items.aggregates.values())
        while waiting:
            name = waiting.pop()
            if name not in found and name not in self.kept:
                found.add(name)
                item = self.items.all.get(name)
                if item is not None and name not in of_members:
                    waiting += item.reads
        return found

    def _with_members(self, base: str, aggregates: list[Item], with_print: bool = False) -> str:
        """The household rows with the aggregates of a round over their members; with_print: and their inputs."""
        if not aggregates and not with_print:
            return base
        by_name = {column: agg for agg, column in self.items.aggregates.items()}
        reads = set().union(*(i.reads for i in aggregates))
        if self.household_table and self._is_told_by_persons([i.name for i in aggregates]):
            return self._read_back(base, {i.name: by_name[i.name] for i in aggregates}, reads)
        names = self.items.needed(reads | set(self._due["person"] if with_print else ()), "person")
        rows = self._person_query(names, self.household_table, with_print=with_print)
        columns, emit = Inner(), Columns(self, "person").emit
        written = {i.name: members(by_name[i.name], columns, emit) for i in aggregates}
        inner = columns.select()
        outer = [f"{m.outer.text} AS {quoted(n)}" for n, m in written.items()]
        shown = [
            f"CASE WHEN a.{KEY} IS NULL THEN {m.nobody} ELSE a.{quoted(n)} END AS {quoted(n)}"
            for n, m in written.items()
        ]
        for name, m in written.items():
            self._place("household", name, m.outer)
        own = "b.*"
        if with_print:
            inner += [PRINT, f"{self._earliest('person')} AS {DUE}"]
            outer += [f"bit_xor({PRINT}) AS {PRINT}", f"min({DUE}) AS {DUE}"]
            together = f"xor(b.{PRINT}, coalesce(a.{PRINT}, 0)) AS {PRINT}, least(a.{DUE}, b.{DUE}) AS {DUE}"
            own = f"b.* REPLACE ({together})"
        grouped = (
            f"SELECT {', '.join([KEY, *outer])} FROM (SELECT {', '.join([KEY, *inner])} FROM ({rows})) GROUP BY {KEY}"
        )
        return f"SELECT {', '.join([own, *shown])} FROM ({base}) b LEFT JOIN ({grouped}) a ON a.{KEY} = b.{KEY}"

    def _read_back(self, base: str, aggregates: dict[str, Agg], reads: set[str]) -> str:
        """The household rows with aggregates over the written outcomes of their members."""
        for name in reads:
            self._place("person", name, Sql(quoted(name), "bool"))
        inner, emit = Inner(), Columns(self, "person").emit
        written = {name: members(agg, inner, emit) for name, agg in aggregates.items()}
        shown = [
            f"CASE WHEN a.household_id IS NULL THEN {m.nobody} ELSE a.{quoted(n)} END AS {quoted(n)}"
            for n, m in written.items()
        ]
        for name, m in written.items():
            self._place("household", name, m.outer)
        told = read_back(reads, inner, written, self.person_file)
        columns = ", ".join(["b.*", *shown])
        return f"SELECT {columns} FROM ({base}) b LEFT JOIN ({told}) a ON a.household_id = b.household_id"

    # ---- persons ---------------------------------------------------------------------------------------------------
    def _person_query(self, names: set[str], table: str, extra: str = "", with_print: bool = False) -> str:
        """Persons with these names: facts, household columns from `table`, person items by depth."""
        mine = [i for n, i in self.items.all.items() if n in names and i.entity == "person"]
        base = self._base("person", table, names, extra, with_print)
        return self._layers(base, mine, "person")

    # ---- base rows: ids, facts, enrolments, household columns, parameters ------------------------------------------
    def _base(self, entity: Entity, table: str, names: set[str], extra: str = "", with_print: bool = False) -> str:
        parameters = sorted(n.removeprefix("parameter:") for n in names if n.startswith("parameter:"))
        names = names | {n for p in parameters for n in self._parameter_columns(f"parameter:{p}")}
        if entity == "household" and table:
            rows = f"SELECT * FROM {table}"
        else:
            rows = self._subjects(entity, table, names, extra, with_print)
        return self._with_areas(entity, rows, parameters, names)

    def _parameter_columns(self, parameter: str) -> set[str]:
        declared = self.plan.parameters[parameter.removeprefix("parameter:")]
        by = {"hukou_division"} if declared.by == "hukou_division" else set()
        return by | ({declared.per} if declared.per else set())

    def _subjects(self, entity: Entity, table: str, names: set[str], extra: str, with_print: bool) -> str:
        columns = [f"s.{key}" for key in (*KEYS[entity], KEY)]
        own = row_print(self.plan, self.source, self.reached, entity)
        columns += self.enrolments.prints(entity, own) if with_print else []
        taken = self._household_columns(names) if table else []
        for name in sorted(names.difference(taken)):
            if name == "role" and entity == "person":
                columns.append("s.role")
                self._place("person", "role", stored('"role"', "text"))
            elif name in self.plan.facts and self.plan.facts[name].entity == entity:
                columns.append(self._fact(entity, name))
        for name in sorted(self.source.overrides[entity]):
            columns.append(f"s.{quoted(name)} AS {quoted(CELL + name)}")
            columns.append(f"s.{quoted(name + '__given')} AS {quoted(IS_GIVEN + name)}")
        joins = ""
        enrolled = sorted(n for n in names.difference(taken) if is_column(n, entity))
        for name in enrolled:
            self._place(entity, name, stored(quoted(name), "money" if name.endswith("~current") else "bool"))
        if enrolled or with_print:
            joins += self.enrolments.join(entity)
            columns += [self.enrolments.select(n) for n in enrolled]
        if taken:
            columns += [f"h.{quoted(n)}" for n in taken]
            # LEFT although everybody has a household: an inner join may put a row behind those that follow it.
            joins += f" LEFT JOIN {table} h ON h.{KEY} = s.{KEY}"
        source = self.source.person if entity == "person" else self.source.household
        return f"SELECT {', '.join(columns)} FROM ({source}) s{joins}{extra}"

    def _fact(self, entity: Entity, name: str) -> str:
        fact = self.plan.facts[name]
        column = stored(quoted(name), fact.type)
        self._place(entity, name, replace(column, width=WIDEST, scale=FINEST) if is_shared(fact) else column)
        if name in self.source.facts[entity]:
            return f"s.{quoted(name)}"
        return f"CAST(NULL AS {SQL_TYPES[fact.type]}) AS {quoted(name)}"

    def _with_areas(self, entity: Entity, rows: str, parameters: list[str], names: set[str]) -> str:
        for division in ("division", "hukou_division"):
            prefix = "area" if division == "division" else "hukou"
            mine = [p for p in parameters if (self.plan.parameters[p].by == "hukou_division") == (prefix == "hukou")]
            cells = self.parameters.joined(mine)
            if not cells:
                continue
            columns = [f"a.{quoted(cell_name(*c))} AS {quoted(f'{prefix}:{cell_name(*c)}')}" for c in cells]
            if prefix == "hukou":
                columns.append('a.county AS "hukou:county"')
            rows = (
                f"SELECT r.*, {', '.join(columns)} FROM ({rows}) r "
                f"LEFT JOIN {AREAS} a ON a.county = left(r.{division}, 6)"
            )
        return rows

    def _enrolment_statements(self) -> list[str]:
        """Every programme that is read, and those that exclude one another."""
        names = self.items.needed([*self.person_outputs, *self.household_outputs])
        read = {n.split(":", 1)[1].rsplit("~", 1)[0] for n in names if is_column(n)}
        answered = [p for p in self.plan.programmes.values() if p.name in self.reported]
        excluding = {name for p in answered for e in p.excludes for name in (p.name, e.programme)}
        return self.enrolments.statements(read | excluding)

    # ---- expressions by depth --------------------------------------------------------------------------------------
    def _layers(self, rows: str, items: list[Item], entity: Entity) -> str:
        """Rows with these items as further columns: one SELECT per depth, each reading only what stands below it."""
        depth: dict[str, int] = {}
        for item in items:
            depth[item.name] = 1 + max((depth.get(n, 0) for n in item.reads), default=0)
        for level in range(1, max(depth.values(), default=0) + 1):
            names = Columns(self, entity)
            columns, found = [], {}
            for item in (i for i in items if depth[i.name] == level):
                sql = self._overridden(item, item.write(names))
                columns.append(f"{sql.text} AS {quoted(item.name)}")
                found[item.name] = sql
            for name, sql in found.items():
                self._place(entity, name, sql)
            rows = f"SELECT *, {', '.join(columns)} FROM ({rows})"
        return rows

    def _overridden(self, item: Item, sql: Sql) -> Sql:
        """A variable whose column stands in the snapshot: the cell, unknown where it says so, else computed."""
        name = base_name(item.name)
        if name not in self.source.overrides[item.entity]:
            return sql
        type = self.plan.definitions[name].type
        cell, computed = alike(type, [stored(quoted(CELL + name), type), sql])
        return replace(cell, text=f"CASE WHEN {quoted(IS_GIVEN + name)} THEN {cell.text} ELSE {computed.text} END")

    def _place(self, entity: Entity, name: str, sql: Sql) -> None:
        self.places[entity][name] = Sql(quoted(name), sql.type, sql.width, sql.scale)
        if entity == "household":
            self.places["person"][name] = self.places["household"][name]


class Columns:
    """Names of one entity's rows in the query being written (the protocol `emit_sql.Names`)."""

    def __init__(self, chunk: Chunk, entity: Entity) -> None:
        self.chunk, self.entity = chunk, entity

    def emit(self, expr: Expr) -> Sql:
        return emit(expr, self, self.chunk.plan.as_of)

    def name(self, ref: Ref) -> Sql:
        if ref.kind == "parameter":
            return self.chunk.parameters.value(ref.name, quoted)
        if ref.name == "division":
            return stored("division", "area")
        return self.chunk.places[self.entity][ref.name]

    def members(self, agg: Agg) -> Sql:
        return self.chunk.places["household"][self.chunk.items.aggregates[agg]]

    def enrolled(self, node: Enrolled) -> Sql:
        return self.chunk.enrolments.sql(node)

    def workdays(self) -> Workdays:
        return workdays_of(self.chunk.plan.pack.calendar)
