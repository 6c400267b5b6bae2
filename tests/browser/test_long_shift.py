"""Eight hours without a reload: what is over is let go, and what was missed is read as soon as it can be."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.stub import data
from tests.browser.stub.server import Stub

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEPT = """async () => {
  const { state } = await import("/js/store.js");
  return [Object.keys(state.cards), Object.keys(state.recording)];
}"""


async def answered(desk: Page, stub: Stub, call_id: str) -> None:
    await stub.ring(data.card(call_id))
    await stub.talk()
    await desk.locator(f'[data-view=talk][data-call="{call_id}"]').wait_for()
    await desk.keyboard.press("Alt+r")
    await expect(desk.get_by_role("button", name="Продолжить запись")).to_be_visible()
    await stub.talk("ended")
    await desk.locator("[data-view=wrap]").wait_for()


async def test_of_calls_that_are_over_nothing_is_kept(desk: Page, stub: Stub) -> None:
    for number in range(3):
        await answered(desk, stub, f"call-{number}")
        await stub.set_agent("ready")  # the time was up, or a supervisor has ended his wrap-up
        await desk.locator("[data-view=home]").wait_for()
        await stub.publish("card", {"card": data.card("call-0")})
    await stub.ring(data.card("last"))
    await desk.locator("[data-view=ring]").wait_for()
    assert await desk.evaluate(KEPT) == [["last"], []]


async def test_what_was_missed_is_read_once_the_link_is_back(desk: Page, stub: Stub) -> None:
    urgent = {"id": 77, "text": "узнано позже", "queue": "", "until": data.ahead(hours=1), "read_at": None}
    stub.state["bulletins"] = [urgent]
    stub.away = True
    await stub.publish("resync", {})
    await stub.cut()
    await stub.asked_in_vain("/workspace", 1)
    await stub.asked_in_vain("/events", 4)  # by then it has been tried again, and left
    stub.away = False
    await desk.evaluate("dispatchEvent(new Event('online'))")
    await desk.locator("[data-alert=link]").wait_for(state="detached")
    await expect(desk.locator(".side.left")).to_contain_text("узнано позже")


async def test_a_card_changes_in_wrap_up_and_tells_of_coming_visits(desk: Page, stub: Stub) -> None:
    await answered(desk, stub, data.CALL)
    office = {"number": "0104", "office": "Центральный офис", "starts_at": data.ahead(days=1), "window": ""}
    home = {"number": "В0017", "office": None, "starts_at": "2030-05-26T06:00:00Z", "window": "09:00-13:00"}
    visits = [{**office, "topic": "Договор"}, {**home, "topic": None}]
    await stub.publish("card", {"card": data.card(visits=visits)})
    shown = desk.get_by_role("region", name="Записи и выезды")
    await expect(shown).to_contain_text("Центральный офис · Договор")
    await expect(shown).to_contain_text("26 мая 2030 г., 09:00-13:00")
    await expect(shown).to_contain_text("Выезд на дом")
