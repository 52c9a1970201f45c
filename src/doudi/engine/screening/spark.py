"""The plan on Spark: DuckDB lays out the checked rows, Spark computes every outcome, chunks read them back (`decided`).

Without settings of one's own (`PYSPARK_SUBMIT_ARGS`) Spark runs on this machine, as many threads and as much memory as
asked. All files are in the work folder beside the output: a cluster must see that folder under the same path.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from doudi.engine.policy.model import Plan
from doudi.engine.screening.decided import Decided
from doudi.engine.screening.dialects.portable import JOINS, Portable
from doudi.engine.screening.dialects.spark import SPARK
from doudi.engine.screening.duckdb_history import PLACE
from doudi.engine.screening.duckdb_input import Input, Range
from doudi.engine.screening.sql import text
from doudi.engine.words import Fault

# What the rewritten statements rely on; the rest is whoever runs the cluster's.
_MEANING = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
_SUBMIT = "PYSPARK_SUBMIT_ARGS"
_LEAST = 2**30  # bytes: a JVM with less spends its time collecting


def missing_parts() -> list[Fault]:
    """Of pyspark and Java, what is not there, and how to get it."""
    faults = []
    if importlib.util.find_spec("pyspark") is None:
        faults.append(Fault("screening.no_spark", {}, "--engine spark"))
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        faults.append(Fault("screening.no_java", {}, "--engine spark"))
    return faults


def version() -> str:
    import pyspark

    return str(pyspark.__version__)


def decide(
    con: duckdb.DuckDBPyConnection,
    plan: Plan,
    source: Input,
    only: tuple[str, ...],
    folder: Path,
    *,
    threads: int,
    memory: int,
) -> Decided:
    """Outcomes of everybody in the source, in `folder`; what an interrupted run of the same work left is taken.

    plan: lowered. memory: bytes for Spark on this machine (at least 1 GB), beside what DuckDB has.
    """
    rows = source.source(Range(None, None), JOINS)
    found = Decided(folder, rows.here)
    if folder.exists():
        return found
    portable = Portable.of(plan, rows, only)
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "rows").mkdir(parents=True)
    for table, query in portable.rows.items():
        con.execute(f"COPY ({query}) TO {text(str(part / 'rows' / f'{table}.parquet'))} (FORMAT parquet)")
    with session(part, threads, memory) as spark:
        for table in portable.rows:
            spark.read.parquet(f"file://{part.resolve()}/rows/{table}.parquet").createOrReplaceTempView(table)
        _compute(spark, portable, part.resolve())
    for done in ("rows", "spill"):
        shutil.rmtree(part / done, ignore_errors=True)
    part.rename(folder)
    return found


def _compute(spark: Any, portable: Portable, folder: Path) -> None:
    for made in portable.tables(SPARK):
        spark.sql(SPARK.create(made.table, made.query))
    households = portable.chunk.household_table
    _write(spark, f"SELECT * FROM {households}", "division, household_id", folder / "household")
    # Chunks are ranges of households: a person stands with his, wherever he lives.
    place = f"SELECT household_id AS `in`, division AS {PLACE} FROM {households}"
    persons = f"SELECT p.*, h.{PLACE} FROM ({portable.persons(SPARK)}) p JOIN ({place}) h ON h.`in` = p.household_id"
    _write(spark, persons, f"{PLACE}, household_id, person_id", folder / "person")


def _write(spark: Any, query: str, order: str, folder: Path) -> None:
    spark.sql(f"{query} ORDER BY {order}").write.parquet(f"file://{folder}")


@contextmanager
def session(folder: Path, threads: int, memory: int) -> Iterator[Any]:
    """A SparkSession in which the rewritten statements mean what they should. folder: for its spill."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("doudi")
    settings = _MEANING if _SUBMIT in os.environ else _MEANING | _here(folder, threads)
    for name, value in settings.items():
        builder = builder.config(name, value)
    with _launched_here(threads, max(memory, _LEAST)):
        spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


def _here(folder: Path, threads: int) -> dict[str, str]:
    """Settings of a Spark that is this machine's alone."""
    return {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false", "spark.local.dir": str(folder.resolve() / "spill"),
        "spark.sql.shuffle.partitions": str(2 * threads),
    }  # fmt: skip


@contextmanager
def _launched_here(threads: int, memory: int) -> Iterator[None]:
    """What the JVM reads once, when it starts; settings of one's own are left as they are."""
    arguments = (
        f"--master local[{threads}] --driver-memory {memory // 2**20}m --conf spark.log.level=ERROR pyspark-shell"
    )
    ours = {_SUBMIT: arguments, "SPARK_LOCAL_IP": "127.0.0.1"} if _SUBMIT not in os.environ else {}
    added = {name: value for name, value in ours.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
