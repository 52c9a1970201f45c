"""Pictures of real screens, from a running demo: `python docs/pictures.py [ADDRESS] [--out FOLDER] [--lang en]`.

Each page is taken at 1280 and at 390 px with the Chromium of the machine; docs/pictures holds those of the README.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = {"": (1280, 800), "-phone": (390, 844)}
PAGES = [
    ("", "/login", "login"),
    ("county", "/today", "today"),
    ("county", "/findings", "findings"),
    ("county", "/search?q=mei", "search"),
    ("county", "household", "household"),
    ("county", "household/why", "why"),
    ("county", "household?tab=facts", "facts"),
    ("village", "/today", "village"),
    ("auditor", "/audit", "audit"),
    ("county", "/kit", "kit"),
]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("address", nargs="?", default="http://127.0.0.1:8000")
    asked.add_argument("--out", type=Path, default=Path("docs/pictures"))
    asked.add_argument("--only", default="", help="names, separated by commas")
    asked.add_argument("--lang", default="zh-CN")
    asked.add_argument("--find", default="jst", help="whose household to open")
    asked.add_argument("--scale", type=float, default=1.0, help="pixels of the picture for each pixel of the page")
    asked.add_argument("--full", action="store_true", help="the whole length of the page")
    options = asked.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for account in dict.fromkeys(account for account, _, _ in PAGES):
            for suffix, size in SIZES.items():
                _take(browser, options, account, suffix, size)
        browser.close()


def _take(browser: Browser, options: argparse.Namespace, account: str, suffix: str, size: tuple[int, int]) -> None:
    wanted = [(path, name) for who, path, name in PAGES if who == account and name in (options.only or name).split(",")]
    if not wanted:
        return
    width, height = size
    context = browser.new_context(
        base_url=options.address,
        locale=options.lang,
        viewport={"width": width, "height": height},
        device_scale_factor=options.scale,
    )
    page = context.new_page()
    if account:
        _sign_in(page, account)
    for path, name in wanted:
        if path.startswith("household"):
            page.goto(f"/search?q={options.find}")
            if "/households/" not in page.url:
                page.locator("tbody th a").first.click()
            page.goto(page.url.split("?")[0] + path.removeprefix("household"))
        else:
            page.goto(path)
        page.screenshot(path=options.out / f"{name}{suffix}.png", full_page=options.full)
    context.close()


def _sign_in(page: Page, account: str) -> None:
    page.goto("/login")
    page.locator("input[name=username]").fill(account)
    page.locator("input[name=password]").fill("doudi-demo")
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda address: not address.endswith("/login"))


if __name__ == "__main__":
    main()
