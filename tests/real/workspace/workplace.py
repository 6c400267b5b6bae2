"""An operator at work: a real Chromium of his own, whose microphone whistles a note."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import BrowserContext, Page, Playwright, expect

from ivr.bench.chromium import CHROMIUM, FLAGS
from tests.real.tones import write_whistle

PASSWORD = "Лесная-тропа-17"
_PATIENCE = 20_000
"""How long a page is waited for, milliseconds: it may stand on a machine that is busy with other tests."""
expect.set_options(timeout=_PATIENCE)


@dataclass
class Workplace:
    """One operator's page.

    Attributes:
        faults: What went wrong in the page.
    """

    login: str
    url: str
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)

    async def sign_in(self, phone: str = "Телефон в браузере") -> None:
        """Sign in and begin the shift with a telephone; ends at the empty page, in a pause."""
        page = self.page
        await page.goto(self.url)
        await page.fill("#login", self.login)
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[data-view=start]")
        await page.get_by_role("radio", name=phone).click()
        await page.keyboard.press("F2")
        await page.wait_for_selector("[data-view=home]")

    async def ready(self) -> None:
        """Take the next call, which may ring at once."""
        if not await self.page.locator("[data-state=ready]").count():
            await self.page.keyboard.press("F2")
        await self.page.wait_for_selector("[data-state=ready], [data-view=ring]")

    async def pause(self) -> None:
        """Who is ready takes no more calls, for the first of the reasons."""
        await self.page.wait_for_selector("[data-state=ready]")
        await self.page.keyboard.press("F2")
        await self.page.locator("[data-row] button").first.press("Enter")
        await self.page.wait_for_selector("[data-state=paused]")

    async def answer(self) -> str:
        """Wait for a ring, answer it by the key; the call's id."""
        ring = self.page.locator("[data-view=ring]")
        await ring.wait_for(timeout=20_000)
        call_id = await ring.get_attribute("data-call")
        assert call_id
        await self.page.keyboard.press("F2")
        await self.page.wait_for_selector("[data-view=talk]")
        return call_id

    async def hang_up(self) -> None:
        """End the talk by the key."""
        await self.page.keyboard.press("F8")


@asynccontextmanager
async def workplace(
    playwright: Playwright, url: str, login: str, hertz: int, folder: Path, *more: str
) -> AsyncIterator[Workplace]:
    """An operator's browser, closed at the end; `more` are flags of Chromium."""
    voice = write_whistle(folder / "voice.wav", hertz, 4.0)  # whole periods: it is repeated
    flags = [*FLAGS, *more, f"--use-file-for-fake-audio-capture={voice}"]
    context = await playwright.chromium.launch_persistent_context(
        str(folder / "profile"),
        executable_path=CHROMIUM,
        args=flags,
        viewport={"width": 1280, "height": 800},
        locale="ru-RU",
        timezone_id="Europe/Moscow",
        permissions=["microphone"],
    )
    context.set_default_timeout(_PATIENCE)
    try:
        page = context.pages[0] if context.pages else await context.new_page()
        place = Workplace(login, url, context, page)
        page.on("pageerror", lambda error: place.faults.append(str(error)))
        page.on("console", lambda said: place.faults.append(said.text) if said.type == "error" else None)
        yield place
    finally:
        await context.close()
