"""Questions that several rooms ask for one page get one answer: while a GET is served, nothing it reads changes by it.

Outside a GET every question is asked anew, so that jobs and acts never see an answer from before their own change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from doudi.office.access.scopes import scope_or_none

P = ParamSpec("P")
T = TypeVar("T")
_answers: ContextVar[dict[Any, Any] | None] = ContextVar("doudi_answers", default=None)


def once(question: Callable[P, T]) -> Callable[P, T]:
    """Keep the answer of a question with hashable arguments until the GET is served. Decorates queries."""

    @wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> T:
        answers = _answers.get()
        if answers is None:
            return question(*args, **kwargs)
        key = (question, scope_or_none(), args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = question(*args, **kwargs)
        found: T = answers[key]
        return found

    return ask


@contextmanager
def answering_once() -> Iterator[None]:
    """From here to the end, `once` remembers."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)
