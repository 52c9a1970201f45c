"""Exclusions that contradict one another are refused, with the way round."""

from __future__ import annotations

import pytest

from doudi.engine.policy.tests.small import BASIC, changed, faults_of

OTHER = "programmes/{}/programme.yaml"
CONDITIONS = "conditions: [{name: poor, bit: 0, expr: savings < standard_of}]\n"


def programme(name: str, excludes: str, more: str = "amount: {expr: savings}\n", subject: str = "household") -> bytes:
    text = f"programme: {name}\nsubject: {subject}\nperiod: month\n{more}"
    text += "conditions: [{name: one, bit: 0, expr: true}]\n" + f"excludes: [{excludes}]\n"
    return text.encode()


def faults(*programmes: tuple[str, str]) -> list[tuple[str, str]]:
    files = changed(BASIC, "", "")
    for name, excludes in programmes:
        files[OTHER.format(name)] = programme(name, excludes)
    return [(f.code, str(f.fields.get("path", f.fields.get("name", "")))) for f in faults_of(files)]


def e(programme: str, mode: str, more: str = "") -> str:
    return f"{{programme: {programme}, mode: {mode}{more}}}"


@pytest.mark.parametrize(
    "entries, path",
    [
        ([("a", e("b", "instead")), ("b", e("a", "instead"))], "a → b → a"),
        ([("a", e("b", "instead")), ("b", e("c", "difference")), ("c", e("a", "instead"))], "a → b → c → a"),
        ([("a", e("b", "instead")), ("b", e("a", "higher"))], "a → b → a"),
        ([("a", e("b", "difference")), ("b", e("a", "difference"))], "a → b → a"),
    ],
)
def test_a_circle_of_precedence_is_refused_with_its_path(entries: list[tuple[str, str]], path: str) -> None:
    assert faults(*entries) == [("policy.precedence_cycle", path)]


@pytest.mark.parametrize(
    "entries",
    [
        [("a", e("b", "higher")), ("b", e("a", "higher"))],
        [("a", e("b", "instead")), ("b", e("a", "same_need"))],
        [("a", e("b", "instead", ", to: 2019-12-31")), ("b", e("a", "instead", ", from: 2020-01-01"))],
        [("a", f"{e('b', 'instead', ', to: 2019-12-31')}, {e('b', 'higher', ', from: 2020-01-01')}"), ("b", "")],
    ],
)
def test_what_never_meets_on_one_day_or_stops_nobody_is_no_circle(entries: list[tuple[str, str]]) -> None:
    assert faults(*entries) == []


def test_two_entries_for_one_programme_on_one_day_are_refused() -> None:
    assert faults(("a", f"{e('b', 'instead')}, {e('b', 'higher')}"), ("b", "")) == [("policy.excluded_twice", "b")]


@pytest.mark.parametrize("mode", ["higher", "difference"])
def test_amounts_that_are_compared_must_be_there_for_the_same_period(mode: str) -> None:
    files = changed(BASIC, "", "")
    files[OTHER.format("a")] = programme("a", e("b", mode))
    files[OTHER.format("b")] = programme("b", "", more="")
    assert [(f.code, f.fields["name"]) for f in faults_of(files)] == [("policy.excluded_amount", "b")]
    files[OTHER.format("b")] = programme("b", "").replace(b"period: month", b"period: once")
    assert [(f.code, f.fields["other"]) for f in faults_of(files)] == [("policy.excluded_period", "once")]
    files[OTHER.format("b")] = programme("b", "", more="", subject="person")
    assert faults_of(files) == []
