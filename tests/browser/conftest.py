"""The operator's page in real Chromium against a stand-in server.

The machine may have no sound and no network: the microphone is the browser's own fake one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from ivr.bench.chromium import CHROMIUM, FLAGS
from tests.browser.stub.server import PASSWORD, Stub

HERE = Path(__file__).parent
PATIENCE = 20_000
"""How long a page is waited for, milliseconds: it may stand on a machine that is busy with other tests."""
expect.set_options(timeout=PATIENCE)
LATE_FRAMES = """requestAnimationFrame = () => 0;
const soon = setTimeout;
setTimeout = (go, ms = 0, ...more) => soon(go, ms < 100 ? ms + 1000 : ms, ...more);"""
"""For `add_init_script`: Preact's effects run a second late (a frame or 35 ms later on a quiet machine)."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Debian's Chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stub() -> AsyncIterator[Stub]:
    async with Stub().serving() as stub:
        yield stub


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="ru-RU", timezone_id="Asia/Kamchatka"
    )
    context.set_default_timeout(PATIENCE)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page in which nothing may break unseen."""
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None
    )
    yield page
    assert faults == []


async def sign_in(page: Page, stub: Stub) -> None:
    await page.goto(stub.url)
    await page.fill("#login", "anna")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")


async def at_work(page: Page, stub: Stub) -> Page:
    """Open the page in mid-shift: signed in, with the telephone on the desk."""
    stub.signed_in = True
    stub.state["me"]["phone"] = {"kind": "desk", "extension": "201"}
    await page.goto(stub.url)
    await page.wait_for_selector("[data-view=home]")
    await stub.connected()
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def desk(page: Page, stub: Stub) -> Page:
    """At work."""
    return await at_work(page, stub)
