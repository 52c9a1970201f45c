"""The lists of other rooms are checked with the pack: columns, and every programme, step and code that a row names."""

from __future__ import annotations

import pytest

from doudi.engine.policy.tables import SCHEMAS
from doudi.engine.policy.tests.small import BASIC, changed, faults_of, loaded

LISTS = {
    "processes.csv": "process,step,order,zh,actor,term,unit,starts_with,form,programmes,source,article\n"
    "aid,apply,1,申请,township,,,,APPLY,basic;disabled,,\naid,decide,2,审批,county,10,working_days,apply,,all,EX-1,7\n",
    "forms.csv": "code,zh,en,step,programmes,from,to\n"
    "APPLY,旧申请表,old application,apply,basic,,2019-12-31\nAPPLY,申请表,application,apply,all,2020-01-01,\n",
    "archive/basic.csv": "programme,order,code,zh,form\nbasic,1,request,申请书,APPLY\n",
    "checklists.csv": "list,code,group,zh,grade,asks\nhomes,H-1,建筑,裂缝,county,homes\n",
    "reasons.yaml": "- {code: R01, zh: 收入高, used_for: [refusal, termination], programmes: [basic]}\n",
    "rhythms.yaml": "- {code: monthly, zh: 每月, subject: household, every: 1, unit: months, parameter: adult_age,"
    " checklist: homes, sign: wage_of_a_child}\n",
    "thresholds.csv": "plan,area,ladder,level,criterion,min,max\n"
    "DEMO,341503000000,relief,IV,deaths,1,20\nCN,000000000000,relief,I,deaths,200,\n",
    "templates.csv": "template,kind,order,header,means,masked\nicbc,bank,1,户名,payee,true\nicbc,bank,2,金额,amount,\n",
    "registers/roster.yaml": "label: {zh: 名册}\nowner: 民政局\nkind: department\nbelongs: listed\nenrols: basic\n"
    "always: {person.lives_here: true}\ncolumns:\n"
    "  - {means: household.residence, headers: [城乡], fill: true, words: {城: urban, 农: rural}}\n"
    "  - {means: amount, headers: [金额]}\namount_of: [amount]\n",
}


def files(file: str = "", old: str = "", new: str = "") -> dict[str, bytes]:
    found = changed(BASIC, "period: month", "period: month\nprocess: aid\nforms: [APPLY]\narchive: [request]")
    for name, text in LISTS.items():
        if name == file:
            assert old in text
            text = text.replace(old, new, 1)
        found[name] = text.encode()
    return found


def told(file: str, old: str, new: str) -> list[tuple[str, int | None, str, str]]:
    """(code, line, path, suggestion) of what is wrong in one file."""
    found = [f for f in faults_of(files(file, old, new)) if f.file == file]
    return [(f.code.removeprefix("policy."), f.line, f.path, str(f.fields.get("near", ""))) for f in found]


def test_lists_that_are_sound_are_read_as_they_stand() -> None:
    pack = loaded(files())
    assert {name.partition(".")[0].partition("/")[0] for name in LISTS} == pack.catalogues.keys()
    assert pack.catalogues["archive"]["basic"][0]["form"] == "APPLY"
    assert SCHEMAS.keys() | {"registers"} == pack.catalogues.keys()


@pytest.mark.parametrize(
    "file, old, new, code, line, path, near",
    [
        ("forms.csv", "code,zh", "code,zhh", "unknown_key", 2, "zhh", "zh"),
        ("forms.csv", "code,zh,en,step", "code,zh,en,stage", "missing_key", 2, "", ""),
        ("forms.csv", "application,apply,basic", "application,aply,basic", "unknown_step", 2, "step", "apply"),
        ("forms.csv", "apply,basic", "apply,basik", "unknown_programme", 2, "programmes", "basic"),
        ("forms.csv", "2020-01-01", "2019-12-31", "row_twice", 3, "", ""),
        ("forms.csv", "2020-01-01", "2020-13-01", "expected_date", 3, "from", ""),
        ("processes.csv", "APPLY,basic;disabled", "APLY,basic;disabled", "unknown_form", 2, "form", "APPLY"),
        ("processes.csv", "basic;disabled", "basic;disabeld", "unknown_programme", 2, "programmes", "disabled"),
        ("processes.csv", "working_days", "workdays", "no_choice", 3, "unit", ""),
        ("processes.csv", "10,", "ten,", "expected_int", 3, "term", ""),
        ("processes.csv", "EX-1", "EX-9", "unknown_source", 3, "source", "EX-1"),
        ("archive/basic.csv", "basic,1", "basik,1", "unknown_programme", 2, "programme", "basic"),
        ("checklists.csv", "homes\n", "hoomes\n", "unknown_name", 2, "asks", "homes"),
        ("reasons.yaml", "termination", "ending", "no_choice", 1, "R01.used_for.2", ""),
        ("reasons.yaml", "used_for", "used", "unknown_key", 1, "R01.used", "used_for"),
        ("rhythms.yaml", "adult_age", "adultage", "unknown_name", 1, "monthly.parameter", "adult_age"),
        ("rhythms.yaml", "checklist: homes", "checklist: house", "unknown_checklist", 1, "monthly.checklist", "homes"),
        ("rhythms.yaml", "wage_of_a_child", "wages", "unknown_sign", 1, "monthly.sign", "wage_of_a_child"),
        ("thresholds.csv", "341503000000", "341503000009", "no_area", 2, "area", "341503000000"),
        ("thresholds.csv", "200", "2e2", "expected_number", 3, "min", ""),
        ("templates.csv", "true", "yes", "expected_bool", 2, "masked", ""),
        ("templates.csv", "bank,2", "bank,1", "row_twice", 3, "", ""),
        ("registers/roster.yaml", "enrols: basic", "enrols: basc", "unknown_programme", 5, "enrols", "basic"),
        ("registers/roster.yaml", "lives_here: true", "lives_her: true", "unknown_name", 6, "always.person.lives_her",
         "person.lives_here"),
        ("registers/roster.yaml", "household.residence", "person.residence", "unknown_name", 8,
         "columns.person.residence.means", "household.residence"),
        ("registers/roster.yaml", "农: rural", "农: country", "no_enum_value", 8,
         "columns.household.residence.words.农", ""),
        ("registers/roster.yaml", "headers: [城乡], fill", "headers: [城乡], fil", "unknown_key", 8,
         "columns.household.residence.fil", "fill"),
        ("registers/roster.yaml", "amount_of: [amount]", "amount_of: [amont]", "unknown_means", 10, "amount_of.1",
         "amount"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_list_is_told_with_its_place(
    file: str, old: str, new: str, code: str, line: int, path: str, near: str
) -> None:
    found = told(file, old, new)
    assert (code, line, path) in [f[:3] for f in found], found
    said = next(f[3] for f in found if f[:3] == (code, line, path))
    assert near in said


@pytest.mark.parametrize(
    "old, new, code",
    [("process: aid", "process: ade", "unknown_process"), ("[APPLY]", "[APLY]", "unknown_form"),
     ("[request]", "[reqest]", "unknown_archive")],
)  # fmt: skip
def test_a_programme_names_what_its_lists_have(old: str, new: str, code: str) -> None:
    found = files()
    found[BASIC] = found[BASIC].replace(old.encode(), new.encode())
    assert [(f.code, f.file) for f in faults_of(found)] == [(f"policy.{code}", BASIC)]
