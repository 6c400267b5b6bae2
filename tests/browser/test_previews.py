"""Calling out for campaigns: who is next is read first, and called or passed over by keys."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import at_work
from tests.browser.stub import data
from tests.browser.stub.data import Json
from tests.browser.stub.server import Stub

pytestmark = pytest.mark.asyncio(loop_scope="session")

CAMPAIGNS = [{"id": "7", "title": "Сложные должники"}, {"id": "9", "title": "Перезвонить по жалобам"}]


def target(stage: str = "reading", **more: Any) -> Json:
    return {
        "campaign_id": "7",
        "campaign": "Сложные должники",
        "kind": "Звонок специалиста с просмотром",
        "account": "320145678",
        "numbers": ["+79101234567"],
        "facts": [
            {"title": "Имя и отчество", "kind": "name", "value": "Анна Ивановна"},
            {"title": "Сумма долга, руб.", "kind": "amount", "value": "12345.50"},
            {"title": "Оплатить до", "kind": "date", "value": "2026-11-30"},
        ],
        "tries": 2,
        "stage": stage,
        "until": data.ahead(minutes=9) if stage == "reading" else None,
        "called": False,
        "how": "",
        **more,
    }


class Campaigns:
    """What the server tells of them, as the page changes it."""

    def __init__(self, stub: Stub, *campaigns: Json) -> None:
        self.told: Json = {"campaigns": list(campaigns or CAMPAIGNS), "mine": None}
        stub.answers[("GET", "/previews")] = lambda query, body: self.told
        for id in ("7", "9"):
            stub.answers[("POST", f"/previews/{id}/next")] = lambda query, body: self.now(target())
        stub.answers[("POST", "/previews/call")] = lambda query, body: self.now(target("calling"), tell=False)
        stub.answers[("POST", "/previews/skip")] = lambda query, body: self.now(None)

    def now(self, mine: Json | None, *, tell: bool = True) -> Json | None:
        """This is whom the operator has before him."""
        self.told = {**self.told, "mine": mine}
        return mine if tell else None


async def test_who_is_next_is_read_and_called_by_keys(page: Page, stub: Stub) -> None:
    campaigns = Campaigns(stub)
    desk = await at_work(page, stub)
    card = desk.locator("[data-preview]")
    await expect(card).to_contain_text("Перезвонить по жалобам")
    await desk.keyboard.press("Alt+n")
    await expect(card).to_contain_text("Анна Ивановна")
    await expect(card).to_contain_text("12\u00a0345,50")
    await expect(card).to_contain_text("30 ноября")
    await expect(card).to_contain_text("+7 910 123-45-67")
    await expect(card.get_by_role("timer")).to_contain_text("8:")
    await desk.keyboard.press("Alt+c")
    await stub.asked("POST", "/previews/call")
    await expect(card).to_contain_text("Звоним: +7 910 123-45-67")
    campaigns.now(target("over", called=True, how="занято"))
    await expect(card).to_contain_text("Не дозвонились: занято.")
    await expect(card.get_by_role("button", name="Взять следующего")).to_be_enabled()


async def test_who_is_not_called_is_passed_over_with_a_reason(page: Page, stub: Stub) -> None:
    campaigns = Campaigns(stub, CAMPAIGNS[0])
    campaigns.now(target())
    desk = await at_work(page, stub)
    await expect(desk.locator("[data-preview=reading]")).to_be_visible()
    await desk.keyboard.press("Alt+s")
    await desk.wait_for_selector("dialog [data-first]:focus")
    await desk.keyboard.press("ArrowDown")
    await desk.keyboard.press("Enter")
    assert await stub.asked("POST", "/previews/skip") == {"why": "needless"}
    await expect(desk.locator("[data-preview=none]")).to_contain_text("Сложные должники")


async def test_without_a_telephone_nobody_is_called_and_refusals_are_told(page: Page, stub: Stub) -> None:
    campaigns = Campaigns(stub, CAMPAIGNS[0])
    campaigns.now(target())
    desk = await at_work(page, stub)
    message = "Сейчас Вас не вызвать: закончите разговор и проверьте телефон."
    stub.refusals[("POST", "/previews/call")] = 409, {"code": "not-ready", "message": message}
    await desk.keyboard.press("Alt+c")
    await expect(desk.get_by_text(message)).to_be_visible()
    await expect(desk.locator("[data-preview=reading]")).to_be_visible()
    await stub.set_agent("offline")
    await expect(desk.locator("[data-preview] .button.yes")).to_be_disabled()


async def test_in_the_talk_the_operator_sees_what_the_campaign_knows(page: Page, stub: Stub) -> None:
    Campaigns(stub, CAMPAIGNS[0])
    stub.answers[("GET", f"/previews/calls/{data.CALL}")] = target()
    desk = await at_work(page, stub)
    greeting = "Добрый день! Меня зовут Анна, Энергосбыт. Разговор записывается. Вам удобно сейчас говорить?"
    await stub.ring(data.card(kind="campaign", greeting=greeting))
    await expect(desk.locator("[data-view=ring] [data-about]")).to_contain_text("Анна Ивановна")
    await stub.talk()
    about = desk.locator("[data-view=talk] [data-about]")
    await expect(about).to_contain_text("Сложные должники")
    await expect(about).to_contain_text("12\u00a0345,50")
    await expect(desk.locator("[data-view=talk]")).to_contain_text("Разговор записывается.")


async def test_who_calls_for_no_campaign_sees_nothing_of_them(desk: Page, stub: Stub) -> None:
    await expect(desk.locator("[data-view=home]")).to_be_visible()
    await expect(desk.locator("[data-preview]")).to_have_count(0)
