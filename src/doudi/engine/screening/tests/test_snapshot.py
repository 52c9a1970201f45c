"""The snapshot format: what is read, and every way in which it is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from doudi.engine.policy.model import Pack, Variable
from doudi.engine.screening.household import UNKNOWN
from doudi.engine.screening.snapshot import Snapshot, read
from doudi.engine.screening.tests.plans import FACTS, PACK, fact
from doudi.engine.words import Fault, Refused

PERSONS = """person_id,household_id,division,role,wage,pension,lives_here,serious_illness,birth_date
p1,h1,341503203204,head,900.00,,,true,1965-03-12
p2,h1,341503203204,spouse,,520.00,unknown,,
p3,h2,341503203204,head,0,0,false,false,2004-02-29
"""
HOUSEHOLDS = """household_id,division,household_class,savings
h1,341503203204,rural,8000.00
h2,341503203204,urban,
"""
H_ID = "household_id"
ENROLMENTS = """subject_type,subject_id,programme,amount,period,starts_on,ends_on,persons
household,h1,tekun,780.00,month,2020-01-01,,p1;p2
"""


class Maker:
    """Writes a sound snapshot into a folder; a test then breaks one thing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables: dict[str, list[str]] = {}
        self.manifest = {"format": "doudi-snapshot/1", "as_of": "2020-07-20", "pack": "try"}
        for name, text in (("person", PERSONS), ("household", HOUSEHOLDS), ("enrolment", ENROLMENTS)):
            self.write(name, text)

    def write(self, table: str, text: str | bytes, file: str | None = None) -> None:
        file = file or f"{table}.csv"
        (self.folder / file).write_bytes(text.encode() if isinstance(text, str) else text)
        self.tables[table] = [file]

    def change(self, table: str, old: str, new: str) -> None:
        path = self.folder / self.tables[table][0]
        assert old in path.read_text("utf-8")
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    def seal(self) -> Path:
        self.manifest["tables"] = {t: {"files": [self._entry(f) for f in files]} for t, files in self.tables.items()}
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest), "utf-8")
        return self.folder

    def _entry(self, file: str) -> dict[str, object]:
        content = (self.folder / file).read_bytes()
        rows = max(content.decode("utf-8", "replace").count("\n") - 1, 0)
        if file.endswith(".parquet"):
            rows = duckdb.sql(f"SELECT count(*) FROM '{self.folder / file}'").fetchall()[0][0]
        return {"path": file, "rows": rows, "sha256": hashlib.sha256(content).hexdigest()}


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def faults(folder: Path, pack: Pack = PACK) -> list[Fault]:
    with pytest.raises(Refused) as caught:
        read(folder, pack)
    for fault in caught.value.faults:  # each is said in both languages
        assert fault.text("zh") and fault.text("en")
    return list(caught.value.faults)


def only(folder: Path) -> Fault:
    (fault,) = faults(folder)
    return fault


def test_a_household_comes_with_members_facts_and_enrolments(maker: Maker) -> None:
    snapshot = read(maker.seal(), PACK)
    h = snapshot.household("h1")
    assert (h.division, h.facts) == ("341503203204", {"household_class": "rural", "savings": Decimal("8000.00")})
    assert [p.id for p in h.persons] == ["p1", "p2"]
    assert h.persons[0].facts == {
        "wage": Decimal("900.00"),
        "serious_illness": True,
        "birth_date": date(1965, 3, 12),
    }
    assert h.persons[1].facts == {"pension": Decimal("520.00"), "lives_here": UNKNOWN}
    (e,) = h.enrolments
    assert (e.programme, e.amount, e.persons, e.ends_on) == ("tekun", Decimal("780.00"), ("p1", "p2"), None)
    assert snapshot.household_of("p3") == "h2"
    assert snapshot.counties() == ("341503000000",)


def test_the_source_fills_presumed_values_and_leaves_unknowns(maker: Maker) -> None:
    snapshot = read(maker.seal(), PACK)
    person = snapshot.tables["person"]
    rows = snapshot.con.execute(f"SELECT person_id, lives_here, wage FROM {person.source} ORDER BY 1").fetchall()
    assert rows == [("p1", True, Decimal("900.00")), ("p2", None, None), ("p3", False, Decimal("0.00"))]
    assert set(FACTS) <= person.columns.keys() | snapshot.tables["household"].columns.keys()


def test_a_table_without_its_optional_list_has_an_empty_one(maker: Maker) -> None:
    maker.write("enrolment", ENROLMENTS.replace(",persons", "").replace(",p1;p2", ""))
    snapshot = read(maker.seal(), PACK)
    source = snapshot.tables["enrolment"].source
    assert snapshot.con.execute(f"SELECT typeof(persons) FROM {source}").fetchall() == [("VARCHAR[]",)]
    assert snapshot.household("h1").enrolments[0].persons is None


def test_the_table_of_unknowns_beats_what_is_presumed(maker: Maker) -> None:
    maker.write("unknown", "subject_type,subject_id,fact\nperson,p1,lives_here\n")
    snapshot = read(maker.seal(), PACK)
    assert snapshot.household("h1").persons[0].facts["lives_here"] == UNKNOWN
    source = snapshot.tables["person"].source
    assert snapshot.con.execute(f"SELECT lives_here FROM {source} WHERE person_id = 'p1'").fetchall() == [(None,)]


def test_a_fact_is_said_of_its_own_kind_of_subject(maker: Maker) -> None:
    maker.write("unknown", "subject_type,subject_id,fact\nperson,p1,wage\nhousehold,h1,wage\nperson,p1,savings\n")
    maker.write("fact", "subject_type,subject_id,fact,period,value\nhousehold,h1,wage,2020-05,9.50\n")
    assert {(f.code, f.table, f.row, f.column) for f in faults(maker.seal())} == {
        ("snapshot.fact_of_person", "unknown", 2, "fact"),
        ("snapshot.fact_of_household", "unknown", 3, "fact"),
        ("snapshot.fact_of_person", "fact", 1, "fact"),
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_other_encodings_are_read(maker: Maker, encoding: str) -> None:
    maker.write("person", PERSONS.replace("p1,", "甲一,").encode(encoding))
    maker.write("enrolment", ENROLMENTS.replace("p1;", "甲一;"))
    assert [p.id for p in read(maker.seal(), PACK).household("h1").persons] == ["p2", "甲一"]


def test_parquet_of_several_parts_is_read(maker: Maker) -> None:
    text = f"read_csv('{maker.folder}/person.csv', all_varchar = true)"
    for part in (1, 2):
        duckdb.sql(
            f"COPY (SELECT person_id, household_id, division, role, wage::DECIMAL(14,2) AS wage FROM {text} "
            f"WHERE (household_id = 'h1') = ({part} = 1)) TO '{maker.folder}/p{part}.parquet' (FORMAT parquet)"
        )
    maker.tables["person"] = ["p1.parquet", "p2.parquet"]
    assert read(maker.seal(), PACK).household("h1").persons[0].facts == {"wage": Decimal("900.00")}


def break_checksum(m: Maker) -> None:
    m.seal()
    m.change("person", "900.00", "901.00")


@pytest.mark.parametrize(
    ("broken", "code", "place"),
    [
        (lambda m: m.change("person", "900.00", "一千二"), "snapshot.not_money", (1, "wage")),
        (lambda m: m.change("person", "900.00", "NaN"), "snapshot.not_money", (1, "wage")),
        (lambda m: m.change("person", "900.00", "-1.00"), "snapshot.below", (1, "wage")),
        (lambda m: m.change("person", "1965-03-12", "1965-02-30"), "snapshot.not_date", (1, "birth_date")),
        (lambda m: m.change("person", "1965-03-12", "2065-03-12"), "snapshot.future", (1, "birth_date")),
        (lambda m: m.change("person", "p2,h1", "p1,h1"), "snapshot.repeated", (2, "person_id")),
        (lambda m: m.change("person", "p2,h1,341503", "p2,h1,999999"), "snapshot.unknown_area", (2, "division")),
        (lambda m: m.change("person", "p2,h1,341503203204", "p2,h1,3415"), "snapshot.not_area", (2, "division")),
        (lambda m: m.change("person", "p2,h1", "p2,h9"), "snapshot.orphan_person", (2, "household_id")),
        (lambda m: m.change("person", "p2,h1,341503203204", "p2,h1,"), "snapshot.empty", (2, "division")),
        (lambda m: m.change("person", "spouse", "spuse"), "snapshot.not_value", (2, "role")),
        (lambda m: m.change("household", "\nh2,", "\n" + "h" * 65 + ","), "snapshot.id", (2, "household_id")),
        (lambda m: m.change("enrolment", "tekun", "tekum"), "snapshot.not_value", (1, "programme")),
        (lambda m: m.change("enrolment", "780.00", "-780.00"), "snapshot.below", (1, "amount")),
        (lambda m: m.change("enrolment", "household,h1", "household,h7"), "snapshot.orphan_subject", (1, "subject_id")),
        (lambda m: m.change("enrolment", "2020-01-01", "2099-01-01"), "snapshot.future", (1, "starts_on")),
        (lambda m: m.change("enrolment", "01-01,", "01-01,2019-12-31"), "snapshot.ends_before", (1, "ends_on")),
        (lambda m: m.change("person", "1965-03-12", "1890-07-19"), "snapshot.long_ago", (1, "birth_date")),
        (lambda m: m.change("person", "p2,h1", "p\t2,h1"), "snapshot.id_invisible", (2, "person_id")),
        (lambda m: m.change("household", "\nh2,", "\nh\u200b2,"), "snapshot.id_invisible", (2, "household_id")),
        (lambda m: m.change("person", "lives_here", "live_here"), "snapshot.unknown_column_near", (None, "live_here")),
        (lambda m: m.change("household", "household_class", "xyz"), "snapshot.unknown_column", (None, "xyz")),
        (lambda m: m.change("person", ",role", ",rolle"), "snapshot.missing_column", (None, "role")),
        (lambda m: m.write("household", f"{HOUSEHOLDS}h3,341503203204,,\n"), "snapshot.empty_household", (3, H_ID)),
        (lambda m: m.manifest.update(pack=None), "snapshot.not_said", (None, "")),
        (lambda m: m.manifest.pop("as_of"), "snapshot.not_said", (None, "")),
        (lambda m: m.manifest.update(pack=3), "snapshot.pack", (None, "")),
        (lambda m: m.manifest.update(format="x"), "snapshot.format", (None, "")),
        (lambda m: m.manifest.update(as_of="2020-13-01"), "snapshot.as_of", (None, "")),
        (lambda m: m.tables.pop("household"), "snapshot.missing_table", (None, "")),
        (lambda m: m.tables.update(persons=m.tables["person"]), "snapshot.unknown_table", (None, "")),
        (lambda m: m.write("person", PERSONS.encode("utf-16")), "snapshot.encoding", (None, "")),
        (lambda m: m.change("person", "p2,h1,", "p2,h1,,,,,,,,,,,"), "snapshot.csv_many", (None, "")),
        (lambda m: m.change("person", ",,520.00,unknown,,", ""), "snapshot.csv_few", (None, "")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(
    maker: Maker, broken: Callable[[Maker], object], code: str, place: tuple[int | None, str]
) -> None:
    broken(maker)
    found = {(f.code, f.row, f.column) for f in faults(maker.seal())}
    assert (code, *place) in found


def test_a_suggestion_names_every_value_where_they_are_few(maker: Maker) -> None:
    maker.change("person", "spouse", "spuse")
    told = only(maker.seal()).text("en")
    assert "It can be: head, spouse" in told


ROW = "household,h1,tekun,780.00,month,2020-01-01,,p1;p2\n"


@pytest.mark.parametrize(
    "again", [ROW, ROW.replace("p1;p2", "p2 p1"), ROW.replace("780.00", "780"), ROW.replace("month", "")]
)
def test_an_enrolment_that_stands_twice_is_refused(maker: Maker, again: str) -> None:
    maker.write("enrolment", ENROLMENTS + again + again)
    found = faults(maker.seal())
    assert [(f.code, f.row, f.fields["value"]) for f in found] == [("snapshot.enrolled_twice", n, "h1") for n in (2, 3)]


@pytest.mark.parametrize(
    "old, new", [("780.00", "90.00"), ("2020-01-01", "2020-02-01"), ("p1;p2", "p1"), ("p1;p2", "")]
)
def test_enrolments_that_differ_stand_side_by_side(maker: Maker, old: str, new: str) -> None:
    maker.write("enrolment", ENROLMENTS + ROW.replace(old, new))
    assert len(read(maker.seal(), PACK).household("h1").enrolments) == 2


def test_every_fault_of_a_row_of_facts_is_told(maker: Maker) -> None:
    header = "subject_type,subject_id,fact,period,value\n"
    maker.write(
        "fact", f"{header}person,p9,waage,2020-13,abc\nperson,p9,wage,2020-13,abc\nperson,p1,wage,2020-05,9.50\n"
    )
    found = {(f.code, f.row, f.column) for f in faults(maker.seal())}
    subject_and_period = {("snapshot.orphan_subject", "subject_id"), ("snapshot.not_period", "period")}
    assert found == {(code, row, column) for code, column in subject_and_period for row in (1, 2)} | {
        ("snapshot.not_value", 1, "fact"),
        ("snapshot.not_money", 2, "value"),
    }


def test_what_cannot_be_seen_is_written_out(maker: Maker) -> None:
    maker.change("person", "p2,h1", "p\x1b2,h1")
    assert any("p\\u001b2" in f.text("en") for f in faults(maker.seal()) if f.code == "snapshot.id_invisible")


def test_a_changed_file_is_found_by_its_checksum(maker: Maker) -> None:
    break_checksum(maker)
    assert only(maker.folder).code == "snapshot.checksum"


def test_half_a_parquet_file_is_unreadable_not_a_crash(maker: Maker) -> None:
    whole = maker.folder / "h.parquet"
    duckdb.sql(f"COPY (SELECT * FROM '{maker.folder}/household.csv') TO '{whole}' (FORMAT parquet)")
    maker.tables["household"] = ["h.parquet"]
    maker.seal()
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    codes = {f.code for f in faults(maker.folder)}
    assert {"snapshot.checksum", "snapshot.not_parquet"} <= codes


def test_money_in_a_float_is_refused(maker: Maker) -> None:
    duckdb.sql(
        f"COPY (SELECT household_id, division::VARCHAR AS division, 'NaN'::DOUBLE AS savings "
        f"FROM '{maker.folder}/household.csv') TO '{maker.folder}/h.parquet' (FORMAT parquet)"
    )
    maker.tables["household"] = ["h.parquet"]
    assert only(maker.seal()).code == "snapshot.type"


def test_a_missing_file_and_a_path_outside_are_refused(maker: Maker) -> None:
    maker.seal()
    entry = {"rows": 1, "sha256": "0" * 64}
    maker.manifest["tables"]["truth"] = {"files": [{**entry, "path": "../x.csv"}, {**entry, "path": "gone.csv"}]}  # type: ignore[index]
    (maker.folder / "manifest.json").write_text(json.dumps(maker.manifest), "utf-8")
    assert [f.code for f in faults(maker.folder)] == ["snapshot.path", "snapshot.file_missing"]


def test_all_faults_come_at_once_and_many_are_counted(maker: Maker) -> None:
    rows = "".join(f"x{n},h1,341503203204,head,-1.00,,,,\n" for n in range(30))
    maker.write("person", PERSONS + rows)
    maker.change("enrolment", "780.00", "seven")
    maker.change("household", "rural", "ruraal")
    found = faults(maker.seal())
    assert {f.code for f in found} == {"snapshot.below", "snapshot.more", "snapshot.not_money", "snapshot.not_value"}
    (more,) = [f for f in found if f.code == "snapshot.more"]
    assert more.fields["n"] == 10


def test_reading_sees_the_snapshot_and_nothing_else(maker: Maker) -> None:
    snapshot = read(maker.seal(), PACK)
    for outside in ("SELECT * FROM read_text('/etc/hostname')", "SET enable_external_access = true"):
        with pytest.raises(duckdb.Error):
            snapshot.con.execute(outside)


def test_a_person_or_household_that_is_not_there_is_said(maker: Maker) -> None:
    snapshot: Snapshot = read(maker.seal(), PACK)
    for ask in (lambda: snapshot.household("nobody"), lambda: snapshot.household_of("nobody")):
        with pytest.raises(Refused):
            ask()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 1}', '{"tables": [1]}', '{"tables": {"person": 3}}'])
def test_a_broken_manifest_is_refused(maker: Maker, content: str) -> None:
    (maker.folder / "manifest.json").write_text(content, "utf-8")
    assert faults(maker.folder)


MONTHLY = """subject_type,subject_id,fact,period,value
person,p1,wage,2020-06,850.00
household,h1,savings_before,2019,9.50
"""


@pytest.fixture
def yearly() -> Pack:
    """The pack with a yearly fact, a monthly one that may share a year, and a variable of a programme."""
    more = (
        fact("savings_before", "household", "money", period="year"),
        fact("crop", "person", "money", spread=True, max=Decimal(100)),
    )
    told = Variable("dibao.counted_income", "person", "money", None, ())
    facts = PACK.facts | {f.name: f for f in more}
    return replace(PACK, facts=facts, variables={told.name: told})


def test_values_of_other_months_come_with_the_household_under_their_names(maker: Maker, yearly: Pack) -> None:
    rows = "person,p1,lives_here,2020-06,false\nperson,p2,crop,2020,1200.00\nperson,p2,crop,2020-05,unknown\n"
    maker.write("fact", MONTHLY + rows + "person,p2,dibao__counted_income,2020-01,1.00\n")
    h = read(maker.seal(), yearly).household("h1")
    assert h.facts["savings_before@2019"] == Decimal("9.50")
    assert (h.persons[0].facts["wage@2020-06"], h.persons[0].facts["lives_here@2020-06"]) == (Decimal("850.00"), False)
    later = {n: v for n, v in h.persons[1].facts.items() if "@" in n}
    told = {"crop@2020": Decimal("1200.00"), "crop@2020-05": UNKNOWN, "dibao.counted_income@2020-01": Decimal("1.00")}
    assert later == told


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("person,p1,wage,2020,1.00", "period_of_month", "period"),
        ("household,h1,savings_before,2019-12,1.00", "period_of_year", "period"),
        ("person,p1,birth_date,2019-12,1990-01-01", "period_of_eternity", "period"),
        ("person,p1,wage,2020-08,1.00", "period_ahead", "period"),
        ("person,p1,crop,2021,1.00", "period_ahead", "period"),
        ("household,h1,savings_before,2021,1.00", "period_ahead", "period"),
        ("person,p1,wage,2020-07,1.00", "period_own", "period"),
        ("household,h1,savings_before,2020,1.00", "period_own", "period"),
        ("person,p1,wage,0000-05,1.00", "not_period", "period"),
        ("person,p1,wage,2020-06,1.00", "told_twice", "period"),
        ("person,p1,dibao__counted_income,2020-06,x", "not_money", "value"),
        ("person,p1,crop,2020-06,100.01", "above", "value"),
        ("person,p1,crop,2020,1200.01", "above", "value"),
        ("household,h1,dibao__counted_income,2020-06,1.00", "fact_of_person", "fact"),
        ("person,p9,wage,2020-05,1.00", "orphan_subject", "subject_id"),
    ],
)
def test_what_fits_no_period_of_its_fact_is_refused_by_row(
    maker: Maker, yearly: Pack, row: str, code: str, column: str
) -> None:
    maker.write("fact", f"{MONTHLY}{row}\n")
    (fault,) = faults(maker.seal(), yearly)
    assert (fault.code, fault.row, fault.column) == (f"snapshot.{code}", 3, column)
