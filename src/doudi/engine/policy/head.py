"""pack.yaml: what a pack is called, where and when it holds, and how it treats what is missing."""

from __future__ import annotations

import re
from typing import Any

from doudi.engine.policy.calendar import read_calendar
from doudi.engine.policy.document import Node
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Calendar
from doudi.engine.policy.places import Days, check_place
from doudi.engine.policy.sheets import Sheets, plain
from doudi.engine.words import Fault

LANGUAGE = "doudi-pack/1"
_KEYS = "pack edition language in_force areas missing rule_date calendar roles labels other_programmes"


def read_head(sheets: Sheets, item: Item | None) -> dict[str, Any]:
    """The fields of `Pack` that pack.yaml gives, by name. item None: there is no readable pack.yaml."""
    if item is None:
        item = Item(Node("pack.yaml", 1, {}), "", sheets.faults)
        if "pack.yaml" not in sheets.files:
            sheets.faults.append(Fault("policy.no_file", {"name": "pack.yaml", "near": ""}, "pack.yaml"))
        f = item.record(_KEYS)
    else:
        f = item.record(_KEYS, "pack edition language")
    if "language" in f and f["language"].node.text != LANGUAGE:
        f["language"].fault("policy.language", got=f["language"].node.text[:40], known=LANGUAGE)
    in_force = f["in_force"].span() if "in_force" in f else (None, None)
    return {
        "id": _called(f["pack"]) if "pack" in f else "",
        "edition": _called(f["edition"]) if "edition" in f else "",
        "in_force": in_force,
        "missing": f["missing"].choice(("unknown", "default")) if "missing" in f else "unknown",
        "rule_date": f["rule_date"].choice(("application", "decision")) if "rule_date" in f else "application",
        "roles": f["roles"].values() if "roles" in f else (),
        "calendar": read_calendar(sheets, f["calendar"]) if "calendar" in f else Calendar(),
        "areas": _areas(f["areas"], in_force) if "areas" in f else (),
        "labels": _labels(f["labels"]) if "labels" in f else {},
        "other_programmes": _programmes(f["other_programmes"]) if "other_programmes" in f else (),
    }


def _labels(item: Item) -> dict[str, Any]:
    """A tree with {zh, en} at its ends: `labels: {roles: {head: {zh, en}}, values: {FACT: {VALUE: {zh, en}}}}`."""
    waiting = [*item.entries().values()]
    while waiting:
        entry = waiting.pop()
        entries = entry.entries()
        if entries.keys() & {"zh", "en"}:
            entry.words()
        else:
            waiting += entries.values()
    found = plain(item.node)
    return found if isinstance(found, dict) else {}


def _called(item: Item) -> str:
    """An id or an edition: it stands in file names and on paper."""
    text = item.label()
    if text and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,59}", text):
        item.fault("policy.id_form", got=text[:60])
    return text


def _programmes(item: Item) -> tuple[str, ...]:
    names = item.values()
    for each in item.items():
        each.check_name(each.node.text)
    return names


def _areas(item: Item, in_force: Days) -> tuple[str, ...]:
    """Places that exist while the pack is in force; () is everywhere."""
    if item.node.value == "all":
        return ()
    return tuple(i.node.text for i in item.items() if check_place(i, i.node.text, in_force))
