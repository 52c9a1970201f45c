"""Stories in a real browser against a real server on an office of its own; no test reaches another host.

The office is another process with its own data folder, so the walls, the worker and the sealer are the real ones.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop keeps running in this process
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run"]
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, but there is no Chromium: apt-get install chromium")
        pytest.skip("no Chromium on this machine: browser stories were not played")
    return {**browser_type_launch_args, "executable_path": found, "args": CHROMIUM + QUIET}


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a small demo: the cast and 300 neighbours, brought in through their lists and screened."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DOUDI_", "DJANGO_"))},
        "DOUDI_DEMO": "1",
        "DOUDI_BIND": bind,
        "DOUDI_DATA_DIR": str(tmp_path_factory.mktemp("office")),
        "PYTHONPATH": str(ROOT / "src"),
    }
    build = [sys.executable, "-m", "doudi", "demo", "--persons", "300", "--build-only"]
    subprocess.run(build, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    quiet = subprocess.DEVNULL
    server = subprocess.Popen([sys.executable, "-m", "doudi", "serve"], cwd=ROOT, env=env, stdout=quiet, stderr=quiet)
    try:
        yield _answering(f"http://{bind}", server)
    finally:
        server.terminate()
        server.wait(40)


def _answering(base: str, server: subprocess.Popen[bytes]) -> str:
    for _ in range(200):
        if server.poll() is not None:
            pytest.fail(f"the office ended with {server.returncode}")
        try:
            with urlopen(f"{base}/healthz"):
                return base
        except (URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail("the office did not answer within twenty seconds")


@pytest.fixture
def person(browser: Browser, office: str) -> Iterator[Callable[..., Page]]:
    """`person("county")` signs somebody in and gives their page; at the end nothing may be in the console."""
    trouble: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            trouble.append(message.text)

    def watch(request: Request) -> None:
        if not request.url.startswith(office):
            trouble.append(f"asked another host: {request.url}")

    def signed_in(account: str, *, width: int = 1280, height: int = 800, lang: str = "zh-CN") -> Page:
        context = browser.new_context(
            base_url=office, locale=lang, timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("request", watch)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto("/login")
        page.locator("input[name=username]").fill(account)
        page.locator("input[name=password]").fill("doudi-demo")
        page.locator("main button[type=submit]").click()
        expect(page).not_to_have_url(f"{office}/login")
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert not trouble


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails when a page breaks a rule of WCAG AA that a machine can check."""
    axe = Axe()

    def check(page: Page) -> None:
        rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]}}
        found = axe.run(page, options=rules)
        assert found.violations_count == 0, found.generate_report()

    return check
