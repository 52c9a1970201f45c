"""What the registry seals and under which names: numbers and phones one by one, sensitive facts as one text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from doudi.office.access.sealing import blind_index, open_text, seal_text
from doudi.office.access.sealing import last_four_index as _last_four_index


def number_index(number: str) -> bytes:
    """Finds a whole identity number, in Identity and Person alike."""
    return blind_index("registry_person.number", number)


def last_four_index(last_four: str) -> bytes:
    """Finds numbers by their last four characters, coarsely."""
    return _last_four_index("registry_person.number", last_four)


def phone_index(phone: str) -> bytes:
    return blind_index("registry_person.phone", phone)


def register_key(text: str) -> str:
    """What a register calls a household, without saying it: the key may hold its head's number."""
    return blind_index("registry_registerkey.key", text).hex()


def seal_facts(table: str, id: UUID, facts: Mapping[str, Any]) -> bytes | None:
    """Sensitive facts (column `sensitive` of a table) as one sealed text; None when there are none."""
    return seal_text(table, "sensitive", id, json.dumps(facts, ensure_ascii=False)) if facts else None


def open_facts(table: str, id: UUID, sealed: bytes | memoryview | None) -> dict[str, Any]:
    return json.loads(open_text(table, "sensitive", id, sealed)) if sealed else {}
