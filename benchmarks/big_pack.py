"""Packs of any number of programmes, and what reading, checking, planning and emitting them costs.

`python benchmarks/big_pack.py 12 200` prints seconds. Every programme has variables, seven conditions, an amount,
figures by area and date, a sign when to ask, and every fifth reads another one.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Plan
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.duckdb_chunk import KEY, PRINT, Chunk, Source
from doudi.engine.screening.outputs import select_household, select_person
from doudi.engine.screening.python import Compiled

_HEAD = "pack: big\nedition: '1'\nlanguage: doudi-pack/1\nin_force: {from: 2020-01-01}\nroles: [head, other]\n"
_FACTS = """person:
  wage: {type: money, min: 0}
  pension: {type: money, min: 0}
  born_on: {type: date, period: eternity}
  lives_here: {type: bool, presumed: true}
  grade: {type: enum, values: [none, mild, severe], presumed: none}
household:
  savings: {type: money, min: 0}
  homes: {type: int, min: 0}
  residence: {type: enum, values: [urban, rural]}
"""
_PROGRAMME = """programme: {name}
subject: household
period: month
ask_when: any(grade == 'severe') or enrolled('{name}')
priority:
  - {{name: severe, points: 40, when: any(grade == 'severe')}}
variables:
  counted: {{entity: person, type: money, expr: "wage + if(age_years(born_on) >= adult_age, pension, 0)"}}
  income: {{entity: household, type: money, expr: "sum(counted, lives_here)"}}
  members: {{entity: household, type: int, expr: "count_if(lives_here and grade != 'none')"}}
  need: {{entity: household, type: money, expr: standard * members}}
conditions:
  - {{name: income_below, bit: 0, expr: income < need}}
  - {{name: savings_within, bit: 1, expr: savings <= need * months}}
  - {{name: one_home, bit: 2, expr: homes <= 1}}
  - {{name: somebody, bit: 3, expr: members > 0}}
  - {{name: an_adult, bit: 4, expr: "any(age_years(born_on) >= adult_age, lives_here)"}}
  - {{name: of_class, bit: 5, expr: "residence in ('urban', 'rural')"}}
  - {{name: after, bit: 6, expr: {after}}}
amount: {{expr: "max(need - income, 0)", round: {{to: "0.01", mode: half_up}}}}
"""
_PARAMETERS = """standard: {type: money, by: area, per: residence, values:
  {2020-01-01: {value: {urban: "600.00", rural: "500.00"}}, 2021-01-01: {value: {urban: "650.00", rural: "550.00"}}}}
months: {type: int, by: area, values: {2020-01-01: {value: 12}}}
adult_age: {type: int, values: {2020-01-01: {value: 18}}}
"""


def write(folder: Path, programmes: int) -> Path:
    """A pack of so many programmes in a new folder."""
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(_HEAD, "utf-8")
    (folder / "facts.yaml").write_text(_FACTS, "utf-8")
    for n in range(programmes):
        own = folder / "programmes" / f"p{n:03d}"
        own.mkdir(parents=True)
        after = f"not p{n - 1:03d}.eligible" if n % 5 == 4 else "homes >= 0"
        (own / "programme.yaml").write_text(_PROGRAMME.format(name=own.name, after=after), "utf-8")
        (own / "parameters.yaml").write_text(_PARAMETERS, "utf-8")
    return folder


def measured(programmes: int) -> dict[str, float]:
    """CPU seconds of each step, and the size of the statements."""
    with TemporaryDirectory() as temp:
        folder = write(Path(temp) / "pack", programmes)
        started = time.process_time()
        pack = load(folder)
        loaded = time.process_time()
        planned = plan(pack, date(2021, 6, 1), ["341503000000", "520502000000"])
        made = time.process_time()
    low = lowered(planned)
    lowering = time.process_time()
    size = sum(map(len, statements(low)))
    emitted = time.process_time()
    Compiled(planned)
    times = {
        "load and check": loaded - started,
        "plan": made - loaded,
        "lower": lowering - made,
        "emit SQL": emitted - lowering,
        "compile Python": time.process_time() - emitted,
    }
    return {"programmes": programmes, **{k: round(v, 3) for k, v in times.items()}, "SQL kB": round(size / 1000)}


def statements(low: Plan) -> Iterator[str]:
    """Everything one chunk executes, for a snapshot that holds every fact and no enrolment."""
    facts = {e: frozenset(f.name for f in low.facts.values() if f.entity == e) for e in ("household", "person")}
    person, household = (f"SELECT *, 0 AS {KEY}, 0 AS {PRINT} FROM {name}" for name in ("person", "household"))
    counties = frozenset(("341503", "520502"))
    none: dict[str, frozenset[str]] = {"household": frozenset(), "person": frozenset()}
    chunk = Chunk(low, Source(person, household, None, {}, facts, none, counties))  # type: ignore[arg-type]
    yield chunk.parameters.table()
    yield from chunk.statements
    yield select_household(chunk)
    yield select_person(chunk)


if __name__ == "__main__":
    for n in map(int, sys.argv[1:] or ["12", "200"]):
        print(json.dumps(measured(n)))
