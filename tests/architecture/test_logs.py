"""What reaches the log names nobody."""

from __future__ import annotations

import logging
import logging.config
from io import StringIO

import pytest
from django.test import Client

from doudi.logs import to_stderr

NUMBER = "34159919400101001X"


def logged(*, debug: bool) -> str:
    """A warning that quotes a number, and an error whose message and cause quote a name."""
    out = StringIO()
    config = to_stderr(debug=debug)
    formatter = logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["line"])
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    logger = logging.Logger("office")
    logger.addHandler(handler)
    logger.warning("row 7: %s", NUMBER)
    try:
        try:
            int("贾守门".strip())
        except ValueError as cause:
            raise LookupError("甄" + "明月") from cause
    except LookupError:
        logger.exception("the page failed")
    return out.getvalue()


def test_numbers_are_starred_and_messages_of_errors_left_out() -> None:
    text = logged(debug=False)
    assert NUMBER not in text and "341**************X" in text
    assert "甄明月" not in text and "invalid literal" not in text
    assert "LookupError" in text and "ValueError" in text and "in logged" in text


def test_a_request_that_is_refused_is_no_error_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(to_stderr(debug=False))
    assert Client().get("/login", headers={"host": "elsewhere.example.org"}).status_code == 400
    assert capsys.readouterr().err == ""


def test_a_developer_sees_the_message() -> None:
    assert "甄明月" in logged(debug=True)
