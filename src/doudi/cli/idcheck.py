"""`doudi id check`: is this an identity number, and what does it say of birth and sex?"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from doudi.engine.divisions import exists
from doudi.engine.values import BadIdNumber, IdNumber
from doudi.engine.words import say

_LOCAL = ZoneInfo("Asia/Shanghai")


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Identity numbers.")
    app.add_typer(group, name="id")

    # The number may begin like an option; whatever stands there is the text to judge.
    @group.command(context_settings={"ignore_unknown_options": True})
    def check(
        number: Annotated[str, typer.Argument(help="the number as written, 18 or 15 characters")],
        as_json: Annotated[bool, typer.Option("--json", help="one object on stdout")] = False,
    ) -> None:
        """Judge an identity number; exit 0 whether it is valid or not."""
        answer = _judge(number)
        if as_json:
            typer.echo(json.dumps(answer, ensure_ascii=False))
        else:
            typer.echo(" ".join(str(answer[k]) for k in ("valid", "number", "birth", "sex", "reason") if answer[k]))

    @group.callback()
    def _group() -> None:
        """Keeps `check` a command of the group although it is the only one."""


def _judge(text: str) -> dict[str, Any]:
    try:
        number = IdNumber.parse(text)
    except BadIdNumber as bad:
        return _not_valid(text, bad.code)
    if number.birth > datetime.now(_LOCAL).date():
        return _not_valid(text, "future")
    remark = _remark(number)
    reason = say(f"id.{remark}", place=number.number[:6]) if remark else None
    birth = number.birth.isoformat()
    return {"valid": True, "number": str(number), "birth": birth, "sex": number.sex, "reason": reason, "code": remark}


def _not_valid(text: str, code: str) -> dict[str, Any]:
    return {"valid": False, "number": text, "birth": None, "sex": None, "reason": say(f"id.{code}"), "code": code}


def _remark(number: IdNumber) -> str | None:
    if number.is_invented:
        return "invented"
    if not exists(number.county.code):
        return "old_area"
    return "was_short" if number.was_short else None
