"""Everybody can use the page: no sideways scrolling, everything by keyboard, contrast AA."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.conftest import LATE_FRAMES, at_work
from tests.browser.stub import data
from tests.browser.stub.server import PAGES, Stub

asynchronous = pytest.mark.asyncio(loop_scope="session")

TEXTS = ["text", "muted", "accent", "good", "warn", "bad"]
GROUNDS = ["ground", "surface", "raised"]
PAIRS = [
    *((text, ground) for text in TEXTS for ground in GROUNDS),
    *((name, f"{name}-soft") for name in ("accent", "good", "warn", "bad")),
    *((f"on-{name}", name) for name in ("accent", "good", "warn", "bad")),
    *((text, "accent-soft") for text in ("good", "warn", "bad")),
    *(("accent", soft) for soft in ("bad-soft", "good-soft")),
    ("text", "good-soft"),
    *((text, soft) for text in ("text", "muted") for soft in ("accent-soft", "warn-soft", "bad-soft")),
]
AA_TEXT, AA_PARTS = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11

PARTS = ["floor", "shifts", "bulletins", "blocked"]
OVERFLOW = """document.documentElement.scrollWidth > innerWidth
  || [...document.querySelectorAll(".pane, .side, .bar, .tabs")]
    .some(e => e.scrollWidth > e.clientWidth + 1)"""
WATCH = """(() => {
  const reached = new Set();
  window.reached?.stop();
  const note = ({ target }) => reached.add(target);
  document.addEventListener("focusin", note);
  window.reached = { all: reached, stop: () => document.removeEventListener("focusin", note) };
})()"""
UNREACHED = """[...document.querySelectorAll("button:not(:disabled), input, select, textarea, a[href]")]
  .filter(e => e.offsetParent !== null && e.tabIndex >= 0 && !reached.all.has(e)).map(e => e.outerHTML)"""
STOPS_OF_ONE = 8  # a field for a date and time is several stops of Tab


def tokens() -> dict[str, tuple[str, str]]:
    css = (PAGES / "css" / "tokens.css").read_text()
    return {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", css)
    }


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_words_can_be_read(pair: tuple[str, str], theme: int) -> None:
    known = tokens()
    assert contrast(known[pair[0]][theme], known[pair[1]][theme]) >= AA_TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_and_focus_can_be_seen(ground: str, theme: int) -> None:
    known = tokens()
    assert contrast(known["edge"][theme], known[ground][theme]) >= AA_PARTS
    assert contrast(known["focus"][theme], known[ground][theme]) >= AA_PARTS


def test_nothing_but_the_texts_is_russian() -> None:
    scripts = [*(PAGES / "js").rglob("*.js")]
    russian = [path.name for path in scripts if re.search("[А-Яа-яЁё]", without_comments(path))]
    assert {"texts.js", "texts-office.js"} <= set(russian)
    assert [name for name in russian if not re.fullmatch(r"texts(-\w+)?\.js", name)] == []


def without_comments(path: Path) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


async def unreached(page: Page) -> list[str]:
    """Where Tab does not come, going once around."""
    await page.evaluate(WATCH)
    known, count = -1, 0
    while count > known:
        known = count
        for _ in range(STOPS_OF_ONE):
            await page.keyboard.press("Tab")
        count = await page.evaluate("reached.all.size")
    return list(await page.evaluate(UNREACHED))


@asynchronous
async def test_nothing_scrolls_sideways_and_tab_comes_everywhere(desk: Page, stub: Stub) -> None:
    async def check(where: str) -> None:
        assert not await desk.evaluate(OVERFLOW), where
        assert await unreached(desk) == [], where

    await check("home")
    await desk.keyboard.press("Alt+4")
    await desk.wait_for_selector("[data-number]")
    await check("requests")
    await desk.keyboard.press("Alt+6")
    await desk.wait_for_selector("[data-visit]")
    await check("visits")
    await stub.ring(data.card())
    await desk.wait_for_selector("[data-view=ring]")
    await check("ring")
    await stub.talk()
    await desk.wait_for_selector("[data-view=talk]")
    for pane in range(1, 8):
        await desk.keyboard.press(f"Alt+{pane}")
        await check(f"pane {pane}")
    await stub.talk("ended")
    await desk.wait_for_selector("[data-view=wrap]")
    await check("wrap-up")


@asynchronous
async def test_what_leaders_see_fits_too(page: Page, stub: Stub) -> None:
    stub.rights = ["work", "cards", "block", "desk", "floor"]
    desk = await at_work(page, stub)
    await desk.keyboard.press("Alt+7")
    for at, part in enumerate(PARTS):
        await desk.locator("#lead [role=radio]").nth(at).click()
        await desk.wait_for_selector(f"[data-lead={part}] :is(li, td)")
        assert not await desk.evaluate(OVERFLOW), part
        assert await unreached(desk) == [], part


@asynchronous
async def test_a_window_is_shut_before_its_first_frame(page: Page, stub: Stub) -> None:
    await page.add_init_script(LATE_FRAMES)
    desk = await at_work(page, stub)
    await desk.wait_for_timeout(1500)  # until all that belongs to the page itself has run
    await desk.keyboard.press("?")
    await desk.keyboard.press("Escape")
    await desk.wait_for_selector("dialog", state="detached")


@asynchronous
async def test_the_keys_are_told_by_one_key(desk: Page) -> None:
    await desk.keyboard.press("?")
    rows = await desk.locator("dialog .keymap div").all_inner_texts()
    assert any("F8" in row and "Завершить" in row for row in rows)
    await desk.keyboard.press("Escape")
    await desk.wait_for_selector("dialog", state="detached")
