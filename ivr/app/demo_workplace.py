"""An operator of the demonstration: signed in at the page, in a Chromium of his own, without a window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ivr.bench.chromium import CHROMIUM, FLAGS

_RING_MS = 60_000


class PageOperator:
    """Answers in the page, by its keys; what is seen is kept as pictures."""

    def __init__(self, page: object, pictures: Path) -> None:
        from playwright.async_api import Page

        assert isinstance(page, Page)  # noqa: S101  # narrows the type; the library is imported where it is used
        self._page = page
        self._pictures = pictures

    async def sign_in(self, url: str, login: str, password: str) -> None:
        """Sign in, take the telephone in the browser, be ready."""
        page = self._page
        await page.goto(url)
        await page.fill("#login", login)
        await page.fill("#password", password)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[data-view=start]")
        await page.get_by_role("radio", name="Телефон в браузере").click()
        await page.keyboard.press("F2")
        await page.wait_for_selector("[data-view=home]")
        await page.get_by_role("button", name="Готов").click()  # once the telephone is there
        await page.wait_for_selector("[data-state=ready]")

    async def answer(self, seconds: float) -> None:
        """Answer the next call, talk so long, end it, and note what it was about."""
        page = self._page
        await page.wait_for_selector("[data-view=ring]", timeout=_RING_MS)
        await self._picture("ring")
        await page.keyboard.press("F2")
        await page.wait_for_selector("[data-view=talk]")
        await page.wait_for_timeout(seconds * 1000)
        await self._picture("talk")
        await page.keyboard.press("F8")
        await page.wait_for_selector("[data-view=wrap]")
        await page.select_option("#wrap-topic", "agent.operator")
        await page.get_by_role("radio", name="Дана консультация").click()
        await self._picture("wrap-up")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector("[data-view=home]")

    async def _picture(self, name: str) -> None:
        await self._page.screenshot(path=self._pictures / f"{name}.png")


@asynccontextmanager
async def page_operator(url: str, login: str, password: str, pictures: Path) -> AsyncIterator[PageOperator]:
    """An operator who is ready, for as long as the block lasts."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = await browser.new_page(viewport={"width": 1280, "height": 800}, locale="ru-RU")
            operator = PageOperator(page, pictures)
            await operator.sign_in(url, login, password)
            yield operator
        finally:
            await browser.close()


def browser_at_hand() -> bool:
    """Whether there is a Chromium, and what drives it."""
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        return False
    return CHROMIUM.exists()
