"""A node at its place in a pack: typed reading where a wrong value is a fault and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from doudi.engine.policy.document import Faults, Node, day
from doudi.engine.policy.model import Law, Scalar, Type, Words
from doudi.engine.values import Money
from doudi.engine.words import Fault
from doudi.engine.words.near import nearest

RESERVED = frozenset(
    {"and", "or", "not", "in", "true", "false", "null", "unknown", "eligible", "amount"}
    | {"role", "division", "person_id", "household_id"}  # fixed columns of a snapshot
)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,11})(\.\d{1,6})?")
_AREA = re.compile(r"\d{12}")


def is_name(text: str) -> bool:
    """lower_case, no dots, no double underscore (a snapshot writes `dibao__outcome`)."""
    return bool(_NAME.fullmatch(text)) and len(text) <= 60


@dataclass(frozen=True, slots=True)
class Item:
    node: Node
    path: str
    faults: Faults

    def fault(self, code: str, **fields: Any) -> None:
        self.faults.append(Fault(code, fields, self.node.file, self.node.line, self.path))

    def at(self, node: Node, key: str) -> Item:
        return Item(node, f"{self.path}.{key}" if self.path else key, self.faults)

    # ---- containers --------------------------------------------------------------------------------------------
    def entries(self) -> dict[str, Item]:
        if not isinstance(self.node.value, dict):
            self.fault("policy.expected_mapping", got=self.shown())
            return {}
        return {key: self.at(node, key) for key, node in self.node.value.items()}

    def record(self, allowed: str, required: str = "", may_be_empty: str = "") -> dict[str, Item]:
        """A mapping with fixed keys; unknown, missing and empty ones are faults.

        may_be_empty: keys that without a value count as left out, because there `null` says that there is none.
        """
        names = allowed.split()
        entries = self.entries()
        for key, item in entries.items():
            if key not in names:
                item.fault("policy.unknown_key", key=key, near=nearest(key, names), known=", ".join(names))
        for key in required.split():
            if key not in entries and isinstance(self.node.value, dict):
                self.fault("policy.missing_key", key=key)
        for key, item in entries.items():
            if item.node.value is None and key in names and key not in may_be_empty.split():
                item.fault("policy.empty_key", key=key)
        return {k: i for k, i in entries.items() if k in names and i.node.value is not None}

    def named(self) -> dict[str, Item]:
        """A mapping of declared names."""
        entries = self.entries()
        for name in [n for n in entries if not entries[n].check_name(n)]:
            del entries[name]
        return entries

    def check_name(self, name: str) -> bool:
        if is_name(name) and name not in RESERVED:
            return True
        self.fault("policy.reserved_name" if name in RESERVED else "policy.name_form", name=name[:60])
        return False

    def dated(self) -> list[tuple[date, Item]]:
        """A mapping of days, ascending."""
        found: list[tuple[date, Item]] = []
        for key, item in self.entries().items():
            if (since := day(key)) is not None:
                found.append((since, item))
            else:
                item.fault("policy.date_key", key=key[:40])
        return sorted(found, key=lambda pair: pair[0])

    def items(self, name_key: str = "") -> list[Item]:
        """A list; an element is called by its `name_key` where it has one, else by its number."""
        if not isinstance(self.node.value, list):
            self.fault("policy.expected_list", got=self.shown())
            return []
        found = []
        for n, node in enumerate(self.node.value):
            called = node.value.get(name_key) if name_key and isinstance(node.value, dict) else None
            found.append(self.at(node, called.text if called and called.text else str(n + 1)))
        return found

    # ---- scalars -----------------------------------------------------------------------------------------------
    def shown(self) -> str:
        value = self.node.value
        if isinstance(value, dict):
            return "{…}"
        if isinstance(value, list):
            return "[…]"
        return repr(self.node.text[:60]) if self.node.text else "-"

    def text(self, fallback: str = "") -> str:
        if isinstance(self.node.value, str):
            return self.node.value
        self.fault("policy.expected_text", got=self.shown())
        return fallback

    def label(self) -> str:
        """Text where whole numbers and dates read as text too (an article, an edition)."""
        if isinstance(self.node.value, str | int | date) and not isinstance(self.node.value, bool):
            return self.node.text
        self.fault("policy.expected_text", got=self.shown())
        return ""

    def choice(self, allowed: Iterable[str], fallback: Any = None) -> Any:
        allowed = tuple(allowed)
        if isinstance(self.node.value, str) and self.node.value in allowed:
            return self.node.value
        self.fault("policy.no_choice", got=self.shown(), allowed=", ".join(allowed))
        return fallback if fallback is not None else next(iter(allowed), "")

    def flag(self) -> bool:
        if isinstance(self.node.value, bool):
            return self.node.value
        self.fault("policy.expected_bool", got=self.shown())
        return False

    def whole(self, low: int, high: int, fallback: int = 0) -> int:
        value = self.node.value
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.fault("policy.no_whole", got=self.shown(), low=low, high=high)
        return fallback

    def day(self) -> date | None:
        value = self.node.value
        if isinstance(value, date):
            return value
        if value is not None:
            self.fault("policy.expected_date", got=self.shown())
        return None

    def span(self) -> tuple[date | None, date | None]:
        fields = self.record("from to", may_be_empty="from to")
        return self.days(fields)

    def days(self, fields: Mapping[str, Item]) -> tuple[date | None, date | None]:
        """`from` and `to` of a record, the last day included."""
        since = fields["from"].day() if "from" in fields else None
        until = fields["to"].day() if "to" in fields else None
        if since and until and until < since:
            self.fault("policy.days_reversed", since=since, until=until)
        return since, until

    def texts(self) -> tuple[str, ...]:
        return tuple(i.text() for i in self.items())

    def values(self) -> tuple[str, ...]:
        """Different texts that can stand in a cell; `unknown` cannot: it says that nothing is known."""
        found: dict[str, None] = {}
        for item in self.items():
            text = item.text()
            if text in found:
                item.fault("policy.repeated", name=text[:60])
            elif isinstance(item.node.value, str) and (not 0 < len(text) <= 60 or text == "unknown"):
                item.fault("policy.value_form", got=text[:60])
            found[text] = None
        return tuple(found)

    def words(self) -> Words:
        """{zh, en}; one of them is enough, a reader of the other language then sees it."""
        fields = {lang: item.text() for lang, item in self.record("zh en").items()}
        if isinstance(self.node.value, dict) and not self.node.value.keys() & {"zh", "en"}:
            self.fault("policy.missing_key", key="zh")
        first = next(iter(fields.values()), "")
        return Words(fields.get("zh", first), fields.get("en", first))

    def law(self) -> Law:
        fields = self.record("source article", "source article")
        return Law(*(fields[k].label() if k in fields else "" for k in ("source", "article")))

    def scalar(self, type_: Type, values: tuple[str, ...] = ()) -> Scalar:
        """A value of a declared type; None after a fault. Money and decimals are quoted text, a bare 0 is allowed."""
        value = self.node.value
        match type_:
            case "bool" if isinstance(value, bool):
                return value
            case "int" if isinstance(value, int) and not isinstance(value, bool):
                return value
            case "money" | "number" | "rate":
                return self._decimal(type_)
            case "date" if isinstance(value, date):
                return value
            case "text" if isinstance(value, str):
                return value
            case "enum" if isinstance(value, str):
                if value in values or not values:
                    return value
                self.fault("policy.no_choice", got=self.shown(), allowed=", ".join(values))
                return None
            case "area" if isinstance(value, str | int) and _AREA.fullmatch(self.node.text):
                return self.node.text
        self.fault(f"policy.expected_{type_}", got=self.shown())
        return None

    def _decimal(self, type_: Type) -> Decimal | None:
        value, text = self.node.value, self.node.text
        if isinstance(value, int) and not isinstance(value, bool) and (value == 0 or type_ != "money"):
            return Decimal(value)
        if type_ == "money" and isinstance(value, int) and not isinstance(value, bool):
            self.fault("policy.money_bare", got=text)
        elif isinstance(value, str) and _DECIMAL.fullmatch(text):
            return self._money(text) if type_ == "money" else Decimal(text)
        else:
            self.fault(f"policy.expected_{type_}", got=self.shown())
        return None

    def _money(self, text: str) -> Decimal | None:
        try:
            return Money.of(text).yuan
        except ValueError:
            self.fault("policy.money_fen", got=text)
            return None
