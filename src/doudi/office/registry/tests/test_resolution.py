from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from doudi.engine.policy.model import Fact, Words
from doudi.office.registry.resolution import Resolved, Said, resolve

WORDS = Words("", "")
INCOME = Fact("income", "person", "money", WORDS, agree_within=Decimal("1.00"))
RANKED = Fact("state", "household", "text", WORDS, source_rank=("ledger", "visit", "survey"))
ILL = Fact("ill", "person", "bool", WORDS, sensitive=True)
MEANINGS = {f.name: f for f in (INCOME, RANKED, ILL)}
KINDS = {"bank": "department", "tax": "department", "visit": "visit", "ledger": "department", "survey": "visit"}
JULY = date(2020, 7, 20)


def said(source: str, on: str, to: str | None = None, *, recorded: int = 1, **facts: str | int | bool) -> Said:
    day = date.fromisoformat(on)
    at = datetime(2020, 7, recorded, tzinfo=UTC)
    return Said(facts, source, day, at, f"{source}{on}{recorded}", valid_to=date.fromisoformat(to) if to else None)


def resolved(*words: Said, as_of: date = JULY) -> Resolved:
    return resolve(words, MEANINGS, KINDS, as_of)


def test_what_a_department_verified_outranks_a_newer_visit_and_that_a_declaration() -> None:
    visit, bank = said("visit", "2020-07-16", income="100.00"), said("bank", "2019-01-01", income="900.00")
    assert resolved(visit, bank).facts == {"income": "900.00"}
    assert resolved(said("neighbour", "2020-07-19", income="1.00"), visit).facts == {"income": "100.00"}


def test_the_rank_of_the_pack_outranks_the_kinds() -> None:
    words = said("survey", "2020-07-19", state="safe"), said("visit", "2020-07-01", state="damaged")
    assert resolved(*words).facts == {"state": "damaged"}


def test_the_newest_word_of_a_source_counts_whatever_the_order_of_arrival() -> None:
    old, new = said("visit", "2020-01-01", recorded=9, income="1.00"), said("visit", "2020-06-01", income="2.00")
    assert resolved(old, new).facts == resolved(new, old).facts == {"income": "2.00"}


def test_a_lapsed_word_is_unknown_and_an_older_one_does_not_come_back() -> None:
    words = said("visit", "2019-05-20", income="700.00"), said("visit", "2020-05-20", "2020-06-22", income="720.00")
    assert resolved(*words, as_of=date(2020, 6, 22)).facts == {"income": "720.00"}
    after = resolved(*words)
    assert after.facts == {} and after.origins["income"]["why"] == "lapsed"


def test_equal_rank_and_different_is_unknown_and_both_are_shown() -> None:
    both = resolved(said("bank", "2020-07-01", income="100.00"), said("tax", "2020-07-02", income="200.00"))
    assert both.facts == {}
    assert both.origins["income"]["words"] == [["200.00", "tax", "2020-07-02"], ["100.00", "bank", "2020-07-01"]]


def test_equal_rank_within_the_tolerance_agrees_on_the_newest() -> None:
    words = said("bank", "2020-07-01", income="100.00"), said("tax", "2020-07-02", income="101.00")
    assert resolved(*words).facts == {"income": "101.00"}


def test_asked_and_not_told_is_unknown_although_an_older_word_of_that_source_was_known() -> None:
    words = said("visit", "2020-01-01", income="9.00"), said("visit", "2020-07-20", income="unknown")
    assert resolved(*words).facts == {} and resolved(*words).origins["income"]["why"] == "asked"


def test_as_of_does_not_see_what_was_observed_later_and_says_when_it_will() -> None:
    words = said("visit", "2020-07-16", income="1.00"), said("visit", "2020-08-10", "2020-09-30", income="2.00")
    before = resolved(*words, as_of=date(2020, 7, 20))
    assert before.facts == {"income": "1.00"} and before.stale_on == date(2020, 8, 10)
    assert resolved(*words, as_of=date(2020, 8, 10)).stale_on == date(2020, 10, 1)


def test_a_sensitive_fact_is_kept_apart_with_its_origin() -> None:
    answer = resolved(said("bank", "2020-07-01", ill=True, income="1.00"))
    assert answer.facts == {"income": "1.00"} and "ill" not in answer.origins
    assert answer.sensitive["facts"] == {"ill": True} and answer.sensitive["origins"]["ill"]["source"] == "bank"


def test_zero_and_false_are_values() -> None:
    assert resolved(said("visit", "2020-07-01", income="0.00", ok=False)).facts == {"income": "0.00", "ok": False}
