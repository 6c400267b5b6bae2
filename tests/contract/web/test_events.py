"""Live events over real sockets."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from pydantic import BaseModel
from structlog.testing import capture_logs

from ivr.access.model import Right, Role
from ivr.web.api.events import Audience
from tests.contract.web.site import SETTINGS, Running

EVERYBODY = Audience()


class Ring(BaseModel):
    call_id: str


def ring(site: Running, call_id: str, audience: Audience = EVERYBODY) -> None:
    site.hub.publish("ring", Ring(call_id=call_id), audience)


async def frame(socket: ClientWebSocketResponse) -> dict[str, Any]:
    """The next one that is no beat."""
    while (found := await socket.receive_json(timeout=5))["type"] == "beat":
        pass
    told: dict[str, Any] = found
    return told


async def told(socket: ClientWebSocketResponse, count: int) -> list[str]:
    return [(await frame(socket))["data"]["call_id"] for _ in range(count)]


async def closed(socket: ClientWebSocketResponse) -> int | None:
    """The code of the close frame; a code of the library's own where none came."""
    while (message := await socket.receive(timeout=5)).type is WSMsgType.TEXT:
        pass
    return message.data if message.type is WSMsgType.CLOSE else socket.close_code


async def test_everybody_gets_his_own_in_order(site: Running) -> None:
    anna, vera = await site.signed_in("ivanova"), await site.signed_in("petrova")
    senior = await site.signed_in("senior")
    async with anna.events() as a, vera.events() as v, senior.events() as s:
        hellos = [await frame(socket) for socket in (a, v, s)]
        assert {each["type"] for each in hellos} == {"hello"}
        ring(site, "for all")
        ring(site, "for Anna", Audience(login="ivanova"))
        ring(site, "for the desk", Audience(right=Right.DESK))
        ring(site, "for Anna at the desk", Audience(login="ivanova", right=Right.DESK))
        ring(site, "end")
        assert await told(a, 3) == ["for all", "for Anna", "end"]
        assert await told(v, 2) == ["for all", "end"]
        assert await told(s, 3) == ["for all", "for the desk", "end"]


async def test_a_frame_has_its_place_and_time(site: Running) -> None:
    anna = await site.signed_in("ivanova")
    async with anna.events() as socket:
        hello = await frame(socket)
        ring(site, "c1")
        first = await frame(socket)
    assert first["seq"] == hello["seq"] + 1
    assert first["epoch"] == hello["epoch"]
    assert first["at"] == site.clock.now().isoformat(timespec="milliseconds")
    assert first["data"] == {"call_id": "c1"}


async def test_who_comes_back_gets_what_he_missed_and_only_his(site: Running) -> None:
    anna = await site.signed_in("ivanova")
    async with anna.events() as socket:
        await frame(socket)
        ring(site, "seen")
        seen = await frame(socket)
    ring(site, "missed")
    ring(site, "of another", Audience(login="petrova"))
    ring(site, "missed too", Audience(login="ivanova"))
    async with anna.events(f"?after={seen['seq']}&epoch={seen['epoch']}") as socket:
        assert (await frame(socket))["type"] == "hello"
        assert await told(socket, 2) == ["missed", "missed too"]
        ring(site, "new")
        assert await told(socket, 1) == ["new"]


@pytest.mark.parametrize(
    "query", ["?after=1&epoch=other", "?after=999&epoch={epoch}", "?after=0&epoch={epoch}"]
)
async def test_who_missed_too_much_reads_anew(site: Running, query: str) -> None:
    anna = await site.signed_in("ivanova")
    async with anna.events() as socket:
        epoch = (await frame(socket))["epoch"]
    for number in range(SETTINGS.events.kept + 1):
        ring(site, f"c{number}")
    async with anna.events(query.format(epoch=epoch)) as socket:
        resync = await frame(socket)
        assert (resync["type"], resync["seq"]) == ("resync", SETTINGS.events.kept + 1)
        ring(site, "new")
        assert await told(socket, 1) == ["new"]


async def test_the_server_says_that_it_is_there(site: Running) -> None:
    async with (await site.signed_in("ivanova")).events() as socket:
        types = [(await socket.receive_json(timeout=5))["type"] for _ in range(3)]
    assert types == ["hello", "beat", "beat"]


# --- strangers ---------------------------------------------------------------------------------------------


async def refused(browser: Any, **headers: str) -> int:
    with pytest.raises(WSServerHandshakeError) as error:
        async with browser.events(**headers):
            raise AssertionError
    return error.value.status


async def test_without_a_session_or_from_elsewhere_there_is_no_socket(site: Running) -> None:
    anna = await site.signed_in("ivanova")
    assert await refused(site.browser()) == 401
    assert await refused(site.browser(), Cookie="ivr_session=forged") == 401
    assert await refused(anna, Origin="https://evil.example") == 403
    assert await refused(anna, Origin="null") == 403
    with pytest.raises(WSServerHandshakeError) as error:
        await anna.http.ws_connect(f"{site.url}/api/events")
    assert error.value.status == 403, "browsers always say from where"
    with pytest.raises(WSServerHandshakeError) as error:
        async with anna.events("?after=x"):
            raise AssertionError
    assert error.value.status == 422


async def test_a_page_is_cut_with_its_session(site: Running) -> None:
    anna = await site.signed_in("ivanova")
    async with anna.events() as first, anna.events() as second:
        await frame(first)
        await anna.ask("DELETE", "/api/session")
        assert [await closed(first), await closed(second)] == [4401, 4401]


@pytest.mark.parametrize("how", ["expired", "deactivated elsewhere"])
async def test_a_session_that_ends_by_itself_is_noticed(site: Running, how: str) -> None:
    anna = await site.signed_in("ivanova")
    async with anna.events() as socket:
        await frame(socket)
        if how == "expired":
            site.clock.pass_by(13 * 3_600)
        else:
            await site.access.users.change("ivanova", active=False)
        assert await closed(socket) == 4401


async def test_an_open_page_keeps_its_session(site: Running) -> None:
    anna = await site.signed_in("ivanova")
    async with anna.events() as socket:
        await frame(socket)
        for _ in range(3):
            site.clock.pass_by(45 * 60)
            await _checked(socket)
    assert (await anna.ask("GET", "/api/session"))[0] == 200


async def _checked(socket: ClientWebSocketResponse) -> None:
    """Sessions are checked as often as pages are told that the server is there."""
    for _ in range(4):
        assert (await socket.receive_json(timeout=5))["type"] == "beat"


async def test_a_right_that_is_taken_away_counts_for_open_pages(site: Running) -> None:
    senior = await site.signed_in("senior")
    async with senior.events() as socket:
        await frame(socket)
        await site.access.users.change("senior", role=Role.OPERATOR)
        await _checked(socket)
        ring(site, "for the desk", Audience(right=Right.DESK))
        ring(site, "for all")
        assert await told(socket, 1) == ["for all"]


async def test_too_many_pages_of_one_user_cut_the_oldest(site: Running) -> None:
    anna = await site.signed_in("ivanova")
    async with AsyncExitStack() as pages:
        sockets = [
            await pages.enter_async_context(anna.events())
            for _ in range(SETTINGS.events.sockets_per_user + 1)
        ]
        assert await closed(sockets[0]) == 4409
        await frame(sockets[1])
        assert site.hub.pages == SETTINGS.events.sockets_per_user


async def test_a_page_that_talks_is_cut(site: Running) -> None:
    anna = await site.signed_in("ivanova")
    async with anna.events() as socket:
        for _ in range(200):
            if socket.closed:
                break
            try:
                await socket.send_str("{}")
            except ConnectionError:
                break
        assert await closed(socket) == 1008
    async with anna.events() as socket:
        await socket.send_str("x" * 5_000)
        assert await closed(socket) == 1009


async def test_a_slow_page_reads_anew_and_holds_nobody_up(site: Running) -> None:
    anna, vera = await site.signed_in("ivanova"), await site.signed_in("petrova")
    async with anna.events() as slow, vera.events() as quick:
        await frame(slow)
        await frame(quick)
        with capture_logs() as logs:
            for number in range(SETTINGS.events.queue + 1):
                ring(site, f"c{number}", Audience(login="ivanova"))
            ring(site, "quick", Audience(login="petrova"))
        assert await told(quick, 1) == ["quick"]
        resync = await frame(slow)
        assert (resync["type"], resync["data"]) == ("resync", {})
        ring(site, "after")
        assert (await frame(slow))["data"] == {"call_id": "after"}
    assert [each["event"] for each in logs] == ["events.slow-page"]


async def test_a_stop_tells_the_pages(site: Running) -> None:
    before = asyncio.all_tasks()
    anna = await site.signed_in("ivanova")
    async with anna.events() as socket:
        await frame(socket)
        stopping = asyncio.create_task(site.web.stop())
        assert await closed(socket) == 1001
        await stopping
    assert {task for task in asyncio.all_tasks() - before if task.get_name().startswith("events")} == set()
