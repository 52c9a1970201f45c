"""One answer for a page; every other asker gets a fresh one."""

from __future__ import annotations

from doudi.office.access.once import answering_once, once

asked: list[str] = []


@once
def question(about: str) -> int:
    asked.append(about)
    return len(asked)


def test_within_a_page_a_question_is_asked_once_and_outside_each_time() -> None:
    asked.clear()
    with answering_once():
        assert question("a") == question("a") == 1
        assert question("b") == 2
    assert question("a") == 3 and question("a") == 4
    with answering_once():
        assert question("a") == 5
