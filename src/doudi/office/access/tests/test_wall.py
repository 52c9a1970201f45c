"""The wall behind, without the managers in front: plain querysets and raw SQL, on whichever database the tests run."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Count, F, QuerySet

from doudi.engine.values import new_id
from doudi.office.access import walls
from doudi.office.access.scopes import (
    Scope,
    ScopeInTransaction,
    current_scope,
    entered,
    ranges_of,
    scope_or_none,
    system_scope,
)
from tests.walk.sample.models import House, Line, Member, Remark

MINE, ALSO_MINE, THEIRS = "341503102201", "341503103200", "520502101201"


def standing(*areas: str) -> AbstractContextManager[Scope | None]:
    return entered(Scope(new_id(), "village", ranges_of(areas), "test"))


def behind(model: Any) -> QuerySet[Any]:
    """No manager in front: only the database guards."""
    return QuerySet(model=model)


@pytest.fixture
def theirs(db: None) -> House:
    """A house elsewhere with a member, a remark and a line; and one in each of two areas of ours."""
    with system_scope("fixture"):
        houses = {area: House.objects.create(area_code=area, name=area, number=area) for area in (MINE, ALSO_MINE)}
        house = House.objects.create(area_code=THEIRS, name="canary", number="n3")
        for one in (house, *houses.values()):
            Member.objects.create(area_code=one.area_code, house=one, name=f"member of {one.name}")
            Remark.objects.create(house=one, text="remark")
            Line.objects.create(place=one.area_code, text=one.name)
    return house


def snapshot() -> list[Any]:
    with system_scope("snapshot"):
        return [list(behind(model).order_by("pk").values()) for model in (House, Member, Remark, Line)]


@pytest.fixture
def unchanged(theirs: House) -> Iterator[None]:
    before = snapshot()
    yield
    assert snapshot() == before


def raw(sql: str, *params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def test_raw_sql_joins_and_counts_see_only_the_scope(theirs: House) -> None:
    with standing(MINE):
        assert raw('SELECT name FROM "sample_house"') == [(MINE,)]
        assert raw("SELECT count(*) FROM sample_member") == [(1,)]
        assert list(behind(Member).values_list("house__name", flat=True)) == [MINE]
        assert list(Remark.objects.values_list("house__name", flat=True)) == [MINE]
        assert list(Remark.objects.values_list("house__members__name", flat=True)) == [f"member of {MINE}"]
        assert behind(House).aggregate(n=Count("members"))["n"] == 1
        assert not behind(House).filter(pk=theirs.pk).exists()
        assert behind(House).union(behind(House)).count() == 1
        assert [r.house for r in Remark.objects.select_related("house").filter(house__area_code=MINE)]


def test_several_ranges_are_all_seen_and_each_row_once(theirs: House) -> None:
    with standing(MINE, ALSO_MINE, "341503000000"):
        assert sorted(behind(House).values_list("name", flat=True)) == [MINE, ALSO_MINE]
    with standing(ALSO_MINE, MINE):
        assert sorted(behind(House).values_list("name", flat=True)) == [MINE, ALSO_MINE]
    with standing(MINE, THEIRS):
        assert sorted(behind(House).values_list("name", flat=True)) == [MINE, "canary"]


def test_between_two_ranges_nothing_is_seen(theirs: House) -> None:
    with standing("110101001001", "650101001001"):
        assert not behind(House).exists()


def test_without_scope_the_database_shows_nothing_and_takes_nothing(theirs: House, unchanged: None) -> None:
    assert raw("SELECT count(*) FROM sample_house") == [(0,)]
    assert behind(House).update(name="x") == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        behind(House).bulk_create([House(area_code=MINE, name="x", number="x")])


def test_foreign_rows_are_no_rows_to_update_and_delete(theirs: House, unchanged: None) -> None:
    with standing(MINE):
        assert behind(House).filter(pk=theirs.pk).update(name="x") == 0
        assert behind(House).filter(name="canary").update(name=F("number")) == 0
        assert behind(Member).filter(house__name="canary").update(name="x") == 0
        assert behind(House).filter(pk=theirs.pk).delete()[0] == 0
        theirs.name = "x"
        with pytest.raises(DatabaseError), transaction.atomic():
            theirs.save(force_update=True)


def test_own_rows_are_updated_and_deleted_with_joins_expressions_and_in_bulk(theirs: House) -> None:
    with standing(MINE):
        assert behind(House).update(name=F("number")) == 1
        assert behind(Member).filter(house__number=MINE).update(name="new") == 1
        house = behind(House).get()
        house.name = "renamed"
        assert behind(House).bulk_update([house], ["name"]) == 1
        assert behind(House).update_or_create(pk=house.pk, defaults={"number": "7"})[1] is False
        assert behind(House).get().number == "7"
        assert behind(Member).exclude(house__name="canary").delete()[0] == 1
    with system_scope("count"):
        assert (House.objects.count(), Member.objects.count()) == (3, 2)


def test_an_insert_elsewhere_is_refused_by_the_database(theirs: House, unchanged: None) -> None:
    with standing(MINE):
        for options in ({}, {"ignore_conflicts": True}):
            with pytest.raises(DatabaseError), transaction.atomic():
                behind(House).bulk_create([House(area_code=THEIRS, name="x", number="x")], **options)


def test_an_own_row_cannot_be_moved_out_of_the_scope(theirs: House, unchanged: None) -> None:
    with standing(MINE), pytest.raises(DatabaseError), transaction.atomic():
        behind(House).update(area_code=THEIRS)


def test_a_row_under_a_foreign_parent_is_refused_like_one_under_no_parent(theirs: House, unchanged: None) -> None:
    errors = []
    with standing(MINE):
        for parent in (theirs.pk, new_id()):
            with pytest.raises(DatabaseError) as refused, transaction.atomic():
                behind(Member).create(area_code=MINE, house_id=parent, name="x")
            errors.append(re.sub(r"[0-9a-f-]{32,36}", "ID", str(refused.value)))
        with pytest.raises(DatabaseError), transaction.atomic():
            behind(Member).update(house_id=theirs.pk)
    assert errors[0] == errors[1]


def test_a_child_stands_in_its_parents_area(theirs: House, unchanged: None) -> None:
    with standing(MINE, ALSO_MINE), pytest.raises(DatabaseError), transaction.atomic():
        behind(Member).create(area_code=ALSO_MINE, house=behind(House).get(name=MINE), name="x")


def test_an_upsert_or_replace_on_a_foreign_row_changes_nothing(theirs: House, unchanged: None) -> None:
    clash = House(pk=theirs.pk, area_code=MINE, name="x", number="x")
    with standing(MINE):
        with pytest.raises(DatabaseError), transaction.atomic():
            behind(House).bulk_create(
                [clash], update_conflicts=True, unique_fields=["id"], update_fields=["name", "number"]
            )
        with pytest.raises(DatabaseError), transaction.atomic():
            table = 'main."sample_house"' if connection.vendor == "sqlite" else '"sample_house"'
            verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
            key = theirs.pk.hex if connection.vendor == "sqlite" else theirs.pk
            raw(f"{verb} INTO {table} (id, area_code, name, number) VALUES (%s, %s, 'x', 'x')", key, MINE)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE sample_house SET name = 'x'",
        "DELETE FROM sample_member",
        "INSERT INTO sample_house (id, area_code, name, number) VALUES (%s, '520502101201', 'x', 'x')",
    ],
)
def test_a_raw_write_never_reaches_a_foreign_row(theirs: House, sql: str) -> None:
    params = [UUID(int=1).hex] if "%s" in sql else []
    with standing(MINE):
        try:
            with transaction.atomic():
                raw(sql, *params)
        except DatabaseError:
            pass  # SQLite: "cannot modify … because it is a view"
    with system_scope("look"):
        elsewhere = behind(House).filter(area_code=THEIRS)
        assert [house.name for house in elsewhere] == ["canary"]
        assert behind(Member).filter(area_code=THEIRS).count() == 1


def test_an_append_only_table_takes_lines_from_everybody_and_gives_them_to_their_scope(theirs: House) -> None:
    with standing(MINE):
        behind(Line).create(place=THEIRS, text="about them")
        assert list(behind(Line).values_list("text", flat=True)) == [MINE]
        elsewhere = behind(Line).filter(text="canary")
        with pytest.raises(DatabaseError) if connection.vendor == "postgresql" else nullcontext(), transaction.atomic():
            assert elsewhere.update(text="x") == 0
    with system_scope("count"):
        assert behind(Line).filter(text="canary").count() == 1
        assert behind(Line).filter(text="about them").count() == 1


def test_the_scope_of_a_rolled_back_transaction_does_not_stick(theirs: House) -> None:
    with standing(MINE):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), standing(THEIRS):
            assert behind(House).get().name == "canary"
            _ = 1 / 0
        assert behind(House).get().name == MINE
        with standing(THEIRS):
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                assert behind(House).get().name == "canary"
                _ = 1 / 0
            assert behind(House).get().name == "canary"
    assert not behind(House).exists()


def test_a_savepoint_rolled_back_inside_a_scope_does_not_bring_back_the_one_before(theirs: House) -> None:
    with standing(MINE):
        before = transaction.savepoint()
        with standing(THEIRS):
            assert behind(House).get().name == "canary"
            transaction.savepoint_rollback(before)
            assert behind(House).get().name == "canary"


@pytest.mark.django_db(transaction=True)
def test_a_rollback_by_hand_leaves_the_scope_standing() -> None:
    with system_scope("fixture"):
        House.objects.create(area_code=MINE, name="mine", number="n1")
    transaction.set_autocommit(False)
    try:
        with standing(MINE):
            assert behind(House).exists()
            transaction.rollback()
            assert behind(House).exists()
        transaction.rollback()
    finally:
        transaction.set_autocommit(True)


def test_after_an_error_the_bare_connection_shows_nothing(theirs: House) -> None:
    with pytest.raises(ZeroDivisionError), standing(MINE):
        assert behind(House).exists()
        _ = 1 / 0
    rows = connection.connection.cursor().execute("SELECT count(*) FROM sample_house").fetchone()
    assert rows == (0,)


def test_a_scope_does_not_reach_another_thread(theirs: House) -> None:
    found: list[Scope | None] = []
    with standing(MINE):
        thread = threading.Thread(target=lambda: found.append(scope_or_none()))
        thread.start()
        thread.join()
    assert found == [None]


def test_a_system_job_cannot_start_inside_a_transaction(theirs: House) -> None:
    with standing(MINE), transaction.atomic(), pytest.raises(ScopeInTransaction), system_scope("late"):
        pass


@pytest.mark.django_db(transaction=True)
def test_the_wall_outlives_the_rollback_of_the_first_transaction_of_a_connection() -> None:
    with system_scope("fixture"):
        House.objects.create(area_code=THEIRS, name="canary", number="n3")
    connection.close()
    with standing(MINE):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            behind(House).create(area_code=MINE, name="x", number="x")
            _ = 1 / 0
        assert not behind(House).exists()
        assert raw("SELECT count(*) FROM sample_house") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_a_system_job_works_on_its_own_connection_and_gives_the_walled_one_back() -> None:
    walled = connections["default"]
    with system_scope("count"):
        assert connections["default"] is connections["system"] is not walled
        with transaction.atomic():
            House.objects.create(area_code=THEIRS, name="canary", number="n3")
            assert current_scope().is_system
            with pytest.raises(ScopeInTransaction), standing(MINE):
                pass
        with standing(MINE):
            assert connections["default"] is walled
            assert not behind(House).exists()
            with system_scope("again"):
                assert behind(House).exists()
        assert behind(House).exists()
    assert connections["default"] is walled
    with pytest.raises(ZeroDivisionError), system_scope("fails"):
        _ = 1 / 0
    assert connections["default"] is walled
    with standing(MINE):
        assert not behind(House).exists()


@pytest.mark.django_db(transaction=True)
def test_flush_empties_every_area_although_it_is_asked_for_the_walled_alias() -> None:
    with system_scope("fixture"):
        House.objects.create(area_code=THEIRS, name="canary", number="n3")
    call_command("flush", database="default", interactive=False, verbosity=0, inhibit_post_migrate=True)
    with system_scope("count"):
        assert not House.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_reading_in_a_scope_waits_for_no_writer() -> None:
    with transaction.atomic(using="system"):
        behind(House).using("system").bulk_create([House(area_code=MINE, name="unseen", number="1")])
        with standing(MINE):
            assert not behind(House).exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_answered_when_a_part_of_the_wall_is_gone() -> None:
    with standing(MINE):
        assert not behind(House).exists()
    if connection.vendor == "sqlite":
        connection.connection.execute('DROP VIEW temp."sample_house"')
    else:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE sample_house NO FORCE ROW LEVEL SECURITY")
        connection.close()
    with pytest.raises(walls.WallDown), standing(MINE):
        behind(House).exists()
    if connection.vendor == "sqlite":
        connection.close()
    else:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE sample_house FORCE ROW LEVEL SECURITY")
    with standing(MINE):
        assert not behind(House).exists()


def test_a_scoped_page_seeks_an_area_index_and_a_scoped_update_one_key(theirs: House) -> None:
    with standing(MINE, ALSO_MINE):
        if connection.vendor == "sqlite":
            plan = str(raw("EXPLAIN QUERY PLAN SELECT * FROM sample_house"))
            assert "SEARCH t USING INDEX" in plan and "SCAN t" not in plan
            sql = behind(House).filter(pk=theirs.pk).query
            plan = str(raw(f"EXPLAIN QUERY PLAN {sql}".replace(theirs.pk.hex, f"'{theirs.pk.hex}'")))
            assert "SEARCH sample_house USING INDEX sqlite_autoindex" in plan or "SEARCH t USING INDEX" in plan
        else:
            raw("SET LOCAL enable_seqscan = off")
            assert "sample_house_area_scope" in str(raw("EXPLAIN SELECT * FROM sample_house"))


def test_the_table_behind_a_view_is_named_nowhere_but_in_the_wall() -> None:
    """`main."table"` walks past the views; only the compilers and the wall may say it."""
    source = Path(walls.__file__).parents[2]
    named = re.compile(r"""main\.(["'{]|\w+_\w+)""")
    found = [
        f"{path.relative_to(source)}:{number}"
        for path in source.rglob("*.py")
        if path.parent.name not in ("sqlite", "tests")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if named.search(line)
    ]
    assert not found


def test_every_scoped_table_is_guarded(theirs: House) -> None:
    expected = sorted(model._meta.db_table for model in walls.scoped_models())
    assert "sample_house" in expected
    if connection.vendor == "sqlite":
        names = raw("SELECT name FROM sqlite_temp_master WHERE type = 'view' ORDER BY name")
    else:
        names = raw("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname")
    assert [name for (name,) in names] == expected


def test_a_wall_is_never_built_inside_a_transaction() -> None:
    from doudi.office.access.sqlite import wall

    with sqlite3.connect(":memory:") as bare:
        bare.execute("BEGIN")
        with pytest.raises(walls.WallDown):
            wall.build(bare)
