"""The operator's side breaks off in the middle of a talk: the caller is not lost with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Playwright, expect

from tests.real.sipp import heard
from tests.real.sipp.hearing import Recording
from tests.real.softphone import TelephoneCall
from tests.real.workspace.day import SHOTS, wrap_up
from tests.real.workspace.desk_worker import DeskWorker, desk_worker, page_session
from tests.real.workspace.office import CHIEF, CLIENT, Office, in_order, kill_browser, office, told, until
from tests.real.workspace.workplace import PASSWORD, Workplace, workplace

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

ANNA, BORIS, OTHER = 740, 1130, 1700


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all tests of this file."""
    with office(tmp_path_factory.mktemp("lost"), "asterisk.queues.clients.ring_seconds=5") as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def boris(place: Office) -> AsyncIterator[DeskWorker]:
    """At a telephone on the desk."""
    async with desk_worker(place, "boris", "202", BORIS) as worker:
        yield worker


@pytest_asyncio.fixture(loop_scope="module")
async def anna(place: Office, playwright: Playwright, tmp_path: Path) -> AsyncIterator[Workplace]:
    """In the browser, ready."""
    async with workplace(playwright, place.stack.url, "anna", ANNA, tmp_path) as at_work:
        at_work.page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        await at_work.sign_in()
        await at_work.ready()
        yield at_work
    await leave(place, "anna")


async def leave(place: Office, login: str) -> None:
    """Sign out of the queues, for the next test."""
    async with page_session(place, login) as page:
        assert await page.sign_in() == 200
        await page.done("PUT", "/me/state", {"state": "offline"})


async def shot(page: Page, name: str) -> None:
    """A picture of the page, when they are wanted."""
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png")


def hears_prompt(place: Office, call: TelephoneCall, name: str) -> bool:
    """Whether a prompt was heard at a telephone."""
    return heard(place.prompt(name), Recording(call.sound.tobytes())) is not None


async def test_a_killed_browser_gives_the_caller_to_the_next_operator_before_all_others(
    place: Office, anna: Workplace, boris: DeskWorker, tmp_path: Path
) -> None:
    async with place.client("+74832000001") as caller:
        call_id = await anna.answer()
        await until(lambda: caller.hears(ANNA))
        async with place.client("+74832000002", OTHER):
            await place.until_waiting(1)
            kill_browser(tmp_path)
            await place.until_waiting(2)
            await boris.ready()
            got, offered = await boris.taken()
            assert offered == call_id
            ring = await boris.page.until("ring", call_id=call_id)
            assert ring["data"]["card"]["caller"]["number"] == "+74832000001"
            await until(lambda: caller.hears(BORIS) and got.hears(CLIENT))
            await until(lambda: hears_prompt(place, caller, "returned"))
        await boris.page.done("POST", f"/calls/{call_id}/hang-up", {})
        await asyncio.wait_for(caller.ended.wait(), 20)
    await boris.wrap_up(call_id)
    call, legs = await place.ended(call_id)
    assert [told(leg) for leg in legs] == [("anna", "queue", "lost"), ("boris", "queue", "agent")]
    assert in_order(legs)
    assert (call["requeued"], call["disposition"], call["agent"]) == (1, "answered", "anna")


async def test_who_does_not_answer_is_paused_and_told_so_and_one_key_brings_him_back(
    place: Office, anna: Workplace, boris: DeskWorker
) -> None:
    async with place.client("+74832000006") as first, place.client("+74832000007", OTHER) as second:
        band = anna.page.locator(".band [role=alert]")
        await expect(band).to_contain_text("Звонки остались без ответа", timeout=30_000)
        await expect(anna.page.locator("[data-state=paused]")).to_contain_text("Звонки без ответа")
        await expect(anna.page.locator("[data-view=home]")).to_be_visible()
        await shot(anna.page, "auto-pause")
        await place.until_waiting(2)
        await boris.ready()
        got, head = await boris.taken()
        await until(lambda: first.hears(BORIS) and got.hears(CLIENT))
        await anna.page.keyboard.press("F2")
        behind = await anna.answer()
        await until(lambda: second.hears(ANNA))
        first.hang_up()
        second.hang_up()
        await anna.page.wait_for_selector("[data-view=wrap]")
    await boris.wrap_up(head)
    call, legs = await place.ended(head)
    missed = ("anna", "queue", "no-answer")
    assert [told(leg) for leg in legs] == [missed, missed, ("boris", "queue", "caller")]
    assert (call["disposition"], call["requeued"]) == ("answered", 0)
    _, legs = await place.ended(behind)
    assert [told(leg) for leg in legs] == [("anna", "queue", "caller")]


async def test_after_a_reload_the_same_caller_rings_again_with_the_same_card(
    place: Office, anna: Workplace
) -> None:
    async with place.client("+74832000001") as caller:
        call_id = await anna.answer()
        await until(lambda: caller.hears(ANNA))
        await anna.page.reload()
        await anna.page.wait_for_selector("[data-view=wrap], [data-view=home], [data-view=ring]")
        await shot(anna.page, "after-reload")
        await place.until_waiting(1)
        async with page_session(place, "anna") as page:
            await page.sign_in()
            await page.done("PUT", "/me/state", {"state": "ready"})
        assert await anna.answer() == call_id
        await expect(anna.page.locator("[data-view=talk]")).to_contain_text("320145678"[-3:])
        await until(lambda: caller.hears(ANNA))
        await until(lambda: hears_prompt(place, caller, "returned"))
        await anna.hang_up()
        await asyncio.wait_for(caller.ended.wait(), 20)
    _, legs = await place.ended(call_id)
    assert [told(leg) for leg in legs] == [("anna", "queue", "lost"), ("anna", "queue", "agent")]
    assert in_order(legs)


async def test_a_lost_network_is_shown_and_the_talk_goes_on(place: Office, anna: Workplace) -> None:
    async with place.client("+74832000003") as caller:
        call_id = await anna.answer()
        await until(lambda: caller.hears(ANNA))
        await anna.context.set_offline(True)
        await expect(anna.page.locator("[data-alert=link]")).to_contain_text("Нет связи с сервером")
        await shot(anna.page, "lost-network")
        await anna.context.set_offline(False)
        await anna.page.locator("[data-alert=link]").wait_for(state="detached", timeout=15_000)
        await until(lambda: caller.hears(ANNA))
        await anna.page.wait_for_selector("[data-view=talk]")
        await anna.hang_up()
        await anna.page.wait_for_selector("[data-view=wrap]")
        await shot(anna.page, "wrap-after-lost-network")
    _, legs = await place.ended(call_id)
    assert [told(leg) for leg in legs] == [("anna", "queue", "agent")]


async def revoke(place: Office, login: str) -> None:
    """The administrator ends all sessions of a user."""
    async with page_session(place, CHIEF) as chief:
        assert await chief.sign_in() == 200
        for session in (await chief.done("GET", f"/users/{login}/sessions"))["sessions"]:
            await chief.done("DELETE", f"/users/{login}/sessions/{session['id']}")


async def expire(place: Office, login: str) -> None:
    """They reach their limit."""
    await asyncio.to_thread(place.expire, login)


@pytest.mark.parametrize("end", [revoke, expire])
async def test_a_session_that_ends_in_mid_call_leaves_the_talk_alone(
    place: Office, anna: Workplace, end: Callable[[Office, str], Awaitable[None]]
) -> None:
    talk = anna.page.locator("[data-view=talk]")
    again = anna.page.locator("[data-view=sign-in-again]")
    async with place.client("+74832000001") as caller:
        call_id = await anna.answer()
        await until(lambda: caller.hears(ANNA))
        await end(place, "anna")
        await again.wait_for(timeout=20_000)
        await shot(anna.page, f"session-{end.__name__}")
        del caller.sound[:]
        await until(lambda: caller.hears(ANNA))
        await again.locator("[name=password]").fill(PASSWORD)
        await anna.page.keyboard.press("Enter")
        await again.wait_for(state="detached")
        await expect(talk).to_have_attribute("data-call", call_id)
        await expect(talk).to_contain_text("320145678"[-3:])
        del caller.sound[:]
        await until(lambda: caller.hears(ANNA))
        await anna.hang_up()
        await asyncio.wait_for(caller.ended.wait(), 20)
    await wrap_up(anna)
    _, legs = await place.ended(call_id)
    assert [told(leg) for leg in legs] == [("anna", "queue", "agent")]
    assert place.wrapped_up(call_id) == ["anna"]


async def test_of_two_tabs_only_one_has_the_telephone(place: Office, anna: Workplace) -> None:
    second = await anna.context.new_page()
    await second.goto(anna.url)
    await expect(second.locator("[data-alert=phone]")).to_contain_text("в другой вкладке")
    await shot(second, "second-tab")
    async with place.client("+74832000005") as caller:
        call_id = await anna.answer()
        await until(lambda: caller.hears(ANNA))
        await second.close()
        await until(lambda: caller.hears(ANNA))
        await anna.hang_up()
        await asyncio.wait_for(caller.ended.wait(), 20)
    _, legs = await place.ended(call_id)
    assert [told(leg) for leg in legs] == [("anna", "queue", "agent")]
