"""Operators' pages in Chromium, and when a ring became visible in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ivr.errors import Fault
from ivr.web.frame import BASE
from ivr.web.gate import COOKIE

if TYPE_CHECKING:
    from playwright.async_api import Page

_RING = '[data-view="ring"]'
_HOME = '[data-view="home"]'

# The instant after the frame that shows a ring was handed on for painting: a message that is posted within
# requestAnimationFrame is delivered after that frame.
_WATCH = (
    """
window.rungAt = {};
new MutationObserver(() => {
  const shown = document.querySelector('"""
    + _RING
    + """');
  const call = shown?.dataset.call;
  if (!call || call in window.rungAt) return;
  window.rungAt[call] = null;
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { window.rungAt[call] = performance.timeOrigin + performance.now(); };
    port2.postMessage(0);
  });
}).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-call"] });
"""
)


class ChromiumPages:
    """Pages of operators, each in a browser context of its own; an async context manager."""

    def __init__(self, chromium: Path, url: str, secrets: Mapping[str, str]) -> None:
        """Args: chromium, the program; url, of the server; secrets, of the sessions by login."""
        self._chromium = chromium
        self._url = url
        self._secrets = secrets
        self._pages: dict[str, Page] = {}
        self._open = AsyncExitStack()

    @property
    def logins(self) -> Sequence[str]:
        """Whose pages they are."""
        return list(self._secrets)

    async def __aenter__(self) -> Self:
        """Open all pages and wait until each shows an operator who is ready.

        Raises:
            Fault: Playwright or Chromium is missing.
        """
        if not self._secrets:
            return self
        try:
            from playwright.async_api import async_playwright
        except ImportError as error:
            raise Fault(
                "Playwright is not installed.", "ivr bench popup", "Install it, or take --pages 0."
            ) from error
        if not self._chromium.exists():
            raise Fault("There is no Chromium.", str(self._chromium), "Give --chromium, or take --pages 0.")
        playwright = await self._open.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=self._chromium, args=["--disable-renderer-backgrounding"]
        )
        self._open.push_async_callback(browser.close)
        host = self._url.removeprefix("http://").partition(":")[0]
        for login, secret in self._secrets.items():
            context = await browser.new_context(viewport={"width": 1280, "height": 800})
            await context.add_cookies(
                [{"name": COOKIE, "value": secret, "domain": host, "path": BASE, "sameSite": "Strict"}]
            )
            page = await context.new_page()
            await page.add_init_script(_WATCH)
            await page.goto(self._url)
            await page.wait_for_selector(_HOME)
            self._pages[login] = page
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def seen(self) -> dict[str, tuple[str, float]]:
        """Rings that became visible: call id → login, milliseconds since the epoch."""
        found: dict[str, tuple[str, float]] = {}
        for login, page in self._pages.items():
            shown: dict[str, float | None] = await page.evaluate("window.rungAt")
            found |= {call: (login, at) for call, at in shown.items() if at is not None}
        return found
