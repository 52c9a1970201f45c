"""registers/NAME.yaml: how an office writes a list that we import, and registers/words.yaml: what all lists mean alike.

What `means` says is a fact (`person.wage`) or a word that the import knows; only facts can be checked here.
"""

from __future__ import annotations

from collections.abc import Mapping

from doudi.engine.policy.document import Node, Row
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Fact
from doudi.engine.policy.tables import Known
from doudi.engine.words.near import hint

_REGISTER = "label owner kind belongs always enrols amount_of household_programmes columns"
_COLUMN = "means headers fill words else_means only"
_WORDS = "roles yes no unknown as_above totals"
_KINDS = ("department", "visit", "declared")
_BELONGS = ("living", "book", "listed", "none")
_ENTITIES = ("person", "household")
_UNKNOWN = "unknown"


def check_registers(files: Mapping[str, Node | list[Row]], stems: Mapping[str, str], names: Known, at: Item) -> None:
    """files: by path; stems: path → name of the register; at: any item of the pack, for its faults."""
    for path, content in files.items():
        if isinstance(content, list):
            Item(Node(path, 1, None), "", at.faults).fault("policy.expected_mapping", got="[…]")
        elif stems[path] == "words":
            _words(Item(content, "", at.faults), names)
        else:
            _register(Item(content, "", at.faults), names)


def _register(item: Item, names: Known) -> None:
    f = item.record(_REGISTER, "label owner kind columns")
    if "label" in f:
        f["label"].words()
    for key, allowed in (("kind", _KINDS), ("belongs", _BELONGS)):
        if key in f:
            f[key].choice(allowed)
    for each in [*([f["enrols"]] if "enrols" in f else []), *_each(f, "household_programmes")]:
        if each.node.text not in names.programme:
            near = hint(each.node.text, names.programme)
            each.fault("policy.unknown_programme", name=each.node.text[:60], near=near)
    for name, value in f["always"].entries().items() if "always" in f else ():
        if fact := _fact(value, name, names):
            value.scalar(fact.type, fact.values)
    means = {_column(c, names) for c in _each(f, "columns", "means")}
    for each in _each(f, "amount_of"):
        if each.node.text not in means:
            each.fault("policy.unknown_means", name=each.node.text[:60], near=hint(each.node.text, means))


def _each(f: Mapping[str, Item], key: str, name_key: str = "") -> list[Item]:
    return f[key].items(name_key) if key in f else []


def _column(item: Item, names: Known) -> str:
    """What the column means."""
    f = item.record(_COLUMN, "means headers")
    if "headers" in f:
        f["headers"].texts()
    if "fill" in f:
        f["fill"].flag()
    means = f["means"].text() if "means" in f else ""
    fact = _fact(f["means"], means, names) if "." in means else None
    for word in f["words"].entries().values() if "words" in f else ():
        meant = word.node.text
        if fact and fact.type == "enum" and meant not in (*fact.values, _UNKNOWN):
            word.fault("policy.no_enum_value", got=meant[:60], near="", allowed=", ".join(fact.values))
        elif means == "role" and names.roles and meant not in names.roles:
            word.fault("policy.no_enum_value", got=meant[:60], near="", allowed=", ".join(names.roles))
        elif means == "programme" and meant not in names.programme:
            word.fault("policy.unknown_programme", name=meant[:60], near=hint(meant, names.programme))
    return means


def _fact(item: Item, name: str, names: Known) -> Fact | None:
    """The fact behind `person.wage`; None after a fault."""
    entity, _, short = name.partition(".")
    fact = names.fact.get(short)
    if fact is not None and fact.entity == entity:
        return fact
    known = [f"{f.entity}.{f.name}" for f in names.fact.values()]
    item.fault("policy.unknown_name", name=name[:60], near=hint(name, known))
    return None


def _words(item: Item, names: Known) -> None:
    f = item.record(_WORDS, _WORDS)
    for role, words in f["roles"].entries().items() if "roles" in f else ():
        if names.roles and role not in names.roles:
            words.fault("policy.no_enum_value", got=role[:60], near=hint(role, names.roles), allowed="")
        words.texts()
    for key in ("yes", "no", "unknown", "as_above", "totals"):
        for each in _each(f, key):
            each.label()
