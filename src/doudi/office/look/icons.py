"""Icons: one sheet read once, each shape inlined where it stands, so that pages print and work without a request.

An icon never stands alone except with a label of its own; unknown is always `circle-question-mark`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_HERE = Path(__file__).parent
NAMES, SHEET, LICENCE = _HERE / "icons.txt", _HERE / "icons.svg", _HERE / "LICENSE-icons.txt"


def meanings() -> dict[str, str]:
    """Each icon and its one meaning, as icons.txt has them."""
    lines = NAMES.read_text("utf-8").splitlines()
    return dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))  # type: ignore[misc]


@cache
def _shapes() -> dict[str, str]:
    return dict(re.findall(r'<symbol id="([a-z0-9-]+)"[^>]*>(.*?)</symbol>', SHEET.read_text("utf-8")))


@cache
def icon(name: str, size: int = 20, label: str = "") -> SafeString:
    """The inline `<svg>`; with a label it speaks, without one it is decoration. KeyError: not in icons.txt."""
    speaks = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="{1}" stroke-linecap="round" stroke-linejoin="round" focusable="false" {2}>{3}</svg>',
        size,
        "2" if size <= 16 else "1.75",
        speaks,
        mark_safe(_shapes()[name]),
    )
