"""More callers than operators: everybody is served once, by whoever was told of the call."""

from __future__ import annotations

import asyncio
import os
import statistics
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from ivr.bench.sipp import Caller, ExpectHangup, Keys, Load, Wait
from ivr.calls.story import Disposition, Story
from tests.real.company import MAIN
from tests.real.workspace.conftest import DeskCompany
from tests.real.workspace.desk_worker import Shift, shift
from tests.real.workspace.staff import employ, operator
from tests.real.workspace.workplace import Workplace, workplace

pytestmark = pytest.mark.real

FULL = os.environ.get("LOAD") == "full"
PAGES, TELEPHONES, CALLERS = (3, 27, 100) if FULL else (1, 7, 20)
"""Operators in Chromium and at desks, and who calls; `LOAD=full` is the size that is promised."""

FIRST = 201
EXTENSIONS = [str(FIRST + number) for number in range(PAGES + TELEPHONES)]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskCompany]:
    company = DeskCompany(tmp_path_factory.mktemp("crowd"))
    company.prepare()
    people = [operator(f"op{extension}", f"Оператор {extension}", extension) for extension in EXTENSIONS]
    asyncio.run(employ(company.stack.settings, people))
    with company.running():
        yield company


async def serve(page: Workplace, served: list[str]) -> None:
    """Answer, talk and wrap up in the page, call by call, until cancelled."""
    while True:
        await page.page.wait_for_selector("[data-view=ring]", timeout=0)
        call_id = await page.answer()
        await asyncio.sleep(1)
        await page.hang_up()
        await page.page.wait_for_selector("[data-view=wrap]")
        await page.page.select_option("#wrap-topic", "payment.missing")
        await page.page.get_by_role("radio", name="Дана консультация").click()
        await page.page.keyboard.press("Control+Enter")
        await page.page.wait_for_selector("[data-view=wrap]", state="detached")
        served.append(call_id)


def callers(company: DeskCompany) -> list[Caller]:
    """Callers who ask for a person as soon as they can and stay on the line; their number is withheld."""
    actions = (Wait(company.notice_seconds + 1), Keys("0"), ExpectHangup(300))
    return [Caller(number=MAIN, actions=actions, caller_id="anonymous")]


async def test_everybody_is_served_once_and_nobody_is_rung_while_he_is_busy(
    company: DeskCompany, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    served: list[str] = []
    async with AsyncExitStack() as working:
        playwright = await working.enter_async_context(async_playwright())
        pages = [
            await working.enter_async_context(
                workplace(playwright, company.stack.url, f"op{extension}", 700, tmp_path / extension)
            )
            for extension in EXTENSIONS[:PAGES]
        ]
        for page in pages:
            await page.sign_in()
            await page.ready()
            page.faults.clear()  # the browser notes that nobody was signed in
        desks = [
            await working.enter_async_context(shift(company, f"op{extension}", extension, 500))
            for extension in EXTENSIONS[PAGES:]
        ]
        before, tasks = company.snapshot(), await company.metric("ivr_running_tasks")
        serving = [asyncio.create_task(serve(page, served)) for page in pages]
        load = Load(calls=CALLERS, per_second=10, give_up_seconds=300)
        placed = await company.place(*callers(company), load=load)
        assert (placed.tally.successful, placed.tally.failed) == (CALLERS, 0), placed.tally.errors
        stories = [story for story, _ in await company.stories(CALLERS)]
        async with asyncio.timeout(20):
            while len(served) + sum(len(desk.talked) for desk in desks) < CALLERS:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        for task in serving:
            task.cancel()
        judge(stories, served, desks)
        assert [page.faults for page in pages] == [[]] * PAGES
        await company.assert_no_leaks(before, tasks)
        late = [each for desk in desks for each in desk.late]
        record_testsuite_property("seconds_from_ring_to_event_p95", statistics.quantiles(late, n=20)[-1])


def judge(stories: list[Story], in_pages: list[str], desks: list[Shift]) -> None:
    """Each caller was answered once, by an operator whose session alone was told; nobody twice at a time."""
    assert {story.disposition for story in stories} == {Disposition.ANSWERED}
    answered = [[leg for leg in story.legs.values() if leg.answered_at] for story in stories]
    assert [len(legs) for legs in answered] == [1] * CALLERS
    whose = {legs[0].call_id: legs[0].agent for legs in answered}
    talked = {call_id: desk.worker.page.login for desk in desks for call_id in desk.talked}
    assert {call_id: whose[call_id] for call_id in talked} == talked
    assert sorted([*talked, *in_pages]) == sorted(whose)
    rung = {(leg.leg_id, leg.agent) for story in stories for leg in story.legs.values()}
    told = [(leg_id, desk.worker.page.login) for desk in desks for leg_id in rings(desk)]
    assert set(told) <= rung
    assert len(told) == len(set(told))
    assert [len(rings(desk)) for desk in desks] == [len(desk.worker.phone.calls) for desk in desks]
    assert [fault for desk in desks for fault in desk.faults] == []


def rings(desk: Shift) -> list[str]:
    """The legs whose ring the session was told of."""
    return [event["data"]["leg_id"] for event in desk.worker.page.events if event["type"] == "ring"]
