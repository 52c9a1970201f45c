"""What a screening left in its folder, as small values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True, slots=True)
class Clue:
    """One row of findings.parquet; amounts in yuan, failed and unknown are names of conditions."""

    finding_id: str
    kind: str
    subject_type: str
    subject_id: str
    household_id: str
    division: str
    programme: str | None
    other: str | None
    current_amount: Decimal | None
    due_amount: Decimal | None
    failed: list[str]
    unknown: list[str]
    priority: int
    priority_parts: list[Any]
    first_seen: date


def clues(out: Path, size: int = 300) -> Iterator[list[Clue]]:
    """The findings in chunks of `size`, in the order of the file."""
    columns = ", ".join(Clue.__dataclass_fields__)
    with duckdb.connect() as con:
        rows = con.execute(f"SELECT {columns} FROM read_parquet(?)", [str(out / "findings.parquet")])
        while chunk := rows.fetchmany(size):
            yield [Clue(*row) for row in chunk]


def state_counts(out: Path, programmes: Mapping[str, str]) -> list[tuple[str, str, str, int]]:
    """(division, programme, state, n), counted from the outcome files; programmes: name → subject type."""
    counts: list[tuple[str, str, str, int]] = []
    with duckdb.connect() as con:
        for programme, subject in programmes.items():
            files = str(out / f"outcomes_{subject}" / "*.parquet")
            counts += [
                (division, programme, state, n)
                for division, state, n in con.execute(
                    f'SELECT division, "{programme}__state"::VARCHAR, count(*) FROM read_parquet(?) GROUP BY ALL',
                    [files],
                ).fetchall()
            ]
    return counts
