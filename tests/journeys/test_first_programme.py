"""From the board of clues to the household, its why and its number; then the auditor, who finds who looked."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Person = Callable[..., Page]
Check = Callable[[Page], None]
WIDER = "boxes => boxes.filter(b => b.scrollWidth > b.clientWidth).map(b => b.textContent.slice(0, 40))"
WHOLE = re.compile(r"341599\d{11}[\dX]")


def test_a_missed_household_is_found_explained_and_its_number_revealed(person: Person, accessible: Check) -> None:
    page = person("county")
    expect(page.get_by_role("heading", level=1)).to_have_text("今天要办")
    accessible(page)

    page.get_by_role("link", name=re.compile("核查线索")).click()
    expect(page.get_by_role("group", name="底线")).to_contain_text("一户不少")
    expect(page.get_by_text("未下发，只有本科室看得见")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name=re.compile("西河口乡")).first.click()
    page.get_by_role("link", name="贾守田").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("贾守田 户")
    expect(page.get_by_text("裕安区 › 西河口乡 › 江店村")).to_be_visible()
    expect(page.get_by_text("疑似漏保").first).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="全部步骤").click()
    expect(page.locator(".explained")).to_contain_text("800.00")
    expect(page.locator(".law-side")).to_contain_text("第四条")
    expect(page.locator(".law-side")).to_contain_text("600.00 元")
    expect(page.get_by_role("row", name=re.compile("人均收入低于标准"))).to_contain_text("符合")
    expect(page.get_by_text("什么会改变这个结果")).to_be_visible()
    accessible(page)

    page.go_back()
    row = page.get_by_role("row", name="贾守田")
    expect(row).not_to_contain_text(WHOLE)
    row.get_by_role("link", name="看全号").click()
    page.get_by_role("button", name="看", exact=True).click()  # without a purpose the browser does not send it
    expect(row).not_to_contain_text(WHOLE)
    page.get_by_label("为什么要看").select_option(label="核对身份")
    page.get_by_role("button", name="看", exact=True).click()
    expect(row).to_contain_text(WHOLE)
    expect(page.locator("#said")).to_have_text("已显示，并已留痕")
    accessible(page)
    page.reload()
    expect(row).not_to_contain_text(WHOLE)
    address = page.url

    auditor = person("auditor")
    expect(auditor.get_by_role("heading", level=1)).to_have_text("谁看过、办过什么")
    auditor.get_by_label("做了什么").select_option(label="看全")
    auditor.get_by_label("谁（账号）").fill("county")
    auditor.get_by_role("button", name="查").click()
    looked = auditor.get_by_role("row", name=re.compile("核对身份"))
    expect(looked).to_contain_text("县级经办")
    expect(looked).to_contain_text("看全：证件号码")
    expect(auditor.get_by_text(WHOLE)).to_have_count(0)
    expect(auditor.get_by_text("贾守田")).to_have_count(0)
    accessible(auditor)

    stranger = person("other_county")
    assert stranger.request.get(address).status == 404
    stranger.goto("/search?q=贾守田")
    expect(stranger.get_by_text("没有这个人")).to_be_visible()


def test_the_keyboard_finds_a_household_and_opens_its_sealed_facts(person: Person, accessible: Check) -> None:
    page = person("township")
    page.keyboard.press("/")
    page.keyboard.type("jst")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("贾守田 户")
    page.get_by_role("link", name="掌握的情况").click()
    expect(page.get_by_role("row", name=re.compile("^城乡类别"))).to_contain_text("农村")
    page.get_by_role("link", name=re.compile("打开看")).first.click()
    page.get_by_label("为什么要看").select_option(label="办理救助")
    page.get_by_role("button", name="看", exact=True).click()
    expect(page.locator(".opened")).to_contain_text("办理救助，已留痕")
    accessible(page)


def test_a_village_worker_s_phone_fits_and_speaks_english_too(person: Person, accessible: Check) -> None:
    page = person("village", width=390, height=844)
    accessible(page)
    assert _width(page) <= 390
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"households? today"))
    page.goto("/search?q=mei")
    assert _width(page) <= 390
    accessible(page)


def test_no_page_scrolls_sideways_on_a_phone_or_with_large_type(person: Person, accessible: Check) -> None:
    for width, text in ((390, "normal"), (768, "large")):
        page = person("county", width=width, height=900)
        page.context.add_cookies([{"name": "text", "value": text, "url": page.url}])
        page.locator("#find").fill("梅长贵")
        page.locator("#find").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("梅长贵 户")
        expect(page.get_by_role("row", name="梅桂英")).to_contain_text("2020-07-01 去世")
        home = page.url
        for path in (home, f"{home}/why", "/findings", "/today", "/search?q=" + "x" * 1500):
            page.goto(path)
            assert _width(page) <= width, path
            assert page.locator(".table-box").evaluate_all(WIDER) == [], path
        page.goto(home)
        accessible(page)


def test_the_verdict_stands_beside_its_sum_and_actions_beside_the_title(person: Person) -> None:
    page = person("county")
    for lang in ("zh-hans", "en"):
        page.context.add_cookies([{"name": "django_language", "value": lang, "url": page.url}])
        page.set_viewport_size({"width": 1280, "height": 800})
        for path in ("/findings", "/today"):
            page.goto(path)
            assert abs(_box(page, ".bl-verdict", "y") - _box(page, ".bl-tag", "y")) < 5, (lang, path)
            assert _box(page, ".actions", "y") < _box(page, "h1", "y") + _box(page, "h1", "height"), (lang, path)
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto("/findings")
        assert _box(page, ".bl-row", "height") < 110, lang
        page.set_viewport_size({"width": 320, "height": 640})
        assert abs(_box(page, ".to-rail", "y") - _box(page, ".brand", "y")) < 30, lang


def test_a_number_in_the_search_box_reaches_no_address(person: Person) -> None:
    page = person("county")
    page.locator("#find").fill("341599196503121099")
    page.locator("#find").press("Enter")
    expect(page.get_by_text("没有这个人")).to_be_visible()
    assert page.url.endswith("/search")
    expect(page.locator("main")).not_to_contain_text(WHOLE)


def test_the_kit_shows_every_part_accessibly_at_both_widths(person: Person, accessible: Check) -> None:
    page = person("township")
    page.goto("/kit")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        accessible(page)
        assert _width(page) <= width


def _box(page: Page, what: str, side: str) -> float:
    box = page.locator(what).first.bounding_box()
    assert box
    return float(box[side])


def _width(page: Page) -> int:
    width: int = page.locator("body").evaluate("body => body.scrollWidth")
    return width
