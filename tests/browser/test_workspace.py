"""A day in the page: signing in, a call with its card, wrap-up, and what happens when things break."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.stub import data
from tests.browser.stub.server import PASSWORD, Stub

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def in_talk(desk: Page, stub: Stub, **card: Any) -> None:
    await stub.ring(data.card(**card))
    await stub.talk()
    await desk.wait_for_selector("[data-view=talk]")


async def in_wrap_up(desk: Page, stub: Stub) -> None:
    await in_talk(desk, stub)
    await stub.talk("ended")
    await desk.wait_for_selector("[data-view=wrap]")


async def test_a_wrong_password_is_told_in_words_and_the_right_one_begins_the_shift(
    page: Page, stub: Stub
) -> None:
    await page.goto(stub.url)
    await page.fill("#login", "anna")
    await page.fill("#password", "не тот")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Логин или пароль не подходят")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-view=start]")
    await page.get_by_role("radio", name="Настольный телефон").click()
    await page.keyboard.press("F2")
    await page.wait_for_selector("[data-view=home]")
    assert await stub.asked("POST", "/me/phone") == {"kind": "desk"}


async def test_a_password_that_was_given_out_is_changed_first(page: Page, stub: Stub) -> None:
    stub.must_change = True
    await sign_in(page, stub)
    await page.fill("#old", PASSWORD)
    await page.fill("#fresh", "новый-пароль-22")
    await page.fill("#repeat", "новый-пароль-23")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="Пароли различаются")).to_be_visible()
    await page.fill("#repeat", "новый-пароль-22")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-view=start]")
    assert await stub.asked("POST", "/password") == {"old": PASSWORD, "new": "новый-пароль-22"}


async def test_a_call_rings_with_its_card_and_is_the_same_after_a_reload(desk: Page, stub: Stub) -> None:
    await stub.ring(data.card())
    view = desk.locator(f'[data-view=ring][data-call="{data.CALL}"]')
    await expect(view).to_contain_text("Сергеева Мария Петровна")
    await expect(view).to_contain_text("я заплатила две недели назад")
    await expect(view).to_contain_text("Долг 2 340,55".replace(" 340", "\u00a0340"))
    await stub.talk()
    await desk.wait_for_selector("[data-view=talk]")
    await desk.reload()
    card = desk.locator(f'[data-view=talk] [data-card="{data.CALL}"]')
    await expect(card).to_contain_text("2026-001184")


async def test_ready_and_pause_by_keys(desk: Page, stub: Stub) -> None:
    await desk.keyboard.press("F2")
    assert await stub.asked("PUT", "/me/state") == {"state": "ready"}
    await expect(desk.locator("[data-state=ready]")).to_be_visible()
    stub.taken.clear()
    await desk.keyboard.press("F2")
    await desk.wait_for_selector("dialog [data-first]:focus")
    await desk.keyboard.press("ArrowDown")
    await desk.keyboard.press("Enter")
    assert await stub.asked("PUT", "/me/state") == {"state": "paused", "reason": "lunch"}


async def test_what_is_typed_at_wrap_up_survives_a_reload_and_ends_with_the_call(
    desk: Page, stub: Stub
) -> None:
    await in_wrap_up(desk, stub)
    await desk.fill("#wrap-note", "перезвонить после проверки")
    await desk.get_by_role("radio", name="Ответ дан").click()
    await desk.reload()
    await expect(desk.locator("#wrap-note")).to_have_value("перезвонить после проверки")
    await expect(desk.get_by_role("radio", name="Ответ дан")).to_have_attribute("aria-checked", "true")
    await desk.keyboard.press("Control+Enter")
    body = await stub.asked("POST", f"/calls/{data.CALL}/wrap-up")
    assert (body["topic"], body["result"], body["personal"], body["alone"]) == (
        "payment.missing",
        "answered",
        True,
        True,
    )
    await desk.wait_for_selector("[data-view=home]")
    assert await desk.evaluate("Object.keys(localStorage).filter(key => key.startsWith('ivr.draft'))") == []


async def test_wrap_up_without_a_result_is_told_beside_the_field(desk: Page, stub: Stub) -> None:
    await in_wrap_up(desk, stub)
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator(".field", has=desk.locator("#wrap-result")).locator(".wrong")).to_have_text(
        "Выберите результат"
    )
    assert not any(path.endswith("/wrap-up") and method == "POST" for method, path, _ in stub.taken)


async def test_a_lost_network_is_shown_and_what_was_sent_goes_out_by_itself(desk: Page, stub: Stub) -> None:
    await in_wrap_up(desk, stub)
    stub.away = True
    await stub.cut()
    await desk.wait_for_selector("[data-alert=link]")
    await desk.get_by_role("radio", name="Ответ дан").click()
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator(".sent.waiting")).to_have_text("Ждёт связи, уйдёт само")
    stub.away = False
    assert (await stub.asked("POST", f"/calls/{data.CALL}/wrap-up"))["result"] == "answered"
    await desk.wait_for_selector("[data-view=home]")
    await desk.wait_for_selector("[data-alert=link]", state="detached")


async def test_an_ended_session_asks_again_over_the_call_and_loses_nothing(desk: Page, stub: Stub) -> None:
    await in_talk(desk, stub)
    await desk.keyboard.press("Alt+4")
    await desk.fill("#request-text", "не дошла квитанция")
    stub.signed_in = False
    await stub.cut(4401)
    await desk.wait_for_selector("[data-view=sign-in-again]")
    await desk.keyboard.press("Escape")
    await desk.keyboard.type(PASSWORD)
    await desk.keyboard.press("Enter")
    await desk.wait_for_selector("[data-view=sign-in-again]", state="detached")
    await expect(desk.locator("#request-text")).to_have_value("не дошла квитанция")
    await expect(desk.locator("[data-view=talk]")).to_be_visible()


async def test_a_request_is_registered_once_and_errors_stand_beside_the_field(desk: Page, stub: Stub) -> None:
    await in_talk(desk, stub)
    await desk.keyboard.press("Alt+4")
    await desk.get_by_role("radio", name="Жалоба").click()
    await desk.fill("#request-text", "жалоба")
    error = {"code": "too-short", "message": "Опишите подробнее", "field": "text"}
    stub.refusals["POST", "/requests"] = (422, error)
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#request-text-wrong")).to_have_text("Опишите подробнее")
    first = await stub.asked("POST", "/requests")
    stub.taken.clear()
    await desk.fill("#request-text", "жалоба на срок ответа")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.get_by_text("2026-001190")).to_be_visible()
    second = await stub.asked("POST", "/requests")
    assert second["key"] == first["key"]
    assert second["text"] == "жалоба на срок ответа"


async def test_a_request_begun_before_the_client_is_identified_takes_his_account_afterwards(
    desk: Page, stub: Stub
) -> None:
    [account, *_] = data.card()["accounts"]
    hidden = account | {"number": "•••• 7315", "masked": True}
    await in_talk(desk, stub, accounts=[hidden], identification={"level": "recognised"})
    await desk.keyboard.press("Alt+4")
    await desk.get_by_role("radio", name="Жалоба").click()
    await desk.fill("#request-text", "жалоба")
    await expect(desk.locator("#request-account")).to_have_value("")
    await stub.publish("card", {"card": data.card(accounts=[account])})
    await expect(desk.locator("#request-account")).to_have_value("4012 0077 315")
    await desk.keyboard.press("Control+Enter")
    body = await stub.asked("POST", "/requests")
    assert (body["account"], body["text"]) == ("40120077315", "жалоба")


async def test_a_doubtful_reading_is_explained_and_confirmed(desk: Page, stub: Stub) -> None:
    await in_talk(desk, stub)
    await desk.keyboard.press("Alt+3")
    await desk.fill("#reading-m2-all", "9307")
    doubt = {"code": "confirm", "message": "Расход больше обычного в десять раз.", "field": None}
    stub.refusals["POST", "/readings"] = (409, doubt)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_text("Расход больше обычного")).to_be_visible()
    stub.taken.clear()
    await desk.get_by_role("button", name="Клиент подтвердил").click()
    body = await stub.asked("POST", "/readings")
    assert (body["confirmed"], body["readings"]) == (True, [{"zone": "all", "value": 9307}])


async def test_an_answer_is_one_search_away_and_read_aloud_by_one_key(desk: Page, stub: Stub) -> None:
    await in_talk(desk, stub)
    await desk.keyboard.press("F9")
    await expect(desk.locator("[name=kb-search]")).to_be_focused()
    await desk.keyboard.type("платёж")
    await desk.get_by_role("button", name="Полный ответ").wait_for()
    await desk.keyboard.press("Enter")
    await desk.wait_for_selector("[data-article]")
    await desk.keyboard.press("Alt+a")
    await expect(desk.locator(".article.aloud")).to_contain_text("зачисляется до трёх рабочих дней")


async def test_the_client_is_identified_by_a_recorded_step(desk: Page, stub: Stub) -> None:
    await stub.ring(data.card(identification={"level": "recognised"}))
    await stub.talk()
    await desk.wait_for_selector("[data-view=talk]")
    await desk.keyboard.press("Alt+i")
    await desk.fill("#identify-name", "Мария Петровна")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#identify-account-wrong")).to_have_text("Укажите номер счёта или адрес")
    await desk.fill("#identify-account", "40120077315")
    await desk.keyboard.press("Control+Enter")
    body = await stub.asked("POST", f"/cards/{data.CALL}/identify")
    assert body == {"name": "Мария Петровна", "account": "40120077315", "address": None}
    await expect(desk.locator(".side.left")).to_contain_text("Опознан")


async def test_an_account_is_looked_for_by_name(desk: Page, stub: Stub) -> None:
    await stub.ring(data.card(accounts=[], identification={"level": "unknown"}))
    await stub.talk()
    await desk.wait_for_selector("[data-view=talk]")
    await desk.keyboard.press("Alt+i")
    await desk.fill("#identify-name", "Сергеева Мария")
    await desk.get_by_role("button", name="Найти счёт").click()
    found = desk.get_by_role("list", name="Найденные счета")
    await expect(found).to_contain_text("№ •••• 7315 С. М. П. · г. Заречье, ул. Пушкина")
    await expect(desk.get_by_role("dialog")).to_contain_text("Показаны не все")
    await expect(found.get_by_role("button")).to_have_count(0)
    assert any("q=%D0%A1%D0%B5%D1%80" in path for path in stub.asked_for if path.startswith("/accounts?"))


async def test_the_queue_row_and_bulletins_follow_events(desk: Page, stub: Stub) -> None:
    queue = {"queue": "clients", "title": "Общая", "waiting": 17, "longest_since": data.ago(), "ready": 0}
    await stub.publish("queues", {"queues": [queue]})
    await expect(desk.locator(".strip")).to_contain_text("ждут 17")
    bulletin = {"id": 2, "text": "Сайт не работает до полудня", "until": data.ahead(hours=1), "read_at": None}
    await stub.publish("bulletin", {"bulletin": bulletin})
    await expect(desk.locator(".side.left")).to_contain_text("Сайт не работает до полудня")


async def test_an_unknown_caller_rings_without_a_name(desk: Page, stub: Stub) -> None:
    card = data.card(caller={"number": "", "name": None, "known": False}, accounts=[], robot={"silent": True})
    await stub.ring(card)
    await expect(desk.locator("[data-view=ring] h1")).to_have_text("Номер скрыт")
    await expect(desk.locator("[data-view=ring]")).to_contain_text(re.compile("Робот темы не узнал"))


async def test_a_colleague_is_asked_and_the_client_connected(desk: Page, stub: Stub) -> None:
    await in_talk(desk, stub)
    await desk.keyboard.press("F7")
    await desk.get_by_role("option", name="Иван Громов").wait_for()
    await desk.keyboard.press("Enter")
    asked = await stub.asked("POST", f"/calls/{data.CALL}/consult")
    assert asked == {"target": {"kind": "colleague", "value": "olga"}}
    leg = {"call_id": data.CALL, "leg_id": "olgas", "order_id": None, "role": "consult", "agent": "olga"}
    for stage in ("ringing", "talking"):
        await stub.publish("talk", {**leg, "stage": stage, "since": data.ago()})
    await expect(desk.locator("[data-alert=consult]")).to_contain_text("Ольга Новикова — на связи")
    await expect(desk.locator("[data-view=talk]")).to_be_visible()
    await desk.keyboard.press("F7")
    assert await stub.asked("POST", f"/calls/{data.CALL}/complete") == {}


async def test_a_promised_call_is_made_from_its_row(desk: Page, stub: Stub) -> None:
    await desk.get_by_role("button", name="Позвонить").first.click()
    assert await stub.asked("POST", "/callbacks/11/call") == {}
    await expect(desk.locator(".bar")).to_contain_text("Набираем")
    leg = {"call_id": "call-1", "leg_id": "order-1", "order_id": "order-1", "since": data.ago()}
    await stub.publish("ring", {**leg, "role": "callback", "card": data.card("call-1")})
    await stub.publish("talk", {**leg, "role": "callback", "stage": "talking"})
    client = {**leg, "leg_id": "client-leg", "order_id": None, "role": "client"}
    await stub.publish("talk", {**client, "stage": "ringing"})
    await expect(desk.locator(".bar")).to_contain_text("Вызываем клиента")
    await stub.publish("talk", {**client, "stage": "talking"})
    await expect(desk.locator(".bar")).not_to_contain_text("Вызываем клиента")


async def test_what_was_typed_is_forgotten_at_signing_out(desk: Page, stub: Stub) -> None:
    await desk.evaluate("localStorage.setItem('ivr.draft.some-call.request', '{}')")
    await desk.get_by_role("button", name="Выйти").click()
    await desk.wait_for_selector("[data-view=sign-in]")
    assert await desk.evaluate("Object.keys(localStorage).filter(key => key.startsWith('ivr.draft'))") == []
