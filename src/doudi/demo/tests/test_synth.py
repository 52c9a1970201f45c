from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from doudi.demo.synth import synth
from doudi.demo.tables import population
from doudi.engine.words import Refused

ON = date(2020, 7, 20)


def made(folder: Path, persons: int = 1_200, seed: int = 7, as_of: date = ON, division: str = "341503000000") -> Path:
    synth(folder, persons=persons, seed=seed, as_of=as_of, division=division)
    return folder


def ask(folder: Path, sql: str) -> list[tuple]:
    with duckdb.connect() as con:
        for table in ("person", "household", "enrolment", "truth"):
            con.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}/*.parquet')")
        return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("synth") / "county")


def bytes_of(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*.*")}


@pytest.mark.slow
def test_the_same_arguments_give_the_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    again, other = bytes_of(made(tmp_path / "again")), bytes_of(made(tmp_path / "other", seed=8))
    assert again == bytes_of(folder)
    assert other["truth/00000.parquet"] != again["truth/00000.parquet"]


@pytest.mark.slow
def test_a_population_has_exactly_the_people_asked_for_each_in_a_household(folder: Path, tmp_path: Path) -> None:
    assert ask(folder, "SELECT count(*), count(DISTINCT person_id) FROM person") == [(1_200, 1_200)]
    assert ask(folder, "SELECT count(*) FROM person ANTI JOIN household USING (household_id, division)") == [(0,)]
    assert ask(made(tmp_path / "one", persons=1), "SELECT count(*) FROM person") == [(1,)]


@pytest.mark.slow
def test_the_manifest_names_every_file_with_its_rows_and_checksum(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["format"], manifest["as_of"], manifest["pack"]) == ("doudi-snapshot/1", "2020-07-20", "cn")
    for name, table in manifest["tables"].items():
        assert ask(folder, f"SELECT count(*) FROM {name}") == [(sum(f["rows"] for f in table["files"]),)]
        for file in table["files"]:
            assert hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest() == file["sha256"]


@pytest.mark.slow
def test_rows_are_sorted_by_place_and_id(folder: Path) -> None:
    unsorted = (
        "SELECT count(*) FROM (SELECT {now} AS now, lag({now}) OVER (ORDER BY n) AS before FROM ({rows})) "
        "WHERE now < before"
    )
    for table, now in (("household", "(division, household_id)"), ("person", "(division, household_id, person_id)")):
        rows = f"SELECT *, row_number() OVER () AS n FROM {table}"
        assert ask(folder, unsorted.format(now=now, rows=rows)) == [(0,)]


@pytest.mark.slow
def test_every_household_has_one_truth_and_a_small_population_has_every_plot(folder: Path) -> None:
    assert ask(
        folder, "SELECT count(*) FROM household FULL JOIN truth ON subject_id = household_id WHERE kind IS NULL"
    ) == [(0,)]
    assert {w for (w,) in ask(folder, "SELECT DISTINCT why FROM truth")} == set(population()["plots"])


@pytest.mark.slow
def test_a_snapshot_holds_no_name_and_no_number(folder: Path) -> None:
    columns = {
        c
        for (c,) in ask(
            folder, "SELECT name FROM (DESCRIBE person) t(name) UNION SELECT name FROM (DESCRIBE household) t(name)"
        )
    }
    assert not columns & {"name", "number", "id_number", "phone", "account"}
    assert ask(
        folder, "SELECT count(*) FROM person WHERE regexp_matches(person_id || household_id, '[^hp0-9a-f]')"
    ) == [(0,)]


@pytest.mark.slow
def test_ages_sexes_and_households_follow_the_census(tmp_path: Path) -> None:
    folder = made(tmp_path / "many", persons=30_000)
    census = population()["census"]
    young, old, men, size, known = ask(
        folder,
        "SELECT 100.0 * avg((age('2020-07-20'::DATE, birth_date) < INTERVAL 15 YEAR)::INT),"
        " 100.0 * avg((age('2020-07-20'::DATE, birth_date) >= INTERVAL 65 YEAR)::INT),"
        " 100.0 * count_if(sex = 'M') / count_if(sex = 'F'), count(*) / count(DISTINCT household_id),"
        " 100.0 * count(work_income) / count(*) FROM person",
    )[0]
    assert abs(young - census["aged_0_14"]) < 3
    assert abs(old - census["aged_65_up"]) < 3
    assert abs(men - census["men_per_100_women"]) < 4
    assert abs(size - float(census["household_size"])) < 0.1
    assert 28 < known < 38
    (asked,) = ask(folder, "SELECT 100.0 * count_if(kind = 'to_verify') / count(*) FROM truth")[0]
    assert 1 < asked < 5


@pytest.mark.slow
def test_where_the_county_has_no_standard_only_signs_are_planted(tmp_path: Path) -> None:
    folder = made(tmp_path / "elsewhere", persons=3_000, division="520502000000")
    assert {k for (k,) in ask(folder, "SELECT DISTINCT kind FROM truth")} == {"clean", "to_verify"}
    assert ask(folder, "SELECT count(*) FROM enrolment JOIN truth USING (subject_id)") == [(0,)]


@pytest.mark.slow
def test_outside_the_days_of_the_law_everything_is_clean(tmp_path: Path) -> None:
    folder = made(tmp_path / "later", as_of=date(2022, 1, 1))
    assert ask(folder, "SELECT DISTINCT kind FROM truth") == [("clean",)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"persons": 0}, "synth.persons"), ({"division": "999999000000"}, "synth.division")],
)
def test_odd_arguments_are_refused_with_a_reason(tmp_path: Path, wrong: dict, code: str) -> None:
    with pytest.raises(Refused) as refused:
        made(tmp_path / "odd", **wrong)
    assert [f.code for f in refused.value.faults] == [code]
    assert not list(tmp_path.iterdir())


def test_an_existing_folder_is_never_overwritten(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"synth\.exists"):
        made(tmp_path)


@pytest.mark.slow
def test_a_day_outside_the_programme_is_said_because_nothing_can_be_planted(tmp_path: Path) -> None:
    said: list[str] = []
    synth(tmp_path / "late", persons=100, seed=7, as_of=date(2021, 7, 1), note=said.append)
    synth(tmp_path / "then", persons=100, seed=7, as_of=ON, note=said.append)
    assert len(said) == 1 and "2021-07-01" in said[0]
    assert ask(tmp_path / "late", "SELECT DISTINCT kind FROM truth") == [("clean",)]
