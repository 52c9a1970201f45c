"""The small tables of population.yaml as tables and draws of DuckDB: what the SQL of the generator reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from typing import Any

import duckdb
import yaml

from doudi.demo.law import Law


def population() -> dict[str, Any]:
    """The tables of `population.yaml`."""
    return yaml.safe_load((files("doudi.demo") / "population.yaml").read_text("utf-8"))


def prepare(
    con: duckdb.DuckDBPyConnection, table: Mapping[str, Any], law: Law, seed: int, as_of: date, n_villages: int
) -> None:
    """Everything the statements of a block rely on: variables, draws, tables."""
    variables = {
        "seed": seed,
        "as_of": as_of,
        "in_force": law.in_force,
        "villages": n_villages,
        "plots": len(table["plots"]),
        "programme": table["programme"],
        "old_age": table["of_old_age"]["from_age"],
        "old_age_rate": table["of_old_age"]["per_mille"],
        "old_age_programme": table["of_old_age"]["programme"],
        "instead_programme": table["instead"]["programme"],
    }
    for name, value in variables.items():
        con.execute(f"SET VARIABLE {name} = ?", [value])
    for name, key in (("old_age_amount", "of_old_age"), ("instead_amount", "instead")):
        con.execute(f"SET VARIABLE {name} = ?::DECIMAL(14,2)", [table[key]["amount"]])
    for statement in _macros(table):
        con.execute(statement)
    load(con, "law", [asdict(p) for p in law.places], _LAW)
    load(con, "plot", [_plot(name, p) for name, p in _plots(table)], _PLOT)
    load(con, "kin", [{"kin": name, **k} for name, k in table["kin"].items()], _KIN)
    load(con, "shape_kin", list(_shape_kin(table["shapes"])), _SHAPE_KIN)


_LAW = (
    "county VARCHAR, rural BOOLEAN, standard BIGINT, savings_months INTEGER, homes_max INTEGER, "
    "homes_beside_unsafe INTEGER, vehicles_max INTEGER"
)
_PLOT = (
    "plot VARCHAR, kind VARCHAR, enrolled BOOLEAN, income VARCHAR, property VARCHAR, hukou VARCHAR, sign BOOLEAN, "
    "instead BOOLEAN, answered BOOLEAN"
)
_KIN = 'kin VARCHAR, role VARCHAR, "after" INTEGER, spread INTEGER, low INTEGER, high INTEGER, men INTEGER'
_SHAPE_KIN = "shape INTEGER, k INTEGER, kin VARCHAR, age_from INTEGER, age_to INTEGER, paired BOOLEAN"
BLOCK_COLUMNS = "division VARCHAR, county VARCHAR, other_county VARCHAR, rural BOOLEAN, persons INTEGER, number INTEGER"


def load(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]], columns: str) -> None:
    """A small table from rows; columns: their names and types as SQL."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    names = [c.strip().split(" ")[0].strip('"') for c in columns.split(",")]
    for row in rows:
        con.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(names))})", [row[c] for c in names])


def _plots(table: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (table["plots_without_standard"] | table["plots"]).items()


def _plot(name: str, plot: Mapping[str, Any]) -> dict[str, Any]:
    is_quiet = plot["income"] == "unknown" and not plot["enrolled"] and "sign" not in plot
    return {
        "plot": name,
        "kind": plot["kind"],
        "enrolled": plot["enrolled"],
        "income": plot["income"],
        "property": plot.get("property"),
        "hukou": plot.get("hukou"),
        "sign": plot.get("sign", False),
        "instead": "instead" in plot,
        "answered": not is_quiet,
    }


def _shape_kin(shapes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for n, shape in enumerate(shapes):
        low, high = shape["head_age"]
        paired = "spouse" in shape["kin"]
        for k, kin in enumerate(shape["kin"]):
            yield {"shape": n, "k": k, "kin": kin, "age_from": low, "age_to": high, "paired": paired}


def seeded_macros() -> tuple[str, str]:
    """`rnd(key, salt, n)`, a number below n, and `code(kind, key)`, an opaque id: hashes of the seed and a place."""
    return (
        "CREATE MACRO rnd(key, salt, n) AS (hash(key, salt, getvariable('seed')) % n)::BIGINT",
        "CREATE MACRO code(kind, key) AS kind || lpad(lower(to_hex(hash(key, kind, getvariable('seed')))), 16, '0')",
    )


def _macros(table: Mapping[str, Any]) -> Iterator[str]:
    """Draws from the tables as SQL; the macros themselves are the only place that knows the tables."""
    yield from seeded_macros()
    yield "CREATE MACRO yuan(fen) AS (fen::DECIMAL(16,0) * 0.01::DECIMAL(3,2))::DECIMAL(14,2)"
    rates = " ".join(f"WHEN '{name}' THEN {rate}" for name, rate in table["rates"].items())
    yield f"CREATE MACRO rate(name) AS CASE name {rates} END"
    yield f"CREATE MACRO pick_size(r) AS {pick(table['sizes'].items())}"
    shapes = [
        f"WHEN {size} THEN {pick((n, s['weight']) for n, s in enumerate(table['shapes']) if s['size'] == size)}"
        for size in table["sizes"]
    ]
    yield f"CREATE MACRO pick_shape(size, r) AS CASE size {' '.join(shapes)} END"
    for name in ("plots", "plots_without_standard"):
        picked = pick((_text(plot), p["per_10000"]) for plot, p in table[name].items())
        yield f"CREATE MACRO {name.replace('plots', 'pick_plot')}(r) AS {picked}"
    numbered = " ".join(f"WHEN {n} THEN {_text(plot)}" for n, plot in enumerate(table["plots"]))
    yield f"CREATE MACRO plot_number(n) AS CASE n {numbered} END"
    share = 1000 // len(table["signs"]) + 1
    yield f"CREATE MACRO pick_sign(r) AS {pick((_text(s), share) for s in table['signs'])}"
    yield f"CREATE MACRO pick_disability(r) AS {pick((_text(d), n) for d, n in table['disability'].items())}"
    places = [
        f"WHEN '{kin}' THEN {pick((_struct(p), p['rate']) for p in table['places'] if p['kin'] == kin)}"
        for kin in sorted({p["kin"] for p in table["places"]})
    ]
    yield f"CREATE MACRO pick_place(kin, r) AS CASE kin {' '.join(places)} END"


def _text(value: str) -> str:
    return f"'{value}'"


def _struct(place: Mapping[str, Any]) -> str:
    return f"{{'place': '{place['place']}', 'counts': {str(place['counts']).lower()}}}"


def pick(shares: Iterable[tuple[Any, int]]) -> str:
    """SQL that gives the entry in which `r` falls when the shares are laid end to end."""
    upto, cases = 0, []
    for value, share in shares:
        upto += share
        cases.append(f"WHEN r < {upto} THEN {value}")
    return f"CASE {' '.join(cases)} END"
