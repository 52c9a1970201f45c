"""The command line speaks the reader's language: help and usage errors."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import typer

from doudi.cli import app, main
from doudi.cli._speech import _chinese


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: str, *words: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["doudi", *words])
    monkeypatch.setenv("DOUDI_LANG", lang)
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    return int(end.value.code or 0), out + err


def helps(command: Any) -> set[str]:
    texts = {command.help, *(getattr(p, "help", None) for p in command.params)}
    return texts.union(*(helps(below) for below in getattr(command, "commands", {}).values()))


def types(command: Any) -> set[str]:
    """What arguments take, as the library shows it."""
    ctx = typer.Context(command)
    shown = {p.display_type_rich(ctx) for p in (*command.params, command.get_help_option(ctx))} - {None}
    return shown.union(*(types(below) for below in getattr(command, "commands", {}).values()))


def test_every_help_text_has_its_chinese_and_none_is_left_over() -> None:
    used = helps(typer.main.get_command(app)) - {None, ""}
    own = {"Arguments", "Options", "Commands", "Error", "[default: {}]", "[required]", "Show this message and exit."}
    own |= {"Usage: ", "[OPTIONS]", "COMMAND [ARGS]..."} | types(typer.main.get_command(app))
    assert used | own == set(_chinese()), "put the help text into cli/zh.yaml"


def test_help_follows_the_language(monkeypatch: Any, capsys: Any) -> None:
    status, text = run(monkeypatch, capsys, "zh", "screen", "--help")
    assert status == 0 and "快照文件夹" in text and "显示本说明" in text and "a snapshot folder" not in text
    assert "用法：doudi screen [选项]" in text and "<路径>" in text and "<整数>" in text
    assert not any(word in text for word in ("Usage", "OPTIONS", "<path>", "<int>", "<str>", "<bool>"))
    assert "--since" in text and "增量" in text
    status, text = run(monkeypatch, capsys, "en", "screen", "--help")
    assert status == 0 and "a snapshot folder" in text
    status, text = run(monkeypatch, capsys, "zh")
    assert status == 2 and "筛查所有人" in text


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (["scren"], "没有命令“scren”。是否想写 screen？", "Is screen meant?"),
        (["nothing-like-it"], "没有命令“nothing-like-it”。", "no command"),
        (["screen", "x", "--outt", "y"], "没有选项 --outt。是否想写 --out？", "Is --out meant?"),
        (["screen", "x", "--qqqq"], "没有选项 --qqqq。", "no option"),
        (["synth"], "缺少 out。", "out is missing."),
        (["synth", "x", "--persons", "abc"], "--persons 的值不对（需要整数）", "The value of --persons is wrong ("),
        (["explain", "x", "--person"], "--person 后面缺少值。", "--person has no value."),
        (["explain", "x", "--json=1"], "--json 后面不能写值。", "--json takes no value."),
        (["area", "x", "y"], "多了 y。", "y is too much."),
    ],
)
def test_a_mistyped_command_is_said_in_the_readers_language(
    monkeypatch: Any, capsys: Any, words: list[str], zh: str, en: str
) -> None:
    status, text = run(monkeypatch, capsys, "zh", *words)
    assert status == 2 and text.startswith("doudi") and zh in text and "--help" in text
    status, text = run(monkeypatch, capsys, "en", *words)
    assert status == 2 and en in text
