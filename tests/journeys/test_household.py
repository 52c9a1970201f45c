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
    expect(page.get_by_role("row", name="城乡类别")).to_contain_text("农村")
    page.get_by_role("link", name="打开看").click()
    page.get_by_label("为什么要看").select_option(label="办理救助")
    page.get_by_role("button", name="看", exact=True).click()
    expect(page.get_by_role("row", name="医疗费用个人自付")).to_contain_text("28,400.00")
    accessible(page)


def test_a_number_is_revealed_with_a_purpose_and_the_auditor_finds_it(person: Person, accessible: Check) -> None:
    page = person("county")
    page.goto("/search?q=0299")
    row = page.get_by_role("row", name="贾守田")
    expect(row).to_contain_text("341***********0299")
    row.get_by_role("link", name="看全号").click()
    page.get_by_role("button", name="看", exact=True).click()  # without a purpose the browser does not send it
    expect(row).not_to_contain_text("341599196803110299")
    page.get_by_label("为什么要看").select_option(label="核对身份")
    page.get_by_role("button", name="看", exact=True).click()
    expect(row).to_contain_text("341599196803110299")
    expect(page.locator("#said")).to_have_text("已显示，并已留痕")
    accessible(page)
    page.reload()
    expect(row).not_to_contain_text("341599196803110299")

    auditor = person("auditor")
    auditor.get_by_label("做了什么").select_option(label="看全号")
    auditor.get_by_label("谁（账号）").fill("county")
    auditor.get_by_role("button", name="查").click()
    found = auditor.get_by_role("row", name="核对身份")
    expect(found).to_contain_text("县级经办")
    expect(auditor.get_by_text("341599196803110299")).to_have_count(0)
    expect(auditor.get_by_text("贾守田")).to_have_count(0)


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
