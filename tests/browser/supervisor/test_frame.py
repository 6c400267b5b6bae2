"""What surrounds the parts: signing in, tabs, the address, a link that is lost."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import LATE_FRAMES
from tests.browser.stub.server import PASSWORD, Stub
from tests.browser.supervisor.conftest import opened

CUT_STRIP = "(strip => strip.scrollWidth > strip.clientWidth)(document.querySelector('.strip'))"
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_one_signs_in_and_is_at_the_first_part(page: Page, leader: Stub) -> None:
    leader.signed_in = False
    await page.goto(f"{leader.url}supervisor.html")
    await expect(page.locator("[data-view=sign-in]")).to_contain_text("Рабочее место руководителя")
    await page.fill("#login", "anna")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="Сейчас")).to_have_attribute("aria-selected", "true")
    await expect(page.locator("footer")).to_contain_text("Анна Белова")
    await expect(page).to_have_title("▲ 1 Сейчас – Рабочее место руководителя")


async def test_who_leads_nothing_is_told_so(page: Page, leader: Stub) -> None:
    leader.rights = ["work"]
    await page.goto(f"{leader.url}supervisor.html")
    await expect(page.locator("[data-view=nothing]")).to_contain_text("попросите администратора")
    await expect(page.get_by_role("link", name="Место оператора")).to_have_attribute("href", "./")


async def test_an_expired_session_asks_for_the_password_over_the_page(lead: Page, leader: Stub) -> None:
    await leader.cut(code=4401)
    again = lead.locator("[data-view=sign-in-again]")
    await expect(again).to_contain_text("Страница останется такой, какой была")
    await again.locator("#password").fill(PASSWORD)
    await lead.keyboard.press("Enter")
    await again.wait_for(state="detached")
    await expect(lead.locator("footer")).to_contain_text("На связи")


async def test_a_lost_link_is_told_with_the_time_of_what_is_shown(lead: Page, leader: Stub) -> None:
    leader.away = True
    await leader.cut()
    told = lead.locator("[data-alert=link]")
    await expect(told).to_contain_text("Нет связи. Показано на")
    assert not await lead.evaluate(CUT_STRIP)
    leader.away = False
    await lead.evaluate("dispatchEvent(new Event('online'))")
    await told.wait_for(state="detached")
    await expect(lead.locator(".toasts")).to_contain_text("Связь восстановлена")


async def test_operators_page_leads_here_if_one_may(page: Page, leader: Stub) -> None:
    leader.state["me"]["phone"] = {"kind": "desk", "extension": "201"}
    await page.goto(leader.url)
    link = page.get_by_role("link", name="Руководителю")
    await expect(link).to_have_attribute("href", "supervisor.html")
    leader.rights = ["work"]
    await page.reload()
    await page.wait_for_selector("[data-view=home]")
    await expect(link).to_have_count(0)


async def test_the_keys_are_told_by_one_key(lead: Page) -> None:
    await lead.keyboard.press("F1")
    await expect(lead.locator("dialog .keymap")).to_contain_text("Сейчас")
    await lead.keyboard.press("Escape")
    await lead.wait_for_selector("dialog", state="detached")


async def test_a_part_that_one_may_not_see_gives_way_to_one_that_one_may(page: Page, leader: Stub) -> None:
    await opened(page, leader, "part=no-such-part")
    await expect(page.get_by_role("tab", name="Сейчас")).to_have_attribute("aria-selected", "true")


async def test_it_is_drawn_when_all_has_come_before_the_first_frame(page: Page, leader: Stub) -> None:
    await page.add_init_script(LATE_FRAMES)
    await opened(page, leader)
