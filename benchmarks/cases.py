"""What is measured: a pack, a population for it, and the same answers by hand-written SQL.

`shipped` is the pack of this repository with the demonstration's population; `fourteen` is a pack of fourteen
programmes of every shape (`law.py`) with a population of its own.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import hand_pack
import law
import population

from doudi.demo.synth import synth

HERE = Path(__file__).parent
AS_OF = date(2020, 7, 20)
PARQUET = hand_pack.PARQUET


@dataclass(frozen=True, slots=True)
class Case:
    """pack: writes the pack below a folder (or names a shipped one); people: writes a snapshot; hand: SQL, FROM, TO."""

    name: str
    pack: Callable[[Path], str]
    people: Callable[[Path, int], object]
    hand: Callable[[str, str], str]


CASES = (
    Case(
        "fourteen",
        lambda folder: str(law.write(folder)),
        population.make,
        hand_pack.sql,
    ),
    Case(
        "shipped",
        lambda folder: "cn",
        lambda folder, persons: synth(folder, persons=persons, seed=1, as_of=AS_OF),
        lambda snapshot, out: (
            (HERE / "hand.sql").read_text("utf-8").replace("$snapshot", snapshot).replace("$out", out)
        ),
    ),
)


def connection(threads: int) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": threads})


def by_hand(case: Case, snapshot: Path, out: Path, threads: int) -> None:
    """The hand-written SQL into a fresh folder."""
    connection(threads).execute(case.hand(str(snapshot), str(fresh(out))))


def scan(case: Case, snapshot: Path, threads: int) -> None:
    """Read every column that the hand-written SQL reads, once."""
    con, text = connection(threads), case.hand("", "")
    for table in ("person", "household", "enrolment"):
        files = f"read_parquet('{snapshot}/{table}/*.parquet')"
        names = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()]
        read = ", ".join(f"max({n})" for n in names if re.search(rf"\b{n}\b", text))
        con.execute(f"SELECT count(*), {read} FROM {files}").fetchall()


def finished(case: Case, folder: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """The finished tables in memory, in their final types: outcomes and states are ENUMs."""
    con = connection(threads)
    for statement in re.findall(r"CREATE TYPE .*?;", case.hand("", ""), re.DOTALL):
        con.execute(statement)
    for name in ("household", "person"):
        source = f"'{folder}/{name}.parquet'"
        columns = [row[0] for row in con.execute(f"DESCRIBE FROM {source}").fetchall()]
        enums = {c: c.rsplit("__", 1)[-1] for c in columns if c.endswith(("__outcome", "__state"))}
        typed = ", ".join(f"{c}::{enums[c]} AS {c}" if c in enums else c for c in columns)
        con.execute(f"CREATE TABLE {name} AS SELECT {typed} FROM {source}")
    return con


def write(con: duckdb.DuckDBPyConnection, out: Path) -> None:
    """The finished tables from memory into files like ours."""
    fresh(out)
    for name in ("household", "person"):
        con.execute(f"COPY {name} TO '{out}/{name}.parquet' {PARQUET}")


def same_rows(ours: Path, theirs: Path) -> None:
    """Raises when hand-written and compiled SQL disagree on a single row, or on the order of persons."""
    for name in ("household", "person"):
        mine, other = f"FROM '{ours}/*/outcomes_{name}.parquet'", f"FROM '{theirs}/{name}.parquet'"
        for one, two in ((mine, other), (other, mine)):
            odd = duckdb.execute(f"SELECT * FROM (({one}) EXCEPT ALL ({two})) LIMIT 3").fetchall()
            if odd:
                raise SystemExit(f"the hand-written SQL and the compiled plan differ on {name}: {odd}")


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
