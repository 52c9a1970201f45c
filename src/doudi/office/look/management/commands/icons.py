"""Writes icons.svg: the shapes named in icons.txt, copied out of the package `lucide`, with both licence texts."""

from __future__ import annotations

import re
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from django.core.management.base import BaseCommand

from doudi.office.look import icons


def sheet() -> str:
    """The whole of icons.svg; KeyError names an icon that the package does not have."""
    archive = ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))
    symbols = []
    for name in icons.meanings():
        inner = re.sub(r".*?<svg[^>]*>|</svg>.*", "", archive.read(f"{name}.svg").decode(), flags=re.S)
        shapes = "".join(line.strip() for line in inner.splitlines()).replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>\n')
    licence = icons.LICENCE.read_text("utf-8")
    comment = f"<!-- Made by `doudi manage icons` from icons.txt.\n\n{licence}-->\n"
    return f'{comment}<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'


class Command(BaseCommand):
    help = "Copy the shapes named in icons.txt into icons.svg (build time only; needs the package lucide)."

    def handle(self, *args: Any, **options: Any) -> None:
        icons.SHEET.write_text(sheet(), "utf-8")
        self.stdout.write(f"{len(icons.meanings())} icons")
