"""A screening as a folder: whole, in order, the same however it was cut, and taken up after a kill."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from doudi.engine.policy.model import Parameter, Programme, Words
from doudi.engine.screening.answers import STATES
from doudi.engine.screening.duckdb_input import connect
from doudi.engine.screening.household import Household
from doudi.engine.screening.report import write_report
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import Snapshot, read
from doudi.engine.screening.summary import Population, Summary, summarise
from doudi.engine.screening.tests.bulk import one_by_one
from doudi.engine.screening.tests.made import write_snapshot
from doudi.engine.screening.tests.plans import DIBAO, ELSEWHERE, HERE, NATION, PACK, PLAN
from doudi.engine.screening.tests.test_duckdb import population
from doudi.engine.words import Refused

PLACES = {"person": "division, household_id, person_id", "household": "division, household_id"}
Screen = Callable[..., Summary]


@pytest.fixture(scope="module")
def people() -> list[Household]:
    """120 households, every person in the division of the household."""
    return [
        replace(h, persons=tuple(replace(p, division=h.division) for p in h.persons)) for h in population(120, seed=3)
    ]


@pytest.fixture(scope="module")
def snapshot(people: list[Household], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_snapshot(tmp_path_factory.mktemp("made") / "snapshot", people)


def people_of(snapshot: Path) -> Snapshot:
    """The hand-made pack declares no programme of its own; enrolments may name both."""
    return read(snapshot, replace(PACK, other_programmes=("dibao", "tekun")))


def screened(snapshot: Path, out: Path, **more: Any) -> Summary:
    return run(PLAN, people_of(snapshot), out, **{"threads": 1, **more})


def rows(out: Path, table: str) -> list[tuple[Any, ...]]:
    path = out / table / "*.parquet" if table.startswith("outcomes") else out / f"{table}.parquet"
    return duckdb.execute(f"SELECT * FROM read_parquet('{path}')").fetchall()


def refusal(snapshot: Path, out: Path, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        screened(snapshot, out, **more)
    (fault,) = caught.value.faults
    assert fault.text("zh") and fault.text("en")
    return fault.code


@pytest.mark.slow
def test_the_folder_says_of_each_household_what_one_at_a_time_says(
    people: list[Household], snapshot: Path, tmp_path: Path
) -> None:
    summary = screened(snapshot, tmp_path / "out")
    names = ("outcome", "amount", "failed", "unknown", "state")
    columns = ", ".join(f"dibao__{n}" for n in names)
    files = tmp_path / "out/outcomes_household/*.parquet"
    found = duckdb.execute(f"SELECT household_id, {columns} FROM read_parquet('{files}')").fetchall()
    assert {("dibao", h): tuple(values) for h, *values in found} == one_by_one(PLAN, people)
    counts = summary.conservation["dibao"]
    assert sum(counts[s] for s in STATES) == counts["n_subjects"] == len(people)
    assert json.loads((tmp_path / "out/summary.json").read_text("utf-8"))["conservation"]["dibao"] == counts
    assert not (tmp_path / "out.partial").exists()


@pytest.mark.slow
def test_chunks_and_threads_change_no_row(snapshot: Path, tmp_path: Path) -> None:
    screened(snapshot, tmp_path / "whole")
    screened(snapshot, tmp_path / "cut", persons_in_chunk=40, threads=2)
    assert len(list((tmp_path / "cut/outcomes_person").iterdir())) > 4
    for table in ("outcomes_person", "outcomes_household", "findings", "inputs"):
        assert rows(tmp_path / "cut", table) == rows(tmp_path / "whole", table), table


@pytest.mark.slow
def test_the_same_screening_twice_writes_the_same_bytes(snapshot: Path, tmp_path: Path) -> None:
    def digests() -> dict[str, str]:
        files = (p for p in (tmp_path / "out").rglob("*") if p.is_file() and p.name != "summary.json")
        return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    screened(snapshot, tmp_path / "out", persons_in_chunk=100)
    first = digests()
    screened(snapshot, tmp_path / "out", persons_in_chunk=100)  # an earlier screening is replaced
    assert digests() == first
    assert len(first) == 2 * len(list((tmp_path / "out/outcomes_person").iterdir())) + 5


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"parquet": False}, {"order": "hash(household_id)"}])
def test_a_snapshot_in_any_order_gives_the_same_ordered_rows(
    people: list[Household], snapshot: Path, tmp_path: Path, how: dict[str, Any]
) -> None:
    other = write_snapshot(tmp_path / "other", people, **how)
    screened(snapshot, tmp_path / "straight")
    screened(other, tmp_path / "mixed", persons_in_chunk=50)
    for table in ("outcomes_person", "outcomes_household", "findings"):
        assert rows(tmp_path / "mixed", table) == rows(tmp_path / "straight", table), table


@pytest.mark.slow
def test_persons_stand_in_order_though_one_lives_elsewhere(people: list[Household], tmp_path: Path) -> None:
    stray = replace(people[0].persons[0], division=ELSEWHERE if people[0].division == HERE else HERE)
    moved = [replace(people[0], persons=(stray, *people[0].persons[1:])), *people[1:]]
    screened(write_snapshot(tmp_path / "snapshot", moved), tmp_path / "out", persons_in_chunk=50)
    keys = duckdb.execute(
        f"SELECT division, household_id, person_id FROM read_parquet('{tmp_path}/out/outcomes_person/*.parquet')"
    ).fetchall()
    assert keys == sorted(keys)
    assert len(keys) == sum(len(h.persons) for h in people)
    assert (stray.division, people[0].id, stray.id) in keys


@pytest.mark.slow
def test_after_a_kill_the_same_command_takes_up_what_is_there(snapshot: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    dies = (
        "import os, signal\nfrom pathlib import Path\n"
        "from doudi.engine.screening.tests.test_run import screened\n"
        "def progress(done, total):\n"
        "    if done * 2 > total: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"screened(Path({str(snapshot)!r}), Path({str(out)!r}), persons_in_chunk=30, progress=progress)\n"
    )
    assert subprocess.run([sys.executable, "-c", dies], check=False).returncode == -9
    assert not out.exists()
    kept = {p.name: p.stat().st_ino for p in (tmp_path / "out.partial/chunks").iterdir() if not p.suffix}
    made: list[int] = []
    screened(snapshot, out, persons_in_chunk=30, progress=lambda done, total: made.append(done))
    chunks = len(list((out / "outcomes_household").iterdir()))
    assert len(kept) >= chunks // 2
    assert len(made) == chunks - len(kept)
    screened(snapshot, tmp_path / "whole")
    for table in ("outcomes_person", "outcomes_household", "findings", "inputs"):
        assert rows(out, table) == rows(tmp_path / "whole", table), table


@pytest.mark.slow
def test_what_another_law_left_behind_is_not_taken_up(snapshot: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        screened(snapshot, tmp_path / "out", persons_in_chunk=30, progress=stop)
    assert (tmp_path / "out.partial/chunks/00000").is_dir()
    other = replace(PLAN, programmes={"dibao": replace(DIBAO, conditions=DIBAO.conditions[:1])})
    made: list[int] = []
    run(other, people_of(snapshot), tmp_path / "out", threads=1, persons_in_chunk=30,
        progress=lambda done, total: made.append(done))  # fmt: skip
    assert len(made) == len(list((tmp_path / "out/outcomes_person").iterdir()))


@pytest.mark.slow
def test_findings_are_as_many_as_their_states_and_their_ids_are_promised(snapshot: Path, tmp_path: Path) -> None:
    summary = screened(snapshot, tmp_path / "out")
    counts, found = summary.conservation["dibao"], summary.findings["dibao"]
    assert found["missed"] == counts["missed"] > 0
    assert found["amount"] == counts["covered_wrong_amount"] > 0
    assert found["no_longer_eligible"] == counts["covered_not_eligible"] > 0
    assert counts["to_verify"] <= found["to_verify"] <= counts["to_verify"] + counts["covered_to_verify"]
    table = f"read_parquet('{tmp_path}/out/findings.parquet')"
    for id, kind, type, subject in duckdb.execute(
        f"SELECT finding_id, kind, subject_type, subject_id FROM {table}"
    ).fetchall():
        text = f"doudi-finding/1|{kind}|{type}|{subject}|dibao|"
        assert id == hashlib.sha256(text.encode()).hexdigest()[:32]
    failed = duckdb.execute(f"SELECT DISTINCT unnest(failed) FROM {table} WHERE kind = 'no_longer_eligible'").fetchall()
    assert {name for (name,) in failed} == {"income_below_standard", "savings_within_limit"}


@pytest.mark.slow
def test_a_lost_part_breaks_the_sum_and_the_run(snapshot: Path, tmp_path: Path) -> None:
    screened(snapshot, tmp_path / "out", persons_in_chunk=50)
    (tmp_path / "out/outcomes_household/00001.parquet").unlink()
    con = connect((str(tmp_path),), tmp_path / "spill", 2**28)
    with pytest.raises(RuntimeError, match="were screened"):
        summarise([con], PLAN, Population.of(people_of(snapshot)), tmp_path / "out", [DIBAO])


@pytest.mark.slow
def test_two_households_of_one_key_are_kept_apart(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screened(snapshot, tmp_path / "straight")
    monkeypatch.setattr("doudi.engine.screening.chunk_files.JOINS", ("length(household_id)::UBIGINT", "household_id"))
    screened(snapshot, tmp_path / "crowded")
    for table in ("outcomes_household", "findings"):
        assert rows(tmp_path / "crowded", table) == rows(tmp_path / "straight", table), table


def test_foreign_content_is_never_replaced(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/letter.txt").write_text("mine", "utf-8")
    assert refusal(snapshot, tmp_path / "out") == "screening.out_exists"
    assert (tmp_path / "out/letter.txt").read_text("utf-8") == "mine"
    assert refusal(snapshot, tmp_path / "nowhere/out") == "screening.out_parent"


def test_an_unknown_programme_is_said_of_the_option_that_names_it(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        screened(snapshot, tmp_path / "new", programmes=("tekun",))
    assert [(f.code, f.file) for f in caught.value.faults] == [("screening.programme_unknown", "--programme")]


@pytest.mark.slow
def test_the_same_work_is_not_done_by_two_at_once(snapshot: Path, tmp_path: Path) -> None:
    codes: list[str] = []
    screened(snapshot, tmp_path / "out", progress=lambda done, total: codes.append(refusal(snapshot, tmp_path / "out")))
    assert codes == ["screening.under_way"]


def test_a_connection_sees_its_folders_and_nothing_else(tmp_path: Path) -> None:
    con = connect((str(tmp_path / "in"),), tmp_path / "spill", 2**28)
    (tmp_path / "outside.csv").write_text("a\n1\n", "utf-8")
    for attempt in (
        f"SELECT * FROM read_csv('{tmp_path}/outside.csv')",
        "SELECT * FROM read_text('/etc/passwd')",
        f"COPY (SELECT 1) TO '{tmp_path}/stolen.csv'",
        "SET enable_external_access = true",
        "SET memory_limit = '8GB'",
        "INSTALL httpfs",
    ):
        with pytest.raises(duckdb.Error):
            con.execute(attempt)


@pytest.mark.slow
def test_the_report_is_one_page_in_two_languages_that_asks_nobody(snapshot: Path, tmp_path: Path) -> None:
    summary = screened(snapshot, tmp_path / "out")
    page = (tmp_path / "out/report.html").read_text("utf-8")
    for forbidden in ("<script", "http:", "https:", "url(", "@import", "onclick", " style=", "<link", "<img", "$"):
        assert forbidden not in page, forbidden
    for clue in ("疑似漏保", "核查线索", "Possibly missed", "✓ 合计轧平", "存款不超过限额"):
        assert clue in page
    assert page.count('lang="zh"') == page.count('lang="en"') > 50
    assert f"<b>{summary.findings['dibao']['missed']:,}</b>" in page


@pytest.mark.slow
def test_a_programme_out_of_force_is_said_everywhere(snapshot: Path, tmp_path: Path) -> None:
    declared = Programme("dibao", "household", "month", ((None, DIBAO.label),), (), (None, date(2020, 6, 30)))
    plan = replace(
        PLAN,
        pack=replace(PACK, programmes={"dibao": declared}),
        programmes={"dibao": replace(DIBAO, in_force=False)},
    )
    run(plan, people_of(snapshot), tmp_path / "out", threads=1)
    (note,) = json.loads((tmp_path / "out/summary.json").read_text("utf-8"))["notes"]
    assert note["programme"] == "dibao" and "2020-06-30" in note["en"]
    assert "本方案在 2020-07-20 不施行（施行到 2020-06-30），未作判断。" in note["zh"]
    page = (tmp_path / "out/report.html").read_text("utf-8")
    assert page.count("本方案在 2020-07-20 不施行") == 2  # above, and where the programme is told


@pytest.mark.slow
def test_members_of_another_county_are_counted_and_said(people: list[Household], tmp_path: Path) -> None:
    strays = [
        replace(h, persons=(replace(h.persons[0], division=ELSEWHERE if h.division == HERE else HERE), *h.persons[1:]))
        for h in people[:3]
    ]
    summary = screened(write_snapshot(tmp_path / "snapshot", [*strays, *people[3:]]), tmp_path / "out")
    (note,) = summary.notes
    assert note.code == "screening.elsewhere" and " 3 persons" in note.en and "：3 人" in note.zh
    assert note.zh in (tmp_path / "out/report.html").read_text("utf-8")


@pytest.mark.slow
def test_every_area_shows_all_ten_states(snapshot: Path, tmp_path: Path) -> None:
    summary = screened(snapshot, tmp_path / "out")
    assert summary.notes == ()
    areas = summary.states["dibao"]
    assert len(areas) > 1 and all(tuple(counts) == STATES for counts in areas.values())


@pytest.mark.slow
def test_the_report_says_figures_in_words_and_its_title_in_both_languages(snapshot: Path, tmp_path: Path) -> None:
    said = {"rule": {"highest": {"zh": "取最高一类", "en": "the highest"}}}
    any_value = NATION["dibao.savings_months", None]
    figures = {"rule": ("text", "highest"), "counted": ("bool", True)}
    plan = replace(
        PLAN,
        pack=replace(PACK, labels={"values": said}),
        parameters={**PLAN.parameters, **{n: Parameter(n, kind, Words(n, n)) for n, (kind, _) in figures.items()}},
        area_values={"341503": {(n, None): replace(any_value, value=v) for n, (_, v) in figures.items()}},
    )
    summary = screened(snapshot, tmp_path / "out")
    write_report(tmp_path / "page.html", summary, plan)
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "取最高一类" in page and "the highest" in page and ">是<" in page and ">yes<" in page
    assert "highest<" not in page.replace("the highest<", "") and "True" not in page
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert "全员筛查简报" in title and "Screening of everybody" not in title
