"""A plan as a file beside a delta: whoever makes the delta whole needs the law as it was used, not as it is now.

Values of `policy.model` and nothing else, as JSON: reading such a file runs no code.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from doudi.engine.policy import model
from doudi.engine.policy.model import Plan

NAME = "plan.json.gz"
_CLASSES = {c.__name__: c for c in vars(model).values() if isinstance(c, type) and is_dataclass(c)}


def keep_plan(plan: Plan, folder: Path) -> None:
    text = json.dumps(_plain(plan), ensure_ascii=False, separators=(",", ":"))
    (folder / NAME).write_bytes(gzip.compress(text.encode(), compresslevel=1, mtime=0))


def kept_plan(folder: Path) -> Plan:
    """Raises ValueError, TypeError, KeyError or OSError when the file holds no plan of this version."""
    found = _value(json.loads(gzip.decompress((folder / NAME).read_bytes())))
    if not isinstance(found, Plan):
        raise TypeError(type(found).__name__)
    return found


def _plain(value: Any) -> Any:
    """JSON in which every array is [kind, …]."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return ["decimal", str(value)]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, dict):
        return ["dict", *([_plain(k), _plain(v)] for k, v in value.items())]
    if isinstance(value, tuple | list):
        return [type(value).__name__, *map(_plain, value)]
    if type(value).__name__ in _CLASSES:
        return [type(value).__name__, *(_plain(getattr(value, f.name)) for f in fields(value))]
    raise TypeError(type(value).__name__)


def _value(plain: Any) -> Any:
    if not isinstance(plain, list):
        return plain
    kind, *rest = plain
    if kind == "decimal":
        return Decimal(rest[0])
    if kind == "date":
        return date.fromisoformat(rest[0])
    if kind == "dict":
        return {_value(k): _value(v) for k, v in rest}
    parts = map(_value, rest)
    if kind == "tuple":
        return tuple(parts)
    return list(parts) if kind == "list" else _CLASSES[kind](*parts)
