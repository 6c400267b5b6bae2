"""A supervisor at work over the real engine: listens, announces within ten seconds, closes a line."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, expect

from ivr.access.model import Role, User
from tests.real.company import MAIN, STRANGER
from tests.real.sipp import Recording, heard
from tests.real.softphone import TelephoneCall
from tests.real.workspace.desk_worker import DeskWorker, desk_worker
from tests.real.workspace.office import CLIENT, Office, Row, office, until
from tests.real.workspace.test_restarts import kill_engine
from tests.real.workspace.workplace import Workplace, workplace

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

ANNA, IRINA = 740, 1130
LISTEN = "/floor/anna/listen"
WITHIN_SECONDS = 10.0
"""From opening the window until the next caller hears it; what is typed here takes no time."""
TEXT = "Сегодня до вечера нет света на улице Мира."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office, with Irina as its supervisor."""
    irina = User(
        login="irina", name="Ирина Лапина", role=Role.SUPERVISOR, extension="206", skills=("clients",)
    )
    with office(tmp_path_factory.mktemp("supervision"), others=[irina]) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def anna(place: Office) -> AsyncIterator[DeskWorker]:
    async with desk_worker(place, "anna", "201", ANNA) as worker:
        yield worker


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def irina(place: Office) -> AsyncIterator[DeskWorker]:
    async with desk_worker(place, "irina", "206", IRINA) as worker:
        yield worker


@pytest_asyncio.fixture(loop_scope="module")
async def calling() -> AsyncIterator[AsyncExitStack]:
    """Clients hang up at the end of the test."""
    async with AsyncExitStack() as open_:
        yield open_


class Talk:
    """A client and Anna, heard by Irina."""

    def __init__(self, place: Office, client: TelephoneCall, anna: TelephoneCall, call_id: str) -> None:
        self.place = place
        self.client = client
        self.anna = anna
        self.call_id = call_id

    async def goes_on(self) -> None:
        await until(lambda: self.client.hears(ANNA) and self.anna.hears(CLIENT))

    def listenings(self) -> list[Row]:
        return self.place.select("SELECT * FROM listenings WHERE call_id = ? ORDER BY id", self.call_id)


async def _talk(place: Office, anna: DeskWorker, calling: AsyncExitStack) -> Talk:
    await anna.ready()
    client = await calling.enter_async_context(place.client("+74832000011"))
    phone, call_id = await anna.taken()
    await anna.page.until_state("talking")
    talk = Talk(place, client, phone, call_id)
    await talk.goes_on()
    return talk


async def _listens(irina: DeskWorker, mode: str = "listen") -> TelephoneCall:
    told = await irina.page.done("POST", LISTEN, {"mode": mode})
    call = await irina.phone.taken()
    assert call.invite["X-Ivr-Listen"] == told["order_id"]
    assert "answer-after=0" in call.invite["Call-Info"]
    await irina.page.until("listening", stage="hearing", order_id=told["order_id"])
    return call


async def test_a_supervisor_listens_whispers_and_joins(
    place: Office, anna: DeskWorker, irina: DeskWorker, calling: AsyncExitStack
) -> None:
    status, told = await irina.page.ask("POST", LISTEN, {"mode": "listen"})
    assert (status, told["error"]["code"]) == (409, "no-talk")
    talk = await _talk(place, anna, calling)
    await irina.ready()
    call = await _listens(irina)
    await until(lambda: call.hears(CLIENT) and call.hears(ANNA))
    news = await anna.page.until("listening", stage="hearing")
    assert news["data"]["listener_name"] == "Ирина Лапина"
    supervisor = await irina.page.state()
    assert (supervisor["state"], supervisor["reason"]) == ("paused", "listening")
    assert (await anna.page.state())["state"] == "talking"
    await until(lambda: place.members().get("desk-206") is True)
    assert not talk.anna.hears(IRINA)
    assert not talk.client.hears(IRINA)

    await irina.page.done("PUT", LISTEN, {"mode": "whisper"})
    await until(lambda: talk.anna.hears(IRINA))
    await talk.goes_on()
    assert not talk.client.hears(IRINA)
    await irina.page.done("PUT", LISTEN, {"mode": "join"})
    await until(lambda: talk.client.hears(IRINA))
    await until(lambda: talk.anna.hears(IRINA))
    status, told = await irina.page.ask("POST", LISTEN, {"mode": "listen"})
    assert (status, told["error"]["code"]) == (409, "listens-already")

    talk.client.hang_up()
    await asyncio.wait_for(call.ended.wait(), 10)
    await irina.page.until("listening", over=True)
    await irina.page.until_state("ready")
    await irina.pause()
    await anna.wrap_up(talk.call_id)
    story, legs = await place.ended(talk.call_id)
    assert [leg["agent"] for leg in legs] == ["anna"]
    assert (story["disposition"], story["agent"]) == ("answered", "anna")
    assert [row["mode"] for row in talk.listenings()] == ["listen", "whisper", "join"]
    assert all(row["until"] for row in talk.listenings())
    audited = place.select("SELECT what FROM audit WHERE call_id = ? AND action = 'led'", talk.call_id)
    assert [row["what"] for row in audited] == ["talk listen", "talk whisper", "talk join", "talk left"]
    deeds = place.select("SELECT kind FROM call_deeds WHERE call_id = ? AND agent = 'irina'", talk.call_id)
    assert [row["kind"] for row in deeds] == ["listening"] * 3 + ["listening-ended"]
    talks = place.select("SELECT agent FROM kpi_talks WHERE call_id = ?", talk.call_id)
    assert {row["agent"] for row in talks} <= {"anna"}


async def test_a_killed_engine_leaves_no_stray_listener(
    place: Office, anna: DeskWorker, irina: DeskWorker, calling: AsyncExitStack
) -> None:
    talk = await _talk(place, anna, calling)
    call = await _listens(irina, "whisper")
    await until(lambda: talk.anna.hears(IRINA))
    await kill_engine(place)
    await asyncio.wait_for(call.ended.wait(), 30)
    await until(lambda: not talk.anna.hears(IRINA))
    await talk.goes_on()
    await until(lambda: all(row["until"] for row in talk.listenings()))
    assert (await irina.page.until_state("paused"))["reason"] != "listening"
    call = await _listens(irina)
    await irina.page.done("DELETE", LISTEN)
    await asyncio.wait_for(call.ended.wait(), 10)
    talk.client.hang_up()
    await anna.wrap_up(talk.call_id)
    _, legs = await place.ended(talk.call_id)
    assert [leg["agent"] for leg in legs] == ["anna"]


@pytest_asyncio.fixture(loop_scope="module")
async def page(place: Office, playwright: Playwright, tmp_path: Path) -> AsyncIterator[Workplace]:
    """Irina's page for those who lead."""
    async with workplace(playwright, f"{place.stack.url}/supervisor.html", "irina", IRINA, tmp_path) as at:
        await at.page.goto(at.url)
        await at.page.fill("#login", at.login)
        await at.page.fill("#password", "Лесная-тропа-17")
        await at.page.keyboard.press("Enter")
        await at.page.wait_for_selector("[data-part=now]")
        yield at


async def _announce(page: Workplace, text: str, *, close: bool = False) -> None:
    await page.page.keyboard.press("Alt+KeyA")
    await page.page.get_by_role("dialog").wait_for()
    if close:
        await page.page.get_by_role("radio", name="Закрыть линию").click()
        await page.page.locator("#announce-text").focus()
    await page.page.keyboard.type(text)
    await page.page.keyboard.press("Enter")
    await expect(page.page.locator(".toasts")).to_contain_text("Следующий звонящий услышит это")
    await page.page.keyboard.press("Escape")


def _heard_at(call: TelephoneCall, announcement: Path) -> float | None:
    """Seconds after the answer at which it begins, once it has been heard to its end."""
    return heard(announcement, Recording(call.sound.tobytes()))


async def _sound(place: Office, irina: DeskWorker, text: str) -> bytes:
    headers = {"X-CSRF-Token": irina.page.csrf, "Origin": irina.page.url}
    url = f"{irina.page.url}/api/announcements/sound"
    async with irina.page.http.post(url, json={"text": text}, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "audio/wav")
        return await answer.read()


async def test_the_next_caller_hears_an_announcement_within_ten_seconds(
    place: Office, page: Workplace, irina: DeskWorker
) -> None:
    begun = time.monotonic()
    await _announce(page, TEXT)
    in_force = time.monotonic() - begun
    async with place.telephone("told", CLIENT) as telephone:
        call = await telephone.call(MAIN, STRANGER)
        await asyncio.wait_for(call.answered.wait(), 10)
        answered = time.monotonic() - begun
        announcement = place.folder / "announcement.wav"
        announcement.write_bytes(await _sound(place, irina, TEXT))
        await until(lambda: _heard_at(call, announcement) is not None, 30)
        took = answered + (_heard_at(call, announcement) or 0.0)
        call.hang_up()
    log.info("in force after %.2f s, answered after %.2f s, heard after %.2f s", in_force, answered, took)
    assert took <= WITHIN_SECONDS
    [(story, _)] = await place.stories(1)
    said = [text for who, text in place.transcripts()[story.call_id] if who == "robot"]
    assert any(TEXT in text for text in said), said


async def test_a_closed_line_tells_so_and_ends_and_the_call_is_served(
    place: Office, page: Workplace, irina: DeskWorker
) -> None:
    await _announce(page, "Контактный центр сейчас закрыт.", close=True)
    async with place.telephone("closed", CLIENT) as telephone:
        call = await telephone.call(MAIN, STRANGER)
        await asyncio.wait_for(call.ended.wait(), 40)
    [(story, _)] = await place.stories(1)
    assert (story.disposition.value, story.outcome) == ("served", "line-closed")
    said = " ".join(text for _, text in place.transcripts()[story.call_id])
    assert "Контактный центр сейчас закрыт." in said
    assert "опасность" in said
    await kill_engine(place)
    told = await irina.page.done("GET", "/announcements")
    assert [one["stage"] for one in told["announcements"]] == ["now", "now"]
    for one in told["announcements"]:
        await irina.page.done("DELETE", f"/announcements/{one['id']}")
    async with place.telephone("open", CLIENT) as telephone:
        call = await telephone.call(MAIN, STRANGER)
        await asyncio.wait_for(call.answered.wait(), 10)
        await asyncio.sleep(place.notice_seconds + 1.5)
        call.hang_up()
    [(story, _)] = await place.stories(1)
    assert "закрыт" not in " ".join(text for _, text in place.transcripts()[story.call_id])
