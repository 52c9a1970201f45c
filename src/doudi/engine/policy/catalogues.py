"""What a pack carries besides rules: sources, signs, and the lists that other rooms read."""

from __future__ import annotations

from dataclasses import replace

from doudi.engine.policy.check import Setting
from doudi.engine.policy.document import Node
from doudi.engine.policy.expressions import check
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Entity, Lit, Sign, Source, Words

CATALOGUES = (
    "registers", "forms", "archive", "checklists", "reasons", "rhythms", "thresholds", "processes", "templates",
)  # fmt: skip
_SOURCE = "id title number date in_force authority note confidence articles"


def read_source(item: Item, name: str) -> Source:
    f = item.record(_SOURCE, "id title")
    id_ = f["id"].label() if "id" in f else name
    if id_ != name:
        f["id"].fault("policy.folder_name", name=id_[:60], folder=name)
    articles: dict[str, Words] = {}
    for article, entry in f["articles"].entries().items() if "articles" in f else ():
        fields = entry.record("says", "says")
        if "says" in fields:
            articles[article] = fields["says"].words()
    return Source(
        id=id_,
        title=_title(f["title"]) if "title" in f else name,
        number=f["number"].label() if "number" in f else "",
        dated=f["date"].label() if "date" in f else "",
        in_force=f["in_force"].span() if "in_force" in f else (None, None),
        confidence=f["confidence"].choice(("A", "B", "C", "demo")) if "confidence" in f else "A",
        articles=articles,
        authority=_title(f["authority"]) if "authority" in f else "",
        note=_title(f["note"]) if "note" in f else "",
    )


def _title(item: Item) -> str:
    """Text, or {zh, en}: then the original's language."""
    return item.words().zh if isinstance(item.node.value, dict) else item.label()


def read_signs(item: Item, setting: Setting) -> list[Sign]:
    found = []
    for name, entry in item.named().items():
        f = entry.record("subject expr label question law from to", "subject expr", "from to")
        since, until = entry.days(f)
        subject: Entity = f["subject"].choice(("person", "household")) if "subject" in f else "household"
        asking = replace(setting, entity=subject, may_ask=True)
        found.append(
            Sign(
                name=name,
                subject=subject,
                expr=check(f["expr"], asking, "bool") if "expr" in f else Lit(None, "bool"),
                label=f["label"].words() if "label" in f else Words(name, name),
                question=f["question"].words() if "question" in f else None,
                law=f["law"].law() if "law" in f else None,
                since=since,
                until=until,
            )
        )
    return found


def citations(node: Node, path: str = "") -> list[tuple[Node, str, str]]:
    """Every `source: X` beside an `article` or a `value` in a tree: (the mapping, its path, X)."""
    found: list[tuple[Node, str, str]] = []
    waiting = [(node, path)]
    while waiting:
        at, path = waiting.pop()
        if isinstance(at.value, dict):
            source = at.value.get("source")
            if source is not None and source.text and {"article", "value"} & at.value.keys():
                found.append((source, f"{path}.source".lstrip("."), source.text))
            waiting += [(child, f"{path}.{key}".lstrip(".")) for key, child in at.value.items()]
        elif isinstance(at.value, list):
            waiting += [(child, f"{path}.{_called(child, n)}".lstrip(".")) for n, child in enumerate(at.value, 1)]
    return found


def _called(node: Node, n: int) -> str:
    name = node.value.get("name") if isinstance(node.value, dict) else None
    return name.text if name and name.text else str(n)
