"""The connections of one piece of work: one per core, each with its share of the memory, locked to some folders."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from doudi.engine.screening.duckdb_input import connect
from doudi.engine.words import Fault, Refused

_OWN = 220 * 2**20  # what Python and DuckDB need beside DuckDB's own limit
_LEAST = 80 * 2**20  # with less a connection cannot sort one row group


@dataclass(slots=True)
class Connections:
    """memory: bytes for the whole process; threads: at most so many connections, made when they are asked for."""

    folders: tuple[str, ...]
    spill: Path
    memory: int
    threads: int
    made: list[duckdb.DuckDBPyConnection] = field(default_factory=list)

    @property
    def first(self) -> duckdb.DuckDBPyConnection:
        return self.upto(1)[0]

    def upto(self, n: int) -> list[duckdb.DuckDBPyConnection]:
        """Connections for n pieces of work."""
        each = (self.memory - _OWN) // self.threads
        while len(self.made) < max(1, min(n, self.threads)):
            self.made.append(connect(self.folders, self.spill / str(len(self.made)), each))
        return self.made[: max(1, n)]


def fitting_threads(memory: int, threads: int | None) -> int:
    """How many connections to open: as asked, else one per core as far as the memory goes.

    Raises Refused with the least memory when it is too small for them.
    """
    fit = (memory - _OWN) // _LEAST
    wanted = threads or max(1, min(os.cpu_count() or 1, fit))
    if wanted > fit:
        least = -(-(_OWN + wanted * _LEAST) // 2**20)
        fields = {"value": f"{memory // 2**20}MB", "least": f"{least}MB", "threads": wanted}
        raise Refused(Fault("screening.memory_small", fields, "--memory"))
    return wanted
