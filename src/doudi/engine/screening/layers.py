"""An earlier screening as it stands: one folder, or a delta over what it was made since.

A delta holds the recomputed households, `dropped.parquet` with every household whose earlier rows no longer hold, and
under `base/` the layers below it, the lowest first (files linked, not copied). A table as it stands is each layer's
rows without the households that a layer above has dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doudi.engine.screening.basis import Basis, read_basis
from doudi.engine.screening.sql import text
from doudi.engine.screening.summary import FORMAT
from doudi.engine.screening.work import link
from doudi.engine.words import Fault, Refused

DELTA_FORMAT, DELTA = "doudi-delta/1", "delta.json"
DROPPED, BASE = "dropped.parquet", "base"
TABLES = ("outcomes_person", "outcomes_household", "findings", "inputs")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A screening that was put in place: its layers, the lowest first; the last one is the folder itself."""

    path: Path
    basis: Basis
    layers: tuple[Path, ...]
    delta: dict[str, Any] | None  # delta.json

    @property
    def together(self) -> bool:
        """Whether in no layer anybody stands in another division than his household."""
        return self.basis.together if self.delta is None else bool(self.delta["together"])

    def table(self, name: str, where: str = "", columns: str = "*") -> str:
        """FROM expression of a table as it stands; where: a condition on its rows with WHERE in front."""
        parts = []
        for n, layer in enumerate(self.layers):
            above = dropped_by(self.layers[n + 1 :])
            gone = f"{' AND' if where else ' WHERE'} household_id NOT IN (SELECT household_id FROM {above})"
            parts.append(f"SELECT {columns} FROM {files_of(layer, name)}{where}{gone if above else ''}")
        return f"({' UNION ALL '.join(parts)})"

    def link_layers(self, folder: Path) -> None:
        """All layers below `folder`, as the base of a delta over this screening."""
        for n, layer in enumerate(self.layers):
            for name in TABLES[:2]:
                (folder / str(n) / name).mkdir(parents=True)
                for file in sorted((layer / name).glob("*.parquet")):
                    link(file, folder / str(n) / name / file.name)
            for file in (layer / f"{name}.parquet" for name in (*TABLES[2:], "dropped")):
                if file.exists():
                    link(file, folder / str(n) / file.name)


def files_of(layer: Path, name: str) -> str:
    """FROM the files of one table in one layer, in order."""
    path = layer / name / "*.parquet" if name.startswith("outcomes") else layer / f"{name}.parquet"
    return f"read_parquet({text(str(path))})"


def dropped_by(layers: tuple[Path, ...]) -> str:
    """FROM the households that these layers drop (household_id, division then); empty for no layer."""
    files = ", ".join(text(str(layer / DROPPED)) for layer in layers)
    return f"read_parquet([{files}])" if files else ""


def read_earlier(path: Path, option: str = "--since") -> Earlier:
    """The screening in a folder; raises Refused when it is none, or too old to compare with."""
    if not path.is_dir() or not (path / "summary.json").is_file():
        raise Refused(Fault("since.no_screening", {"path": str(path)}, option))
    try:
        is_ours = json.loads((path / "summary.json").read_text("utf-8"))["format"] == FORMAT
        delta = json.loads((path / DELTA).read_text("utf-8")) if (path / DELTA).exists() else None
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise Refused(Fault("since.no_screening", {"path": str(path)}, option)) from e
    basis = read_basis(path)
    if not is_ours or basis is None or (delta is not None and delta.get("format") != DELTA_FORMAT):
        raise Refused(Fault("since.format", {"path": str(path)}, option))
    below = sorted((path / BASE).iterdir(), key=lambda p: int(p.name)) if delta else []
    return Earlier(path, basis, (*below, path), delta)
