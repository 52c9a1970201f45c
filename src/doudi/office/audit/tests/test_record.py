"""record(): in the act's transaction, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from doudi.office.audit.actions import PersonalData, TrailUnwritable, circumstances, record, record_refusal
from doudi.office.audit.models import Entry
from doudi.office.audit.queries import history_of
from doudi.office.jobs.transactions import NoTransaction

AT = datetime(2020, 7, 20, 1, tzinfo=UTC)
WHO = {"by": "registry.import", "at": AT}
HOUSEHOLD = ("registry.household", "h1")


@pytest.mark.django_db
def test_an_entry_knows_place_chain_instants_and_circumstances() -> None:
    with transaction.atomic(), circumstances(role="county", purpose="review", origin="10.0.0.7"):
        record("registry.changed", HOUSEHOLD, area="341503104201", reason="搬家", detail={"n": 3}, **WHO)
    entry = history_of(HOUSEHOLD).get()
    assert (entry.area_code, entry.county) == ("341503104201", "341503000000")
    assert (entry.role, entry.purpose, entry.origin, entry.outcome) == ("county", "review", "10.0.0.7", "done")
    assert (entry.by_kind, entry.by, entry.at) == ("job", "registry.import", AT)
    assert entry.recorded_at > AT


@pytest.mark.django_db
def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NoTransaction):
        record("registry.changed", HOUSEHOLD, **WHO)


@pytest.mark.django_db
def test_the_entry_goes_when_the_act_is_rolled_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("registry.changed", HOUSEHOLD, **WHO)
        1 / 0  # noqa: B018
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_refusal_stays_although_the_act_is_rolled_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        1 / 0  # noqa: B018
    record_refusal("registry.change", HOUSEHOLD, reason="not yours", **WHO)
    assert Entry.objects.get().outcome == "refused"


@pytest.mark.django_db
def test_a_refusal_inside_the_act_would_be_lost_and_raises() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        record_refusal("registry.change", HOUSEHOLD, **WHO)


@pytest.mark.django_db
def test_a_trail_that_cannot_be_written_stops_the_act(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Entry, "save", fail)
    with pytest.raises(TrailUnwritable), transaction.atomic():
        record("registry.changed", HOUSEHOLD, **WHO)


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["341599194001010018", "34159919400101001X", "6217000000000000001", "13900000000"])
def test_numbers_of_persons_are_masked_in_reasons_and_refused_in_details(number: str) -> None:
    with transaction.atomic():
        record("registry.changed", HOUSEHOLD, reason=f"号码{number}有误", **WHO)
        with pytest.raises(PersonalData):
            record("registry.changed", HOUSEHOLD, detail={"rows": [{"id": number}]}, **WHO)
    assert number not in Entry.objects.get().reason


@pytest.mark.django_db
def test_ids_area_codes_and_sums_are_no_numbers_of_persons() -> None:
    detail = {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "area": "341503104201", "fen": 13900000000}
    with transaction.atomic():
        record("payments.released", HOUSEHOLD, detail=detail, **WHO)
    assert Entry.objects.get().detail == detail
