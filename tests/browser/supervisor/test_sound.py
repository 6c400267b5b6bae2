"""A conversation heard in Chromium from the real archive: encrypted, compressed, asked for by ranges."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Locator, Page, expect

from ivr.access.model import Right
from ivr.archive.listening import Listening
from ivr.archive.settings import ArchiveSettings, SoundFormat
from ivr.archive.vault import Vault
from ivr.speech.recognition.clips import Clips
from ivr.store import StoreSettings
from ivr.web import streaming
from ivr.web.api.once import OnceAudited
from ivr.web.api.recordings import RecordingRoutes
from ivr.web.api.review import ReviewRoutes
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.site import PAGES
from tests.contract.archive.conftest import Place, Seen
from tests.contract.archive.conftest import TestClock as HandClock
from tests.contract.web.site import PASSWORD, PATIENT, Running, add_users, running
from tests.databases import with_tables
from tests.real.tones import whistle

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG_SECONDS = 300
FIRST_PARTS = 3
MOVES = "audio => new Promise(go => audio.addEventListener('timeupdate', () => go(audio.currentTime)))"


@dataclass
class Room:
    site: Running
    place: Place
    ranges: list[str] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    sought: asyncio.Event = field(default_factory=asyncio.Event)

    def slow_at_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of the first half only some comes before `sought` is set."""
        write = streaming._write
        written: Counter[int] = Counter()

        async def slowly(response: web.StreamResponse, part: bytes, stall_seconds: float) -> None:
            written[id(response)] += 1
            start, _, size = response.headers["Content-Range"].removeprefix("bytes ").partition("-")
            early = int(start) < int(size.partition("/")[2]) // 2
            if early and written[id(response)] > FIRST_PARTS:
                await self.sought.wait()
            await write(response, part, stall_seconds)

        monkeypatch.setattr(streaming, "_write", slowly)

    async def asked_after(self, number: int) -> None:
        """Something from the middle has been asked for since."""
        async with asyncio.timeout(20):
            while not [each for each in self.ranges[number:] if each != "bytes=0-"]:
                self.asked.clear()
                await self.asked.wait()

    async def recorded(self, form: SoundFormat, seconds: int) -> str:
        self.place.settings = self.place.settings.model_copy(update={"format": form})
        call_id = await self.place.call()
        left, right = (whistle(hertz, 1).tobytes() * seconds for hertz in (440, 880))
        archive = self.place.archive()
        archive.start()
        archive.take_over(call_id, "", self.place.record_apart(call_id, left, right))
        self.place.clock.seconds += 10
        async with asyncio.timeout(60):
            await archive.idle()
        await archive.close()
        return call_id


async def no_story(_asked: Asked) -> None:
    raise Refused(404, "no-such-call", "Такого звонка нет.")


@pytest_asyncio.fixture(loop_scope="session")
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    database = await with_tables(StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}"))
    await add_users(database)
    settings = ArchiveSettings(folder=tmp_path / "recordings", keys=tmp_path / "keys", settle_seconds=0)
    vault = Vault(settings)
    vault.ready(used=False)
    (tmp_path / "spool").mkdir()
    place = Place(database, tmp_path / "spool", settings, HandClock(), Seen())

    async def names() -> Mapping[str, Mapping[str, str]]:
        return {"lines": {}, "topics": {}, "agents": {}, "queues": {}}

    async with running(database, PAGES, settings=PATIENT) as bare:
        audit = bare.access.audit
    views = OnceAudited(audit, place.clock)
    recordings = RecordingRoutes(
        database=database,
        listening=Listening(database, vault, place.clock),
        vault=vault,
        settings=settings,
        audit=audit,
        views=views,
        clock=place.clock,
        names=names,
    )
    review = ReviewRoutes(
        database=database,
        clips=Clips(tmp_path / "clips", 60),
        audit=audit,
        views=views,
        clock=place.clock,
        topics=dict,
        lines={},
    )
    story = Route(method="GET", path="/calls/{call_id}", title="None", right=Right.RECORDINGS, run=no_story)
    routes = [*recordings.routes(), *review.routes(), story]
    async with running(database, PAGES, settings=PATIENT, routes=routes) as run:
        made = Room(run, place)
        span_of = streaming.span_of

        def seen(header: str | None, size: int) -> streaming.Span | None:
            made.ranges.append(header or "")
            made.asked.set()
            return span_of(header, size)

        monkeypatch.setattr(streaming, "span_of", seen)
        made.slow_at_first(monkeypatch)
        yield made
    await database.close()


async def at_call(page: Page, room: Room, call_id: str) -> Locator:
    """Sign in and open a call; its audio."""
    await page.goto(f"{room.site.url}/supervisor.html#part=talks&call={call_id}")
    await page.fill("#login", "senior")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".wave path.client")
    return page.locator("audio")


@pytest.mark.parametrize("form", [SoundFormat.OPUS, SoundFormat.MP3])
async def test_it_plays_and_seeks_by_ranges(page: Page, room: Room, form: SoundFormat) -> None:
    call_id = await room.recorded(form, LONG_SECONDS)
    audio = await at_call(page, room, call_id)
    assert room.ranges == []
    await page.keyboard.press("Alt+p")
    first = await audio.evaluate(MOVES)
    assert await audio.evaluate(MOVES) >= first
    await expect(page.get_by_role("button", name="Пауза")).to_be_visible()
    asked = len(room.ranges)
    slider = page.get_by_role("slider", name="Место записи")
    box = await slider.bounding_box()
    assert box is not None
    await slider.click(position={"x": box["width"] * 0.8, "y": 20})
    await room.asked_after(asked)
    room.sought.set()
    await audio.evaluate("audio => new Promise(go => audio.seeking ? audio.onseeked = go : go())")
    place = await audio.evaluate(MOVES)
    assert abs(place - 0.8 * LONG_SECONDS) < 10
    await page.select_option("#speed", "2")
    assert await audio.evaluate("audio => audio.playbackRate") == 2
    await page.keyboard.press("Alt+p")
    await expect(page.get_by_role("button", name="Слушать")).to_be_visible()
    assert abs(await audio.evaluate("audio => audio.duration") - LONG_SECONDS) < 1
    assert all(each.startswith("bytes=") for each in room.ranges)


async def test_what_breaks_is_told_and_can_be_heard_again(page: Page, room: Room) -> None:
    call_id = await room.recorded(SoundFormat.OPUS, 5)
    audio = await at_call(page, room, call_id)
    [file] = room.place.settings.folder.rglob("*.sealed")
    away = file.rename(file.with_suffix(".away"))
    await page.get_by_role("button", name="Слушать").click()
    await expect(page.locator(".player").get_by_role("alert")).to_contain_text("Файла записи нет в архиве")
    away.rename(file)
    await page.get_by_role("button", name="Слушать").click()
    assert await audio.evaluate(MOVES) >= 0
