"""Writes the generated pages of the manual: `make docs`. With --check it only says which ones are out of date."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from reference import MARK, reference
from tutorial import played

from doudi.engine.policy import load
from doudi.engine.words import Language

LAW = Path(__file__).parent / "law"
HEADS = {
    "zh": "# {name}\n\n由 `make docs` 从政策包生成；各条所示为要点，非原文，以文件原文为准。\n",
    "en": "# {name}\n\nMade by `make docs`. An article is shown as our own summary; the document decides.\n",
}


TAUGHT: dict[str, Language] = {"packs.md": "en", "packs.zh.md": "zh"}


def pages() -> dict[Path, str]:
    """Each programme of the shipped pack, as a reader prints it; the page that teaches the language, played anew."""
    taught = {Path(__file__).parent / name: lang for name, lang in TAUGHT.items()}
    return {path: _taught(path.read_text("utf-8"), lang) for path, lang in taught.items()} | {
        LAW / f"{programme}.{lang}.md": f"{head.format(name=programme)}\n```text\n{_shown(programme, lang)}```\n"
        for programme in load("cn").programmes
        for lang, head in HEADS.items()
    }


def _taught(text: str, lang: Language) -> str:
    return played(text[: text.index(MARK)], lang) + reference(lang)


def _shown(programme: str, lang: str) -> str:
    command = [sys.executable, "-m", "doudi", "pack", "show", "cn", "--programme", programme, "--people"]
    env = {**os.environ, "DOUDI_LANG": lang}
    return subprocess.run(command, env=env, check=True, capture_output=True, encoding="utf-8").stdout


def main() -> int:
    wanted = pages()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        sys.stdout.writelines(f"{path.name} is out of date: run `make docs`\n" for path in stale)
        return 1 if stale else 0
    LAW.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(wanted[path], "utf-8")
        sys.stdout.write(f"{path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
