"""The folder as promised, from finished chunks: files linked where they are in order, else cut anew by ranges.

A chunk holds households, and persons stand with theirs. Where someone lives in another division than his household,
his row belongs among those of another chunk: then persons and clues of each range are gathered from all chunks and
sorted, one range at a time, so that memory does not grow with the population.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from doudi.engine.screening.chunk_files import ORDERS, copy, reading
from doudi.engine.screening.duckdb_input import Range
from doudi.engine.screening.pieces import make_pieces
from doudi.engine.screening.work import Work, link

FOLDERS, SINGLE = ("outcomes_person", "outcomes_household"), ("findings", "inputs")


def assemble(
    makers: list[duckdb.DuckDBPyConnection],
    work: Work,
    ranges: list[Range],
    *,
    together: bool,
    first_seen: str = "",
) -> None:
    """The result from the chunks of these ranges; the chunks stay until the rename.

    together: every person stands in the division of his household. first_seen: FROM of finding_id and first_seen of
    an earlier screening, which are kept.
    """
    con = makers[0]
    folders = {table: [work.chunk(n) for n in range(len(ranges))] for table in (*FOLDERS, *SINGLE)}
    if not together:
        _cut_anew(makers, work, ranges, folders)
    for table in FOLDERS:
        (work.result / table).mkdir(parents=True)
        for n, path in enumerate(_files(folders, table)):
            link(path, work.result / table / f"{n:05d}.parquet")
    findings = f"SELECT * FROM {reading(_files(folders, 'findings'))}"
    if first_seen:
        findings = (
            "SELECT f.* REPLACE (coalesce(b.first_seen, f.first_seen) AS first_seen) "
            f"FROM ({findings}) f LEFT JOIN {first_seen} b USING (finding_id) ORDER BY {ORDERS['findings']}"
        )
    copy(con, findings, work.result / "findings.parquet")
    copy(con, f"SELECT * FROM {reading(_files(folders, 'inputs'))}", work.result / "inputs.parquet")


def _files(folders: dict[str, list[Path]], table: str) -> list[Path]:
    return [folder / f"{table}.parquet" for folder in folders[table]]


def _cut_anew(
    makers: list[duckdb.DuckDBPyConnection], work: Work, ranges: list[Range], folders: dict[str, list[Path]]
) -> None:
    """Persons and clues by their own division, in the place of those by their household's."""
    tables = ("outcomes_person", "findings")
    everybody = {table: reading(_files(folders, table)) for table in tables}

    def make(con: duckdb.DuckDBPyConnection, number: int, folder: Path) -> None:
        for table in tables:
            rows = f"SELECT * FROM {everybody[table]}{ranges[number].where('division')} ORDER BY {ORDERS[table]}"
            copy(con, rows, folder / f"{table}.parquet")

    make_pieces(makers, work, "sorted_chunks", len(ranges), make)
    for table in tables:
        folders[table] = [work.chunk(n, "sorted_chunks") for n in range(len(ranges))]
