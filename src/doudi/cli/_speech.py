"""The command line in the reader's language: help texts by their English (`zh.yaml`), usage errors in our words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
import yaml
from typer import rich_utils

from doudi.engine.words import Fault, language, say


def in_language(command: Any) -> Any:
    """The command with its help, and that of every command below, in the reader's language."""
    if language() == "zh":
        texts = _chinese()
        for name in ("ARGUMENTS", "OPTIONS", "COMMANDS", "ERRORS"):
            title = f"{name}_PANEL_TITLE"
            setattr(rich_utils, title, texts.get(getattr(rich_utils, title), getattr(rich_utils, title)))
        for name in ("DEFAULT_STRING", "REQUIRED_LONG_STRING"):
            setattr(rich_utils, name, texts.get(getattr(rich_utils, name), getattr(rich_utils, name)))
        _translate(command, texts)
    return command


def _chinese() -> dict[str, str]:
    return dict(yaml.safe_load((Path(__file__).parent / "zh.yaml").read_text("utf-8")))


def _translate(command: Any, texts: dict[str, str]) -> None:
    command.help = texts.get(command.help, command.help)
    for name in ("options_metavar", "subcommand_metavar"):
        if hasattr(command, name):
            setattr(command, name, texts.get(getattr(command, name), getattr(command, name)))
    usage = command.get_usage
    command.get_usage = lambda ctx: usage(ctx).replace("Usage: ", texts["Usage: "], 1)
    for each in (*command.params, command.get_help_option(typer.Context(command))):
        if getattr(each, "help", None):
            each.help = texts.get(each.help, each.help)
        each.display_type_rich = _typed(each, texts)
    for below in getattr(command, "commands", {}).values():
        _translate(below, texts)


def _typed(param: Any, texts: dict[str, str]) -> Callable[[Any], str | None]:
    """What an argument takes, in the reader's words."""
    shown = param.display_type_rich
    return lambda ctx: texts.get(said := shown(ctx), said)


def usage_fault(error: Any) -> Fault:
    """A mistyped command as a fault; place is the command. The library's own words stand in brackets, if anywhere.

    error: what the library raises for one; its kinds are told apart by their names, for it does not publish them.
    """
    command = " ".join(["doudi", *error.ctx.command_path.split()[1:]]) if getattr(error, "ctx", None) else "doudi"
    code, fields = _what(type(error).__name__, error)
    return Fault(code, {"command": command, **fields}, command)


def _what(kind: str, error: Any) -> tuple[str, dict[str, Any]]:
    param = getattr(error, "param", None)
    name = getattr(error, "option_name", None) or (param.opts[-1] if param else "")
    if kind == "MissingParameter":
        return "usage.missing", {"name": name}
    if kind == "NoSuchOption":
        near = ", ".join(sorted(error.possibilities or ()))
        return ("usage.option_near" if near else "usage.option"), {"name": name, "near": near}
    if kind == "BadOptionUsage":
        return ("usage.no_value" if "not take" in error.message else "usage.value"), {"name": name}
    if kind == "BadParameter":
        return "usage.bad_value", {"name": name, "detail": _wanted(error)}
    if found := re.match(r"No such command '(.*?)'\.(?:.*'(.*)')?", error.message):
        return ("usage.command_near" if found[2] else "usage.command"), {"name": found[1], "near": found[2]}
    if found := re.match(r"Got unexpected extra argument\(?s?\)? \((.*)\)", error.message):
        return "usage.extra", {"words": found[1]}
    return "usage.other", {"detail": error.message}


def _wanted(error: Any) -> str:
    """Why a value is wrong: the library's reason in English, in Chinese what is taken instead."""
    param, texts = getattr(error, "param", None), _chinese()
    kind = param.display_type(error.ctx) if param else None
    if language() != "zh" or kind not in texts:
        return str(error.message)
    limits = [str(x) for x in (getattr(param, "min", None), getattr(param, "max", None)) if x is not None]
    return say("usage.wanted", kind=" ".join([texts[kind].strip("<>"), "–".join(limits)]).strip())
