"""Examples of a pack, on both backends: what passes, what is said when one does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from doudi.cli import app
from doudi.engine.screening.packtest import Result, run_examples
from doudi.engine.words import Refused

PACK = {
    "pack.yaml": """
pack: small
edition: "1"
language: doudi-pack/1
areas: all
missing: unknown
rule_date: application
roles: [head, child]
other_programmes: [other]
""",
    "facts.yaml": """
person:
  wage: {type: money, min: "0.00", label: {zh: 工资, en: wage}}
  born: {type: date, period: eternity, label: {zh: 出生, en: born}}
household: {savings: {type: money, min: "0.00", label: {zh: 存款, en: savings}}}
""",
    "parameters.yaml": """
line: {label: {zh: 线, en: line}, type: money, values: {2020-01-01: {value: "500.00"}}}
""",
    "programmes/aid/programme.yaml": """
programme: aid
subject: household
period: month
variables:
  income: {entity: household, type: money, expr: sum(wage)}
conditions:
  - {name: poor, bit: 3, expr: income < line}
  - {name: saves_little, bit: 1, expr: savings <= 2 * line}
amount: {expr: line - income, tolerance: "0.00"}
excludes: [{programme: other, mode: instead}]
""",
    "programmes/child/programme.yaml": """
programme: child
subject: person
period: month
applies_when: role == 'child'
conditions: [{name: young, bit: 0, expr: age_years(born) < 18}]
amount: {expr: "money('20.00')"}
""",
}
GOOD = """
- name: a poor family with a child
  as_of: 2020-07-20
  facts:
    household: {savings: "10.00"}
    persons: [{id: a, role: head, wage: "100.00"}, {id: b, role: child, wage: "0.00", born: 2010-01-01}]
  enrolments: [{programme: aid, amount: "400.00"}, {programme: child, subject_id: b, amount: "19.00"}]
  expect:
    aid: {outcome: eligible, amount: "400.00", state: covered, failed: [], unknown: []}
    child: {a: {outcome: not_applicable, amount: null}, b: {outcome: eligible, state: covered_wrong_amount}}
    variables: {income: "100.00", line: "500.00", wage: {a: "100.00", b: "0.00"}}
- name: an overridden income and unknown savings
  as_of: 2020-07-20
  facts:
    household: {income: "499.99", savings: unknown}
    persons: [{id: a, role: head, wage: "9000.00"}]
  expect:
    aid: {outcome: needs_verification, amount: null, unknown: [saves_little]}
- name: a day that lies ahead
  as_of: 2020-07-20
  facts: {household: {}, persons: [{id: a, role: child, born: 2020-07-21}]}
  expect: {child: {outcome: eligible}}
- name: an overlay of its own
  as_of: 2020-07-20
  overlays: [../high]
  facts: {household: {savings: "0.00"}, persons: [{id: a, role: head, wage: "550.00"}]}
  expect: {aid: {outcome: eligible, amount: "50.00"}}
"""
OVERLAY = """
overlay: high
language: doudi-pack/1
of: small
patch: {parameters: {line: {values: {2020-01-01: {value: "600.00"}}}}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    for name, text in {**PACK, "programmes/aid/examples.yaml": GOOD, "../high/overlay.yaml": OVERLAY}.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "pack"


def change(pack: Path, old: str, new: str) -> None:
    path = pack / "programmes/aid/examples.yaml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def failures(pack: Path) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    return {
        (r.name, r.backend): [(d.what, d.expected, d.actual) for d in r.differences]
        for r in run_examples(pack)
        if not r.passed
    }


@pytest.mark.slow
def test_every_example_runs_on_both_backends(pack: Path) -> None:
    results: list[Result] = run_examples(pack)
    assert [(r.backend, r.differences) for r in results] == [("python", ()), ("duckdb", ())] * 4


@pytest.mark.slow
def test_what_differs_is_named_by_both_backends(pack: Path) -> None:
    for old, new in (
        ('amount: "400.00", state: covered, failed: []', 'amount: "400.01", state: missed, failed: [poor]'),
        ("unknown: [saves_little]", "unknown: []"),
        ("b: {outcome: eligible,", "b: {outcome: not_eligible,"),
        ('income: "100.00", line', 'income: "100.01", line'),
        ('wage: {a: "100.00"', 'wage: {a: "101"'),
    ):
        change(pack, old, new)
    outcomes = [
        ("aid.state", "missed", "covered"),
        ("aid.failed", "poor", ""),
        ("aid.amount", "400.01", "400.00"),
        ("child.b.outcome", "not_eligible", "eligible"),
    ]
    variables = [("variables.income", "100.01", "100.00"), ("variables.wage.a", "101", "100.00")]
    family, override = "a poor family with a child", "an overridden income and unknown savings"
    assert failures(pack) == {
        (family, "python"): outcomes + variables,
        (family, "duckdb"): outcomes + variables,
        (override, "python"): [("aid.unknown", "", "saves_little")],
        (override, "duckdb"): [("aid.unknown", "", "saves_little")],
    }


@pytest.mark.slow
def test_a_household_the_snapshot_refuses_fails_alone(pack: Path) -> None:
    change(pack, 'wage: "9000.00"', 'wage: "-1.00"')
    (((name, backend), found),) = failures(pack).items()
    assert (name, backend) == ("an overridden income and unknown savings", "duckdb")
    assert [what for what, _, _ in found] == ["person.wage"]


def test_an_overlay_from_anywhere_else_is_refused(pack: Path) -> None:
    change(pack, "[../high]", "[../../high]")
    with pytest.raises(Refused) as caught:
        run_examples(pack)
    assert [f.code for f in caught.value.faults] == ["packtest.overlay"]


@pytest.mark.slow
def test_an_overlay_is_judged_by_its_own_examples(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOUDI_LANG", "en")
    high = pack.parent / "high"
    own = GOOD[GOOD.index("- name: an overlay") :].replace("  overlays: [../high]\n", "")
    (high / "examples.yaml").write_text(own, "utf-8")
    found = CliRunner().invoke(app, ["pack", "test", str(pack), "--overlay", str(high)])
    assert found.exit_code == 0 and "pack + high: the overlay's own examples: 1, passed: 1" in found.stdout
    (high / "examples.yaml").write_text(own.replace('"50.00"', '"51.00"'), "utf-8")
    found = CliRunner().invoke(app, ["pack", "test", str(pack), "--overlay", str(high), "--json"])
    rows = json.loads(found.stdout)["examples"]
    assert found.exit_code == 1
    assert [(r["name"], r["backend"], r["passed"]) for r in rows] == [
        ("an overlay of its own", "python", False),
        ("an overlay of its own", "duckdb", False),
    ]


@pytest.mark.slow
def test_pack_test_exits_1_naming_the_example(pack: Path) -> None:
    examples = pack / "programmes/aid/examples.yaml"
    examples.write_text(
        GOOD[: GOOD.index("- name: an overridden")].replace("state: covered,", "state: missed,"), "utf-8"
    )
    text = CliRunner().invoke(app, ["pack", "test", str(pack)])
    assert text.exit_code == 1 and "a poor family with a child" in text.stdout
    found = CliRunner().invoke(app, ["pack", "test", str(pack), "--json"])
    first = json.loads(found.stdout)["examples"][0]
    assert found.exit_code == 1 and {"name", "backend", "passed", "differences"} <= first.keys()
    assert first["differences"] == [{"what": "aid.state", "expected": "missed", "actual": "covered"}]
