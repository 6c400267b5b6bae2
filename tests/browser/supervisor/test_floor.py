"""From «Now»: listening to a talk, announcements, closed lines, outages; all of it by keys."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.stub.floor import LISTENED, announcement, listening
from tests.browser.stub.server import Stub
from tests.browser.supervisor.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = f"/floor/{LISTENED}/listen"


async def _listen(page: Page) -> Locator:
    await page.locator(f"[data-agent={LISTENED}]").press("Enter")
    await page.get_by_role("button", name="Слушать").press("Enter")
    return page.locator("[data-listening]")


async def test_a_talk_is_listened_to_by_keys(lead: Page, leader: Stub) -> None:
    bar = await _listen(lead)
    assert await leader.asked("POST", PATH) == {"mode": "listen"}
    await expect(bar).to_contain_text("Снимите трубку: звонит Ваш телефон (Белова Анна А.)")
    await expect(bar.get_by_role("button", name="Подсказать")).to_be_disabled()

    await leader.publish("listening", listening())
    await expect(bar).to_contain_text("Вы слушаете: Белова Анна А.")
    await expect(bar.locator("[data-heard-by]")).to_have_text("Вас не слышит никто")

    await lead.keyboard.press("Alt+KeyW")
    assert await leader.asked("PUT", PATH) == {"mode": "whisper"}
    await expect(bar.locator("[data-heard-by]")).to_have_text("Вас слышит только оператор")
    await expect(bar.get_by_role("button", name="Подсказать")).to_have_attribute("aria-pressed", "true")

    await lead.keyboard.press("Alt+KeyJ")
    await expect(bar.locator("[data-heard-by]")).to_have_text("Вас слышат и оператор, и клиент")

    await lead.keyboard.press("F8")
    await leader.asked("DELETE", PATH)
    await leader.publish("listening", listening(mode="join", over=True))
    await bar.wait_for(state="detached")
    await expect(lead.locator(".toasts")).to_contain_text("Разговор, который Вы слушали, закончился")


async def test_why_one_can_not_listen_is_told(lead: Page, leader: Stub) -> None:
    words = "Разговор придёт на Ваш телефон: начните смену на месте оператора."
    leader.refusals["POST", PATH] = (409, {"code": "no-telephone", "message": words})
    bar = await _listen(lead)
    await expect(lead.locator(".toasts")).to_contain_text(words)
    await expect(bar).to_have_count(0)


async def test_who_does_not_talk_is_not_listened_to(lead: Page, leader: Stub) -> None:
    await lead.locator("[data-agent][data-state=ready]").first.click()
    await expect(lead.get_by_role("button", name="Слушать")).to_be_disabled()


async def test_a_reloaded_page_knows_whom_one_listens_to(page: Page, leader: Stub) -> None:
    leader.answers["GET", "/listening"] = {"mine": listening(mode="whisper"), "to_me": []}
    await opened(page, leader)
    await expect(page.locator("[data-listening]")).to_contain_text("Вас слышит только оператор")


async def test_an_announcement_is_a_text_and_enter(lead: Page, leader: Stub) -> None:
    await lead.keyboard.press("Alt+KeyA")
    dialog = lead.get_by_role("dialog", name="Объявления звонящим")
    await dialog.wait_for()
    await lead.keyboard.type("Сегодня нет света на улице Мира.")
    await lead.keyboard.press("Enter")
    asked = await leader.asked("POST", "/announcements")
    assert asked == {
        "effect": "tell",
        "text": "Сегодня нет света на улице Мира.",
        "line": None,
        "begins_at": None,
        "until": "2026-11-21T21:00:00.000Z",
    }
    row = dialog.locator("[data-announcement='1']")
    await expect(row).to_contain_text("Сегодня нет света на улице Мира.")
    await expect(dialog.locator("textarea")).to_have_value("")
    await lead.keyboard.press("Escape")
    await expect(lead.locator("[data-in-force=tell]")).to_contain_text("Звучит: Все линии до")


async def test_a_line_is_closed_with_a_ready_text_and_opened_again(lead: Page, leader: Stub) -> None:
    await lead.keyboard.press("Alt+KeyA")
    dialog = lead.get_by_role("dialog", name="Объявления звонящим")
    await dialog.get_by_role("radio", name="Закрыть линию").click()
    await expect(dialog).to_contain_text("Сообщить об опасности они всё равно смогут")
    await dialog.locator("#announce-ready").select_option(index=2)
    await dialog.locator("#announce-line").select_option("main")
    await dialog.get_by_role("button", name="Закрыть линию").click()
    asked = await leader.asked("POST", "/announcements")
    assert (asked["effect"], asked["line"]) == ("close", "main")
    assert asked["text"] == "Контактный центр сейчас закрыт по техническим причинам."
    await expect(lead.locator("[data-in-force=close]")).to_contain_text("Закрыта: Единый номер до")
    await dialog.get_by_role("button", name="Открыть линию").click()
    await leader.asked("DELETE", "/announcements/1")
    await expect(dialog.locator("[data-announcement='1']")).to_contain_text("закончил(а): Анна Белова")
    await expect(lead.locator("[data-in-force]")).to_have_count(0)


async def test_what_the_standard_forbids_is_told_beside_the_text(lead: Page, leader: Stub) -> None:
    words = "Стандарт запрещает говорить «вы обязаны» (п. 64 г). Скажите иначе: «Вам нужно…»."
    leader.refusals["POST", "/announcements"] = (
        422,
        {"code": "forbidden", "message": words, "field": "text"},
    )
    await lead.keyboard.press("Alt+KeyA")
    await lead.get_by_role("dialog", name="Объявления звонящим").wait_for()
    await lead.keyboard.type("Вы обязаны передать показания.")
    await lead.keyboard.press("Enter")
    await expect(lead.locator("#announce-text-wrong")).to_have_text(words)
    await expect(lead.locator("textarea")).to_have_value("Вы обязаны передать показания.")
    await expect(lead.locator("textarea")).to_be_focused()


async def test_another_supervisors_announcement_is_seen_at_once(lead: Page, leader: Stub) -> None:
    await expect(lead.get_by_role("button", name="Объявить или закрыть линию")).to_be_visible()
    told = leader.answers["GET", "/announcements"](None, None)
    leader.answers["GET", "/announcements"] = {**told, "announcements": [announcement(7)]}
    await leader.publish("announcements", {})
    await expect(lead.locator("[data-in-force=tell]")).to_be_visible()


async def test_an_outage_is_a_street_and_enter(lead: Page, leader: Stub) -> None:
    await lead.keyboard.press("Alt+KeyO")
    dialog = lead.get_by_role("dialog", name="Отключения электричества")
    await dialog.wait_for()
    await lead.keyboard.type("ул. Пушкина")
    await lead.keyboard.press("Enter")
    asked = await leader.asked("POST", "/outages")
    assert asked == {
        "street": "ул. Пушкина",
        "houses": "",
        "reason": "",
        "settlement": "Дебрянск",
        "expected_end": None,
    }
    row = dialog.locator("[data-outage='2']")
    await expect(row).to_contain_text("Дебрянск, ул. Пушкина, вся улица")
    await row.get_by_role("button", name="Свет есть").click()
    await leader.asked("DELETE", "/outages/2")
    await row.wait_for(state="detached")


async def test_who_may_not_announce_sees_no_button(page: Page, leader: Stub) -> None:
    leader.rights = ["work", "desk"]
    await opened(page, leader)
    await page.wait_for_selector("[data-part=now]")
    assert await page.locator(".now-tools").count() == 0
