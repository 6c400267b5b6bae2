"""The engine or Asterisk goes away and comes back while operators talk."""

from __future__ import annotations

import asyncio
import os
import signal
from array import array
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, expect

from tests.real.softphone import TelephoneCall
from tests.real.tones import seconds_of
from tests.real.workspace.day import wrap_up
from tests.real.workspace.desk_worker import DeskWorker, desk_worker
from tests.real.workspace.office import CLIENT, STAFF, Office, Row, in_order, office, told, until
from tests.real.workspace.workplace import Workplace, workplace

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

NOTES = {"anna": 740, "boris": 1130, "vera": 900, "gleb": 1370, "dina": 1610}
IN_BROWSERS, AT_DESKS = ("anna", "boris"), ("vera", "gleb", "dina")
OUTSIDE = 1700
HEARD_SECONDS = 1.0
ENDED_WITHIN_SECONDS = 2.0
"""Asterisk's own list tells the end of a call to the second."""
_WAV_HEAD = 44


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all tests of this file."""
    with office(tmp_path_factory.mktemp("restarts")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(place: Office) -> AsyncIterator[Mapping[str, DeskWorker]]:
    """Operators with telephones on the desk."""
    async with AsyncExitStack() as open_:
        yield {
            login: await open_.enter_async_context(desk_worker(place, login, STAFF[login][1], NOTES[login]))
            for login in AT_DESKS
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pages(
    place: Office, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Mapping[str, Workplace]]:
    """Operators in browsers."""
    async with AsyncExitStack() as open_:
        opened = {}
        for login in IN_BROWSERS:
            folder = tmp_path_factory.mktemp(login)
            opened[login] = await open_.enter_async_context(
                workplace(playwright, place.stack.url, login, NOTES[login], folder)
            )
            await opened[login].sign_in()
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def calling() -> AsyncIterator[AsyncExitStack]:
    """Clients hang up at the end of the test."""
    async with AsyncExitStack() as open_:
        yield open_


class Talk:
    """A client and an operator.

    Attributes:
        phone: On the operator's desk, if he speaks there.
    """

    def __init__(
        self,
        place: Office,
        login: str,
        call_id: str,
        caller: TelephoneCall,
        phone: TelephoneCall | None = None,
    ) -> None:
        self.place = place
        self.login = login
        self.call_id = call_id
        self.caller = caller
        self.phone = phone

    @property
    def ended(self) -> bool:
        """Whether it is over for somebody."""
        return self.caller.ended.is_set() or (self.phone is not None and self.phone.ended.is_set())

    async def until_heard(self) -> None:
        """Wait until each of them has heard the other for a second, as far as they have ears of ours."""
        ears = [(self.caller, NOTES[self.login])]
        if self.phone is not None:
            ears.append((self.phone, CLIENT))
        try:
            await until(lambda: all(seconds_of(call.sound, note) >= HEARD_SECONDS for call, note in ears))
        except TimeoutError:
            notes = (CLIENT, *NOTES.values())
            told = [(note, {each: seconds_of(call.sound, each) for each in notes}) for call, note in ears]
            raise AssertionError(f"{self.login}: note awaited, seconds of all notes: {told}") from None

    def forget(self) -> None:
        """What was heard until now does not count."""
        for call in (self.caller, self.phone):
            if call is not None:
                del call.sound[:]

    def vanish(self) -> None:
        """No telephone of ours says any more."""
        for call in (self.caller, self.phone):
            if call is not None:
                call.vanish()

    def recorded(self, note: int) -> float:
        """For how long a note is in the recording of the talk until now, seconds."""
        return self.place.recorded(self.call_id, note)


async def talk_in_page(place: Office, at: Workplace, number: str, calling: AsyncExitStack) -> Talk:
    """Somebody calls and talks with an operator in a browser, who alone is ready."""
    await at.ready()
    caller = await calling.enter_async_context(place.client(number))
    return Talk(place, at.login, await at.answer(), caller)


async def talk_at_desk(place: Office, at: DeskWorker, number: str, calling: AsyncExitStack) -> Talk:
    """Somebody calls and talks with an operator at a desk, who alone is ready."""
    await at.ready()
    caller = await calling.enter_async_context(place.client(number))
    phone, call_id = await at.taken()
    await at.page.until_state("talking")
    return Talk(place, at.page.login, call_id, caller, phone)


async def goes_on(talk: Talk, desk: DeskWorker, connections: int, legs: list[Row]) -> None:
    """The page has connected again, and the server has the operator where he was."""
    await until(lambda: desk.page.connections > connections)
    agent = await desk.page.until_state("talking")
    [leg] = legs
    assert (agent["call_id"], agent["leg_id"]) == (talk.call_id, leg["leg_id"])
    answered_at = datetime.fromisoformat(leg["answered_at"]).replace(tzinfo=UTC)
    assert abs((datetime.fromisoformat(agent["since"]) - answered_at).total_seconds()) < 1


async def stored(talk: Talk, legs: list[Row]) -> None:
    """The ledger has one story, with the times that were known before."""
    call, after = await talk.place.ended(talk.call_id)
    [was], [leg] = legs, after
    assert told(leg) == (talk.login, "queue", "agent")
    assert in_order(after)
    kept = ("leg_id", "rang_at", "queue", "device")
    assert {name: leg[name] for name in kept} == {name: was[name] for name in kept}
    known, told_again = (datetime.fromisoformat(each["answered_at"]) for each in (was, leg))
    assert 0 <= (known - told_again).total_seconds() < 1, "of two instants the earlier one stands"
    assert (call["disposition"], call["agent"], call["lost_track_at"]) == ("answered", talk.login, None)
    assert talk.place.wrapped_up(talk.call_id) == [talk.login]


def _samples(file: Path) -> array[int]:
    sound = file.read_bytes()[_WAV_HEAD:]
    return array("h", sound[: len(sound) // 2 * 2])


async def heard(talks: Sequence[Talk]) -> None:
    """Wait until all hear each other from now on."""
    for talk in talks:
        talk.forget()
    for talk in talks:
        await talk.until_heard()


async def kill_engine(place: Office) -> None:
    """Its watchdog starts it again."""
    old = place.stack.engine_pid
    place.signal_engine(signal.SIGKILL)
    await until(lambda: place.stack.engine_pid != old, 90)
    await place.stack.ready()


async def goes_on_in_page(at: Workplace) -> None:
    """The page has connected again and shows the talk."""
    await at.page.locator("[data-alert=link]").wait_for(state="detached", timeout=60_000)
    await expect(at.page.locator("[data-view=talk]")).to_be_visible()
    await expect(at.page.locator("[data-state=talking]")).to_be_visible()


async def recorded_on(talks: Sequence[Talk]) -> None:
    """All hear each other, and it is still recorded."""
    noted = {talk.call_id: talk.recorded(CLIENT) for talk in talks}
    await heard(talks)
    await until(lambda: all(talk.recorded(CLIENT) > noted[talk.call_id] for talk in talks))
    assert not any(talk.ended for talk in talks)


async def end_in_page(at: Workplace) -> None:
    """Hang up, write down what it was about, take no more calls."""
    await at.hang_up()
    await wrap_up(at)
    await at.pause()


async def end_at_desk(at: DeskWorker, call_id: str) -> None:
    """Hang up, write down what it was about, take no more calls."""
    await at.page.done("POST", f"/calls/{call_id}/hang-up", {})
    await at.wrap_up(call_id)


async def test_five_talks_outlive_the_engine(
    place: Office, pages: Mapping[str, Workplace], desks: Mapping[str, DeskWorker], calling: AsyncExitStack
) -> None:
    in_pages = [
        await talk_in_page(place, at, f"+748320000{at_number}", calling)
        for at_number, at in enumerate(pages.values(), 10)
    ]
    at_desks = [
        await talk_at_desk(place, at, f"+748320000{at_number}", calling)
        for at_number, at in enumerate(desks.values(), 20)
    ]
    talks = [*in_pages, *at_desks]
    await heard(talks)
    before = {talk.call_id: place.legs(talk.call_id) for talk in talks}
    connected = {login: desk.page.connections for login, desk in desks.items()}

    restarting = asyncio.create_task(kill_engine(place))
    for at in pages.values():
        await expect(at.page.locator("[data-alert=link]")).to_be_visible()
    await heard(talks)
    await restarting

    for talk in at_desks:
        await goes_on(talk, desks[talk.login], connected[talk.login], before[talk.call_id])
    for at in pages.values():
        await goes_on_in_page(at)
    await recorded_on(talks)

    for at in pages.values():
        await end_in_page(at)
    for talk in at_desks:
        await end_at_desk(desks[talk.login], talk.call_id)
    for talk in talks:
        await stored(talk, before[talk.call_id])


async def closed_as_lost(talk: Talk) -> None:
    """The ledger knows that it ended, and not how."""
    call, legs = await talk.place.ended(talk.call_id)
    assert [told(leg) for leg in legs] == [(talk.login, "queue", "unknown")]
    assert in_order(legs)
    assert call["lost_track_at"] is not None
    assert (call["disposition"], call["agent"], call["ended_at"]) == ("answered", talk.login, None)


async def ready_by_itself(at: Workplace) -> None:
    """The telephone is back, and calls may come as before."""
    await at.page.locator("[data-alert=phone]").wait_for(state="detached", timeout=30_000)
    await expect(at.page.locator("[data-state=ready]")).to_be_visible()


def nothing_is_left(place: Office) -> None:
    """No call goes on, nobody is kept by one, and nothing is told twice."""
    assert place.select("SELECT call_id FROM calls WHERE stage <> 'ended'") == []
    assert place.select("SELECT login FROM agent_states WHERE call_id IS NOT NULL AND until IS NULL") == []
    assert place.select("SELECT call_id FROM wrapups GROUP BY call_id HAVING count(*) > 1") == []
    twice = "SELECT login FROM agent_states WHERE until IS NULL GROUP BY login HAVING count(*) > 1"
    assert place.select(twice) == []


async def test_after_asterisk_was_killed_nobody_is_stuck_and_the_next_call_reaches_somebody(
    place: Office,
    pages: Mapping[str, Workplace],
    desks: Mapping[str, DeskWorker],
    calling: AsyncExitStack,
) -> None:
    anna, boris = pages["anna"], pages["boris"]
    vera, gleb = desks["vera"], desks["gleb"]
    in_page = await talk_in_page(place, anna, "+74832000030", calling)
    at_desk = await talk_at_desk(place, vera, "+74832000031", calling)
    await heard([in_page, at_desk])
    await boris.ready()

    await place.kill_asterisk()
    for talk in (in_page, at_desk):
        talk.vanish()
    await asyncio.to_thread(place.stack.asterisk.up)

    for talk in (in_page, at_desk):
        await closed_as_lost(talk)
    await wrap_up(anna)
    await vera.wrap_up(at_desk.call_id)
    assert [place.wrapped_up(talk.call_id) for talk in (in_page, at_desk)] == [["anna"], ["vera"]]
    for at in (anna, boris):
        await ready_by_itself(at)
    paused = {"op-201": False, "op-202": False, "desk-203": True, "desk-204": True, "desk-205": True}
    await place.until(lambda: place.members() == paused)

    await anna.pause()
    again = await talk_in_page(place, boris, "+74832000032", calling)
    other = await talk_at_desk(place, gleb, "+74832000033", calling)
    await heard([again, other])
    await end_in_page(boris)
    await end_at_desk(gleb, other.call_id)
    for talk in (again, other):
        _, legs = await place.ended(talk.call_id)
        assert [told(leg) for leg in legs] == [(talk.login, "queue", "agent")]
    nothing_is_left(place)


@contextmanager
def without_engine(place: Office) -> Iterator[None]:
    """It is killed, and its watchdog starts it again only at the end."""
    watchdog = place.watchdog_pid
    os.kill(watchdog, signal.SIGSTOP)
    try:
        place.signal_engine(signal.SIGKILL)
        yield
    finally:
        os.kill(watchdog, signal.SIGCONT)


async def test_a_call_made_by_an_operator_outlives_the_engine_and_is_closed_when_it_comes_back(
    place: Office, desks: Mapping[str, DeskWorker]
) -> None:
    dina, number, old = desks["dina"], "+74832000077", place.stack.engine_pid
    async with place.outside(OUTSIDE) as outside:
        await asyncio.to_thread(place.stack.asterisk.cli, "pjsip qualify trunk-operator")
        call_id = (await dina.page.done("POST", "/calls", {"number": number}))["call_id"]
        phone = await dina.phone.taken()
        client = await outside.taken()
        await until(lambda: [bool(leg["answered_at"]) for leg in place.legs(call_id)] == [True, True])
        with without_engine(place):
            for each in (client, phone):
                del each.sound[:]
            await until(lambda: client.hears(NOTES["dina"]) and phone.hears(OUTSIDE))
            hung_up_at = datetime.now(UTC)
            client.hang_up()
            await asyncio.wait_for(phone.ended.wait(), 10)
        await until(lambda: place.stack.engine_pid != old, 90)
        await place.stack.ready()

    call, legs = await place.ended(call_id)
    assert (call["kind"], call["disposition"], call["agent"]) == ("outbound", "answered", "dina")
    assert call["lost_track_at"] is None
    assert {told(leg) for leg in legs} == {("dina", "out", "unknown"), (None, "client", "unknown")}
    for ended in (call, *legs):
        at = datetime.fromisoformat(ended["ended_at"]).replace(tzinfo=UTC)
        assert abs((at - hung_up_at).total_seconds()) < ENDED_WITHIN_SECONDS
    await dina.wrap_up(call_id)
    nothing_is_left(place)
