"""A folder of files becomes a Pack, or every reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from doudi.engine.policy import graph
from doudi.engine.policy.archive import Files, digest, gather, locate, unpack
from doudi.engine.policy.catalogues import citations, read_signs, read_source
from doudi.engine.policy.check import Setting
from doudi.engine.policy.document import Faults, GaveUp, Node
from doudi.engine.policy.examples import check_examples
from doudi.engine.policy.exclusions import check_exclusions
from doudi.engine.policy.facts import read_facts
from doudi.engine.policy.functions import ROUNDING
from doudi.engine.policy.head import read_head
from doudi.engine.policy.item import Item, is_name
from doudi.engine.policy.lookback import check_lookback
from doudi.engine.policy.model import Entity, Fact, Pack, Parameter, ParameterValue, Programme, Sign, Source, Variable
from doudi.engine.policy.names import Declared, Names
from doudi.engine.policy.overlay import base_of, lay_over
from doudi.engine.policy.parameters import (
    ParameterDraft,
    build_parameter,
    draft_parameters,
    read_local,
)
from doudi.engine.policy.places import check_place, is_twelve_digits
from doudi.engine.policy.programmes import ProgrammeDraft, build_programme, check_listed, draft_programme, neutralised
from doudi.engine.policy.registers import check_registers
from doudi.engine.policy.sheets import Sheets, plain, sort_files
from doudi.engine.policy.tables import Known, check_lists
from doudi.engine.policy.variables import VariableDraft, build_variable, draft_variables
from doudi.engine.words import Fault, Refused
from doudi.engine.words.near import hint


def load(path: Path | str, overlays: Sequence[Path | str] = ()) -> Pack:
    """The checked pack of a folder, or of a shipped pack by its bare name; overlays are laid over it in order.

    Raises Refused with every fault of the pack at once.
    """
    faults = Faults()
    folders = [(Path(folder).name, _files(folder, faults, f"{Path(folder).name}/")) for folder in overlays]
    files = _files(path, faults)
    if "overlay.yaml" in files and "pack.yaml" not in files:
        fields = {"path": path, "base": base_of(files["overlay.yaml"])}
        raise Refused(Fault("policy.is_overlay", fields, "overlay.yaml"))
    return _load(files, folders, faults)


def _files(folder: Path | str, faults: Faults, label: str = "") -> Files:
    files, refused = gather(locate(folder))
    for fault in refused:
        faults.append(replace(fault, file=label + fault.file))
    return files


def load_archive(data: bytes) -> Pack:
    """The pack of a canonical archive, as the office keeps it. Raises Refused."""
    return _load(unpack(data), [], Faults())


def faults_of(files: Files) -> tuple[Fault, ...]:
    """What is wrong with a pack given as files."""
    try:
        _load(files, [], Faults())
    except Refused as refused:
        return refused.faults
    return ()


def _load(files: Files, overlays: Sequence[tuple[str, Files]], faults: Faults) -> Pack:
    names_are_there = all(f.file.startswith(("signs/", "sources/")) for f in faults)  # those declare no names
    sheets = Sheets(faults, files=files, is_whole=names_are_there)
    try:
        sort_files(sheets)
        laid = tuple(lay_over(sheets, label, over, faults) for label, over in overlays)
        pack = _Reading(sheets).pack(digest(files, *(over for _, over in overlays)), laid)
    except GaveUp:
        pass  # the reason is among the faults
    if faults:
        raise Refused(*sorted(_worth_telling(faults, sheets), key=lambda f: (not f.file, f.file, f.line or 0, f.path)))
    return pack


def _worth_telling(faults: Faults, sheets: Sheets) -> list[Fault]:
    """Where a file could not be read, that names of it are unknown elsewhere says nothing more; where YAML misreads a
    value, neither does what it was read as."""
    misread = {(f.file, f.path) for f in faults if f.code in _MISREAD}
    return [
        f
        for f in faults
        if (sheets.is_whole or f.code not in _FOLLOWING) and (f.code in _MISREAD or (f.file, f.path) not in misread)
    ]


_MISREAD = ("policy.yaml_trap", "policy.yaml_float", "policy.yaml_date", "policy.invisible")


_FOLLOWING = (
    "policy.unknown_name", "policy.unknown_programme", "policy.unknown_source", "policy.no_enum_fact", "policy.columns",
)  # fmt: skip


_NO_NAME = ("policy.name_form", "policy.reserved_name")


@dataclass
class _Reading:
    """One pass over one pack; what is declared is collected first, then everything is checked against it."""

    sheets: Sheets
    names: Names = field(default_factory=Names)
    places: dict[str, Item] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    in_force: tuple[date | None, date | None] = (None, None)
    tables: dict[str, Item] = field(default_factory=dict)  # parameter → where it names its table

    @property
    def faults(self) -> Faults:
        return self.sheets.faults

    def item(self, node: Node) -> Item:
        return Item(node, "", self.faults)

    def pack(self, digest: str, overlays: tuple[str, ...]) -> Pack:
        own = self.sheets.root.get("pack.yaml")
        head = read_head(self.sheets, self.item(own) if own else None)
        self.roles, self.in_force = head["roles"], head["in_force"]
        facts = self.facts()
        drafted_parameters = self.draft_parameters(facts)
        drafted_variables = self.draft_variables()
        drafted_programmes = self.draft_programmes(head["other_programmes"])
        self.names.broken |= {f.fields["name"] for f in self.faults if f.code in _NO_NAME}
        self.check_shadows()
        variables = self.variables(drafted_variables)
        programmes = self.programmes(drafted_programmes)
        parameters = self.parameters(drafted_parameters)
        sources = {name: read_source(self.item(node), name) for name, node in self.sheets.sources.items()}
        signs = self.signs()
        self.check_sources(sources, parameters)
        self.check_listed_names(
            Known(
                programme={*programmes, *head["other_programmes"]},
                fact=facts,
                parameter=set(parameters),
                sign=set(signs),
                source=set(sources),
                roles=self.roles,
                in_force=self.in_force,
            ),
            drafted_programmes,
        )
        self.check_tables()
        self.check_graph(variables, programmes)
        self.check_modes(variables, programmes, parameters)
        pack = Pack(
            hash=digest,
            facts=facts,
            variables=variables,
            parameters=parameters,
            programmes=programmes,
            sources=sources,
            signs=signs,
            catalogues=self.sheets.catalogues,
            examples=tuple(self.examples(overlays)),
            overlays=overlays,
            neutralised=tuple(sorted(self.sheets.neutralised)),
            **head,
        )
        self.check_examples(pack)
        if not self.faults:  # a plan is made of what is sound
            check_lookback(pack, self.places)
        return pack

    # ---- declaring ---------------------------------------------------------------------------------------------
    def declare(self, declared: Declared, item: Item, is_broken: bool = False) -> None:
        if is_broken:
            self.names.broken.add(declared.name)
        if first := self.places.get(declared.name):
            self.name_twice(item, declared.name, first)
            return
        self.names.declared[declared.name] = declared
        self.places[declared.name] = item

    def name_twice(self, item: Item, name: str, first: Item) -> None:
        short = name.rpartition(".")[2]
        item.fault("policy.name_twice", name=short, file=first.node.file, line=first.node.line)

    def check_shadows(self) -> None:
        """A programme's own name is not a root name too, else `x` would mean two things."""
        for name, item in self.places.items():
            owner, _, short = name.rpartition(".")
            if owner and (first := self.places.get(short)):
                self.name_twice(item, name, first)

    def facts(self) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        read = read_facts(self.item(self.sheets.empty("facts.yaml")))
        if any(f.file == "facts.yaml" and f.path and "." not in f.path for f in self.faults):
            self.sheets.is_whole = False  # a whole group is not readable
        for item, fact, is_broken in read:
            found[fact.name] = fact
            declared = Declared(fact.name, "fact", fact.type, fact.entity, fact.unit, fact.period, fact.values)
            self.declare(declared, item, is_broken)
        return found

    def draft_parameters(self, facts: dict[str, Fact]) -> list[ParameterDraft]:
        sound = {n: f for n, f in facts.items() if n not in self.names.broken}
        drafts = draft_parameters(self.item(self.sheets.empty("parameters.yaml")), None, sound, self.names.broken)
        for programme, node in self.sheets.programme_parameters.items():
            drafts += draft_parameters(self.item(node), programme, sound, self.names.broken)
        for draft in drafts:
            self.declare(draft.declared, draft.item, draft.is_broken)
            if "table" in draft.fields:
                self.tables[draft.declared.name] = draft.fields["table"]
        return drafts

    def draft_variables(self) -> list[VariableDraft]:
        drafts = draft_variables(self.item(self.sheets.empty("variables.yaml")), None)
        for programme, node in self.sheets.programmes.items():
            own = self.item(node).entries().get("variables")
            drafts += draft_variables(own, programme) if own and own.node.value is not None else []
        for draft in drafts:
            self.declare(draft.declared, draft.item, draft.is_broken)
        return drafts

    def draft_programmes(self, others: tuple[str, ...]) -> list[ProgrammeDraft]:
        drafts = []
        for folder, node in self.sheets.programmes.items():
            item = self.item(node)
            if not is_name(folder) or folder in self.places or folder in others:
                item.fault("policy.name_form" if not is_name(folder) else "policy.repeated", name=folder[:60])
            draft = draft_programme(item, folder)
            drafts.append(draft)
            self.names.programmes[folder] = draft.subject
            self.declare(Declared(f"{folder}.eligible", "eligible", "bool", draft.subject), item)
            self.declare(Declared(f"{folder}.amount", "amount", "money", draft.subject), item)
        undecided: dict[str, Entity | None] = {name: None for name in others if name not in self.names.programmes}
        self.names.programmes |= undecided
        return drafts

    # ---- checking ----------------------------------------------------------------------------------------------
    def setting(self, programme: str | None = None) -> Setting:
        return Setting(self.names, "household", programme, roles=self.roles)

    def variables(self, drafts: list[VariableDraft]) -> dict[str, Variable]:
        found = {}
        for draft in drafts:
            owner = draft.declared.name.rpartition(".")[0]
            neutral = draft.declared.name in self.sheets.neutralised
            found[draft.declared.name] = build_variable(draft, self.setting(owner or None), neutral)
        return found

    def programmes(self, drafts: list[ProgrammeDraft]) -> dict[str, Programme]:
        built = {d.name: build_programme(d, self.setting(d.name)) for d in drafts}
        return {n: neutralised(p) if n in self.sheets.neutralised else p for n, p in built.items()}

    def parameters(self, drafts: list[ParameterDraft]) -> dict[str, Parameter]:
        by_name = {d.declared.name: d for d in drafts}
        local: dict[str, list[ParameterValue]] = {}
        for code, node in self.sheets.areas.items():
            item = self.item(node)
            if not check_place(item, code, self.in_force) and not is_twelve_digits(code):
                continue
            for name, values in read_local(item, code, by_name).items():
                local.setdefault(name, []).extend(values)
        return {name: build_parameter(draft, local.get(name, []), self.sheets) for name, draft in by_name.items()}

    def signs(self) -> dict[str, Sign]:
        found: dict[str, Sign] = {}
        for node in self.sheets.signs:
            for sign in read_signs(self.item(node), self.setting()):
                if sign.name in found:
                    self.item(node).fault("policy.repeated", name=sign.name)
                found[sign.name] = sign
        return found

    def example_files(self, overlays: tuple[str, ...]) -> list[tuple[str | None, Node]]:
        """By programme. The pack's own were computed without an overlay and say nothing about the law under one."""
        if overlays:
            return [(None, node) for node in self.sheets.overlay_examples]
        own = self.sheets.root.get("examples.yaml")
        return [*([(None, own)] if own else []), *self.sheets.programme_examples.items()]

    def examples(self, overlays: tuple[str, ...]) -> list[dict[str, Any]]:
        nodes = [node for _, node in self.example_files(overlays)]
        return [e for node in nodes if isinstance(rows := plain(node), list) for e in rows if isinstance(e, dict)]

    def check_examples(self, pack: Pack) -> None:
        seen: dict[str, Item] = {}
        for programme, node in self.example_files(pack.overlays):
            check_examples(self.item(node), pack, programme, seen, self.names.broken)

    def check_sources(self, sources: dict[str, Source], parameters: dict[str, Parameter]) -> None:
        """A citation names a source of the pack; a pack that brings no sources at all may cite what it likes."""
        if not sources:
            return
        s = self.sheets
        nodes = [*s.root.values(), *s.programmes.values(), *s.programme_parameters.values(), *s.areas.values()]
        for node in [*nodes, *s.signs]:
            for cited, path, name in citations(node):
                if name not in sources:
                    self.unknown_source(Item(cited, path, self.faults), name, sources)
        for parameter, table in self.tables.items():
            for name in sorted({v.source for v in parameters[parameter].values if v.source} - sources.keys()):
                self.unknown_source(table, name, sources)

    def unknown_source(self, item: Item, name: str, sources: dict[str, Source]) -> None:
        item.fault("policy.unknown_source", name=name[:60], near=hint(name, sources))

    def check_listed_names(self, names: Known, programmes: list[ProgrammeDraft]) -> None:
        at = self.item(Node("pack.yaml", 1, {}))
        registers = self.sheets.lists.get("registers", {})
        stems = {path: PurePosixPath(path).stem for path in registers}
        names.register |= set(stems.values()) - {"words"}
        check_lists(self.sheets.lists, names, at)
        check_registers(registers, stems, names, at)
        for draft in programmes:
            check_listed(draft, names)

    def check_tables(self) -> None:
        """A table that nobody names has no effect, which nobody meant."""
        for name in sorted(self.sheets.tables.keys() - self.sheets.tables_read):
            self.faults.append(Fault("policy.unused_table", {}, name))

    def check_modes(
        self, variables: dict[str, Variable], programmes: dict[str, Programme], parameters: dict[str, Parameter]
    ) -> None:
        """A text that says how to round is one of the modes, wherever and whenever it holds."""
        exprs = [expr for v in variables.values() for _, expr in v.formulas]
        exprs += [e for p in programmes.values() for e in (*graph.deciding(p), *graph.asking(p)) if e is not None]
        for name in dict.fromkeys(n for expr in exprs for n in graph.modes_in(expr)):
            for value in dict.fromkeys(v.value for v in parameters[name].values if v.value is not None):
                if value not in ROUNDING:
                    self.places[name].fault("policy.no_choice", got=repr(value), allowed=", ".join(ROUNDING))

    def check_graph(self, variables: dict[str, Variable], programmes: dict[str, Programme]) -> None:
        check_exclusions(programmes, {name: self.places[f"{name}.eligible"] for name in programmes})
        told = [f.fields["path"] for f in self.faults if f.code == "policy.precedence_cycle"]
        every = graph.edges(variables, programmes)
        order, cycles = graph.ordered(every)
        if (last := graph.too_long(every, order, graph.MAX_CHAIN)) is not None:
            place = self.places.get(last) or self.places[f"{last}.eligible"]
            place.fault("policy.chain_long", name=last, limit=graph.MAX_CHAIN)
        for cycle in cycles:
            if {*cycle} in [{*path.split(" → ")} for path in told]:
                continue
            place = self.places.get(cycle[0]) or self.places[f"{cycle[0]}.eligible"]
            place.fault("policy.cycle", path=" → ".join(cycle))
        edges = graph.deciding_edges(variables, programmes)
        for name, programme in programmes.items():
            for read in sorted(graph.reach(edges, graph.reads(*graph.deciding(programme)))):
                exprs = [e for _, e in variables[read].formulas] if read in variables else []
                if graph.asks_known(exprs):
                    self.places[read].fault("policy.is_known_read", name=read, programme=name)
