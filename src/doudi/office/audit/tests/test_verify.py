"""An owner of the database drops the triggers and tampers: each way is found and the first bad entry is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from typer.testing import CliRunner

from doudi.cli import app
from doudi.engine.words import Refused
from doudi.office.audit import append_only
from doudi.office.audit.models import Entry, Seal
from doudi.office.audit.sealing import Sealer
from doudi.office.audit.tests.conftest import Acts
from doudi.office.audit.verify import Proof, verify_trail
from tests.postgres import let_the_system_tamper

COUNTY = "341503000000"
pytestmark = pytest.mark.django_db


@pytest.fixture
def log(acts: Acts, roots_dir: Path) -> list[str]:
    """Ids of ten sealed entries; roots stand at 5 and 10."""
    for _ in range(2):
        acts(5)
        Sealer().seal(closing=True)
    append_only.remove(connection.alias)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            let_the_system_tamper(cursor, "audit_entry", "audit_seal")
    return [str(key) for key in Seal.objects.order_by("seq").values_list("entry_id", flat=True)]


def first(proof: Proof) -> tuple[str, int, str]:
    (found,) = proof.breaks
    return found.kind, found.seq, found.entry


def test_a_whole_log_is_proved(log: list[str]) -> None:
    proof = verify_trail()
    assert proof.ok and (proof.sealed, proof.roots, proof.unrooted, proof.unsealed) == (10, 2, 0, 0)


@pytest.mark.parametrize("column", ["by", "outcome", "reason", "area_code", "subject_id"])
def test_an_edited_entry_is_found(log: list[str], column: str) -> None:
    Entry.objects.filter(id=log[6]).update(**{column: "x"})
    assert first(verify_trail()) == ("edited", 7, log[6])


def test_edited_details_and_instants_are_found(log: list[str]) -> None:
    entry = Entry.objects.get(id=log[2])
    Entry.objects.filter(id=log[2]).update(detail={"n": 1})
    assert first(verify_trail()) == ("edited", 3, log[2])
    Entry.objects.filter(id=log[2]).update(detail={}, at=entry.recorded_at)
    assert first(verify_trail()) == ("edited", 3, log[2])


def test_a_deleted_entry_is_found(log: list[str]) -> None:
    Entry.objects.filter(id=log[3]).delete()
    assert first(verify_trail()) == ("deleted", 4, log[3])


def test_an_entry_deleted_with_its_place_is_found(log: list[str]) -> None:
    Entry.objects.filter(id=log[3]).delete()
    Seal.objects.filter(entry_id=log[3]).delete()
    assert first(verify_trail()) == ("gap", 4, "")


def test_reordered_entries_are_found(log: list[str]) -> None:
    Seal.objects.filter(entry_id=log[1]).update(seq=99)
    Seal.objects.filter(entry_id=log[2]).update(seq=2)
    Seal.objects.filter(entry_id=log[1]).update(seq=3)
    assert first(verify_trail()) == ("moved", 2, log[2])


@pytest.mark.parametrize("left", [9, 5, 0])
def test_a_cut_tail_is_found_by_the_root(log: list[str], left: int) -> None:
    Entry.objects.filter(id__in=log[left:]).delete()
    Seal.objects.filter(seq__gt=left).delete()
    proof = verify_trail()
    assert first(proof) == ("cut", left + 1, "") and proof.breaks[0].until == 10


def test_a_rewritten_log_is_found_by_the_root(log: list[str], tmp_path: Path) -> None:
    Entry.objects.filter(id=log[6]).update(by="somebody else")
    Seal.objects.all().delete()
    Sealer(tmp_path / "other roots").seal()
    assert first(verify_trail()) == ("rewritten", 6, log[5])


def test_a_log_rewritten_without_an_entry_is_found_by_the_root(log: list[str], acts: Acts) -> None:
    Entry.objects.filter(id=log[2]).delete()
    Seal.objects.all().delete()
    acts(1)
    Sealer().seal(closing=True)
    assert first(verify_trail())[:2] == ("rewritten", 1)


def test_removed_root_files_are_noticed(log: list[str], roots_dir: Path) -> None:
    Seal.objects.filter(seq=10).update(sealed_at="2030-01-01T00:00:00Z")
    next((roots_dir / COUNTY).glob("*.jsonl")).unlink()
    assert first(verify_trail()) == ("no_root", 1, log[0])


def test_a_changed_root_file_is_noticed(log: list[str], roots_dir: Path) -> None:
    file = next((roots_dir / COUNTY).glob("*.jsonl"))
    file.write_text("nonsense\n" + file.read_text("utf-8"), "utf-8")
    assert first(verify_trail())[:2] == ("damaged_root", 1)


def test_the_command_names_the_first_bad_entry_and_exits_1(log: list[str]) -> None:
    run = CliRunner().invoke
    assert run(app, ["verify", "audit"]).exit_code == 0
    Entry.objects.filter(id__in=log[4:6]).update(by="x")
    plain, machine = run(app, ["verify"]), run(app, ["verify", "audit", "--json"])
    assert (plain.exit_code, machine.exit_code) == (1, 1)
    assert log[4] in plain.stdout and log[5] not in plain.stdout
    said = json.loads(machine.stdout)
    assert said["ok"] is False and said["checks"]["audit"]["breaks"][0]["entry"] == log[4]


def test_an_unknown_check_is_refused() -> None:
    result = CliRunner().invoke(app, ["verify", "audti"])
    assert isinstance(result.exception, Refused) and result.exception.faults[0].fields["name"] == "audti"
