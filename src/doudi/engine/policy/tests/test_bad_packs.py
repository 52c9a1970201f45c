"""Bad packs: each mistake and each attack is one clear fault at its place, and reading never hangs or crashes."""

from __future__ import annotations

import shutil
import time
from datetime import date
from pathlib import Path

import pytest
import yaml

from doudi.engine.policy import load
from doudi.engine.policy.graph import MAX_CHAIN
from doudi.engine.policy.tests.small import BASIC, SMALL, changed, faults_of, loaded
from doudi.engine.words import Fault, Refused

MISTAKES = yaml.safe_load((Path(__file__).parent / "bad_packs.yaml").read_text("utf-8"))


@pytest.mark.parametrize("mistake", MISTAKES, ids=[m["what"] for m in MISTAKES])
def test_a_mistake_is_a_fault_at_its_place(mistake: dict[str, str]) -> None:
    faults = faults_of(changed(mistake["file"], mistake.get("old", ""), mistake["new"]))
    found = [f for f in faults if f.code == f"policy.{mistake['code']}"]
    assert found, [f.text("en") for f in faults]
    assert found[0].path == mistake.get("path", "")
    for fault in faults:
        _is_told_in_full(fault)


def _is_told_in_full(fault: Fault) -> None:
    assert fault.file
    for lang in ("zh", "en"):
        told = fault.to_json(lang)  # raises when a text lacks a field
        assert told["reason"] and told["remedy"]
        assert told["reason"] in fault.text(lang)


def test_a_fault_names_the_line_of_its_key() -> None:
    (fault,) = faults_of(changed(BASIC, "expr: homes <= 1", "expr: home <= 1"))
    lines = changed(BASIC, "", "")[BASIC].decode().splitlines()
    assert fault.line == lines.index("    expr: homes <= 1") + 1
    assert fault.file == BASIC


def test_all_faults_of_all_files_come_at_once() -> None:
    files = changed(BASIC, "expr: homes <= 1", "expr: home <= 1")
    files["facts.yaml"] = files["facts.yaml"].replace(b"type: bool, sensitive", b"type: boolean, sensitive")
    files["parameters.yaml"] = files["parameters.yaml"].replace(b"value: 18", b"value: 18.5")
    files["signs/income.yaml"] = files["signs/income.yaml"].replace(b"wage > 0", b"wages > 0")
    assert {f.file for f in faults_of(files)} >= {"facts.yaml", "parameters.yaml", BASIC, "signs/income.yaml"}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("facts.yaml", "born_on: {type: date", "born_on: {type: dtae"),
        ("facts.yaml", "wage: {type: money", "wage: {tpye: money"),
        ("facts.yaml", "residence: {type: enum", "residence: {type: enumm"),
        ("parameters.yaml", "type: int", "type: integer"),
        ("programmes/basic/parameters.yaml", "type: money", "type: mony"),
        ("programmes/basic/parameters.yaml", "per: residence", "per: residense"),
        ("programmes/disabled/parameters.yaml", "type: money", "type: mony"),
        ("variables.yaml", "members: {entity: household", "members: {entity: houshold"),
        ("variables.yaml", "is_adult: {entity: person, type: bool", "is_adult: {entity: person, type: boolean"),
    ],
)
def test_what_is_declared_wrongly_is_told_where_it_is_declared_and_nowhere_else(file: str, old: str, new: str) -> None:
    faults = faults_of(changed(file, old, new))
    assert {f.file for f in faults} == {file}
    assert len(faults) == (2 if "tpye" in new else 1)  # an unknown key, and the one that is missing for it


def test_an_area_counts_on_the_days_of_the_pack_only() -> None:
    local = "basic.savings_months: {values: {2020-01-01: {value: 6}}}"
    files = changed("areas/320682000000/parameters.yaml", "", local)  # 如皋市, all these years
    assert faults_of(files) == []
    files = changed("areas/330103000000/parameters.yaml", "", local)  # 下城区, abolished in 2021
    assert faults_of(files) == []
    files["pack.yaml"] = files["pack.yaml"].replace(b"from: 2019-01-01", b"from: 2023-01-01")
    assert [f.code for f in faults_of(files) if f.file.startswith("areas/3301")] == ["policy.no_area"]


def test_what_is_no_yaml_is_told_in_chinese_with_line_and_column() -> None:
    files = changed("facts.yaml", "", "")
    files["facts.yaml"] = b"person:\n  a: {type: int\n  b: x\n"
    (fault,) = faults_of(files)
    assert "不是有效的 YAML，问题在第 3 行第" in fault.text("zh") and fault.line == 3
    files["facts.yaml"] = b"person: {}\nhousehold: \x01\n"
    (fault,) = faults_of(files)
    assert "第 2 行第 12 列" in fault.text("zh") and fault.line == 2


def test_few_choices_are_all_named_and_many_by_the_nearest() -> None:
    (fault,) = faults_of(changed(BASIC, "enrolled('basic')", "enrolled('basik')"))
    assert "It can be: basic, disabled, orphans." in fault.text("en")
    (fault,) = faults_of(changed(BASIC, "expr: homes <= 1", "expr: home <= 1"))
    assert "您是不是要写 homes" in fault.text("zh")
    (fault,) = faults_of(changed(BASIC, "expr: homes <= 1", "expr: qqqqq <= 1"))
    assert "-" not in fault.text("en").split("qqqqq")[1]


def test_a_word_that_yaml_misreads_is_one_fault() -> None:
    (fault,) = faults_of(changed("facts.yaml", "presumed: true", "presumed: yes"))
    assert fault.code == "policy.yaml_trap"


def test_a_group_of_facts_without_content_does_not_drown_in_its_uses() -> None:
    files = changed("facts.yaml", "", "")
    files["facts.yaml"] = b"person:\nhousehold:\n"
    assert {f.file for f in faults_of(files)} == {"facts.yaml"}


def test_two_units_are_not_compared() -> None:
    files = changed("facts.yaml", "homes: {type: int,", "homes: {type: int, unit: homes,")
    files[BASIC] = files[BASIC].replace(b"expr: homes <= 1", b"expr: homes <= savings_months")
    assert [f.code for f in faults_of(files)] == ["policy.units"]


def test_a_file_in_the_old_chinese_encoding_is_told_so() -> None:
    files = changed("facts.yaml", "", "")
    files["facts.yaml"] = files["facts.yaml"].decode().encode("gb18030")
    assert [(f.code, f.line) for f in faults_of(files)] == [("policy.not_utf8", 2)]


def test_one_mistake_is_not_told_twice() -> None:
    assert (
        len(faults_of(changed("variables.yaml", '"sum(counted_income, lives_here)"', '"sum(nothing, lives_here)"')))
        == 1
    )


def test_what_is_only_asked_may_hang_on_what_is_known() -> None:
    files = changed(
        "variables.yaml", "", "sign: {entity: household, type: bool, expr: is_known(homes) and homes > 5}\n"
    )
    files[BASIC] = files[BASIC].replace(b"ask_when: any(serious_illness)", b"ask_when: sign")
    assert faults_of(files) == []  # `disabled` reads basic.eligible, and that does not hang on the sign


def test_a_programme_s_own_figure_may_not_shadow_a_root_variable() -> None:
    files = changed("programmes/basic/parameters.yaml", "", "members: {type: int, values: {2019-01-01: {value: 1}}}\n")
    assert [(f.code, f.file, f.path) for f in faults_of(files)] == [
        ("policy.name_twice", "programmes/basic/parameters.yaml", "members")
    ]


def test_a_calendar_is_a_file_of_the_pack() -> None:
    files = changed("pack.yaml", "areas: all", "areas: all\ncalendar: days.csv")
    assert [f.code for f in faults_of(files)] == ["policy.no_file"]
    files["days.csv"] = b"day,working,name\n2020-10-10,true,\n2020-10-01,false,feast\n"
    assert loaded(files).calendar.exceptions == ((date(2020, 10, 1), False), (date(2020, 10, 10), True))
    for bad, code in (
        (b"day,works\n2020-01-02,no\n", "policy.columns_of"),
        (b"day,working\n2020-01-02,no\n", "policy.expected_bool"),
        (b"day,working\n2020-02-30,true\n", "policy.expected_date"),
        (b"day,working\n2020-01-02,true\n2020-01-02,false\n", "policy.day_twice"),
    ):
        files["days.csv"] = bad
        assert [f.code for f in faults_of(files)] == [code]


def test_places_are_looked_up_and_the_nearest_are_named() -> None:
    files = changed("pack.yaml", "areas: all", 'areas: ["341503000009", "34150300000"]')
    files["areas/341530000000/parameters.yaml"] = files.pop("areas/341503000000/parameters.yaml")
    found = {f.path or f.file: (f.code, str(f.fields.get("near", ""))) for f in faults_of(files)}
    assert found["areas.1"][0] == "policy.no_area" and "341503000000" in found["areas.1"][1]
    assert found["areas.2"][0] == "policy.expected_area"
    code, near = found["areas/341530000000/parameters.yaml"]
    assert code == "policy.no_area" and "341503000000" in near


def test_a_misspelt_subject_is_one_fault() -> None:
    files = changed(BASIC, "subject: household", "subject: houshold")
    assert [(f.code, f.path) for f in faults_of(files)] == [("policy.no_choice", "subject")]
    files = changed(BASIC, "subject: household", "subject: houshold")
    files[BASIC] = files[BASIC].replace(b"expr: income < need", b"expr: incom < need")
    assert [f.code for f in faults_of(files)] == ["policy.no_choice", "policy.unknown_name"]


def test_a_table_that_nobody_names_is_told() -> None:
    assert [f.code for f in faults_of(changed("days.csv", "", "a,b\n"))] == ["policy.unused_table"]


def test_a_file_that_cannot_be_read_does_not_drown_in_the_names_it_would_have_declared() -> None:
    files = changed("facts.yaml", "person:\n", "person: [\n")
    assert [f.code for f in faults_of(files)] == ["policy.yaml_syntax"]


def test_a_file_read_for_two_purposes_is_one_fault() -> None:
    files = changed(BASIC, "", "")
    files[BASIC] = b"- a list\n"
    assert [f.code for f in faults_of(files) if f.file == BASIC] == ["policy.expected_mapping"]


def test_a_programme_has_a_condition_on_every_day_it_is_in_force() -> None:
    text = "from: 2020-01-01\n    to: 2020-12-31\n"
    files = changed(BASIC, "from: 2020-01-01\n", text)
    for name in ("income_below_standard", "savings_within_limit"):
        files[BASIC] = files[BASIC].replace(f"{name}\n".encode(), f"{name}\n    to: 2020-06-30\n".encode())
    (fault,) = faults_of(files)
    assert (fault.code, str(fault.fields["day"])) == ("policy.day_without_condition", "2021-01-01")


def _anchors(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]\n"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, levels)]
    return "".join(lines)


def _variables(n: int, expr: str) -> str:
    return "".join(
        f"variable_{i}: {{entity: household, type: int, expr: {expr.replace('{}', str(i))}}}\n" for i in range(n)
    )


ENDLESS = {
    "exploding anchors": ("pack.yaml", _anchors(15)),
    "nested lists": ("facts.yaml", "[" * 100_000),
    "nested maps": ("facts.yaml", "".join(" " * n + "a:\n" for n in range(900))),
    "one name often": ("facts.yaml", "person: {" + "a: {type: int}, " * 60_000 + "}"),
    "a long word": ("facts.yaml", "person: " + "x" * 1_900_000),
    "a large file": ("facts.yaml", "person: {}\n" * 400_000),
    "many expressions": ("variables.yaml", _variables(20_000, "'1'")),
    "many misspelt names": ("variables.yaml", _variables(3_000, "variabel_{}")),
    "long expressions": ("variables.yaml", _variables(1_500, "variable_0" + " + variable_{}" * 40)),
    "everything reads everything": ("variables.yaml", _variables(150, " + ".join(f"variable_{n}" for n in range(49)))),
    "many parentheses": ("variables.yaml", _variables(1, "(" * 900 + "1" + ")" * 900)),
    "a long bad table": (
        "programmes/basic/standards.csv",
        "area,from,residence,value\n" + ",2020-01-01,urban,x\n" * 200_000,
    ),
    "a word of one cell": ("programmes/basic/standards.csv", "area,from,residence,value\n" + "x" * 200_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", ENDLESS)
def test_no_file_makes_reading_long(what: str) -> None:
    file, text = ENDLESS[what]
    files = changed(file, "", "")
    files[file] = text.encode()
    started = time.process_time()
    faults = faults_of(files)
    assert time.process_time() - started < 2
    assert 0 < len(faults) <= 201
    _is_told_in_full(faults[0])


@pytest.mark.slow
@pytest.mark.parametrize("n", [MAX_CHAIN - 10, 2_000])
def test_a_chain_of_variables_is_no_cycle_and_ends_at_its_limit(n: int) -> None:
    chain = "".join(f"v{i}: {{entity: household, type: int, expr: v{i - 1} + 1}}\n" for i in range(1, n + 1))
    files = changed("variables.yaml", "", "v0: {entity: household, type: int, expr: homes}\n" + chain)
    files[BASIC] = files[BASIC].replace(b"expr: homes <= 1", f"expr: v{n} <= 1".encode())
    if n < MAX_CHAIN:
        assert f"v{n}" in loaded(files).variables
        return
    (fault,) = faults_of(files)
    assert (fault.code, fault.path) == ("policy.chain_long", f"v{MAX_CHAIN}")


def test_text_that_is_not_utf_8_is_named_with_its_line() -> None:
    files = changed("facts.yaml", "", "")
    files["facts.yaml"] = files["facts.yaml"] + "# 中文".encode("gb18030")
    assert faults_of(files)[0].code == "policy.not_utf8"


def test_a_folder_that_is_no_pack_says_which_packs_there_are(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        load(tmp_path / "nowhere")
    assert "cn" in refused.value.faults[0].text("en")
    with pytest.raises(Refused) as refused:
        load(tmp_path)
    assert refused.value.faults[0].fields["name"] == "pack.yaml"


def test_a_link_out_of_the_pack_is_not_followed(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "linked"))
    (folder / "sources" / "EX-3.yaml").symlink_to("/etc/passwd")
    with pytest.raises(Refused) as refused:
        load(folder)
    assert refused.value.faults[0].code == "policy.link"
