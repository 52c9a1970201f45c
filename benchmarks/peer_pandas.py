"""Six programmes of `law.py` in pandas: what it can express, that is without unknowns, conditions, articles and states.

`python peer_pandas.py SNAPSHOT OUT`, in an environment that has pandas and pyarrow. A gap counts as nothing.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

GENEROUS = ("341502", "341503", "341504")
PERSON = ["person_id", "household_id", "birth_date", "lives_here", "is_deceased", "died_on", "disability_grade",
          "wage", "pension", "transfer"]  # fmt: skip
HOUSEHOLD = ["household_id", "division", "household_class", "savings", "homes", "vehicles", "house_state"]
MONEY = ("wage", "pension", "transfer", "savings")


def main(snapshot: Path, out: Path) -> None:
    started, processor = time.perf_counter(), time.process_time()
    p, h = _read(snapshot / "person", PERSON), _read(snapshot / "household", HOUSEHOLD)
    at = pd.Index(h.household_id).get_indexer(p.household_id)
    answers = rules(p, h, at)
    for name, frame in answers.items():
        frame.to_parquet(out / f"{name}.parquet")
    told = {"seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - processor}
    print(json.dumps({k: round(v, 3) for k, v in told.items()} | {"version": pd.__version__}))


def _read(folder: Path, columns: list[str]) -> pd.DataFrame:
    frame = pd.read_parquet(folder, columns=columns)
    for name in set(MONEY) & set(columns):
        frame[name] = frame[name].astype(float).fillna(0)
    return frame


def rules(p: pd.DataFrame, h: pd.DataFrame, at: np.ndarray) -> dict[str, pd.DataFrame]:
    """Who is eligible and for how much; at: the row of each person's household."""
    generous, rural = h.division.str[:6].isin(GENEROUS).to_numpy(), (h.household_class == "rural").to_numpy()
    day = pd.Timestamp("2020-07-20")
    born = pd.to_datetime(p.birth_date)
    minor, old = (born > "2002-07-20").to_numpy(), (born <= "1960-07-20").to_numpy()
    dead = p.is_deceased.eq(True) & (pd.to_datetime(p.died_on) <= day)
    counted = (p.lives_here.eq(True) & ~dead).to_numpy()
    grade = p.disability_grade.fillna("none").to_numpy()
    severe = np.isin(grade, ["1", "2"])
    own = (p.wage + p.pension + p.transfer).to_numpy()

    def per_home(values: np.ndarray) -> np.ndarray:
        return np.bincount(at, weights=values, minlength=len(h))

    able = per_home(counted & ~minor & ~old & ~severe)
    tekun = counted & (minor | old | severe) & (able[at] == 0) & (own < np.where(generous, 650, 500)[at])
    most = np.where(rural, np.where(generous, 820, 640), np.where(generous, 910, 760))
    member = counted & ~tekun
    n, income = per_home(member), per_home(np.where(member, own, 0))
    standard = np.where(rural, np.where(generous, 610, 480), np.where(generous, 690, 560))
    need, months = standard * n, np.where(generous, 24, 18)
    homes, vehicles = h.homes.fillna(0).to_numpy(), h.vehicles.fillna(0).to_numpy()
    unsafe = h.house_state.isin(["grade_d", "collapsed"]).to_numpy()
    savings, income = h.savings.to_numpy(), income.round(2)
    dibao = (n > 0) & (income < need) & (savings <= need * months) & (vehicles <= 0)
    dibao &= (homes <= 1) | (unsafe & (homes <= 2))
    near = (n > 0) & (2 * income < 3 * need) & (savings <= 2 * need * months) & (vehicles <= 1)
    living = (grade != "none") & counted & (dibao | near)[at]
    care = severe & counted
    elder = counted & (born <= "1940-07-20").to_numpy()
    steps = np.where(born <= "1920-07-20", 3, np.where(born <= "1930-07-20", 2, 1))
    by_grade = np.where(grade == "1", np.where(generous, 120, 90)[at], np.where(generous, 90, 60)[at])
    persons = {
        "tekun": (tekun, np.maximum(most[at] - own, 0)),
        "living_subsidy": (living, np.where(generous, 80, 60)[at]),
        "care_subsidy": (care, by_grade),
        "elder_allowance": (elder, steps * np.where(generous, 100, 50)[at]),
    }
    homes_ = {"dibao": (dibao, need - income), "near_poor": (near, np.full(len(h), np.nan))}
    return {"person": _frame(p.person_id, persons), "household": _frame(h.household_id, homes_)}


def _frame(ids: pd.Series, answers: dict[str, tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
    columns = {ids.name: ids}
    for name, (eligible, amount) in answers.items():
        columns |= {name: eligible, f"{name}_amount": np.where(eligible, amount, np.nan)}
    return pd.DataFrame(columns)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
