"""The reference part of docs/packs.md, from the checker's own lists and catalogues."""

from __future__ import annotations

from collections.abc import Iterator

from doudi.engine.policy.check import NUMERIC, ORDERED
from doudi.engine.policy.facts import TYPES
from doudi.engine.policy.grammar import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, OPERATORS
from doudi.engine.policy.reference import file_keys, functions
from doudi.engine.words import Language, codes, say, template

MARK = "<!-- reference: made by `make docs` from the checker -->\n"


def reference(lang: Language) -> str:
    """Markdown, from the mark on."""
    return MARK + "\n".join(_lines(lang)) + "\n"


def _lines(lang: Language) -> Iterator[str]:
    yield from ("", f"# {say('language.title', lang)}", "")
    yield from (say("language.intro", lang), "", f"## {say('language.keys', lang)}", "")
    yield from _table(lang, ("place", "keys"), (
        (f"`{k.place}`", " ".join(f"**`{x}`**" if x in k.required else f"`{x}`" for x in k.known)) for k in file_keys()
    ))  # fmt: skip
    yield from ("", f"## {say('language.types', lang)}", "")
    yield from _table(lang, ("type", "meaning"), ((f"`{t}`", say(f"language.type.{t}", lang)) for t in TYPES))
    yield from ("", f"## {say('language.operators', lang)}", "")
    limits = {"characters": f"{MAX_CHARACTERS:,}", "nodes": MAX_NODES, "depth": MAX_DEPTH}
    yield from (say("language.limits", lang, **limits), "")
    yield from _table(
        lang, ("operator", "meaning"), ((f"`{o}`", say(f"language.operator.{o}", lang)) for o in OPERATORS)
    )
    yield from ("", f"## {say('language.functions', lang)}", "")
    kinds = {"numeric": " ".join(f"`{t}`" for t in NUMERIC), "ordered": " ".join(f"`{t}`" for t in ORDERED)}
    yield from (say("language.kinds", lang, **kinds), "")
    rows = (
        ("<br>".join(f"`{form}`" for form in forms.split(" | ")), gives.replace(" | ", " / "),
         say(f"language.function.{name}", lang))
        for name, (forms, gives) in functions().items()
    )  # fmt: skip
    yield from _table(lang, ("function", "gives", "meaning"), rows)
    yield from ("", f"## {say('language.faults', lang)}", "")
    yield from _table(lang, ("code", "reason", "remedy"), _faults(lang))


def _faults(lang: Language) -> Iterator[tuple[str, ...]]:
    known = set(codes())
    for code in sorted(c for c in known if c.startswith("policy.") and f"{c}.remedy" in known):
        remedy = template(f"{code}.remedy", lang).replace("{near}", "")
        yield f"`{code.removeprefix('policy.')}`", template(code, lang), remedy


def _table(lang: Language, columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(say(f"language.column.{c}", lang) for c in columns) + " |"
    yield "|" + " --- |" * len(columns)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
