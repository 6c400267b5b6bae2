"""The supervisor's page in real Chromium against a stand-in server. A part adds its own to `stub.answers`."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser.stub import floor, now
from tests.browser.stub.server import Stub


@pytest.fixture
def leader(stub: Stub) -> Stub:
    """The server, with somebody signed in who leads."""
    stub.signed_in = True
    stub.rights = list(now.RIGHTS)
    stub.answers |= now.answers() | floor.answers()
    return stub


@pytest_asyncio.fixture(loop_scope="session")
async def lead(page: Page, leader: Stub) -> Page:
    """His page, open at its first part."""
    return await opened(page, leader)


async def opened(page: Page, stub: Stub, place: str = "") -> Page:
    """Open his page at an address such as `part=now`."""
    await page.goto(f"{stub.url}supervisor.html" + (f"#{place}" if place else ""))
    await page.wait_for_selector("[data-view=parts]")
    await stub.connected()
    return page
