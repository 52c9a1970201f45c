"""A draft laid over a pack: it adds, replaces and patches declarations by name, and neutralises some.

It works on the files as read, before anything is understood, so that the result is checked like any other pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from doudi.engine.policy.archive import Files
from doudi.engine.policy.document import Faults, Node, read_yaml
from doudi.engine.policy.item import Item
from doudi.engine.policy.sheets import Sheets
from doudi.engine.words import Fault
from doudi.engine.words.near import hint

_KEYS = "overlay language of add replace patch neutralise"
_PARTS = "facts variables parameters programmes"
_FILES = ("overlay.yaml", "examples.yaml")
_IGNORED = (".md", ".txt")


def lay_over(sheets: Sheets, label: str, files: Files, faults: Faults) -> str:
    """Changes `sheets`; label is put before the overlay's file names. Returns the overlay's id."""
    named = {f"{label}/{name}": data for name, data in files.items()}
    nodes: dict[str, Node] = {}
    for name, data in named.items():
        short = name.removeprefix(f"{label}/")
        if short in _FILES:
            if node := read_yaml(name, data, faults):
                nodes[short] = node
        elif short.endswith(".csv"):
            sheets.tables[name] = data
        elif not short.endswith(_IGNORED):
            faults.append(Fault("policy.unknown_file", {"near": hint(short, _FILES)}, name))
    if "overlay.yaml" not in files:
        faults.append(Fault("policy.no_file", {"name": "overlay.yaml", "near": ""}, f"{label}/"))
    if example := nodes.get("examples.yaml"):
        sheets.overlay_examples.append(example)
    if "overlay.yaml" not in nodes:
        return label
    return _Overlay(sheets, Item(nodes["overlay.yaml"], "", faults)).apply()


def base_of(data: bytes) -> str:
    """The pack that an overlay.yaml says it is made for; empty when it does not say."""
    node = read_yaml("overlay.yaml", data, Faults())
    of = node.value.get("of") if node and isinstance(node.value, dict) else None
    return of.text if of else ""


class _Overlay:
    def __init__(self, sheets: Sheets, item: Item) -> None:
        self.sheets, self.item = sheets, item

    def apply(self) -> str:
        f = self.item.record(_KEYS, "overlay language of")
        pack = self.sheets.root.get("pack.yaml")
        head = pack.value if pack and isinstance(pack.value, dict) else {}
        for key, other in (("of", "pack"), ("language", "language")):
            if key in f and other in head and f[key].node.text != head[other].text:
                f[key].fault("policy.overlay_of", got=f[key].node.text[:60], pack=head[other].text[:60])
        for how in ("add", "replace", "patch"):
            parts = f[how].record(_PARTS) if how in f else {}
            for part in sorted(parts, key=lambda part: part != "programmes"):  # a new one's names need it
                self.part(how, part, parts[part])
        for name in f["neutralise"].items() if "neutralise" in f else []:
            if name.text() not in self.neutral():
                name.fault("policy.unknown_name", name=name.node.text[:60], near=hint(name.node.text, self.neutral()))
            self.sheets.neutralised.add(name.node.text)
        return f["overlay"].label() if "overlay" in f else ""

    def part(self, how: str, part: str, entries: Item) -> None:
        for name, item in entries.entries().items():
            if part == "facts" and name in ("person", "household"):
                for fact, spec in item.entries().items():
                    self.change(how, "facts.yaml", (name, fact), spec)
            elif part == "facts":
                self.change(how, "facts.yaml", (self.entity_of(name) or "household", name), item)
            elif part == "programmes":
                self.sheets.programmes = self.changed(how, self.sheets.programmes, name, item)
            else:
                self.declaration(how, part, name, item)

    def declaration(self, how: str, part: str, name: str, item: Item) -> None:
        owner, _, short = name.rpartition(".")
        s = self.sheets
        if not owner:
            self.change(how, f"{part}.yaml", (name,), item)
        elif owner not in s.programmes:
            item.fault("policy.unknown_programme", name=owner[:60], near=hint(owner, s.programmes))
        elif part == "parameters":
            own = s.programme_parameters.get(owner) or Node(item.node.file, item.node.line, {})
            s.programme_parameters[owner] = self.inside(how, own, (short,), item)
        else:
            s.programmes[owner] = self.inside(how, s.programmes[owner], ("variables", short), item)

    def change(self, how: str, file: str, path: tuple[str, ...], item: Item) -> None:
        self.sheets.root[file] = self.inside(how, self.sheets.empty(file), path, item)

    def inside(self, how: str, node: Node, path: tuple[str, ...], item: Item) -> Node:
        """The node with the declaration at `path` changed; groups on the way are made where they lack."""
        entries = node.value if isinstance(node.value, dict) else {}
        if len(path) == 1:
            return replace(node, value=self.changed(how, entries, path[0], item))
        group = entries.get(path[0]) or Node(item.node.file, item.node.line, {})
        return replace(node, value={**entries, path[0]: self.inside(how, group, path[1:], item)})

    def changed(self, how: str, entries: Mapping[str, Node], name: str, item: Item) -> dict[str, Node]:
        if how == "add" and name in entries:
            item.fault("policy.overlay_known", name=name[:60])
        elif how != "add" and name not in entries:
            item.fault("policy.unknown_name", name=name[:60], near=hint(name, entries))
            return dict(entries)
        new = _patched(entries[name], item.node) if how == "patch" else item.node
        return {**entries, name: new}

    def entity_of(self, fact: str) -> str | None:
        groups = self.sheets.empty("facts.yaml").value
        for entity, group in groups.items() if isinstance(groups, dict) else ():
            if isinstance(group.value, dict) and fact in group.value:
                return entity
        return None

    def neutral(self) -> set[str]:
        """What can be neutralised: variables and programmes."""
        variables = self.sheets.empty("variables.yaml").value
        found = set(variables) if isinstance(variables, dict) else set()
        for programme, node in self.sheets.programmes.items():
            own = node.value.get("variables") if isinstance(node.value, dict) else None
            found |= {f"{programme}.{n}" for n in own.value} if own and isinstance(own.value, dict) else set()
        return found | set(self.sheets.programmes)


def _patched(old: Node, new: Node) -> Node:
    """Down by key; a list or a value is replaced whole."""
    if not isinstance(old.value, dict) or not isinstance(new.value, dict):
        return new
    merged = dict(old.value)
    for key, child in new.value.items():
        merged[key] = _patched(merged[key], child) if key in merged else child
    return replace(old, value=merged)
