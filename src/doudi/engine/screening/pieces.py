"""A work cut into numbered pieces, each a folder: made beside, renamed when whole, taken up by the same command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from doudi.engine.screening.in_turn import in_turn
from doudi.engine.screening.work import Work

Progress = Callable[[int, int], None]  # persons done, persons in all


def make_pieces(
    makers: list[duckdb.DuckDBPyConnection],
    work: Work,
    kind: str,
    n: int,
    make: Callable[[duckdb.DuckDBPyConnection, int, Path], None],
    *,
    persons: int = 0,
    progress: Progress | None = None,
) -> None:
    """Every piece of n that is not there yet. make: writes piece `number` into an empty folder.

    progress: told after each piece the finished share of all `persons`.
    """
    missing = [number for number in range(n) if not work.chunk(number, kind).exists()]
    finished = n - len(missing)

    def made(con: duckdb.DuckDBPyConnection, number: int) -> None:
        place = work.chunk(number, kind)
        folder = place.with_name(place.name + ".part")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(con, number, folder)
        folder.rename(place)

    def done(number: int) -> None:
        nonlocal finished
        finished += 1
        if progress:
            progress(persons * finished // n, persons)

    in_turn(makers, missing, made, done)
