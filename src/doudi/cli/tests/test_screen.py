"""`doudi screen` from the shell: what it prints, what it refuses."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from doudi.cli import app
from doudi.engine.policy import load
from doudi.engine.screening.household import Household, Person
from doudi.engine.screening.snapshot.writing import write
from doudi.engine.words import Refused

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("screen") / "snapshot"
    RUNNER.invoke(app, ["synth", str(out), "--persons", "2000", "--seed", "7", "--as-of", "2020-07-20"])
    return out


@pytest.mark.slow
def test_the_json_on_stdout_is_summary_json(snapshot: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["screen", str(snapshot), "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == json.loads((tmp_path / "out/summary.json").read_text("utf-8"))


@pytest.mark.slow
def test_every_planted_truth_is_found_and_nothing_else(snapshot: Path, tmp_path: Path) -> None:
    RUNNER.invoke(app, ["screen", str(snapshot), "--out", str(tmp_path / "out"), "--threads", "1"])
    truth = f"SELECT subject_type, subject_id, programme, kind FROM '{snapshot}/truth/*.parquet' WHERE kind <> 'clean'"
    found = f"SELECT subject_type, subject_id, programme, kind FROM '{tmp_path}/out/findings.parquet'"
    for one, two in ((truth, found), (found, truth)):
        assert duckdb.sql(f"({one}) EXCEPT ({two})").fetchall() == []
    assert len(duckdb.sql(truth).fetchall()) > 10


def _made_for(snapshot: Path, folder: Path, pack: str) -> Path:
    """The snapshot once more, made for another pack."""
    copy = Path(shutil.copytree(snapshot, folder / "other"))
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | {"pack": pack}), "utf-8")
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["us", "../../../etc"])
def test_a_snapshot_of_a_pack_that_is_not_there_is_refused_and_with_another_pack_noted(
    snapshot: Path, tmp_path: Path, pack: str
) -> None:
    out = ["--out", str(tmp_path / "out")]
    alone = RUNNER.invoke(app, ["screen", str(_made_for(snapshot, tmp_path, pack)), *out])
    assert isinstance(alone.exception, Refused)
    assert [f.code for f in alone.exception.faults] == ["snapshot.pack_unknown"]
    named = RUNNER.invoke(app, ["screen", str(tmp_path / "other"), *out, "--pack", "cn", "--json"])
    assert named.exit_code == 0
    assert pack in named.stderr
    assert "screening.other_pack" in {note["code"] for note in json.loads(named.stdout)["notes"]}


@pytest.mark.slow
def test_households_without_one_head_are_counted_and_asked(tmp_path: Path) -> None:
    (tmp_path / "snapshot").mkdir()
    member = Person("p1", "spouse", "341503203204", {})
    nobody = Household("h1", "341503203204", {"hotline_clue": True, "hotline_clue_on": date(2020, 7, 1)}, (member,))
    write(tmp_path / "snapshot", load("cn"), date(2020, 7, 20), [nobody])
    done = RUNNER.invoke(app, ["screen", str(tmp_path / "snapshot"), "--out", str(tmp_path / "out"), "--json"])
    assert "screening.heads" in {note["code"] for note in json.loads(done.stdout)["notes"]}
    (found,) = duckdb.sql(f"SELECT kind, unknown FROM '{tmp_path}/out/findings.parquet'").fetchall()
    assert found[0] == "to_verify"
    assert "registered_here" in found[1]


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (["--engine", "flink"], "screening.engine"),
        (["--engine", "spark", "--since", "earlier"], "screening.spark_whole"),
        (["--since", "earlier"], "since.no_screening"),
        (["--memory", "lots"], "screening.memory"),
        (["--memory", "1MB"], "screening.memory"),
        (["--as-of", "20 July"], "screening.as_of"),
        (["--threads", "0"], "screening.threads"),
    ],
)
def test_what_is_not_there_yet_or_makes_no_sense_is_refused_at_once(
    tmp_path: Path, option: list[str], code: str
) -> None:
    done = RUNNER.invoke(app, ["screen", str(tmp_path), "--out", str(tmp_path / "out"), *option])
    assert isinstance(done.exception, Refused)
    assert [f.code for f in done.exception.faults] == [code]
    assert all(f.text("zh") and f.text("en") for f in done.exception.faults)
    assert not (tmp_path / "out").exists()


def test_spark_that_is_not_installed_is_refused_with_the_extra_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("JAVA_HOME", "/anywhere")
    done = RUNNER.invoke(app, ["screen", str(tmp_path), "--out", str(tmp_path / "out"), "--engine", "spark"])
    assert isinstance(done.exception, Refused)
    assert ["doudi[spark]" in f.text(lang) for f in done.exception.faults for lang in ("zh", "en")] == [True, True]


def test_making_whole_stands_alone(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["screen", str(tmp_path), "--compact", str(tmp_path), "--as-of", "2020-07-20"])
    assert isinstance(done.exception, Refused)
    assert [f.fields["name"] for f in done.exception.faults] == ["SNAPSHOT", "--as-of"]
    assert all(f.text("zh") and f.text("en") for f in done.exception.faults)


@pytest.mark.slow
def test_a_delta_is_told_and_made_whole(snapshot: Path, tmp_path: Path) -> None:
    def screen(*arguments: object) -> str:
        done = RUNNER.invoke(app, ["screen", *map(str, arguments)])
        assert done.exit_code == 0, done.output
        return done.output

    full, delta = tmp_path / "full", tmp_path / "delta"
    screen(snapshot, "--out", full)
    assert "增量" in screen(snapshot, "--out", delta, "--since", full, "--as-of", "2020-08-20")
    told = json.loads((delta / "summary.json").read_text("utf-8"))["delta"]
    assert 0 < told["recomputed"]["households"] == told["households"]["due"] < 1000
    assert "完整结果" in screen("--compact", delta)
    assert "无需处理" in screen("--compact", delta) and "无需处理" in screen("--compact", full)


@pytest.mark.parametrize("arguments", [[], ["somewhere"], ["--out", "there"]])
def test_a_missing_argument_is_named(arguments: list[str]) -> None:
    done = RUNNER.invoke(app, ["screen", *arguments])
    assert isinstance(done.exception, Refused)
    assert [f.code for f in done.exception.faults] == ["screening.missing"]


@pytest.mark.slow
def test_another_day_is_screened_with_a_warning(snapshot: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["screen", str(snapshot), "--out", str(tmp_path / "out"), "--as-of", "2020-08-20"])
    assert done.exit_code == 0
    assert "2020-08-20" in done.stderr
    assert json.loads((tmp_path / "out/summary.json").read_text("utf-8"))["as_of"] == "2020-08-20"
