"""Clients call, operators answer in the page: who hears whom, what the card shows, what the ledger keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TypeVar

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, expect

from ivr.access.tables import audit
from ivr.calls.followup_tables import survey_answers
from ivr.calls.legs import LegEnd, LegRole
from ivr.calls.tables import calls, identifications, wrapups
from ivr.desk.work_tables import lost_callers
from ivr.requests.callback_tables import callbacks
from ivr.requests.tables import requests
from ivr.store import Database
from tests.real.softphone import TelephoneCall
from tests.real.workspace.conftest import DeskCompany
from tests.real.workspace.day import (
    ANNA,
    BORIS,
    CLIENT,
    KOVRIGIN,
    OUTSIDE,
    Day,
    eventually,
    find_colleague,
    has_heard,
    hears,
    shows,
    stranger,
    until,
    wrap_up,
)
from tests.real.workspace.workplace import workplace

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

T = TypeVar("T")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day(desk: DeskCompany, playwright: Playwright) -> AsyncIterator[Day]:
    """Anna and Boris have begun their shift; both are in a pause."""
    database = await Database.open(desk.stack.settings.store)
    async with (
        workplace(playwright, desk.stack.url, "anna", 740, desk.folder / "anna") as anna,
        workplace(playwright, desk.stack.url, "boris", 1130, desk.folder / "boris") as boris,
    ):
        await anna.sign_in()
        await boris.sign_in()
        yield Day(desk, database, anna, boris)
        faults = [fault for fault in anna.faults + boris.faults if "401" not in fault]  # before signing in
        assert faults == []
    await database.close()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def between_calls(day: Day) -> AsyncIterator[None]:
    """Each test begins and ends with both operators at the empty page."""
    yield
    for place in (day.anna, day.boris):
        await day.home(place)


async def test_a_known_client_rings_with_his_card_and_both_are_heard(day: Day) -> None:
    await day.anna.ready()
    async with day.calling("1", "0", number=KOVRIGIN) as client:
        ring = await shows(day.anna, "[data-view=ring]", "Номер известен", "Единый номер", "показани")
        await expect(ring).not_to_contain_text("Ковригин")
        await expect(ring).not_to_contain_text("320145678")
        await day.shot(day.anna, "ring")
        call_id = await day.anna.answer()
        await hears(client, ANNA)
        await day.shot(day.anna, "talk")

        await day.anna.page.keyboard.press("F4")
        held = await day.leg(call_id, LegRole.QUEUE, lambda leg: leg.on_hold)
        await until(lambda: not client.hears(ANNA))
        await shows(day.anna, ".bar", "На удержании")
        await day.shot(day.anna, "held")
        await day.anna.page.keyboard.press("F4")
        back = await day.leg(call_id, LegRole.QUEUE, lambda leg: leg.holds and not leg.on_hold)
        assert (back.leg_id, len(back.holds)) == (held.leg_id, 1)
        await hears(client, ANNA)
        await has_heard(client, ANNA)

        await day.anna.hang_up()
        leg = await day.leg(call_id, LegRole.QUEUE, lambda leg: leg.ended_at)
        assert (leg.agent, leg.end) == ("anna", LegEnd.AGENT)
    await day.recorded(call_id, CLIENT, ANNA)
    await day.anna.page.wait_for_selector("[data-view=wrap]")
    await expect(day.anna.page.locator("#wrap-topic")).to_have_value("readings.submit")
    await day.shot(day.anna, "wrap")
    await wrap_up(day.anna)
    await day.anna.page.wait_for_selector("[data-state=ready]")
    [saved] = await day.rows(wrapups, call_id=call_id)
    assert (saved["agent"], saved["result"]) == ("anna", "answered")
    assert saved["topic"]


async def test_who_is_identified_is_shown_in_full_his_reading_taken_and_his_request_registered(
    day: Day,
) -> None:
    page = day.anna.page
    async with day.talking("1", "0", number=KOVRIGIN) as (_, call_id):
        await page.keyboard.press("Alt+i")
        await page.fill("#identify-name", "Ковригин Олег Петрович")
        await page.fill("#identify-account", "320145678")
        await page.keyboard.press("Control+Enter")
        await shows(day.anna, ".side.left", "Опознан", "Ковригин Олег Петрович", "320145678", "738,58")
        [step] = await day.rows(identifications, call_id=call_id)
        assert (step["agent"], step["account_number"]) == ("anna", "320145678")
        seen = await day.rows(audit, call_id=call_id, subject="320145678")
        assert {(row["login"], row["action"]) for row in seen} == {("anna", "viewed")}

        await page.keyboard.press("Alt+3")
        [zone] = day.company.zones_of("320145678")
        await page.locator("[id^=reading-]").first.fill(str(zone.reading))
        await day.shot(day.anna, "reading")
        await page.keyboard.press("Enter")
        await shows(day.anna, ".pane", "Приняты")
        [reading] = await day.company.readings("320145678")
        assert reading["value"] == zone.reading

        await page.keyboard.press("Alt+4")
        await page.get_by_role("radio", name="Вопрос").click()
        await expect(page.locator("#request-topic")).to_have_value("readings.submit")
        await page.fill("#request-text", "Прошу сверить показания за октябрь")
        await page.keyboard.press("Control+Enter")
        number = await (await shows(day.anna, ".pane h1")).inner_text()
        await day.shot(day.anna, "request")
        [request] = await day.rows(requests, number=number)
        assert request["call_id"] == call_id
        await day.anna.hang_up()
        await wrap_up(day.anna, "Зарегистрировано обращение")
    await page.keyboard.press("Alt+4")
    await shows(day.anna, ".pane", number)
    await day.shot(day.anna, "requests")


async def test_a_colleague_is_asked_with_the_card_and_then_has_the_client(day: Day) -> None:
    async with day.talking("1", "0", number=KOVRIGIN) as (client, call_id):
        await consulted(day, client)
        await day.anna.page.keyboard.press("F7")
        await hears(client, BORIS)
        left = await day.leg(call_id, LegRole.QUEUE, lambda leg: leg.ended_at)
        assert left.end is LegEnd.TRANSFERRED
        await day.recorded(call_id, CLIENT, BORIS)
        await wrap_up(day.anna, "Переведён на коллегу")
        await day.boris.hang_up()
        leg = await day.leg(call_id, LegRole.CONSULT, lambda leg: leg.ended_at)
        assert (leg.agent, leg.end) == ("boris", LegEnd.AGENT)
    assert len(await day.legs(call_id)) == 2


async def test_three_talk_with_each_other(day: Day) -> None:
    async with day.talking() as (client, call_id):
        await consulted(day, client)
        await day.anna.page.keyboard.press("Alt+m")
        await until(lambda: client.hears(ANNA) and client.hears(BORIS))
        await day.anna.page.wait_for_selector("[data-alert=consult][data-stage=conference]")
        await day.shot(day.anna, "conference")
        await day.recorded(call_id, CLIENT, ANNA, BORIS)
        await day.anna.hang_up()
        await until(lambda: client.hears(BORIS) and not client.hears(ANNA))
        client.hang_up()
        leg = await day.leg(call_id, LegRole.CONSULT, lambda leg: leg.ended_at)
        assert leg.end is LegEnd.CALLER


async def test_a_client_is_sent_to_a_colleague_with_a_note(day: Day) -> None:
    async with day.talking() as (client, call_id):
        await find_colleague(day.anna, "Борис")
        await day.anna.page.fill("#transfer-note", "Просит пересчёт за август")
        await day.shot(day.anna, "transfer")
        await day.anna.page.keyboard.press("Control+Enter")
        await shows(day.boris, "[data-view=ring]", "Звонок переведён вам", "Просит пересчёт", "Анна Соколова")
        await day.shot(day.boris, "transferred")
        assert await day.boris.answer() == call_id
        await hears(client, BORIS)
        await day.recorded(call_id, CLIENT, BORIS)
        left = await day.leg(call_id, LegRole.QUEUE, lambda leg: leg.ended_at)
        assert left.end is LegEnd.TRANSFERRED
        client.hang_up()
        leg = await day.leg(call_id, LegRole.TRANSFER, lambda leg: leg.ended_at)
        assert (leg.agent, leg.end) == ("boris", LegEnd.CALLER)


async def test_who_presses_one_in_the_queue_is_called_back(day: Day) -> None:
    number = stranger()
    await pause(day)
    async with day.calling("0", number=number) as client:
        [promise] = await eventually(pressing(client, "1", partial(day.rows, callbacks, phone=number)), 30)
    assert promise["source"] == "queue"
    async with day.outside() as telephone:
        await day.anna.ready()
        await shows(day.anna, "[data-view=ring]", "Обратный звонок", number[-4:-2])
        await day.shot(day.anna, "callback")
        call_id = await day.anna.answer()
        called = await telephone.taken()
        assert number[-10:] in called.invite.start
        await hears(called, ANNA)
        await day.recorded(call_id, ANNA, OUTSIDE)
        await day.anna.hang_up()
        await called.ended.wait()
    await wrap_up(day.anna)
    assert await day.rows(callbacks, phone=number, status="done", closed_as="called", taken_by="anna")


async def test_a_lost_caller_is_called_with_one_key_and_leaves_the_list(day: Day) -> None:
    number = stranger()
    await pause(day)
    async with day.calling("0", number=number) as client:

        async def queued() -> object:
            rows = await day.rows(calls, caller_number=number)
            return rows and rows[0]["queued_at"]

        await eventually(queued)
        await asyncio.sleep(1.5)  # longer than a short abandon
        client.hang_up()
    page = day.anna.page
    await page.keyboard.press("Alt+2")
    row = page.locator("[data-row]", has_text=number[-2:])
    await row.wait_for()
    await day.shot(day.anna, "lost")
    async with day.outside() as telephone:
        await row.get_by_role("button", name="Позвонить").press("Enter")
        called = await telephone.taken()
        await page.wait_for_selector("[data-view=talk]")
        await hears(called, ANNA)
        await day.anna.hang_up()
    await wrap_up(day.anna)
    assert await day.rows(lost_callers, phone=number, status="done", closed_as="called-back")
    await page.keyboard.press("Alt+2")
    await expect(row).to_have_count(0)


async def test_who_agreed_is_asked_after_the_talk(day: Day) -> None:
    async with day.talking() as (client, call_id):
        page = day.anna.page
        await page.keyboard.press("Alt+7")
        agreed = page.locator("#wrap-survey").get_by_role("radio", name="Да")
        async with page.expect_response(lambda answer: answer.request.method == "PUT"):
            await agreed.click()
        await day.anna.hang_up()
        await day.anna.page.wait_for_selector("[data-view=wrap]")
        answered = partial(day.rows, survey_answers, call_id=call_id, score=5, agent="anna")
        await eventually(pressing(client, "5", answered), 30)


async def test_a_number_is_called_from_the_keypad(day: Day) -> None:
    page = day.anna.page
    async with day.outside() as telephone:
        await page.keyboard.press("Alt+k")
        await page.fill("#dial", "+74957654321")
        await page.keyboard.press("Enter")
        rung = await telephone.rung()
        await shows(day.anna, ".bar", "Вызываем клиента")
        await day.shot(day.anna, "calling")
        rung.answer()
        await hears(rung, ANNA)
        view = await shows(day.anna, "[data-view=talk]")
        call_id = str(await view.get_attribute("data-call"))
        await day.recorded(call_id, ANNA, OUTSIDE)
        await day.anna.hang_up()
        await rung.ended.wait()
    own = await day.leg(call_id, LegRole.OUT, lambda leg: leg.ended_at)
    client = await day.leg(call_id, LegRole.CLIENT, lambda leg: leg.ended_at)
    assert (own.agent, own.end) == ("anna", LegEnd.AGENT)
    assert client.answered_at
    await wrap_up(day.anna)


async def consulted(day: Day, client: TelephoneCall) -> None:
    """Anna asks Boris, who answers with the card before him; the client holds."""
    await find_colleague(day.anna, "Борис")
    await day.anna.page.keyboard.press("Enter")
    await shows(day.boris, "[data-view=ring]", "Коллега спрашивает совета")
    await day.shot(day.boris, "asked")
    await day.boris.answer()
    await day.anna.page.wait_for_selector("[data-alert=consult][data-stage=talking]")
    await day.shot(day.anna, "consulting")
    await shows(day.boris, "[data-view=talk]", "Анна Соколова")
    assert not client.hears(BORIS)


async def pause(day: Day) -> None:
    """Nobody is ready."""
    page = day.anna.page
    if await page.locator("[data-state=ready]").count():
        await page.keyboard.press("F2")
        await page.locator("[data-row] button").first.press("Enter")
    await page.wait_for_selector("[data-state=paused]")


def pressing(call: TelephoneCall, key: str, helped: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    """Press a key now and then, until it has helped."""

    async def press() -> T:
        call.press(key)
        await asyncio.sleep(1)
        return await helped()

    return press
