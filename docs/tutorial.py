"""A page that teaches by doing: its files are written, its commands are run, its outputs are what they print.

A block ```` ```yaml winter/facts.yaml ```` is a file; a block ```` ```console ```` holds commands after `$ ` and what
they print, as far as the next command.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

from typer.testing import CliRunner

from doudi.cli import app

_BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<file>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def files(text: str) -> list[tuple[str, str]]:
    """The files of a page in order; a later one of the same name takes the place of the earlier."""
    return [(m["file"], m["body"]) for m in _BLOCK.finditer(text) if m["file"]]


def played(text: str, lang: str) -> str:
    """The page with the outputs that its commands have now."""
    before = os.environ.get("DOUDI_LANG")
    os.environ["DOUDI_LANG"] = lang
    try:
        with TemporaryDirectory(prefix="doudi-tutorial-") as folder, contextlib.chdir(folder):
            return _BLOCK.sub(_play, text)
    finally:
        os.environ.pop("DOUDI_LANG") if before is None else os.environ.update(DOUDI_LANG=before)


def _play(block: re.Match[str]) -> str:
    if block["file"]:
        path = Path(block["file"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["body"], "utf-8")
    elif block["kind"] == "console":
        commands = [line for line in block["body"].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{command}\n{_printed(command)}" for command in commands) + "```"
    return block[0]


def _printed(command: str) -> str:
    _, program, *words = shlex.split(command)
    assert program == "doudi", command
    result = CliRunner().invoke(app, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output if result.output.endswith("\n") else result.output + "\n"
