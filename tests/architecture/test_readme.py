"""What the README tells to type is there: the program where `make run` puts it, and each command with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import typer
from typer.main import get_command

from doudi.cli import app

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def told() -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if "doudi" in line]


def test_commands_are_typed_as_they_stand_and_the_office_is_told_where_its_data_is() -> None:
    program = [next(word for word in words if word.endswith("doudi")) for words in told()]
    assert len(program) >= 4 and set(program) == {".venv/bin/doudi"}
    (verify,) = [words for words in told() if "verify" in words]
    assert {"DOUDI_DEMO=1", "DOUDI_DATA_DIR=data"} <= set(verify)


def test_every_command_and_option_exists() -> None:
    known = get_command(app)
    for words in told():
        name, *arguments = words[words.index(".venv/bin/doudi") + 1 :]
        command = known.get_command(typer.Context(known), name)  # type: ignore[attr-defined]
        assert command, name
        command.make_parser(typer.Context(command)).parse_args(arguments)  # an unknown option raises
