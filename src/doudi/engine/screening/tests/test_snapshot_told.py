"""Snapshots that are refused with the reason that holds and the remedy that fits; nothing is dropped in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy.model import Programme, Words
from doudi.engine.screening.snapshot import pack_of
from doudi.engine.screening.tests.plans import PACK
from doudi.engine.screening.tests.test_snapshot import Maker, faults, only
from doudi.engine.words import Refused

TRUTH = "subject_type,subject_id,programme,kind,why\n"


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


# ---- the manifest --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["a\\u0000b.csv", "\\ud800.csv", f"{'x' * 300}.csv", "a\\u202e.csv"])
def test_a_path_that_no_system_can_look_for_is_refused(maker: Maker, path: str) -> None:
    manifest = maker.seal() / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace("person.csv", path), "utf-8")
    assert "snapshot.path" in {f.code for f in faults(maker.folder)}


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_the_ends_of_the_calendar_are_days_too(maker: Maker, day: str) -> None:
    maker.manifest["as_of"] = day
    assert {f.code for f in faults(maker.seal())} <= {"snapshot.future", "snapshot.long_ago"}


def test_a_name_that_stands_twice_in_the_manifest_is_refused(maker: Maker) -> None:
    manifest = maker.seal() / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"pack":', '"pack": "us", "pack":', 1), "utf-8")
    fault = only(maker.folder)
    assert (fault.code, fault.fields["name"]) == ("snapshot.key_twice", "pack")


@pytest.mark.parametrize("name", ["us", "../../../etc", "/etc", "try"])
def test_a_snapshot_chooses_a_shipped_pack_or_none(maker: Maker, name: str) -> None:
    maker.manifest["pack"] = name
    with pytest.raises(Refused) as refused:
        pack_of(maker.seal())
    assert refused.value.faults[0].code == "snapshot.pack_unknown"
    maker.manifest["pack"] = "cn"
    assert pack_of(maker.seal()) == "cn"


# ---- files ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("sign", "word"), [(";", "分号"), ("\t", "制表符"), ("|", "竖线")])
def test_a_table_divided_otherwise_is_told_to_use_commas(maker: Maker, sign: str, word: str) -> None:
    path = maker.folder / "household.csv"
    maker.write("household", path.read_text("utf-8").replace(",", sign))
    told = {f.code: f.text("zh") for f in faults(maker.seal())}
    assert word in told["snapshot.separator"]
    assert "Error" not in "".join(told.values())


@pytest.mark.parametrize("text", ["café à Zürich, naïve", "Ærø søger hjælp"])
def test_western_bytes_are_not_read_as_chinese(maker: Maker, text: str) -> None:
    maker.write("truth", f'{TRUTH}household,h1,tekun,missed,"{text}"\n'.encode("latin-1"))
    assert only(maker.seal()).code in ("snapshot.not_chinese", "snapshot.encoding")


def test_chinese_bytes_are(maker: Maker) -> None:
    maker.write("truth", f"{TRUTH}household,h1,tekun,missed,收入低，应享未享\n".encode("gb18030"))
    maker.change("household", "8000.00", "-1")
    assert only(maker.seal()).code == "snapshot.below"


def _parquet(maker: Maker, table: str, columns: str) -> None:
    source = f"read_csv('{maker.folder / table}.csv', all_varchar = true)"
    duckdb.sql(f"SELECT * REPLACE ({columns}) FROM {source}").write_parquet(str(maker.folder / f"{table}.parquet"))
    maker.tables[table] = [f"{table}.parquet"]


@pytest.mark.parametrize(
    ("table", "columns", "kind", "remedy"),
    [
        ("household", "CAST(savings AS DOUBLE) AS savings", "金额", "DECIMAL(14,2)"),
        ("household", "CAST(division AS BIGINT) AS division", "区划代码", "0 要保留"),
        ("person", "CAST(birth_date AS TIMESTAMP) AS birth_date", "日期", "DATE"),
        ("person", "md5(person_id)::UUID AS person_id", "标识", "VARCHAR"),
        ("person", "hash(person_id) AS person_id", "标识", "VARCHAR"),
    ],
)
def test_a_column_of_another_type_is_told_what_to_export(
    maker: Maker, table: str, columns: str, kind: str, remedy: str
) -> None:
    _parquet(maker, table, columns)
    told = next(f for f in faults(maker.seal()) if f.code == "snapshot.type").text("zh")
    assert kind in told
    assert remedy in told
    assert "Error" not in told


# ---- rows ----------------------------------------------------------------------------------------------------------
def test_a_value_that_is_none_of_a_column_is_told_those_it_can_have(maker: Maker) -> None:
    maker.change("person", "h1,341503203204,spouse", "h1,341503203204,concubine")
    assert all(role in only(maker.seal()).text("en") for role in PACK.roles)


def test_of_many_values_the_first_are_listed_and_all_are_counted(maker: Maker) -> None:
    roles = ("head", "spouse", *(f"role_{n}" for n in range(30)))
    maker.change("person", "h1,341503203204,spouse", "h1,341503203204,concubine")
    (fault,) = faults(maker.seal(), replace(PACK, roles=roles))
    assert "role_17" in fault.text("en")
    assert "role_18" not in fault.text("en")
    assert "32" in fault.text("en")


def test_a_whole_number_keeps_the_digits_a_text_may_write(maker: Maker) -> None:
    pack = replace(PACK, facts={**PACK.facts, "homes": replace(PACK.facts["savings"], name="homes", type="int")})
    maker.change("household", "household_class,savings", "household_class,homes")
    _parquet(maker, "household", "1000000000000000::BIGINT AS homes")
    assert {f.code for f in faults(maker.seal(), pack)} == {"snapshot.int_large"}


def test_an_enrolment_of_a_person_in_what_households_get_is_refused(maker: Maker) -> None:
    dibao = Programme("dibao", "household", "month", ((None, Words("低保", "dibao")),), ())
    pack = replace(PACK, programmes={"dibao": dibao})
    maker.change("enrolment", "household,h1,tekun", "person,p1,dibao")
    (fault,) = faults(maker.seal(), pack)
    assert (fault.code, fault.row, fault.column) == ("snapshot.programme_of_household", 1, "programme")


def test_an_enrolment_names_people_of_the_snapshot(maker: Maker) -> None:
    maker.change("enrolment", "p1;p2", "p1;p9;p8")
    found = faults(maker.seal())
    assert [(f.code, f.fields["value"], f.row) for f in found] == [
        ("snapshot.lost_member", "p8", 1),
        ("snapshot.lost_member", "p9", 1),
    ]


def test_the_truth_is_checked_like_any_table(maker: Maker) -> None:
    maker.write("truth", f"{TRUTH}household,h9,tekun,missed,x\nperson,p1,tekun,banana,x\nperson,p1,tekum,clean,x\n")
    found = {(f.code, f.row, f.column) for f in faults(maker.seal())}
    assert found == {
        ("snapshot.orphan_subject", 1, "subject_id"),
        ("snapshot.not_value", 2, "kind"),
        ("snapshot.not_value", 3, "programme"),
    }
