"""Lines of the log, on standard error. They carry no personal data: numbers are starred, and of an error only its kind
and its places in the program are kept, because its message may quote a record.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Any

from doudi.office.audit.personal import masked

_ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutPersons(logging.Formatter):
    """Formats every line of the office."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # what another formatter made of the error would be taken over
        return masked(super().format(record))

    def formatException(self, ei: _ErrorInfo) -> str:
        lines, error = [], ei[1]
        while error:
            lines += [
                *traceback.format_tb(error.__traceback__),
                f"{type(error).__module__}.{type(error).__qualname__}\n",
            ]
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()


def to_stderr(*, debug: bool) -> dict[str, Any]:
    """The LOGGING setting. Foreseen refusals (4xx) are no errors and stay out; debug keeps messages of errors."""
    line: dict[str, Any] = {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    if not debug:
        line["()"] = "doudi.logs.WithoutPersons"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.security": {"level": "CRITICAL"},  # a foreign Host, an odd address: answered with 400
        },
    }
