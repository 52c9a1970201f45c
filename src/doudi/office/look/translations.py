"""English beside Chinese: msgids are Chinese, each room keeps `locale/en/LC_MESSAGES/django.po`, Babel compiles it.

No gettext on the machine is needed: templates go through Django's own `templatize`, Python through its syntax tree.
"""

from __future__ import annotations

import ast
import os
import re
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

OFFICE = Path(__file__).parents[1]
PO = Path("locale/en/LC_MESSAGES/django.po")
HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: en\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)
KEYWORDS = {"gettext", "gettext_lazy", "_", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
_TEXT = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b(gettext|pgettext|ngettext|npgettext|_)\(({_TEXT}(?:,\s*{_TEXT})*)")

Key = tuple[str, str | tuple[str, str]]  # context ("" for none), msgid or (singular, plural)


def rooms() -> list[Path]:
    return sorted(p.parent for p in OFFICE.glob("*/__init__.py"))


def messages(room: Path) -> set[Key]:
    """Every text of a room's templates and Python files that asks for a translation."""
    found: set[Key] = set()
    for path in room.rglob("*.html"):
        for call in _CALL.finditer(templatize(path.read_text("utf-8"))):
            found.add(_key(call[1], list(ast.literal_eval(f"({call[2]},)"))))
    for path in room.rglob("*.py"):
        if "tests" not in path.parts:
            found.update(_python(ast.parse(path.read_text("utf-8"))))
    return found


def _python(tree: ast.AST) -> Iterator[Key]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := getattr(node.func, "id", "")) in KEYWORDS:
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if texts:
                yield _key(name.removesuffix("_lazy"), texts)


def _key(name: str, texts: list[str]) -> Key:
    context = texts.pop(0) if "pgettext" in name else ""
    return (context, (texts[0], texts[1])) if name.startswith(("ngettext", "npgettext")) else (context, texts[0])


def read(room: Path) -> dict[Key, str | tuple[str, ...]]:
    """What the room's English file says; empty when it has none."""
    path = room / PO
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file, locale="en")
    said: dict[Key, str | tuple[str, ...]] = {}
    for m in catalog:
        if m.id:
            msgid = m.id if isinstance(m.id, str) else (m.id[0], m.id[1])
            said[m.context or "", msgid] = m.string if isinstance(m.string, str) else tuple(m.string or ())
    return said


def update(room: Path) -> int:
    """Bring the room's file in line with its texts; returns how many still wait for their English."""
    held, catalog, missing = read(room), Catalog(locale="en"), 0
    wanted = messages(room)
    for context, msgid in sorted(wanted, key=str):
        text = held.get((context, msgid)) or ("" if isinstance(msgid, str) else ("", ""))
        missing += not (text if isinstance(text, str) else all(text))
        catalog.add(msgid, text, context=context or None)
    if wanted:
        buffer = BytesIO()
        write_po(buffer, catalog, omit_header=True, no_location=True, width=0)
        (room / PO).parent.mkdir(parents=True, exist_ok=True)
        (room / PO).write_text(HEADER + buffer.getvalue().decode(), "utf-8")
    return missing


def compile_all() -> int:
    """Compile what is newer than its .mo file; several processes at once do no harm. Returns how many were written."""
    n = 0
    for po in OFFICE.glob(f"*/{PO}"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        with po.open("rb") as source, tempfile.NamedTemporaryFile(dir=po.parent, delete=False) as target:
            write_mo(target, read_po(source, locale="en"))
        os.replace(target.name, mo)
        n += 1
    return n
