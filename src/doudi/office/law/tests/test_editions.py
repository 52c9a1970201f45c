from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from doudi.engine import policy
from doudi.engine.values import AreaCode
from doudi.office.audit.models import Entry
from doudi.office.law import queries
from doudi.office.law.actions import DemoValues, activate, install
from doudi.office.law.models import PackEdition
from doudi.office.law.queries import NoEdition, edition_for, pack_of

AT = datetime(2020, 7, 20, 1, tzinfo=UTC)
COUNTY, OTHER = AreaCode("341503000000"), AreaCode("520502000000")
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("nationwide")]


@pytest.fixture
def edition() -> PackEdition:
    return install("cn", by="law.test", at=AT)


def test_installing_the_same_pack_twice_keeps_one_edition(edition: PackEdition) -> None:
    assert install("cn", by="law.test", at=AT) == edition
    assert Entry.objects.filter(act="law.installed").count() == 1


def test_a_pack_is_read_from_the_stored_archive_and_has_its_hash(edition: PackEdition) -> None:
    assert pack_of(edition).hash == edition.hash


def test_a_stored_pack_that_was_changed_is_not_used(edition: PackEdition) -> None:
    files = policy.read_folder(policy.locate("cn"))
    changed = policy.archive({**files, "parameters.yaml": files["parameters.yaml"] + b"\n# changed\n"})
    queries._loaded.cache_clear()
    PackEdition.objects.filter(pk=edition.pk).update(archive=changed)
    with pytest.raises(ValueError, match="was changed"):
        pack_of(edition)


def test_an_area_uses_the_edition_of_its_county_from_the_day_on(edition: PackEdition) -> None:
    activate(edition, pack_of(edition), areas=[COUNTY], since=date(2020, 1, 1), by="law.test", at=AT)
    activate(edition, pack_of(edition), areas=[COUNTY], since=date(2020, 1, 1), by="law.test", at=AT)
    assert edition_for("341503203204", date(2020, 7, 20)) == edition
    for area, on in ((OTHER, date(2020, 7, 20)), (COUNTY, date(2019, 12, 31))):
        with pytest.raises(NoEdition):
            edition_for(area, on)
    assert Entry.objects.filter(act="law.activated", area_code=str(COUNTY)).count() == 1


def test_invented_values_are_no_law_outside_the_demonstration(
    edition: PackEdition, settings: pytest.FixtureRequest
) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    with pytest.raises(DemoValues) as refused:
        activate(edition, pack_of(edition), areas=[COUNTY], since=date(2020, 1, 1), by="law.test", at=AT)
    assert "dibao.standard" in refused.value.parameters
    activate(edition, pack_of(edition), areas=[OTHER], since=date(2020, 1, 1), by="law.test", at=AT)
