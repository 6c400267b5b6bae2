"""The browser telephone: real WebRTC between two pages, SIP with a stand-in exchange."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.stub import data
from tests.browser.stub.floor import listening
from tests.browser.stub.server import Stub
from tests.browser.stub.sip import Exchange

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEER = """
const gathered = (peer) => new Promise((done) => {
  if (peer.iceGatheringState === "complete") done();
  peer.onicegatheringstatechange = () => { if (peer.iceGatheringState === "complete") done(); };
});
window.peer = new RTCPeerConnection();
const sound = new AudioContext(), wave = sound.createOscillator(), out = sound.createMediaStreamDestination();
wave.connect(out); wave.start();
peer.addTrack(out.stream.getAudioTracks()[0], out.stream);
window.offer = async () => {
  await peer.setLocalDescription();
  await gathered(peer);
  return peer.localDescription.sdp;
};
window.accept = (sdp) => peer.setRemoteDescription({ type: "answer", sdp });
window.answer = async (sdp) => {
  await peer.setRemoteDescription({ type: "offer", sdp });
  await peer.setLocalDescription();
  return peer.localDescription.sdp;
};
window.heard = async () => {
  const reports = [...(await peer.getStats()).values()];
  return reports.find((one) => one.type === "inbound-rtp")?.packetsReceived ?? 0;
};
"""


class BrowserPeer:
    """The caller, in a page of his own."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def offer(self) -> str:
        return str(await self.page.evaluate("offer()"))

    async def accept(self, answer: str) -> None:
        await self.page.evaluate("sdp => accept(sdp)", answer)

    async def answer(self, offer: str) -> str:
        return str(await self.page.evaluate("sdp => answer(sdp)", offer))


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(context: BrowserContext, stub: Stub) -> Exchange:
    caller = await context.new_page()
    await caller.goto(f"{stub.url}icon.svg")
    await caller.evaluate(PEER)
    stub.exchange = Exchange(BrowserPeer(caller))
    return stub.exchange


@pytest_asyncio.fixture(loop_scope="session")
async def phone(page: Page, stub: Stub, exchange: Exchange) -> Page:
    """In mid-shift, with the telephone in the browser."""
    await page.bring_to_front()
    stub.signed_in = True
    stub.state["me"]["phone"] = {"kind": "browser", "extension": "201"}
    await page.goto(stub.url)
    await expect(page.locator(".strip")).to_contain_text("Телефон на связи")
    await stub.connected()
    return page


async def test_the_key_of_readiness_is_not_lost_while_the_telephone_connects(
    page: Page, stub: Stub, exchange: Exchange
) -> None:
    exchange.accepts.clear()
    await page.bring_to_front()
    await sign_in(page, stub)
    await page.wait_for_selector("[data-view=start]")
    await page.keyboard.press("F2")
    await expect(page.locator(".strip")).to_contain_text("Телефон подключается")
    await page.keyboard.press("F2")
    await expect(page.locator("body")).to_contain_text("как только телефон подключится")
    exchange.accepts.set()
    assert await stub.asked("PUT", "/me/state") == {"state": "ready"}
    await page.wait_for_selector("[data-state=ready]")


async def test_the_wish_to_be_ready_ends_with_the_shift(page: Page, stub: Stub, exchange: Exchange) -> None:
    exchange.accepts.clear()
    await page.bring_to_front()
    await sign_in(page, stub)
    await page.wait_for_selector("[data-view=start]")
    await page.keyboard.press("F2")
    await expect(page.locator(".strip")).to_contain_text("Телефон подключается")
    await page.keyboard.press("F2")
    await expect(page.locator("body")).to_contain_text("как только телефон подключится")
    await page.get_by_role("button", name="Закончить смену").click()
    await page.get_by_role("dialog").get_by_role("button", name="Закончить смену").click()
    await page.wait_for_selector("[data-view=start]")
    exchange.accepts.set()
    await page.keyboard.press("F2")
    await expect(page.locator(".strip")).to_contain_text("Телефон на связи")
    await page.keyboard.press("Alt+k")
    await expect(page.locator("#dial")).to_be_visible()
    assert [body for _, path, body in stub.taken if path == "/me/state"] == [{"state": "offline"}]


async def test_a_registration_that_an_exchange_loses_as_it_starts_is_made_anew_soon(
    page: Page, stub: Stub, exchange: Exchange
) -> None:
    exchange.deaf_to = 1
    await page.bring_to_front()
    stub.signed_in = True
    stub.state["me"]["phone"] = {"kind": "browser", "extension": "201"}
    await page.goto(stub.url)
    await expect(page.locator(".strip")).to_contain_text("Телефон на связи", timeout=15_000)
    assert exchange.deaf_to == 0


async def answered(phone: Page, stub: Stub, exchange: Exchange) -> None:
    await stub.ring(data.card())
    await exchange.invite()
    await phone.wait_for_selector("[data-view=ring]")
    await expect(phone.get_by_role("button", name="Ответить").first).to_be_visible()
    await phone.keyboard.press("F2")
    await asyncio.wait_for(exchange.answered.wait(), 10)
    await stub.talk()
    await phone.wait_for_selector("[data-view=talk]")


async def test_the_shift_begins_with_the_telephone_in_the_browser(
    page: Page, stub: Stub, exchange: Exchange
) -> None:
    await page.bring_to_front()
    await sign_in(page, stub)
    await page.wait_for_selector("[data-view=start]")
    await page.keyboard.press("F2")
    await expect(page.locator(".strip")).to_contain_text("Телефон на связи")
    assert await stub.asked("POST", "/me/phone") == {"kind": "browser"}


async def test_a_key_answers_in_a_law_and_both_hear(phone: Page, stub: Stub, exchange: Exchange) -> None:
    await answered(phone, stub, exchange)
    assert "PCMA/8000" in exchange.answer_sdp
    peer = exchange.peer
    assert isinstance(peer, BrowserPeer)
    await peer.page.wait_for_function("async () => await heard() > 20")
    await phone.keyboard.press("F8")
    assert await stub.asked("POST", f"/calls/{data.CALL}/hang-up") == {}


async def test_hold_is_a_change_of_direction_and_resume_another(
    phone: Page, stub: Stub, exchange: Exchange
) -> None:
    await answered(phone, stub, exchange)
    await phone.keyboard.press("F4")
    assert await asyncio.wait_for(exchange.directions.get(), 10) in {"sendonly", "inactive"}
    await expect(phone.locator(".bar")).to_contain_text("На удержании")
    await expect(phone.get_by_role("button", name="Вернуться")).to_be_enabled()
    await phone.keyboard.press("F4")
    assert await asyncio.wait_for(exchange.directions.get(), 10) == "sendrecv"
    await expect(phone.locator(".bar")).not_to_contain_text("На удержании")


async def test_another_microphone_in_mid_talk_is_tested_and_heard(
    phone: Page, stub: Stub, exchange: Exchange
) -> None:
    await answered(phone, stub, exchange)
    await phone.get_by_role("button", name="Гарнитура").click()
    await phone.get_by_role("button", name="Проверить").click()
    await expect(phone.get_by_role("dialog")).to_contain_text("Микрофон слышит Вас")
    await phone.get_by_role("button", name="Проверить").click()
    other = phone.locator("#device-microphone option").last
    await phone.select_option("#device-microphone", await other.get_attribute("value"))
    peer = exchange.peer
    assert isinstance(peer, BrowserPeer)
    await peer.page.evaluate("async () => { window.before = await heard(); }")
    await peer.page.wait_for_function("async () => await heard() > window.before + 20")


async def test_muting_is_shown(phone: Page, stub: Stub, exchange: Exchange) -> None:
    await answered(phone, stub, exchange)
    await phone.keyboard.press("F6")
    await expect(phone.locator(".bar")).to_contain_text("Микрофон выключен")


async def test_a_vanishing_page_says_so_and_ends_its_leg(phone: Page, stub: Stub, exchange: Exchange) -> None:
    await answered(phone, stub, exchange)
    await phone.close()
    assert await stub.asked("POST", "/phone/lost") == {"csrf": "token-of-the-session"}
    await asyncio.wait_for(exchange.ended.wait(), 10)


async def test_an_order_of_this_page_is_answered_by_itself_and_no_other(
    phone: Page, stub: Stub, exchange: Exchange
) -> None:
    await phone.keyboard.press("Alt+k")
    await phone.fill("#dial", "8 912 345-67-89")
    await phone.keyboard.press("Enter")
    body = await stub.asked("POST", "/calls")
    assert (body["number"], body["about"]) == ("89123456789", {"kind": "none", "id": None})
    await exchange.invite({"X-Ivr-Order": "order-1"})
    await asyncio.wait_for(exchange.answered.wait(), 10)


async def test_a_strangers_order_rings(phone: Page, stub: Stub, exchange: Exchange) -> None:
    await exchange.invite({"X-Ivr-Order": "order-of-somebody"})
    await phone.wait_for_selector("[data-view=ring]")
    assert not exchange.answered.is_set()


async def test_a_second_tab_leaves_the_telephone_to_the_first(
    phone: Page, stub: Stub, context: BrowserContext, exchange: Exchange
) -> None:
    second = await context.new_page()
    await second.goto(stub.url)
    await expect(second.locator("[data-alert=phone]")).to_contain_text("другой вкладке")
    await second.get_by_role("button", name="Перенести сюда").click()
    await expect(second.locator(".strip")).to_contain_text("Телефон на связи")
    await expect(phone.locator("[data-alert=phone]")).to_contain_text("другой вкладке")


async def test_a_supervisors_telephone_answers_by_itself_to_hear_a_talk(
    phone: Page, stub: Stub, exchange: Exchange
) -> None:
    one = listening("ringing", listener="anna", agent="boris", agent_name="Борис Петров")
    await stub.publish("listening", one)
    await exchange.invite({"X-Ivr-Listen": one["order_id"]})
    await asyncio.wait_for(exchange.answered.wait(), 10)
    await expect(phone.locator("[data-ears]")).to_have_text("◉ Вы слушаете: Борис Петров")
    await expect(phone.locator("[data-view=home]")).to_be_visible()
    await exchange.hang_up()
    await stub.publish("listening", one | {"over": True})
    await phone.locator("[data-ears]").wait_for(state="detached")


async def test_an_operator_sees_who_listens_to_his_talk(phone: Page, stub: Stub) -> None:
    one = listening(listener="irina", listener_name="Ирина Лапина", agent="anna")
    await stub.publish("listening", one)
    ears = phone.locator("[data-ears]")
    await expect(ears).to_have_text("◉ Ирина Лапина слушает Ваш разговор")
    await stub.publish("listening", one | {"mode": "join"})
    await expect(ears).to_have_text("◉ Ирина Лапина участвует в разговоре")
    stub.answers["GET", "/listening"] = {"mine": None, "to_me": [one | {"mode": "whisper"}]}
    await phone.reload()
    await expect(ears).to_have_text("◉ Ирина Лапина слушает Ваш разговор и подсказывает Вам")
    await stub.publish("listening", one | {"over": True})
    await ears.wait_for(state="detached")
