"""The sealer: every entry gets one place, roots in time, whatever interrupts it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError

from doudi.office.audit import roots, sealing
from doudi.office.audit.models import BODY, Entry, Seal
from doudi.office.audit.sealing import Sealer
from doudi.office.audit.tests.conftest import Acts
from doudi.office.audit.verify import verify_trail

COUNTY = "341503000000"
pytestmark = pytest.mark.django_db


def sizes(folder: Path, county: str = COUNTY) -> list[int]:
    return [root.size for root in roots.read(folder, county)]


def test_each_county_has_its_own_chain_without_gaps(acts: Acts, roots_dir: Path) -> None:
    acts(3)
    acts(2, "520522000000")
    sealer = Sealer()
    assert (sealer.seal(), sealer.seal()) == (5, 0)
    assert [*Seal.objects.filter(county=COUNTY).order_by("seq").values_list("seq", flat=True)] == [1, 2, 3]
    assert Seal.objects.filter(county="520522000000").count() == 2


def test_a_root_waits_for_its_minute_or_its_thousand_or_the_end(
    acts: Acts, roots_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_ROOT_SIZE", 10)
    sealer = Sealer()
    acts(4)
    sealer.seal()
    assert roots.counties(roots_dir) == []
    acts(21)
    sealer.seal()
    assert sizes(roots_dir) == [10, 20]
    monkeypatch.setattr(sealing, "_ROOT_EVERY", sealing.timedelta(0))
    sealer.seal()
    assert sizes(roots_dir) == [10, 20, 25]
    monkeypatch.undo()
    acts(1)
    sealer.seal(closing=True)
    assert sizes(roots_dir) == [10, 20, 25, 26]


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_killed_sealer_is_followed_by_one_that_roots_what_it_left(
    acts: Acts, roots_dir: Path, forgotten: bool
) -> None:
    acts(3)
    Sealer().seal(closing=True)
    acts(2)
    Sealer().seal()  # killed here: its roots are not written
    if forgotten:
        (roots_dir / COUNTY / "tree").unlink()
    Sealer().seal()
    assert sizes(roots_dir) == [3, 5]
    assert verify_trail().ok


def test_a_root_line_cut_by_a_power_failure_is_dropped(acts: Acts, roots_dir: Path) -> None:
    acts(1)
    Sealer().seal(closing=True)
    file = next((roots_dir / COUNTY).glob("*.jsonl"))
    with file.open("a", encoding="utf-8") as lines:
        lines.write('{"county": "3415')
    assert sizes(roots_dir) == [1]
    acts(1)
    Sealer().seal(closing=True)
    assert sizes(roots_dir) == [1, 2]


def test_two_sealers_make_one_chain(acts: Acts, roots_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acts(2)
    chain, calls = sealing._chain, []

    def beaten(batch: list[Entry]) -> None:
        calls.append(len(batch))
        chain(batch)
        if len(calls) == 1:
            raise IntegrityError("the other sealer took these places")

    monkeypatch.setattr(sealing, "_chain", beaten)
    Sealer().seal(closing=True)
    assert Seal.objects.count() == 2
    assert verify_trail().ok


def test_everything_an_entry_says_is_sealed() -> None:
    assert [field.name for field in Entry._meta.concrete_fields] == BODY
