"""`doudi explain`: text and JSON of one household of a snapshot."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from doudi.cli import app
from doudi.engine.words import Refused

HERE = "341503203204"
NOTHING = dict.fromkeys(
    ("work_income", "business_income", "property_income", "transfer_income", "income_deductions"), "0.00"
)
PERSON = {"household_id": "h1", "division": HERE, "role": "head", "hukou_division": HERE, "birth_date": "1970-01-01"}
HOUSEHOLD = {"household_id": "h1", "division": HERE, "household_class": "rural", "savings": "", "homes": "1"}


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    tables = {
        "person": {"person_id": "p1", **PERSON, **NOTHING, "lives_here": "true", "serious_illness": "false"},
        "household": {**HOUSEHOLD, "vehicles": "0", "house_state": "safe", "monitoring_class": "none"},
    }
    listed = {}
    for name, row in tables.items():
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerow(row)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        listed[name] = {"files": [{"path": path.name, "rows": 1, "sha256": digest}]}
    manifest = {"format": "doudi-snapshot/1", "as_of": "2020-07-20", "pack": "cn", "tables": listed}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return tmp_path


def run(*args: object) -> str:
    result = CliRunner().invoke(app, ["explain", *map(str, args)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_the_text_names_law_parameter_and_amount(snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOUDI_LANG", "zh")
    text = run(snapshot, "--household", "h1")
    for part in ("第十七条", "600.00 元", "全家存款及有价证券共多少？", "需核实"):
        assert part in text
    monkeypatch.setenv("DOUDI_LANG", "en")
    assert "article 17" in run(snapshot, "--person", "p1")


def test_the_json_is_one_object_about_the_household_of_the_person(snapshot: Path) -> None:
    found = json.loads(run(snapshot, "--person", "p1", "--json", "--as-of", "2020-07-20"))
    assert (found["household_id"], found["as_of"]) == ("h1", "2020-07-20")
    (answer,) = found["answers"]
    assert (answer["programme"], answer["outcome"], answer["unknown"]) == (
        "dibao",
        "needs_verification",
        ["savings_within_limit"],
    )


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ((), "explain.which_subject"),
        (("--household", "h1", "--person", "p1"), "explain.which_subject"),
        (("--household", "nobody"), "snapshot.no_household"),
        (("--household", ""), "snapshot.no_household"),
        (("--household", "h1", "--programme", "diabo"), "explain.no_programme"),
        (("--household", "h1", "--as-of", "tomorrow"), "explain.bad_date"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_a_reason(snapshot: Path, args: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refused) as caught:
        run(snapshot, *args)
    assert [f.code for f in caught.value.faults] == [code]
    assert caught.value.faults[0].text("zh")
