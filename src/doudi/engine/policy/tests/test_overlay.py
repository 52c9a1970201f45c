"""A draft laid over a pack: add, replace, patch, neutralise; mistakes in it are told like any other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Call, Lit, Pack
from doudi.engine.policy.tests.small import SMALL
from doudi.engine.words import Refused

HEAD = "overlay: draft\nlanguage: doudi-pack/1\nof: small\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "draft").mkdir()
    return tmp_path / "draft"


def laid(folder: Path, text: str) -> Pack:
    (folder / "overlay.yaml").write_text(HEAD + text, "utf-8")
    return load(SMALL, [folder])


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        laid(folder, text)
    return [f"{f.code} {f.file}:{f.path}" for f in caught.value.faults]


def test_a_patch_goes_down_by_key_and_replaces_a_list_whole(folder: Path) -> None:
    pack = laid(
        folder,
        'patch:\n  facts: {wage: {label: {en: "Pay"}}}\n'
        "  parameters: {adult_age: {values: {2020-01-01: {value: 20}}}}\n"
        "  programmes: {basic: {excludes: []}}\n",
    )
    assert (pack.facts["wage"].label.zh, pack.facts["wage"].label.en) == ("工资", "Pay")
    assert [v.value for v in pack.parameters["adult_age"].values] == [18, 20]
    assert pack.programmes["basic"].excludes == ()
    assert pack.overlays == ("draft",)


def test_a_programme_s_own_names_are_reached_by_their_qualified_names(folder: Path) -> None:
    pack = laid(
        folder,
        "replace:\n  variables: {basic.need: {entity: household, type: money, expr: standard}}\n"
        '  parameters: {disabled.full: {type: money, values: {2019-01-01: {value: "90.00"}}}}\n',
    )
    assert pack.parameters["disabled.full"].values[0].value == Decimal("90.00")
    assert not isinstance(pack.variables["basic.need"].formulas[0][1], Call)


def test_something_new_can_be_added_and_used(folder: Path) -> None:
    pack = laid(
        folder,
        "add:\n"
        "  facts: {household: {dogs: {type: int, min: 0}}}\n"
        "  variables: {basic.dog_money: {entity: household, type: money, expr: dog_rate * dogs}}\n"
        '  parameters: {dog_rate: {type: money, values: {2019-01-01: {value: "5.00"}}}}\n'
        "patch:\n  programmes: {basic: {amount: {expr: need - income + dog_money}}}\n",
    )
    assert "basic.dog_money" in plan(pack, date(2020, 1, 1)).order


def test_what_is_neutralised_answers_its_default(folder: Path) -> None:
    pack = laid(folder, "neutralise: [counted_income, disabled]\n")
    assert pack.variables["counted_income"].formulas == ((None, Lit(Decimal(0), "money")),)
    assert [c.expr for c in pack.programmes["disabled"].conditions] == [Lit(False, "bool")]
    assert pack.programmes["disabled"].amount == Lit(Decimal(0), "money")


def test_overlays_are_laid_in_order_and_change_the_hash(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "overlay.yaml").write_text(
        "overlay: second\nlanguage: doudi-pack/1\nof: small\n"
        "patch: {parameters: {adult_age: {values: {2019-01-01: {value: 16}}}}}\n"
    )
    (folder / "overlay.yaml").write_text(
        HEAD + "patch: {parameters: {adult_age: {values: {2019-01-01: {value: 21}}}}}\n"
    )
    one, other = (load(SMALL, order) for order in ([folder, tmp_path / "second"], [tmp_path / "second", folder]))
    assert [p.parameters["adult_age"].values[0].value for p in (one, other)] == [16, 21]
    assert len({one.hash, other.hash, load(SMALL).hash}) == 3


def test_what_is_there_cannot_be_added_and_what_is_not_cannot_be_changed(folder: Path) -> None:
    found = refused(
        folder,
        "add: {variables: {members: {entity: household, type: int, expr: '1'}}}\n"
        "patch: {variables: {membres: {label: {en: x}}}}\n"
        "replace: {parameters: {basik.full: {type: int, values: {2019-01-01: {value: 1}}}}}\n"
        "neutralise: [incom]\n",
    )
    assert found == [
        "policy.overlay_known draft/overlay.yaml:add.variables.members",
        "policy.unknown_name draft/overlay.yaml:patch.variables.membres",
        "policy.unknown_programme draft/overlay.yaml:replace.parameters.basik.full",
        "policy.unknown_name draft/overlay.yaml:neutralise.1",
    ]


def test_a_draft_alone_says_over_which_pack_to_check_it(folder: Path) -> None:
    (folder / "overlay.yaml").write_text(HEAD + "neutralise: [disabled]\n", "utf-8")
    with pytest.raises(Refused) as caught:
        load(folder)
    (fault,) = caught.value.faults
    for lang in ("zh", "en"):
        assert f"doudi pack check small --overlay {folder}" in fault.text(lang)


def test_a_draft_for_another_pack_is_refused(folder: Path) -> None:
    (folder / "overlay.yaml").write_text(HEAD.replace("small", "cn"))
    with pytest.raises(Refused) as caught:
        load(SMALL, [folder])
    assert caught.value.faults[0].code == "policy.overlay_of"


def test_a_mistake_in_a_draft_s_expression_is_told_at_the_draft(folder: Path) -> None:
    found = refused(folder, "patch: {variables: {members: {expr: count_if(livs_here)}}}\n")
    assert found == ["policy.unknown_name draft/overlay.yaml:members.expr"]


def test_a_draft_brings_its_own_examples(folder: Path) -> None:
    (folder / "examples.yaml").write_text(
        "- {name: extra, as_of: 2020-01-01, facts: {household: {homes: 1}}, expect: {variables: {members: 0}}}\n"
    )
    assert [e["name"] for e in laid(folder, "").examples] == ["extra"]


def test_the_pack_s_own_examples_say_nothing_about_a_draft(folder: Path) -> None:
    rules = "{programme: basic, subject: household, period: month, conditions: [{name: new, bit: 9, expr: homes < 9}]}"
    assert laid(folder, f"replace: {{programmes: {{basic: {rules}}}}}\n").examples == ()
