from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from doudi.office.registry.actions import NotInState, accept, rebuild_all, undo
from doudi.office.registry.actions.imports import Pace
from doudi.office.registry.importing import kept
from doudi.office.registry.models import Batch, Membership, Person
from doudi.office.registry.queries import prove_facts, search
from doudi.office.registry.tests.files import (
    AT,
    COUPLE,
    HEAD,
    JULY,
    SHOUTIAN,
    counts,
    csv_file,
    imported,
    received,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("office")]


def test_a_busy_machine_gets_shorter_transactions_and_a_quick_one_longer() -> None:
    pace = Pace(lines=200, aim_seconds=0.15)
    pace.took(0.225)
    assert pace.lines == 133
    for _ in range(20):
        pace.took(0.5)
    assert pace.lines == pace.least
    for _ in range(40):
        pace.took(0.01)
    assert pace.lines == pace.most


def test_an_interrupted_import_goes_on_after_its_last_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doudi.office.registry.actions.imports.Pace", partial(Pace, lines=2, most=2, least=2))
    batch = received("person", csv_file(tmp_path, HEAD, *COUPLE, SHOUTIAN, ("合计",)))

    def stop(n: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("doudi.office.registry.actions.imports.progress", stop)
    with pytest.raises(KeyboardInterrupt):
        accept(batch, by="test", at=AT)
    batch = Batch.objects.get(pk=batch.pk)
    assert (batch.state, batch.mark, Person.objects.count()) == ("accepting", 2, 1)
    monkeypatch.undo()
    done = accept(batch, by="test", at=AT)
    assert done.state == "accepted" and counts(done) == {"new": 3, "ignored": 2} and Person.objects.count() == 3
    assert not kept.file_of(batch.pk).exists()
    with pytest.raises(NotInState):
        accept(done, by="test", at=AT)


def test_undo_takes_back_what_was_said_and_whom_it_brought(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    before = {p.name: (p.facts, p.household_id) for p in Person.objects.all()}
    head = "户主,身份证号,村,成员姓名,成员身份证号,与户主关系,工资性月收入"
    rows = [
        ("贾守田", SHOUTIAN[1], "江店村", "贾守田", SHOUTIAN[1], "户主", "900"),
        ("", "", "", "梅桂英", COUPLE[1][1], "母", "5"),
    ]
    batch = imported("register:household_survey", csv_file(tmp_path, head.split(","), *rows), observed_on=JULY)
    assert Person.objects.get(name="梅桂英").household_id == Person.objects.get(name="贾守田").household_id
    undo(batch, by="test", at=AT)
    after = {p.name: (p.facts, p.household_id) for p in Person.objects.all()}
    assert not search("贾守田").items
    assert after.pop("贾守田") == ({}, None) and after == before
    assert prove_facts(as_of=JULY).ok
    assert undo(batch, by="test", at=AT).state == "undone"
    again = imported("register:household_survey", csv_file(tmp_path, head.split(","), *rows), observed_on=JULY)
    assert counts(again) == {"new": 1, "changed": 1, "ignored": 1}


def test_rebuilding_everything_equals_what_imports_kept(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE, SHOUTIAN))
    assert prove_facts(as_of=JULY).ok
    kept_now = {p.pk: (p.facts, p.origins) for p in Person.objects.all()}
    assert rebuild_all(as_of=JULY) == 5
    assert {p.pk: (p.facts, p.origins) for p in Person.objects.all()} == kept_now
    broken = Person.objects.get(name="贾守田")
    Person.objects.filter(pk=broken.pk).update(facts={"sex": "F"})
    proof = prove_facts(as_of=JULY)
    assert proof.subjects == 5 and proof.differing == (("person", broken.pk),)


def test_undo_brings_back_the_relation_that_the_list_had_overwritten(tmp_path: Path) -> None:
    def say(relation: str, day: date) -> Batch:
        wife = (*COUPLE[1][:3], relation, COUPLE[1][4])
        return imported("person", csv_file(tmp_path, HEAD, COUPLE[0], wife), observed_on=day)

    def relation() -> tuple[str, str]:
        (stay,) = Membership.objects.filter(person__name="梅桂英", ended_on__isnull=True)
        return stay.role, stay.person.role

    say("妻", date(2020, 6, 1))
    mother = say("母", date(2020, 6, 15))
    assert relation() == ("parent", "parent")
    undo(mother, by="test", at=AT)
    assert relation() == ("spouse", "spouse")
    again = say("母", date(2020, 6, 20))
    say("儿媳", date(2020, 7, 1))
    undo(again, by="test", at=AT)
    assert relation() == ("child_in_law", "child_in_law"), "a later list's word stands"
