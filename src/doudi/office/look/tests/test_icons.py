"""The committed sheet is what its command makes, and no template names an icon that is not in it."""

from __future__ import annotations

import re

import pytest

from doudi.office.look import icons, translations


def test_the_sheet_holds_exactly_the_named_icons_and_both_licences() -> None:
    sheet = icons.SHEET.read_text("utf-8")
    assert re.findall(r'<symbol id="([a-z0-9-]+)"', sheet) == list(icons.meanings())
    assert "ISC" in sheet and "MIT" in sheet


def test_the_sheet_is_what_the_command_makes() -> None:
    pytest.importorskip("lucide")
    from doudi.office.look.management.commands.icons import sheet

    assert icons.SHEET.read_text("utf-8") == sheet()


def test_every_icon_a_template_names_is_there() -> None:
    for room in translations.rooms():
        for path in room.rglob("*.html"):
            for name in re.findall(r'{% icon "([^"]+)"', path.read_text("utf-8")):
                assert name in icons.meanings(), f"{path.name}: {name}"


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icons.icon("phone")
    assert 'aria-label="打电话"' in icons.icon("phone", label="打电话")
