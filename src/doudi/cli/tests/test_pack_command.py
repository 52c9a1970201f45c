"""doudi pack list, check, show, diff: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import doudi.engine.policy
from doudi.cli import app
from doudi.engine.policy import load
from doudi.engine.screening.household import Household, Person
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.words import Refused

SMALL = Path(doudi.engine.policy.__file__).parent / "tests" / "packs" / "small"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOUDI_LANG", "en")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(SMALL, tmp_path / "broken"))
    rules = folder / "programmes" / "basic" / "programme.yaml"
    rules.write_text(rules.read_text("utf-8").replace("income < need", "incom < need"), "utf-8")
    figures = folder / "programmes" / "disabled" / "parameters.yaml"
    figures.write_text(figures.read_text("utf-8").replace('"80.00"', "80.00"), "utf-8")
    return folder


def test_a_good_pack_is_said_to_be_good() -> None:
    result = CliRunner().invoke(app, ["pack", "check", str(SMALL)])
    assert result.exit_code == 0
    assert "programmes: 2 · facts: 10" in result.stdout


def test_every_fault_is_told_with_file_line_path_reason_and_remedy(broken: Path) -> None:
    result = CliRunner().invoke(app, ["pack", "check", str(broken)])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "programmes/basic/programme.yaml · line 19 · conditions.income_below_standard.expr" in result.stderr
    assert "unknown name “incom”. Did you mean income" in result.stderr
    assert "the decimal 80.00 has no quotes" in result.stderr


def test_faults_are_also_one_json_object(broken: Path) -> None:
    result = CliRunner().invoke(app, ["pack", "check", str(broken), "--json"])
    answer = json.loads(result.stdout)
    assert result.exit_code == 2
    assert not answer["ok"]
    assert {f["code"] for f in answer["faults"]} == {"policy.unknown_name", "policy.yaml_float"}
    assert all(f["file"] and f["line"] and f["reason"] and f["remedy"] for f in answer["faults"])


def test_a_page_names_source_and_article_of_each_condition() -> None:
    result = CliRunner().invoke(app, ["pack", "show", str(SMALL), "--programme", "basic"])
    assert result.exit_code == 0
    assert "law: Invented act on basic allowances No. 1, article 17 [EX-1]" in result.stdout
    law = "Invented order of the county of nowhere, article 1"
    assert f"town 600.00 yuan · 裕安区 · from 2020-07-01 · {law} · made up for the demo" in result.stdout


def test_units_are_said_in_the_reader_s_language_and_unknown_ones_as_they_stand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "units"))
    figures = folder / "parameters.yaml"
    figures.write_text(figures.read_text("utf-8").replace("unit: years", "unit: moons"), "utf-8")
    monkeypatch.setenv("DOUDI_LANG", "zh")
    shown = CliRunner().invoke(app, ["pack", "show", str(folder), "--programme", "basic"]).stdout
    assert "存款限额月数（basic.savings_months） · 个月" in shown
    assert "（adult_age） · moons" in shown


def test_a_name_that_the_label_says_is_not_said_twice() -> None:
    shown = CliRunner().invoke(app, ["pack", "show", "cn", "--programme", "dibao"]).stdout
    assert shown.startswith("Minimum living allowance (dibao)\npack cn")


def test_numbers_read_well_with_one(broken: Path) -> None:
    rules = broken / "programmes" / "basic" / "programme.yaml"
    rules.write_text(rules.read_text("utf-8").replace("incom < need", "income < need"), "utf-8")
    assert f"Faults in {broken}: 1." in CliRunner().invoke(app, ["pack", "check", str(broken)]).stderr


def test_a_page_for_a_reader_who_never_programmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each condition: the rule, what it is made of, the figure in force, the article, what is asked."""
    monkeypatch.setenv("DOUDI_LANG", "zh")
    shown = CliRunner().invoke(app, ["pack", "show", str(SMALL), "--programme", "basic", "--people"]).stdout
    condition = shown[shown.index("2. 存款不超过限额") : shown.index("3. ")]
    act, order = "依据《Invented act on basic allowances》", "依据《Invented order of the county of nowhere》"
    told = [line.strip() for line in condition.splitlines() if line]
    assert told[:3] == [
        "2. 存款不超过限额（savings_within_limit）",
        "存款 不高于 应保标准 × 存款限额月数",
        "其中：应保标准 = 保障标准 × 共同生活人数",
    ]
    assert {t for t in told if t.startswith("数值")} == {
        f"数值：保障标准 = 农村 400.00 元（安徽省，自 2019年1月1日 起，{act}第4条，已核原文）",
        f"数值：保障标准 = 城镇 500.00 元（安徽省，自 2019年1月1日 起，{act}第4条，已核原文）",
        f"数值：保障标准 = 农村 600.00 元（裕安区，自 2020年7月1日 起，{order}第1条，演示值）",
        f"数值：保障标准 = 城镇 600.00 元（裕安区，自 2020年7月1日 起，{order}第1条，演示值）",
        f"数值：存款限额月数 = 24 个月（全国，自 2021年1月1日 起，{order}第5条，待核原文）",
        f"数值：存款限额月数 = 6 个月（裕安区，自 2020年1月1日 起，{order}第6条，演示值）",
    }
    assert "依据：《Invented act on basic allowances》No. 1 第17条 [EX-1]" in told
    assert "不清楚时问：存款有多少？" in told
    assert "1   a wage below the standard is topped up  符合条件    800.00 元" in shown
    assert "  head（a）：出生日期 1970年5月1日；工资 300.00 元；养老金 0.00 元" in shown
    earlier = (
        CliRunner().invoke(app, ["pack", "show", str(SMALL), "--programme", "basic", "--as-of", "2020-07-20"]).stdout
    )
    assert "存款限额月数 = 12 个月（全国，自 2019年1月1日 起" in earlier and "存款限额月数 = 24" not in earlier


def test_without_a_programme_all_are_listed() -> None:
    result = CliRunner().invoke(app, ["pack", "show", str(SMALL)])
    assert result.exit_code == 0
    assert "basic     Basic allowance" in result.stdout and "disabled" in result.stdout
    told = json.loads(CliRunner().invoke(app, ["pack", "show", str(SMALL), "--json"]).stdout)
    assert [p["programme"] for p in told["programmes"]] == ["basic", "disabled"]


def test_the_list_is_readable_by_machines() -> None:
    result = CliRunner().invoke(app, ["pack", "list", "--json"])
    assert result.exit_code == 0
    assert {p["name"] for p in json.loads(result.stdout)["packs"]} >= {"cn"}


ATTACKS = yaml.safe_load((SMALL.parents[1] / "hostile.yaml").read_text("utf-8"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_hostile_pack_is_told_in_full_at_once_and_nothing_else_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "hostile"))
    sample = ATTACKS["expressions"][::3]
    lines = [f"bad_{n}: {{entity: household, type: bool, expr: {json.dumps(t)}}}\n" for n, (t, _) in enumerate(sample)]
    with (folder / "variables.yaml").open("a", encoding="utf-8") as file:
        file.writelines(lines)
    os.mkfifo(folder / "signs" / "pipe.yaml")
    (folder / "sources" / "LINK.yaml").symlink_to("/etc/passwd")
    monkeypatch.setenv("DOUDI_LANG", lang)
    result = CliRunner().invoke(app, ["pack", "check", str(folder)])
    assert result.exit_code == 2 and result.stdout == ""
    assert isinstance(result.exception, SystemExit)  # no traceback
    told = result.stderr.splitlines()
    line = "第 " if lang == "zh" else "line "
    silent = {
        n
        for n in range(len(sample))
        if not any(t.startswith(f"variables.yaml · {line}") and f" bad_{n}.expr" in t for t in told)
    }
    assert silent == set()
    assert any("pipe.yaml" in t for t in told) and any("LINK.yaml" in t for t in told)
    assert all(t.isprintable() for t in told)


def test_what_changed_is_told_in_the_reader_s_language_and_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "next"))
    rules = folder / "programmes" / "basic" / "programme.yaml"
    rules.write_text(rules.read_text("utf-8").replace("income < need", "income <= need"), "utf-8")
    result = CliRunner().invoke(app, ["pack", "diff", str(SMALL), str(folder)])
    assert result.exit_code == 0
    assert "rule: Household income is below Need → Household income is at most Need" in result.stdout
    monkeypatch.setenv("DOUDI_LANG", "zh")
    result = CliRunner().invoke(app, ["pack", "diff", str(SMALL), str(folder)])
    assert "共 1 处变化" in result.stdout and "内容：家庭收入 低于 应保标准 → 家庭收入 不高于 应保标准" in result.stdout
    result = CliRunner().invoke(app, ["pack", "diff", str(SMALL), str(SMALL)])
    assert result.exit_code == 0 and "没有变化" in result.stdout


def test_a_draft_is_compared_with_its_pack_by_its_folder_or_as_an_overlay(tmp_path: Path) -> None:
    (tmp_path / "overlay.yaml").write_text("overlay: d\nlanguage: doudi-pack/1\nof: small\nneutralise: [disabled]\n")
    told = [
        json.loads(CliRunner().invoke(app, ["pack", "diff", str(SMALL), *more, "--json"]).stdout)
        for more in ([str(tmp_path)], [str(SMALL), "--overlay", str(tmp_path)])
    ]
    assert told[0] == told[1] and not told[0]["same"] and told[0]["affected"] is None
    assert {c["programme"] for c in told[0]["changes"]} == {"disabled"}


def test_bad_input_of_a_comparison_is_told_at_once(tmp_path: Path) -> None:
    wrong = ["--as-of", "soon", "--out", str(tmp_path / "none" / "x.txt")]
    result = CliRunner().invoke(app, ["pack", "diff", str(SMALL), str(SMALL), *wrong])
    assert isinstance(result.exception, Refused)
    assert {f.code for f in result.exception.faults} == {
        "explain.bad_date", "difference.out_alone", "difference.out_kind", "difference.out_parent",
    }  # fmt: skip


@pytest.mark.slow
def test_whom_a_change_touches_is_told_by_programme_and_township(tmp_path: Path) -> None:
    population = write(tmp_path, load(SMALL), date(2020, 7, 20), [
        Household("h1", "341503100211", {"residence": "rural", "savings": Decimal(0)},
                  (Person("p1", "head", "341503100211", {"wage": Decimal(600), "pension": Decimal(0)}),)),
    ])  # fmt: skip
    folder = Path(shutil.copytree(SMALL, tmp_path / "next"))
    figures = folder / "programmes" / "basic" / "standards.csv"
    figures.write_text(figures.read_text("utf-8").replace("600.00", "700.00"), "utf-8")
    out = tmp_path / "touched.csv"
    result = CliRunner().invoke(
        app, ["pack", "diff", str(SMALL), str(folder), "--snapshot", str(population), "--out", str(out)]
    )
    assert result.exit_code == 0
    assert "→ perhaps missed · households: 1 · due 0.00 → 100.00 yuan" in result.stdout
    assert "苏埠镇 341503100000 · households: 1" in result.stdout
    assert out.read_text("utf-8").splitlines()[1].startswith("basic,household,h1,h1,")
