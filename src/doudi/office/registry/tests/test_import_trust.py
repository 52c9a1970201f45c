from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings

from doudi.engine.values import AreaCode
from doudi.office.access import NotAllowed, OutOfScope, scope
from doudi.office.access.models import Post, Role, User
from doudi.office.audit.models import Entry
from doudi.office.registry import tasks
from doudi.office.registry.actions import import_batch
from doudi.office.registry.bulk import to_insert
from doudi.office.registry.importing import kept
from doudi.office.registry.models import Batch, Household, Identity, Person
from doudi.office.registry.queries import search
from doudi.office.registry.tests.files import (
    AT,
    COUNTY,
    COUPLE,
    HEAD,
    JULY,
    SHOUTIAN,
    counts,
    csv_file,
    imported,
    parked,
    received,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("office")]


@override_settings(DEMO=False)
def test_invented_numbers_are_taken_only_in_the_demo(tmp_path: Path) -> None:
    batch = imported("person", csv_file(tmp_path, HEAD, SHOUTIAN))
    assert parked(batch) == [(2, "refused", "import.invented")] and not Identity.objects.exists()


def test_only_town_and_county_bring_lists_in_and_only_for_their_area(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEAD, SHOUTIAN)
    for role, area, refusal in (
        (Role.REVIEWER, COUNTY.code, NotAllowed),
        (Role.TOWNSHIP, "341503108000", OutOfScope),
        (Role.COUNTY, "520502000000", OutOfScope),
    ):
        user = User.objects.create_user(f"u{role}{area}", None, full_name="甄科长")
        Post.objects.create(user=user, role=role, area_code=area, starts_on=date(2020, 1, 1))
        with scope(user, "import", on=JULY), pytest.raises(refusal):
            import_batch("person", path, area=COUNTY, observed_on=JULY, by=user, at=AT)
    assert not Batch.objects.exists()


def test_a_job_accepts_in_the_scope_of_whoever_asked(tmp_path: Path) -> None:
    user = User.objects.create_user("township", None, full_name="甄小印")
    Post.objects.create(user=user, role=Role.TOWNSHIP, area_code="341503203000", starts_on=date(2020, 1, 1))
    elsewhere = ("吴彩云", "341599197409191405", "河沿村", "户主", "9")
    path = csv_file(tmp_path, HEAD, *COUPLE, elsewhere)
    with scope(user, "import", on=JULY):
        batch = import_batch("person", path, area=AreaCode("341503203000"), observed_on=JULY, by=user, at=AT)
    tasks.accept(str(batch.pk))
    tasks.accept(str(batch.pk))
    done = Batch.objects.get(pk=batch.pk)
    assert done.state == "accepted" and counts(done) == {"new": 2, "refused": 1, "ignored": 1}
    assert parked(done) == [(4, "refused", "import.no_such_place")]
    tasks.undo(str(batch.pk))
    assert Batch.objects.get(pk=batch.pk).state == "undone"


def test_each_chunk_leaves_one_entry_with_a_digest_and_no_numbers(tmp_path: Path) -> None:
    batch = imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    (entry,) = Entry.objects.filter(act="registry.rows_accepted")
    assert entry.subject_id == str(batch.pk) and len(entry.detail["digest"]) == 64
    assert entry.detail["counts"]["new"] == 2 and entry.detail["to"] == 3


def test_people_are_found_by_number_last_four_and_phone_and_shown_masked(tmp_path: Path) -> None:
    head, phone = (*HEAD, "联系电话"), "10000000001"
    imported("person", csv_file(tmp_path, head, (*COUPLE[0], phone), (*COUPLE[1], "")))
    for text in (COUPLE[0][1], "1176", phone, "梅长贵 1176"):
        (line,) = search(text).items
        assert (line.name, line.number) == ("梅长贵", "341**************6"), text
    assert not search("341599193603051175").items and not search("1177").items


def test_no_number_stands_readable_in_any_row(tmp_path: Path) -> None:
    head = (*HEAD, "联系电话", "重病")
    rows = [
        (*COUPLE[0], "10000000001", "是"),
        ("甄桂香", "341599194405081062", "郝集村", "", "", "", ""),
        ("甄桂香", "341599194405081061", "郝集村", "", "", "", COUPLE[0][1]),
    ]
    imported("person", csv_file(tmp_path, head, *rows))
    received("person", csv_file(tmp_path, head, *rows, name="kept.csv"))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            said = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()])
            assert not any(w in said for w in (COUPLE[0][1], "341599194405081062", "10000000001")), table
            assert "serious_illness" not in said or not table.startswith("registry_"), table
    files = [p.read_bytes() for p in kept.file_of(Batch.objects.get(state="ready").pk).parent.iterdir()]
    assert files and not any(COUPLE[0][1].encode() in data or "梅长贵".encode() in data for data in files)


def test_two_counties_know_one_human_apart(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, SHOUTIAN))
    person = Person.objects.get()
    other = Person(identity=person.identity, area_code="520502001001", county_code="520502000000", name="贾守田")
    other.save(force_insert=True)
    assert Identity.objects.count() == 1
    batch = imported("person", csv_file(tmp_path, HEAD, (*SHOUTIAN[:4], "9")))
    assert batch.counts["new"] == 0 and COUNTY.contains(Person.objects.get(pk=person.pk).area_code)


def test_a_line_outside_the_scope_is_refused_before_the_database_has_to(tmp_path: Path) -> None:
    user = User.objects.create_user("county", None, full_name="甄科长")
    Post.objects.create(user=user, role=Role.COUNTY, area_code=COUNTY.code, starts_on=date(2020, 1, 1))
    with scope(user, "import", on=JULY), pytest.raises(OutOfScope):
        to_insert(Household, [Household(area_code="341503203210"), Household(area_code="520502001001")])
    assert not Household.objects.exists()
