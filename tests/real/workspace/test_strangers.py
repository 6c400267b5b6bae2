"""Strangers and forgers at the real server while people talk: refused, put down, and nothing leaks."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Playwright, expect

from tests.real.company import MAIN
from tests.real.workspace.desk_worker import DeskWorker, PageSession, desk_worker, page_session
from tests.real.workspace.office import CHIEF, CLIENT, STEP_SECONDS, Office, office, until
from tests.real.workspace.workplace import workplace

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

BORIS, VERA, ANNA = 1130, 1700, 740
KOVRIGIN = "+74832000001"
POP_SECONDS = 2.0
"""Within it a ring is on the page; nearly always it takes a tenth."""
SCRIPT = "<script>window.stolen=1</script><img src=x onerror='window.stolen=1'>"
FORGED = str(uuid.UUID(int=7))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all tests of this file."""
    with office(tmp_path_factory.mktemp("strangers")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def boris(place: Office) -> AsyncIterator[DeskWorker]:
    """At a telephone on the desk."""
    async with desk_worker(place, "boris", "202", BORIS) as worker:
        yield worker


@asynccontextmanager
async def elsewhere(place: Office, login: str, address: str) -> AsyncIterator[PageSession]:
    """A page at another address of the network."""
    connector = aiohttp.TCPConnector(local_addr=(address, 0))
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
        yield PageSession(http, place.stack.url, login)


@asynccontextmanager
async def storm(place: Office, logins: list[str], address: str) -> AsyncIterator[Counter[int]]:
    """Wrong passwords for these logins, one after the other, as fast as they are refused."""
    found: Counter[int] = Counter()

    async def guess() -> None:
        async with elsewhere(place, "", address) as page:
            while True:
                for login in logins:
                    page.login = login
                    found[await page.sign_in("guess after guess")] += 1

    guessing = asyncio.create_task(guess())
    try:
        yield found
    finally:
        guessing.cancel()
        with suppress(asyncio.CancelledError):
            await guessing


async def test_a_storm_of_passwords_neither_delays_the_ring_nor_locks_anybody_out(
    place: Office, boris: DeskWorker
) -> None:
    many = [f"guess{number}" for number in range(50)]
    async with (
        storm(place, ["boris"], "127.0.0.11") as at_one,
        storm(place, ["boris"], "127.0.0.12"),
        storm(place, ["boris"], "127.0.0.13"),
        storm(place, many, "127.0.0.14") as at_many,
    ):
        async with asyncio.timeout(20):
            while not (at_one[429] and at_many.total()):  # noqa: ASYNC110  # counted by tasks
                await asyncio.sleep(0.05)
        await boris.ready()
        async with place.client(KOVRIGIN) as caller:
            call = await boris.phone.rung(20)
            call_id = call.invite["x-ivr-call"]
            await boris.page.until("ring", POP_SECONDS, call_id=call_id)
            call.answer()
            await until(lambda: caller.hears(BORIS))
            async with page_session(place, "boris") as at_home:
                assert await at_home.sign_in() == 200
            async with elsewhere(place, "boris", "127.0.0.99") as abroad:
                assert await abroad.sign_in() == 429
    await boris.wrap_up(call_id)
    assert set(at_one) | set(at_many) <= {401, 429}
    refused = place.select("SELECT what FROM audit WHERE action = 'sign-in-refused'")
    assert {"wrong password", "unknown login"} <= {row["what"] for row in refused}


async def test_forgers_reach_no_call_but_their_own_and_the_talk_goes_on(
    place: Office, boris: DeskWorker
) -> None:
    await boris.ready()
    async with place.client(KOVRIGIN) as caller, page_session(place, "vera") as vera:
        assert await vera.sign_in() == 200
        _, call_id = await boris.taken()
        await until(lambda: caller.hears(BORIS))
        await until(lambda: min(place.recorded(call_id, note) for note in (CLIENT, BORIS)) >= STEP_SECONDS)
        target = {"target": {"kind": "queue", "value": "clients"}}
        asked = [
            await vera.ask(method, path, body)
            for each in (call_id, FORGED)
            for method, path, body in (
                ("GET", f"/cards/{each}", None),
                ("GET", f"/calls/{each}", None),
                ("POST", f"/calls/{each}/hang-up", {}),
                ("POST", f"/calls/{each}/transfer", target),
                ("POST", f"/calls/{each}/recording", {"on": False}),
                ("POST", f"/calls/{each}/abusive", {"step": "end"}),
            )
        ]
        asked += [
            await vera.ask("POST", path, {})
            for path in ("/tasks/999999/take", "/callbacks/999999/take", "/lost/999999/take")
        ]
        asked.append(await vera.ask("GET", "/requests/00-000000"))
        assert {status for status, _ in asked} <= {403, 404, 409, 422}, asked
        vera.csrf = "0" * 64
        assert (await vera.ask("PUT", "/me/state", {"state": "offline"}))[0] == 403
        await _without_session(place)
        assert not caller.ended.is_set()
        caller.hang_up()
    await boris.wrap_up(call_id)
    denied = place.select("SELECT login, call_id, subject FROM audit WHERE action = 'denied'")
    assert ("vera", call_id, "") in {(row["login"], row["call_id"], row["subject"]) for row in denied}


async def _without_session(place: Office) -> None:
    """Neither a forged cookie nor another site's page opens anything."""
    url = place.stack.url
    async with aiohttp.ClientSession(cookies={"ivr_session": "x" * 43}) as http:
        async with http.get(f"{url}/api/workspace") as answer:
            assert answer.status == 401
        for origin in (url, "https://evil.example"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"{url}/api/events", headers={"Origin": origin})
            assert refused.value.status in {401, 403}


async def test_what_strangers_write_is_shown_as_text(
    place: Office, playwright: Playwright, tmp_path: Path
) -> None:
    async with page_session(place, CHIEF) as chief:
        assert await chief.sign_in() == 200
        bulletin = {"text": f"Объявление {SCRIPT}", "until": "2100-01-01T00:00:00Z"}
        await chief.done("POST", "/bulletins", bulletin)
    dialogs: list[str] = []
    async with (
        workplace(playwright, place.stack.url, "anna", ANNA, tmp_path) as anna,
        place.telephone("forger", CLIENT) as telephone,
    ):
        anna.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await anna.sign_in()
        await expect(anna.page.get_by_text("window.stolen=1").first).to_be_visible()
        await anna.ready()
        caller = await telephone.call(MAIN, KOVRIGIN, display=SCRIPT)
        await asyncio.wait_for(caller.answered.wait(), 10)
        await asyncio.sleep(place.notice_seconds + STEP_SECONDS)
        caller.press("0")
        call_id = await anna.answer()
        await until(lambda: caller.hears(ANNA))
        async with page_session(place, "anna") as session:
            await session.sign_in()
            task = {
                "key": FORGED,
                "question": SCRIPT,
                "channel": "phone",
                "phone": KOVRIGIN,
                "call_id": call_id,
            }
            await session.done("POST", "/tasks", task)
        await expect(anna.page.locator("[data-view=talk]")).to_be_visible()
        caller.hang_up()
        await anna.page.wait_for_selector("[data-view=wrap]")
        assert await anna.page.evaluate("window.stolen") is None
        assert await anna.page.locator("img[src=x]").count() == 0
        policy = (await anna.page.request.get(place.stack.url)).headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
    assert dialogs == []


async def test_no_log_and_no_figure_tells_of_anybody(place: Office) -> None:
    told = await place.stack.metrics()
    logs = place.folder.rglob("*.log")
    told += "".join(file.read_text(encoding="utf-8", errors="replace") for file in logs)
    assert "sign-in.refused" in told
    for secret in (KOVRIGIN.lstrip("+"), "Ковригин", "320145678", "guess after guess", "guess7", "stolen"):
        assert secret not in told, secret
