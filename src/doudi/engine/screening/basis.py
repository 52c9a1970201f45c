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
from doudi.engine.policy.model import Entity, Plan
from doudi.engine.screening.duckdb_input import Input
from doudi.engine.screening.rules import Rules, rules_of
from doudi.engine.screening.work import write_json

FORMAT = "doudi-basis/1"
NAME = "basis.json"
# A fingerprint is a hash of DuckDB, which no other version promises to repeat; ours decides what goes into it.
ENGINE = {"name": "duckdb", "version": duckdb.__version__, "doudi": __version__}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a screening rested on.

    only: the programmes asked for, empty for all. overrides: variables of which the snapshot has a column.
    together: every person stands in the division of his household. run: a digest that names this very screening.
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

    def write(self, folder: Path) -> None:
        known = {name: getattr(self, name) for name in self.__slots__}
        plain = {"as_of": self.as_of.isoformat(), "only": list(self.only), "rules": self.rules.to_json()}
        write_json(folder / NAME, {"format": FORMAT, **known, **plain})


def read_basis(folder: Path) -> Basis | None:
    """The basis of a screening; None when there is none that we understand."""
    try:
        found: dict[str, Any] = json.loads((folder / NAME).read_text("utf-8"))
        if found.pop("format") != FORMAT:
            return None
        found |= {"as_of": date.fromisoformat(found["as_of"]), "rules": Rules.from_json(found["rules"])}
        return Basis(**found | {"only": tuple(found["only"])})
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
        source.households,
        {e: sorted((*source.snapshot.tables[e].overrides, *source.history[e].overrides)) for e in entities},
        rules_of(plan, only or plan.programmes),
    )
