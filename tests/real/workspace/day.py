"""A day of calls: clients at telephones, operators in the page, and what remains of each call."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Locator, expect
from sqlalchemy import Table, select

from ivr.calls import queries
from ivr.calls.legs import Leg, LegRole
from ivr.store import Database
from tests.real.company import MAIN
from tests.real.recorded import parts
from tests.real.softphone import Softphone, TelephoneCall
from tests.real.tones import seconds_of
from tests.real.workspace.conftest import DeskCompany
from tests.real.workspace.workplace import Workplace

CLIENT, ANNA, BORIS, OUTSIDE = 500, 740, 1130, 1700
"""Notes, hertz: none is a multiple of another."""
KOVRIGIN = "+74832000001"
"""A number that the billing knows."""
STEP_SECONDS = 0.8
SHOTS = os.environ.get("SHOTS")
"""Folder for pictures of the pages, when they are wanted."""

_HEARD_WITHIN = 12.0
_strangers = count(1)
T = TypeVar("T")


def stranger() -> str:
    """A number that has never called."""
    return f"+7495{next(_strangers):07d}"


async def eventually(ask: Callable[[], Awaitable[T]], seconds: float = 15) -> T:
    """Wait until the answer is true; tells it."""
    async with asyncio.timeout(seconds):
        while not (answer := await ask()):  # noqa: ASYNC110  # other processes raise no event
            await asyncio.sleep(0.1)
        return answer


async def until(condition: Callable[[], object], seconds: float = _HEARD_WITHIN) -> None:
    """Wait until it is so."""

    async def ask() -> object:
        return condition()

    await eventually(ask, seconds)


@dataclass
class Day:
    """The company, its database and two operators at work."""

    company: DeskCompany
    database: Database
    anna: Workplace
    boris: Workplace

    # --- clients ---------------------------------------------------------------------------------------

    @asynccontextmanager
    async def calling(self, *keys: str, number: str | None = None) -> AsyncIterator[TelephoneCall]:
        """Somebody calls, listens to the notice and presses keys, each at a question."""
        async with self.company.telephone("client", CLIENT) as telephone:
            call = await telephone.call(MAIN, number or stranger())
            await asyncio.wait_for(call.answered.wait(), 20)
            for question, key in enumerate(keys, 1):
                await call.until_heard(self.company.notice_seconds + question * STEP_SECONDS)
                call.press(key)
            try:
                yield call
            finally:
                if not call.ended.is_set():
                    call.hang_up()

    @asynccontextmanager
    async def outside(self) -> AsyncIterator[Softphone]:
        """Whoever is called out, at a trunk that Asterisk has not seen yet."""
        async with self.company.outside(OUTSIDE) as telephone:
            yield telephone

    @asynccontextmanager
    async def talking(
        self, *keys: str, number: str | None = None
    ) -> AsyncIterator[tuple[TelephoneCall, str]]:
        """Somebody talks with Anna; the call's id beside."""
        await self.anna.ready()
        async with self.calling(*(keys or ("0",)), number=number) as client:
            call_id = await self.anna.answer()
            await hears(client, ANNA)
            yield client, call_id

    # --- operators -------------------------------------------------------------------------------------

    async def home(self, place: Workplace) -> None:
        """Whatever he did, he is at the empty page now, in a pause or ready."""
        page = place.page
        await page.keyboard.press("Escape")
        if await page.locator("[data-view=talk]").count():
            await place.hang_up()
        await page.wait_for_selector("[data-view=home], [data-view=wrap]")
        if await page.locator("[data-view=wrap]").count():
            await wrap_up(place)

    async def shot(self, place: Workplace, name: str) -> None:
        """A picture, if pictures are wanted."""
        if SHOTS:
            await place.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))

    # --- what remains ----------------------------------------------------------------------------------

    async def rows(self, table: Table, **columns: object) -> list[dict[str, Any]]:
        """Rows of a table with these values."""
        wanted = [table.c[name] == value for name, value in columns.items()]
        return await self.database.read(
            lambda connection: [
                dict(row) for row in connection.execute(select(table).where(*wanted)).mappings()
            ]
        )

    async def legs(self, call_id: str, role: LegRole | None = None) -> list[Leg]:
        """Those of a call, in the database."""
        found = await self.database.read(partial(queries.legs, call_id=call_id))
        return [leg for leg in found if role in (None, leg.role)]

    async def leg(self, call_id: str, role: LegRole, told: Callable[[Leg], object]) -> Leg:
        """The last leg of a role, once it tells something."""

        async def ask() -> Leg | None:
            return next((leg for leg in reversed(await self.legs(call_id, role)) if told(leg)), None)

        found = await eventually(ask)
        assert found is not None
        return found

    async def recorded(self, call_id: str, *notes: int, seconds: float = 0.5) -> None:
        """Some part of the call's recording has all these notes for so long at least."""
        everybody = (CLIENT, ANNA, BORIS, OUTSIDE)
        heard: dict[str, dict[int, float]] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(15):
                while not any(all(part[note] >= seconds for note in notes) for part in heard.values()):
                    found = await parts(self.company.stack.settings, call_id)
                    heard = {
                        part.name: {note: seconds_of(part.mixed, note) for note in everybody}
                        for part in found
                    }
                return
        raise AssertionError(f"seconds of client, Anna, Boris, outside: {heard}")


async def hears(call: TelephoneCall, hertz: int) -> None:
    """Wait until a note is heard at that telephone."""
    await until(lambda: call.hears(hertz))


async def has_heard(call: TelephoneCall, hertz: int, seconds: float = 1.0) -> None:
    """Wait until a note was heard at that telephone for so long altogether."""
    await until(lambda: seconds_of(call.sound, hertz) >= seconds)


async def shows(place: Workplace, selector: str, *texts: str) -> Locator:
    """A part of the page, with these texts in it."""
    found = place.page.locator(selector)
    for text in texts:
        await expect(found).to_contain_text(text)
    return found


async def wrap_up(place: Workplace, result: str = "Дана консультация") -> None:
    """Topic, where the robot knew none, result and on, by the keyboard."""
    page = place.page
    await page.wait_for_selector("[data-view=wrap]")
    topic = page.locator("#wrap-topic")
    if not await topic.input_value():
        await topic.focus()
        await page.keyboard.press("ArrowDown")
    await page.get_by_role("radio", name=result).focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("[data-view=home]")


async def find_colleague(place: Workplace, name: str) -> None:
    """Open the list of whom a call can be handed to, and choose somebody."""
    await place.page.keyboard.press("F7")
    await place.page.fill("#target", name)
    await place.page.locator("[role=option][aria-selected=true]", has_text=name).wait_for()
