"""English is complete: every Chinese text of the office has its English, and none stands outside a translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from doudi.office.look import translations
from doudi.office.look.translations import Key

HOW = "run `doudi translations --update` and write the English into the room's locale/en/LC_MESSAGES/django.po"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TAGS = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|{%\s*blocktrans.*?endblocktrans(?:late)?\s*%}|{%.*?%}|{{.*?}}", re.S
)
LISTENING = {"tests", "migrations", "importing"}  # what reads Chinese instead of saying it
FREE = re.compile(r"\w*[村乡镇道区县市]|村(民)?委(员)?会|[年月日]")  # names of places, parts of a date
ROOMS = translations.rooms()


@pytest.mark.parametrize("room", ROOMS, ids=lambda r: r.name)
def test_every_text_has_its_english(room: Path) -> None:
    held = translations.read(room)
    wanted = translations.messages(room)
    missing = {k for k in wanted if not _full(held.get(k, ""))}
    assert not missing, HOW
    assert not held.keys() - wanted, f"no longer said: {HOW}"
    for (_, msgid), text in held.items():
        for said in (text,) if isinstance(text, str) else text:
            assert not CHINESE.search(said), said
            source = msgid if isinstance(msgid, str) else msgid[0]
            assert set(re.findall(r"%\(\w+\)\w|{\w*}", said)) == set(re.findall(r"%\(\w+\)\w|{\w*}", source)), said


def test_one_text_has_one_english_in_all_rooms() -> None:
    said: dict[Key, tuple[str, object]] = {}
    for room in ROOMS:
        for key, text in translations.read(room).items():
            other = said.setdefault(key, (room.name, text))
            assert other[1] == text, f"{key[1]}: {room.name} says {text!r}, {other[0]} says {other[1]!r}; use a context"


@pytest.mark.parametrize("room", ROOMS, ids=lambda r: r.name)
def test_no_chinese_stands_outside_a_translation(room: Path) -> None:
    for path in room.rglob("*.html"):
        bare = re.sub(r'<[^>]*lang="zh-Hans"[^>]*>.*?</[a-z]+>', "", path.read_text("utf-8"), flags=re.S)
        bare = TAGS.sub("", bare)
        assert not CHINESE.search(bare), f"{path.name}: {CHINESE.findall(bare)[:8]}"
    for path in room.rglob("*.py"):
        if not LISTENING & set(path.relative_to(room).parts):
            bare_texts = list(_bare(ast.parse(path.read_text("utf-8"))))
            assert not bare_texts, f"{path.name}: {bare_texts[:5]}"


def _full(text: str | tuple[str, ...]) -> bool:
    return bool(text) if isinstance(text, str) else bool(text) and all(text)


def _bare(tree: ast.Module) -> Iterator[str]:
    """Chinese literals that no translation call wraps; docstrings, and names of places and parts of a date are free."""
    said = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in translations.KEYWORDS:
            said.update(id(a) for a in node.args)
        if isinstance(node, ast.Expr):
            said.add(id(node.value))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in said:
            continue
        if CHINESE.search(node.value) and not FREE.fullmatch(node.value):
            yield node.value
