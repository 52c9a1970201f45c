"""The six programmes of `peer_pandas.py` as OpenFisca variables, in vectors over everybody.

`python peer_openfisca.py SNAPSHOT OUT`, in an environment that has openfisca-core, pandas and pyarrow. The time counts
from reading the files to writing the answers, the building of the simulation included.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable
from peer_pandas import GENEROUS, HOUSEHOLD, PERSON, _read

PERIOD = "2020-07"
Household = build_entity(
    key="household", plural="households", label="household",
    roles=[{"key": "member", "plural": "members", "label": "member"}],
)  # fmt: skip
Person = build_entity(key="person", plural="persons", label="person", is_person=True)
INPUTS = {
    "born": (int, Person), "lives_here": (bool, Person), "dead": (bool, Person), "grade": (int, Person),
    "wage": (float, Person), "pension": (float, Person), "transfer": (float, Person),
    "generous": (bool, Household), "rural": (bool, Household), "savings": (float, Household),
    "homes": (int, Household), "vehicles": (int, Household), "unsafe": (bool, Household),
}  # fmt: skip
Formula = Any


def days(day: str) -> int:
    return int(np.datetime64(day, "D").astype(int))


def counted(person: Any, period: Any) -> Any:
    return person("lives_here", period) & ~person("dead", period)


def minor(person: Any, period: Any) -> Any:
    return person("born", period) > days("2002-07-20")


def severe(person: Any, period: Any) -> Any:
    grade = person("grade", period)
    return (grade == 1) | (grade == 2)


def own_income(person: Any, period: Any) -> Any:
    return person("wage", period) + person("pension", period) + person("transfer", period)


def able(person: Any, period: Any) -> Any:
    of_age = ~person("minor", period) & (person("born", period) > days("1960-07-20"))
    return person("counted", period) & of_age & ~person("severe", period)


def able_adults(household: Any, period: Any) -> Any:
    return household.sum(household.members("able", period))


def tekun(person: Any, period: Any) -> Any:
    old = person("born", period) <= days("1960-07-20")
    cannot = person("minor", period) | old | person("severe", period)
    line = np.where(person.household("generous", period), 650, 500)
    alone = person.household("able_adults", period) == 0
    return person("counted", period) & cannot & alone & (person("own_income", period) < line)


def tekun_amount(person: Any, period: Any) -> Any:
    generous, rural = person.household("generous", period), person.household("rural", period)
    most = np.where(rural, np.where(generous, 820, 640), np.where(generous, 910, 760))
    return np.where(person("tekun", period), np.maximum(most - person("own_income", period), 0), np.nan)


def member(person: Any, period: Any) -> Any:
    return person("counted", period) & ~person("tekun", period)


def members(household: Any, period: Any) -> Any:
    return household.sum(household.members("member", period))


def income(household: Any, period: Any) -> Any:
    persons = household.members
    return household.sum(np.where(persons("member", period), persons("own_income", period), 0)).round(2)


def need(household: Any, period: Any) -> Any:
    generous = household("generous", period)
    rural = np.where(generous, 610, 480)
    standard = np.where(household("rural", period), rural, np.where(generous, 690, 560))
    return standard * household("members", period)


def dibao(household: Any, period: Any) -> Any:
    n, need_ = household("members", period), household("need", period)
    limit = need_ * np.where(household("generous", period), 24, 18)
    homes = household("homes", period)
    housed = (homes <= 1) | (household("unsafe", period) & (homes <= 2))
    poor = (household("income", period) < need_) & (household("savings", period) <= limit)
    return (n > 0) & poor & housed & (household("vehicles", period) <= 0)


def dibao_amount(household: Any, period: Any) -> Any:
    return np.where(household("dibao", period), household("need", period) - household("income", period), np.nan)


def near_poor(household: Any, period: Any) -> Any:
    n, need_ = household("members", period), household("need", period)
    limit = 2 * need_ * np.where(household("generous", period), 24, 18)
    poor = (2 * household("income", period) < 3 * need_) & (household("savings", period) <= limit)
    return (n > 0) & poor & (household("vehicles", period) <= 1)


def living_subsidy(person: Any, period: Any) -> Any:
    poor = person.household("dibao", period) | person.household("near_poor", period)
    return (person("grade", period) > 0) & person("counted", period) & poor


def living_subsidy_amount(person: Any, period: Any) -> Any:
    amount = np.where(person.household("generous", period), 80, 60)
    return np.where(person("living_subsidy", period), amount, np.nan)


def care_subsidy(person: Any, period: Any) -> Any:
    return person("severe", period) & person("counted", period)


def care_subsidy_amount(person: Any, period: Any) -> Any:
    generous = person.household("generous", period)
    first = person("grade", period) == 1
    amount = np.where(first, np.where(generous, 120, 90), np.where(generous, 90, 60))
    return np.where(person("care_subsidy", period), amount, np.nan)


def elder_allowance(person: Any, period: Any) -> Any:
    return (person("born", period) <= days("1940-07-20")) & person("counted", period)


def elder_allowance_amount(person: Any, period: Any) -> Any:
    born = person("born", period)
    steps = np.where(born <= days("1920-07-20"), 3, np.where(born <= days("1930-07-20"), 2, 1))
    amount = steps * np.where(person.household("generous", period), 100, 50)
    return np.where(person("elder_allowance", period), amount, np.nan)


FORMULAS: dict[str, tuple[type, Any, Formula]] = {
    f.__name__: (kind, entity, f)
    for kind, entity, formulas in (
        (bool, Person, (counted, minor, severe, able, tekun, member, living_subsidy, care_subsidy, elder_allowance)),
        (float, Person, (own_income, tekun_amount, living_subsidy_amount, care_subsidy_amount, elder_allowance_amount)),
        (bool, Household, (dibao, near_poor)),
        (float, Household, (income, need, dibao_amount)),
        (int, Household, (able_adults, members)),
    )
    for f in formulas
}
ASKED = {
    "person": ("tekun", "living_subsidy", "care_subsidy", "elder_allowance"),
    "household": ("dibao", "near_poor"),
}


def variable(name: str, kind: type, entity: Any, formula: Formula | None = None) -> type[Variable]:
    made = {"value_type": kind, "entity": entity, "definition_period": DateUnit.MONTH, "label": name}
    return type(name, (Variable,), made | ({"formula": formula} if formula else {}))


def system() -> TaxBenefitSystem:
    made = TaxBenefitSystem([Household, Person])
    for name, (kind, entity) in INPUTS.items():
        made.add_variable(variable(name, kind, entity))
    for name, (kind, entity, formula) in FORMULAS.items():
        made.add_variable(variable(name, kind, entity, formula))
    return made


def main(snapshot: Path, out: Path) -> None:
    started, processor = time.perf_counter(), time.process_time()
    p, h = _read(snapshot / "person", PERSON), _read(snapshot / "household", HOUSEHOLD)
    builder = SimulationBuilder()
    made = system()
    builder.create_entities(made)
    builder.declare_person_entity("person", np.arange(len(p)))
    homes = builder.declare_entity("household", np.arange(len(h)))
    at = pd.Index(h.household_id).get_indexer(p.household_id)
    builder.join_with_persons(homes, at, np.full(len(p), "member"))
    simulation = builder.build(made)
    died = pd.to_datetime(p.died_on) <= pd.Timestamp("2020-07-20")
    inputs = {
        "born": pd.to_datetime(p.birth_date).to_numpy().astype("datetime64[D]").astype(int),
        "lives_here": p.lives_here.eq(True), "dead": p.is_deceased.eq(True) & died,
        "grade": p.disability_grade.map({"1": 1, "2": 2, "3": 3, "4": 4}).fillna(0).astype(int),
        "wage": p.wage, "pension": p.pension, "transfer": p.transfer,
        "generous": h.division.str[:6].isin(GENEROUS), "rural": h.household_class == "rural", "savings": h.savings,
        "homes": h.homes.fillna(0).astype(int), "vehicles": h.vehicles.fillna(0).astype(int),
        "unsafe": h.house_state.isin(["grade_d", "collapsed"]),
    }  # fmt: skip
    for name, values in inputs.items():
        simulation.set_input(name, PERIOD, np.asarray(values))
    for entity, ids in (("person", p.person_id), ("household", h.household_id)):
        columns: dict[str, Any] = {f"{entity}_id": ids}
        for name in ASKED[entity]:
            columns[name] = simulation.calculate(name, PERIOD)
            if f"{name}_amount" in FORMULAS:
                columns[f"{name}_amount"] = simulation.calculate(f"{name}_amount", PERIOD)
        pd.DataFrame(columns).to_parquet(out / f"{entity}.parquet")
    told = {"seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - processor}
    print(json.dumps({k: round(v, 3) for k, v in told.items()} | {"version": version("openfisca-core")}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
