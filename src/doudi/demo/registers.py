"""The messy lists of a made-up county: a snapshot's facts with names and numbers, spelt the way offices spell them.

Names come from national surname weights, numbers begin with six digits that were never a division and have a right
check digit: they look real to every check and can belong to nobody. Column `origin` says which row of the snapshot a
line speaks of, so an import can be held to it. The named cast stands among them, as known when the demo opens.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import yaml
from faker.providers.person.zh_CN import Provider as Names

from doudi.demo.cast import OPENING, CastHousehold, cast, lapsed, observations
from doudi.demo.mess import spelt
from doudi.demo.sheets import Row, write_csv, write_xlsx
from doudi.demo.tables import pick, population, seeded_macros
from doudi.engine import policy
from doudi.engine.divisions import find
from doudi.engine.policy.model import Fact, Pack

_TABLES = ("person", "household", "enrolment")
_CAST_COUNTY = "341503"
_ORDER = "ORDER BY division, household_no, role_word <> '户主', person_id"


def write_registers(snapshot: Path, folder: Path, *, seed: int, as_of: date) -> dict[str, int]:
    """Write every list of registers.yaml; gives the lines of each. The same arguments give the same bytes."""
    folder.mkdir(parents=True)
    described = yaml.safe_load((files("doudi.demo") / "registers.yaml").read_text("utf-8"))
    slips = described.pop("slips")
    written = {}
    with duckdb.connect() as con:
        _open(con, snapshot, seed, as_of)
        con.execute((files("doudi.demo") / "registers.sql").read_text("utf-8"))
        for name, register in described.items():
            rows = _rows(con, name, register, seed, [s for s in slips if s["register"] == name])
            written[name] = _written(folder / register["file"], register, rows)
    return written


def _written(path: Path, register: Mapping[str, Any], rows: Iterator[Row]) -> int:
    header = list(register["columns"])
    if path.suffix == ".csv":
        return write_csv(path, register["encoding"], header, rows)
    once = [n for n, c in enumerate(register["columns"].values()) if c.get("once") and register.get("merged")]
    total = register.get("subtotal")
    column = next((n for n, c in enumerate(register["columns"].values()) if total and c["cell"] == total), None)
    return write_xlsx(path, register["title"], header, rows, once, column)


def _rows(
    con: duckdb.DuckDBPyConnection, name: str, register: Mapping[str, Any], seed: int, slips: list[dict[str, Any]]
) -> Iterator[Row]:
    columns = list(register["columns"].values())
    sheet = f"'{register['title']}'" if register.get("sheet", "whole") == "whole" else register["sheet"]
    cells = ", ".join(c["cell"] for c in columns)
    cast_ids = {id for (id,) in con.execute("SELECT person_id FROM cast_people").fetchall()}
    found = con.execute(
        f"SELECT {sheet}, household_id, {cells} FROM {register['from']} WHERE {register.get('where', 'true')} "
        f"WINDOW page AS ({_ORDER}) {_ORDER}"
    )
    home = None
    for place, own, *values in iter(found.fetchone, None):
        rnd = random.Random(f"{seed}/{name}/{values[-1]}")
        careless = 0 if values[-1] in cast_ids else register.get("careless", 0)  # their slips are written down
        row = [
            None if c.get("once") and (place, own) == home else spelt(v, c.get("is", ""), rnd, careless)
            for c, v in zip(columns, values, strict=True)
        ]
        home = (place, own)
        mine = [s for s in slips if s["origin"] == values[-1]]
        if not mine or any(s.get("again") for s in mine):
            yield Row(place, own, tuple(row))
        for slip in mine:
            yield Row(place, own, tuple(slip.get(h, cell) for h, cell in zip(register["columns"], row, strict=True)))


# ---- the people ----------------------------------------------------------------------------------------------------
def _open(con: duckdb.DuckDBPyConnection, snapshot: Path, seed: int, as_of: date) -> None:
    table, pack = population(), policy.load("cn")
    for statement in (*seeded_macros(), *_naming()):
        con.execute(statement)
    variables = {
        "seed": seed,
        "as_of": as_of,
        "programme": table["programme"],
        "instead_programme": table["instead"]["programme"],
        "men": list(Names.first_names_male),
        "women": list(Names.first_names_female),
    }
    for name, value in variables.items():
        con.execute(f"SET VARIABLE {name} = ?", [value])
    for name in _TABLES:
        con.execute(f"CREATE TEMP TABLE {name} AS FROM read_parquet(?)", [f"{snapshot}/{name}/*.parquet"])
    _add_columns(con, pack)
    con.execute("CREATE TEMP TABLE cast_people (person_id VARCHAR, name VARCHAR, number VARCHAR)")
    con.execute("CREATE TEMP TABLE cast_days (household_id VARCHAR, surveyed_on DATE, settled_on DATE)")
    for name in ("person", "household"):
        con.execute(f"CREATE TEMP TABLE lapsed_{name} AS FROM {name} LIMIT 0")
        con.execute(f"ALTER TABLE lapsed_{name} ADD COLUMN surveyed_on DATE")
        con.execute(f"ALTER TABLE lapsed_{name} ADD COLUMN valid_to DATE")
    counties = {c for (c,) in con.execute("SELECT DISTINCT left(division, 6) FROM household").fetchall()}
    if _CAST_COUNTY in counties:
        for household in cast(as_of, pack.facts, OPENING):
            if all("birth_date" in p.facts for p in household.persons):
                _add_household(con, household, as_of)
        for row, facts in lapsed(as_of, pack.facts):
            whose = ("person", row.person) if row.person else ("household", row.household)
            days = {"surveyed_on": row.observed_on, "valid_to": row.valid_to}
            _insert(con, f"lapsed_{whose[0]}", {f"{whose[0]}_id": whose[1], **days, **facts})
    con.execute("CREATE TEMP TABLE place (division VARCHAR, township VARCHAR, village VARCHAR)")
    for (division,) in con.execute("SELECT DISTINCT division FROM household ORDER BY ALL").fetchall():
        con.execute("INSERT INTO place VALUES (?, ?, ?)", [division, *_place(division)])


def _add_columns(con: duckdb.DuckDBPyConnection, pack: Pack) -> None:
    """A snapshot leaves out facts that nobody knows; the lists may name them."""
    for fact in pack.facts.values():
        con.execute(f"ALTER TABLE {fact.entity} ADD COLUMN IF NOT EXISTS {fact.name} {_sql_type(fact)}")


def _sql_type(fact: Fact) -> str:
    return {"bool": "BOOLEAN", "int": "INTEGER", "money": "DECIMAL(14,2)", "date": "DATE"}.get(fact.type, "VARCHAR")


def _add_household(con: duckdb.DuckDBPyConnection, household: CastHousehold, as_of: date) -> None:
    place = {"household_id": household.id, "division": household.division}
    _insert(con, "household", {**place, **household.facts})
    for person in household.persons:
        _insert(con, "person", {**place, "person_id": person.id, "role": person.role, **person.facts})
        con.execute("INSERT INTO cast_people VALUES (?, ?, ?)", [person.id, person.name, person.number])
    for benefit in household.benefits:
        subject = ("person", benefit.person) if benefit.person else ("household", household.id)
        values = [*subject, benefit.programme, benefit.amount, benefit.period, benefit.starts_on, benefit.ends_on]
        con.execute("INSERT INTO enrolment VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [*values, benefit.persons])
    told = [o for o in observations() if o.household == household.id and o.stage in OPENING and o.observed_on <= as_of]
    surveyed = max((o.observed_on for o in told if o.basis), default=None)
    settled = max((o.observed_on for o in told if "medical_own_share" in o.facts), default=None)
    con.execute("INSERT INTO cast_days VALUES (?, ?, ?)", [household.id, surveyed, settled])


def _insert(con: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join("?::DECIMAL(14,2)" if isinstance(v, Decimal) else "?" for v in row.values())
    con.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def _place(division: str) -> tuple[str, str]:
    area = find(division)
    above = find(area.parent) if area else None
    village = area.name if area else ""
    return (above.name if above else "", village.removesuffix("委会") if village.endswith("村委会") else village)


def _naming() -> Iterator[str]:
    shares = [(f"'{name}'", round(weight * 100)) for name, weight in Names.last_names.items()]
    yield f"CREATE MACRO surnames() AS {sum(n for _, n in shares)}"
    yield f"CREATE MACRO pick_surname(r) AS {pick(shares)}"
    yield (
        "CREATE MACRO given(sex, r) AS CASE sex WHEN 'M' THEN getvariable('men')[1 + r % len(getvariable('men'))] "
        "ELSE getvariable('women')[1 + r % len(getvariable('women'))] END"
    )
    yield "CREATE MACRO pick_class(r) AS CASE r WHEN 0 THEN 'A' WHEN 1 THEN 'B' ELSE 'C' END"
    weights = ", ".join(str(2**n % 11) for n in range(17, 0, -1))
    total = f"list_sum(list_transform(range(17), lambda i: substr(body, i + 1, 1)::INTEGER * [{weights}][i + 1]))"
    yield f"CREATE MACRO check_digit(body) AS substr('10X98765432', ({total} % 11)::INTEGER + 1, 1)"
