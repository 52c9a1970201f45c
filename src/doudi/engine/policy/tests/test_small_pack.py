"""A whole small pack is read, checked and planned for a day."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Call, Lit, Plan, Ref

SMALL = Path(__file__).parent / "packs" / "small"
COUNTY, NEIGHBOUR, FAR = "341503000000", "341502000000", "520502000000"


def planned(day: date) -> Plan:
    return plan(load(SMALL), day, [COUNTY, NEIGHBOUR, FAR])


def test_a_well_formed_pack_loads_with_everything_declared() -> None:
    pack = load(SMALL)
    assert (pack.id, pack.edition, len(pack.hash)) == ("small", "1", 64)
    assert pack.facts["disability"].presumed == "none"
    assert pack.programmes["disabled"].subject == "person"
    assert pack.sources["EX-2"].dated == "2019-12"
    assert pack.examples[0]["name"] == "a wage below the standard is topped up"


def test_names_are_qualified_and_every_definition_follows_what_it_reads() -> None:
    order = planned(date(2020, 7, 20)).order
    assert order.index("counted_income") < order.index("income") < order.index("basic")
    assert order.index("members") < order.index("basic.need") < order.index("basic") < order.index("disabled")


def test_the_formula_of_the_day_is_taken() -> None:
    assert planned(date(2019, 6, 1)).definitions["counted_income"].expr == Ref("wage", "fact", "money", "person")
    assert isinstance(planned(date(2020, 1, 1)).definitions["counted_income"].expr, Call)
    assert planned(date(2018, 12, 31)).definitions["counted_income"].expr == Lit(None, "money")


def test_only_conditions_in_force_are_planned() -> None:
    assert [c.name for c in planned(date(2019, 6, 1)).programmes["basic"].conditions] == [
        "income_below_standard",
        "savings_within_limit",
    ]
    assert len(planned(date(2020, 1, 1)).programmes["basic"].conditions) == 3


def test_a_figure_falls_back_from_county_to_province_to_nation_and_says_where_it_was_found() -> None:
    values = planned(date(2020, 7, 20)).area_values
    own = values["341503"]["basic.standard", "rural"]
    assert (own.value, own.area, own.confidence) == (Decimal("600.00"), COUNTY, "demo")
    assert values["341502"]["basic.standard", "rural"].area == "340000000000"
    assert values["341503"]["basic.savings_months", None].value == 6
    assert values["520502"]["basic.savings_months", None].area == ""


def test_a_place_without_any_figure_has_none_so_that_the_county_is_asked() -> None:
    assert ("basic.standard", "rural") not in planned(date(2020, 7, 20)).area_values["520502"]


def test_a_local_figure_counts_from_its_day_on() -> None:
    values = planned(date(2020, 6, 30)).area_values
    assert values["341503"]["basic.standard", "urban"].value == Decimal("500.00")


def test_a_parameter_per_fact_belongs_to_whom_the_fact_belongs() -> None:
    need = planned(date(2020, 7, 20)).definitions["basic.need"].expr
    assert isinstance(need, Call) and isinstance(need.args[0], Ref) and need.args[0].entity == "household"


def test_the_amount_carries_its_rounding() -> None:
    amount = load(SMALL).programmes["basic"].amount
    assert isinstance(amount, Call) and amount.op == "round"
    assert amount.args[1:] == (Lit(Decimal("0.01"), "number"), Lit("half_up", "text"))


def test_the_hash_hangs_on_content_not_on_time(tmp_path: Path) -> None:
    copy = shutil.copytree(SMALL, tmp_path / "copy")
    assert load(copy).hash == load(SMALL).hash
    (copy / "pack.yaml").write_text((copy / "pack.yaml").read_text("utf-8") + "# one remark more\n", "utf-8")
    assert load(copy).hash != load(SMALL).hash
