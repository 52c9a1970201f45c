"""basis.json: what a later `--since` compares with. Rules, figures and parts by digest; no person, no value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from doudi import __version__
from doudi.engine.policy.model import Entity, Pack, Plan
from doudi.engine.screening.duckdb_input import Input
from doudi.engine.screening.rules import Rules, rules_of
from doudi.engine.screening.snapshot.columns import columns_of
from doudi.engine.screening.snapshot.manifest import TABLES
from doudi.engine.screening.snapshot.parts import Part, parts_of
from doudi.engine.screening.work import write_json

FORMAT = "doudi-basis/1"
NAME = "basis.json"
# A fingerprint is a hash of DuckDB, which no other version promises to repeat; ours decides what goes into it.
_ANY_DAY = date(2000, 1, 1)
ENGINE = {"name": "duckdb", "version": duckdb.__version__, "doudi": __version__}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a screening rested on.

    only: the programmes asked for, empty for all. overrides: variables of which the snapshot has a column.
    together: every person stands in the division of his household. run: a digest that names this very screening.
    columns: a digest of what a snapshot may hold; snapshot_as_of, parts: of the snapshot that was read.
    """

    run: str
    engine: dict[str, str]
    pack: str
    as_of: date
    only: tuple[str, ...]
    together: bool
    households: int
    overrides: dict[str, list[str]]
    rules: Rules
    pack_hash: str
    columns: str
    snapshot_as_of: date
    parts: tuple[Part, ...]

    def write(self, folder: Path) -> None:
        known = {name: getattr(self, name) for name in self.__slots__}
        plain = {
            "as_of": self.as_of.isoformat(),
            "rules": self.rules.to_json(),
            "snapshot_as_of": self.snapshot_as_of.isoformat(),
            "parts": [part.to_json() for part in self.parts],
        }
        write_json(folder / NAME, {"format": FORMAT, **known, **plain})


def read_basis(folder: Path) -> Basis | None:
    """The basis of a screening; None when there is none that we understand."""
    try:
        found: dict[str, Any] = json.loads((folder / NAME).read_text("utf-8"))
        if found.pop("format") != FORMAT:
            return None
        found |= {name: date.fromisoformat(found[name]) for name in ("as_of", "snapshot_as_of")}
        found |= {"rules": Rules.from_json(found["rules"]), "only": tuple(found["only"])}
        return Basis(**found | {"parts": tuple(Part.from_json(p) for p in found["parts"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def basis_of(identity: str, plan: Plan, source: Input, only: tuple[str, ...]) -> Basis:
    """plan: lowered. identity: all that decides what this screening answers."""
    entities: tuple[Entity, ...] = ("person", "household")
    return Basis(
        hashlib.sha256(identity.encode()).hexdigest(),
        ENGINE,
        plan.pack.id,
        plan.as_of,
        tuple(sorted(only)),
        source.together,
        source.snapshot.rows("household"),
        {e: sorted((*source.snapshot.tables[e].overrides, *source.history[e].overrides)) for e in entities},
        rules_of(plan, only or plan.programmes),
        plan.pack.hash,
        columns_digest(plan.pack),
        source.snapshot.as_of,
        parts_of(source.snapshot) if source.together else (),
    )


def columns_digest(pack: Pack) -> str:
    """What a snapshot may hold by this pack: rows that were sound by one are sound by another of the same digest."""
    columns = [columns_of(table, pack, _ANY_DAY) for table in TABLES]
    return hashlib.sha256(repr((columns, pack.missing, pack.roles)).encode()).hexdigest()
