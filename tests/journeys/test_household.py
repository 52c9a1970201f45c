from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

Person = Callable[..., Page]
Check = Callable[[Page], None]


def test_a_clerk_finds_a_household_by_initials_with_the_keyboard(person: Person, accessible: Check) -> None:
    page = person("county")
    expect(page.get_by_role("heading", level=1)).to_have_text("今天要办")
    accessible(page)
    page.keyboard.press("/")
    page.keyboard.type("jst")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("贾守田 户")
    expect(page.get_by_text("裕安区 › 西河口乡 › 江店村")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="掌握的情况").click()
    expect(page.get_by_role("row", name="医疗费用个人自付")).to_contain_text("28,400.00")
    accessible(page)


def test_the_auditor_sees_the_trail_and_no_citizen(person: Person, accessible: Check) -> None:
    page = person("auditor")
    expect(page.get_by_role("heading", level=1)).to_have_text("谁看过、办过什么")
    expect(page.get_by_text("启用政策库").last).to_be_visible()
    accessible(page)


def test_a_village_worker_s_phone_fits_and_speaks_english_too(person: Person, accessible: Check) -> None:
    page = person("village", width=390, height=844)
    accessible(page)
    width = page.locator("body").evaluate("body => body.scrollWidth")
    assert width <= 390
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("0 households today")


def test_the_kit_shows_every_part_accessibly(person: Person, accessible: Check) -> None:
    for width in (1280, 390):
        page = person("township", width=width)
        page.goto("/kit")
        accessible(page)
        assert page.locator("body").evaluate("body => body.scrollWidth") <= width
