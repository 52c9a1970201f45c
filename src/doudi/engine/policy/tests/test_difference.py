"""Two packs side by side: nothing with a meaning changes unseen, nothing without one is told."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from doudi.engine.policy import load
from doudi.engine.policy.difference import Change, differences
from doudi.engine.policy.model import Calendar, Law, Lit, Pack, Words
from doudi.engine.policy.tests.small import BASIC, SMALL, changed, loaded
from doudi.engine.words import has

OLD = load(SMALL)


def told(files: dict[str, bytes], lang: str = "en") -> list[Change]:
    return differences(OLD, loaded(files), lang)  # type: ignore[arg-type]


def test_comments_order_and_spelling_are_no_change() -> None:
    files = changed("pack.yaml", "", "# a remark\n")
    for name, data in files.items():
        if name.endswith(".yaml") and name != "pack.yaml":
            content = yaml.safe_load(data.replace(b"money", b"money"))
            turned = dict(reversed(content.items())) if isinstance(content, dict) else content
            files[name] = yaml.safe_dump(turned, allow_unicode=True, sort_keys=False).encode()
    text = files[BASIC].decode()
    assert text != changed("pack.yaml", "", "")[BASIC].decode()
    assert told(files) == [] and loaded(files).hash != OLD.hash


def test_a_rule_is_told_in_words_with_old_and_new() -> None:
    (change,) = told(changed(BASIC, "income < need", "income <= need"))
    assert (change.section, change.how, change.programme, change.name) == (
        "condition", "changed", "basic", "income_below_standard",
    )  # fmt: skip
    (detail,) = change.details
    assert (detail.what, detail.old, detail.new) == (
        "expr", "Household income is below Need", "Household income is at most Need",
    )  # fmt: skip
    (change,) = told(changed(BASIC, "income < need", "income <= need"), "zh")
    assert change.details[0].new == "家庭收入 不高于 应保标准"


def test_two_names_of_one_label_are_told_by_name() -> None:
    files = changed("facts.yaml", '"Homes"', '"Savings"')
    files["facts.yaml"] = files["facts.yaml"].replace('zh: "住房套数"'.encode(), 'zh: "存款"'.encode())
    before = loaded(files)
    files[BASIC] = files[BASIC].replace(b"expr: homes <= 1", b"expr: 2 * homes <= 1 + homes")
    same = loaded(files)
    files[BASIC] = files[BASIC].replace(b"2 * homes <= 1 + homes", b"homes * 2 <= 1 + homes")
    assert differences(before, same, "en") and differences(same, loaded(files), "en")


def test_a_figure_is_told_with_place_day_source_and_what_held_there_before() -> None:
    more = "350000000000,2020-07-01,urban,650.00,EX-2,1,\n350000000000,2020-07-01,rural,450.00,EX-2,1,\n"
    (change,) = told(changed("programmes/basic/standards.csv", "", more))
    assert (change.section, change.name, change.label) == ("parameter", "basic.standard", "Standard")
    assert [(d.old, d.new, d.at["key"]) for d in change.details] == [
        (None, "450.00 yuan", "country"),
        (None, "650.00 yuan", "town"),
    ]
    assert change.details[0].at["law"].endswith("article 1")
    (change,) = told(changed("programmes/basic/standards.csv", "2020-07-01,urban,600.00", "2020-08-01,urban,640.00"))
    assert [(d.at["from"], d.old, d.new) for d in change.details] == [
        ("2020-07-01", "600.00 yuan", "500.00 yuan"),  # until then the province's
        ("2020-08-01", "600.00 yuan", "640.00 yuan"),
    ]


def test_a_new_citation_alone_is_a_change() -> None:
    (change,) = told(changed("programmes/basic/standards.csv", "600.00,EX-2,1,demo", "600.00,EX-2,2,demo"))
    assert [(d.what, d.old and d.old[-9:], d.new and d.new[-9:]) for d in change.details] == [
        ("law", "article 1", "article 2")
    ]


def test_a_condition_of_another_name_at_its_bit_is_the_same_one() -> None:
    files = changed(BASIC, "name: one_home", "name: at_most_one_home")
    files["programmes/basic/examples.yaml"] = files["programmes/basic/examples.yaml"].replace(
        b"one_home", b"at_most_one_home"
    )
    change = next(c for c in told(files) if c.section == "condition")
    assert (change.how, [(d.what, d.old, d.new) for d in change.details]) == (
        "changed",
        [("name", "one_home", "at_most_one_home")],
    )


def test_what_comes_and_what_goes_is_told_with_what_it_says() -> None:
    added = '  - {name: lives, bit: 4, expr: any(lives_here), law: {source: EX-1, article: "2"}}\namount:\n'
    (new,) = told(changed(BASIC, "amount:\n", added))
    assert (new.how, new.name) == ("added", "lives")
    assert {d.what: d.new for d in new.details}["law"] == "Invented act on basic allowances, article 2"
    (gone,) = differences(loaded(changed(BASIC, "amount:\n", added)), OLD, "en")
    assert gone.how == "removed" and all(d.new is None for d in gone.details)


def test_formulas_are_told_from_the_day_they_hold() -> None:
    (change,) = told(changed("variables.yaml", "2020-01-01: wage + pension", "2020-03-01: wage + pension"))
    assert [(d.at["from"], d.old, d.new) for d in change.details] == [("2020-01-01", "Wage + Pension", "Wage")]


def test_an_overlay_is_compared_with_what_it_lies_on(tmp_path: Path) -> None:
    (tmp_path / "overlay.yaml").write_text(
        "overlay: draft\nlanguage: doudi-pack/1\nof: small\npatch: {parameters: {basic.savings_months: {values: "
        '{2021-01-01: {value: 36, source: EX-2, article: "5", confidence: B}}}}}\nneutralise: [disabled]\n'
    )
    found = {(c.section, c.name): c for c in differences(OLD, load(SMALL, [tmp_path]), "en")}
    (moved,) = found["parameter", "basic.savings_months"].details
    assert (moved.old, moved.new) == ("24", "36")
    assert not any(section == "example" for section, _ in found)  # the pack's own stay
    assert found["condition", "neutralised"].how == "added"
    assert "bit_reused" in {d.what for d in found["condition", "neutralised"].details}


def test_examples_and_lists_are_told_by_their_place() -> None:
    files = changed("programmes/basic/examples.yaml", 'amount: "800.00"', 'amount: "900.00"')
    files["reasons.yaml"] = "[{code: a, zh: 一, used_for: [refusal], programmes: [all]}]\n".encode()
    found = {c.section: c for c in told(files)}
    assert [(d.at["path"], d.old, d.new) for d in found["example"].details] == [
        ("expect.basic.amount", "800.00", "900.00")
    ]
    assert (found["catalogue"].how, found["catalogue"].name) == ("added", "reasons")
    works = replace(OLD, calendar=Calendar(((date(2020, 1, 1), False),)))
    (day,) = differences(works, replace(OLD, calendar=Calendar(((date(2020, 1, 1), True),))), "en")
    assert [(d.at["path"], d.old, d.new) for d in day.details] == [("2020-01-01", "False", "True")]


# ---- no field of the model can change unseen -----------------------------------------------------------------------
DECLARED: list[tuple[str, str, Any]] = [
    ("facts", "residence", OLD.facts["residence"]),
    ("variables", "income", OLD.variables["income"]),
    ("parameters", "adult_age", OLD.parameters["adult_age"]),
    ("programmes", "basic", OLD.programmes["basic"]),
    ("signs", next(iter(OLD.signs)), next(iter(OLD.signs.values()))),
    ("sources", "EX-1", OLD.sources["EX-1"]),
]
PARTS = [
    ("conditions", OLD.programmes["basic"].conditions[0]),
    ("priority", OLD.programmes["basic"].priority[0]),
    ("excludes", OLD.programmes["basic"].excludes[0]),
]
KEYS = {
    "name",
    "id",
    "articles",
    "values",
    "conditions",
    "priority",
    "excludes",
    "formulas",
    "names",
    "scale",
    "catalogue",
}


def other(value: Any) -> Any:
    """Something else of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value + "x"
        case Words():
            return Words(value.zh, value.en + "x")
        case Law():
            return Law(value.source, value.article + "x")
        case tuple():
            return (date(1999, 1, 1), None) if value and not isinstance(value[0], str) else (*value, "x")
        case None:
            return Lit(False, "bool")
    return Lit(value != Lit(False, "bool"), "bool")


def mutants() -> list[Any]:
    found = []
    for group, name, thing in DECLARED:
        for f in dataclasses.fields(thing):
            if f.name not in KEYS:
                made = replace(thing, **{f.name: other(getattr(thing, f.name))})
                found.append(
                    pytest.param(replace(OLD, **{group: {**getattr(OLD, group), name: made}}), id=f"{group}.{f.name}")
                )
    basic = OLD.programmes["basic"]
    for group, thing in PARTS:
        for f in dataclasses.fields(thing):
            made = replace(thing, **{f.name: "higher" if f.name == "mode" else other(getattr(thing, f.name))})
            whole = replace(basic, **{group: (made, *getattr(basic, group)[1:])})
            found.append(
                pytest.param(replace(OLD, programmes={**OLD.programmes, "basic": whole}), id=f"{group}.{f.name}")
            )
    for name in ("id", "edition", "missing", "roles", "other_programmes", "in_force", "labels", "areas", "rule_date"):
        new: Any = {"a": "b"} if name == "labels" else other(getattr(OLD, name))
        found.append(pytest.param(replace(OLD, **{name: new}), id=name))
    return found


@pytest.mark.parametrize("new", mutants())
def test_no_field_changes_unseen(new: Pack) -> None:
    changes = differences(OLD, new, "zh")
    assert changes
    for change in changes:
        assert all(has(f"difference.field.{d.what}") for d in change.details)
        assert change.how != "changed" or all(d.old != d.new for d in change.details)


def test_every_field_of_a_pack_is_compared() -> None:
    """A new one belongs into `head`, or among what is compared by name."""
    by_name = {
        "facts",
        "variables",
        "parameters",
        "programmes",
        "sources",
        "signs",
        "examples",
        "catalogues",
        "calendar",
    }
    says_nothing = {"hash", "overlays", "neutralised"}
    whole = {str(m.id) for m in mutants() if "." not in str(m.id)}
    assert {f.name for f in dataclasses.fields(Pack)} == by_name | says_nothing | whole


def test_every_field_has_its_words() -> None:
    for _, _, thing in DECLARED:
        for f in dataclasses.fields(thing):
            assert f.name in KEYS or has(f"difference.field.{f.name}"), f.name


def test_the_scale_of_a_tax_is_told_by_bracket() -> None:
    text = (
        "tax:\n  type: rate\n  scale:\n    kind: marginal_rate\n    brackets:\n"
        '      - {threshold: {2019-01-01: {value: 0}}, rate: {2019-01-01: {value: "0.10"}}}\n'
        '      - threshold: {2019-01-01: {value: "100"}}\n'
        '        rate: {2019-01-01: {value: "0.20"}, 2020-01-01: {value: "0.25"}}\n'
    )
    before = loaded(changed("parameters.yaml", "", text))
    after = loaded(changed("parameters.yaml", "", text.replace('"0.25"', '"0.30"')))
    (change,) = differences(before, after, "en")
    assert [(d.what, d.old, d.new, d.at) for d in change.details] == [
        ("amount", "0.25", "0.30", {"bracket": "2", "from": "2020-01-01"})
    ]
