"""The command line, put together here: one file per group of commands, each with `register(app)`.

Exit 0 done; 1 only where a command says so; 2 bad input or usage.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import duckdb
import typer
from typer.exceptions import TyperException
from typer.main import get_command

from doudi.cli._speech import in_language, usage_fault
from doudi.cli._system import fault_of
from doudi.engine.words import Fault, Refused, say

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _root() -> None:
    """兜底 Doudi: find every household that should be helped and isn't, and show why."""


for _file in sorted(Path(__file__).parent.glob("[a-z]*.py")):
    importlib.import_module(f"{__name__}.{_file.stem}").register(app)


def main() -> None:
    command = in_language(get_command(app))
    try:
        code = command(prog_name="doudi", standalone_mode=False)
    except Refused as refused:
        _refuse(*refused.faults)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        _refuse(fault_of(error))
    except typer.Abort:
        sys.stderr.write(say("usage.stopped") + "\n")
        sys.exit(1)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help, for a group without a command
            sys.stderr.write(error.format_message() + "\n")
            sys.exit(2)
        _refuse(usage_fault(error))
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(*faults: Fault) -> None:
    for fault in faults:
        sys.stderr.write(fault.text() + "\n")
    sys.exit(2)
