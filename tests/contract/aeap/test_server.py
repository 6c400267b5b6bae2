"""The endpoint over real sockets: turns of a call, and peers that are no good."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from pydantic import SecretStr

from ivr.asterisk.aeap import AeapSettings, Unobserved
from ivr.asterisk.aeap.server import AeapServer
from ivr.errors import Fault
from tests.contract.aeap.fake_asterisk import SECRET, call, channel
from tests.contract.aeap.scripted import END_FRAMES, ScriptedHearing

LIMITS = AeapSettings(
    port=0,
    max_sessions=4,
    setup_seconds=0.3,
    message_bytes=8192,
    requests_per_second=50,
    sound_ahead_seconds=2,
    ping_seconds=0.5,
)


@dataclass
class Notes(Unobserved):
    """What the endpoint tells of itself."""

    open: int = 0
    refused: list[str] = field(default_factory=list)
    ended: list[tuple[str, float | None]] = field(default_factory=list)
    dropped: float = 0

    def session_opened(self) -> None:
        self.open += 1

    def session_closed(self) -> None:
        self.open -= 1

    def session_refused(self, reason: str) -> None:
        self.refused.append(reason)

    def turn_ended(self, result: str, after_seconds: float | None) -> None:
        self.ended.append((result, after_seconds))

    def sound_dropped(self, seconds: float) -> None:
        self.dropped += seconds


@dataclass
class Endpoint:
    """A running server with what it listens with."""

    server: AeapServer
    hearing: ScriptedHearing
    notes: Notes

    @property
    def port(self) -> int:
        return self.server.port

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(3):
            while not condition():  # noqa: ASYNC110  # what is awaited has no event
                await asyncio.sleep(0.002)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    hearing, notes = ScriptedHearing({2000: "двадцать", 3000: "тридцать"}), Notes()
    server = AeapServer(LIMITS, hearing, SecretStr(SECRET), observer=notes, clock=time.monotonic)
    await server.start()
    try:
        yield Endpoint(server, hearing, notes)
    finally:
        await server.stop()
    assert notes.open == 0
    assert all(turn.closed for turn in hearing.turns)


# --- turns -----------------------------------------------------------------------------------------------


async def test_a_turn_begins_and_ends_with_words(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        assert "error_msg" not in await caller.order(3)
        await caller.pause(5)
        assert await caller.state() == "3:waiting"
        await caller.speak(2000)
        assert await caller.pushed() == [{"text": "", "score": 0, "grammar": "3:barge-in", "best": 0}]
        assert await caller.state() == "3:speaking"
        await caller.pause(END_FRAMES + 3)
        assert await caller.pushed() == [
            {"text": "двадцать", "score": 900, "grammar": "3:end:after=300", "best": 0}
        ]
        assert await caller.state() == "3:ended"
    assert endpoint.hearing.turns[0].call_id == "c-1"
    assert endpoint.notes.ended == [("heard", 0.3)]


async def test_a_result_that_fell_between_two_commands_comes_again(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.order(1)
        await caller.speak(2000)
        await caller.pause(END_FRAMES + 3)
        while (await caller.pushed())[0]["grammar"] != "1:end:after=300":
            await caller.pause(3)
        await caller.state()  # Asterisk's word that it has taken the result is there by now
        await caller.pause(3)
        assert (await caller.pushed())[0]["grammar"] == "1:end:after=300"


async def test_a_telephone_that_sends_nothing_while_nobody_speaks(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.order(1)
        await caller.speak(2000)
        assert (await caller.pushed())[0]["grammar"] == "1:barge-in"
        assert (await caller.pushed())[0]["grammar"] == "1:end:after=300"
        assert await caller.heard() == "1|1:end:after=300|900|двадцать|||"
        await asyncio.sleep(0.5)
        assert caller.results.empty(), "without sound nobody listens: nothing is pushed again"


async def test_a_new_turn_ends_the_one_before_and_its_results(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.order(1)
        await caller.speak(2000)
        await caller.pushed()
        await caller.order(2)
        assert endpoint.hearing.turns[0].closed
        await caller.speak(3000)
        assert (await caller.pushed())[0]["grammar"] == "2:barge-in"
        await caller.pause(END_FRAMES + 3)
        assert (await caller.pushed())[0]["grammar"] == "2:end:after=300"
    assert endpoint.notes.ended[0] == ("closed", None)


async def test_keys_end_the_turn(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.order(1)
        assert "error_msg" not in await caller.ask("set", params={"dtmf": "12"})
        assert endpoint.hearing.turns[0].closed
        assert await caller.state() == "none"
    assert endpoint.notes.ended == [("keys", None)]


@pytest.mark.parametrize(("fault", "reason"), [("full", "overloaded"), ("broken", "failed")])
async def test_a_hearing_that_refuses_says_so_as_soon_as_somebody_listens(
    endpoint: Endpoint, fault: str, reason: str
) -> None:
    setattr(endpoint.hearing, fault, True)
    async with call(endpoint.port) as caller:
        await caller.order(1)
        assert caller.results.empty()
        await caller.pause(2)
        assert (await caller.pushed())[0]["grammar"] == f"1:failed={reason}"


async def test_a_hearing_that_fails_in_the_turn(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.order(1)
        await caller.pause(3)
        await caller.state()
        endpoint.hearing.fail()
        assert (await caller.pushed())[0]["grammar"] == "1:failed=failed"


async def test_when_the_engine_has_died_every_turn_ends(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as one, call(endpoint.port) as other, call(endpoint.port) as idle:
        for caller in (one, other):
            await caller.order(1)
            await caller.pause(3)
            await caller.state()
        await endpoint.server.give_up_turns()
        for caller in (one, other):
            assert (await caller.pushed())[0]["grammar"] == "1:gone"
        assert idle.results.empty()
    assert endpoint.notes.ended == [("gone", None)] * 2


async def test_when_the_engine_dies_before_any_sound_has_come(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.order(1)
        await endpoint.server.give_up_turns()
        assert (await caller.pushed())[0]["grammar"] == "1:gone"


async def test_a_caller_who_hangs_up_in_mid_word(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.order(1)
        await caller.speak(2000)
        await caller.pushed()
    await endpoint.until(lambda: endpoint.notes.ended == [("closed", None)])
    assert endpoint.hearing.turns[0].closed


async def test_results_asked_for_when_there_are_none(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        assert (await caller.ask("get", params=["results"]))["params"] == {"results": []}


async def test_draining_waits_for_the_last_call(endpoint: Endpoint) -> None:
    async with call(endpoint.port):
        draining = asyncio.create_task(endpoint.server.drain(5))
        await asyncio.sleep(0)
        assert not draining.done()
    await draining
    assert endpoint.server.sessions == 0


async def test_a_taken_port_is_a_fault(endpoint: Endpoint) -> None:
    settings = LIMITS.model_copy(update={"port": endpoint.port})
    with pytest.raises(Fault, match="can't listen"):
        await AeapServer(settings, ScriptedHearing(), SecretStr(SECRET)).start()


# --- strangers and garbage ---------------------------------------------------------------------------------

GOOD_SETUP = json.dumps(
    {"request": "setup", "id": "1", "codecs": [{"name": "slin"}], "params": {"secret": SECRET}}
)
BEFORE_SETUP: dict[str, tuple[str | bytes, str]] = {
    "wrong secret": (GOOD_SETUP.replace(SECRET, "guess"), "secret"),
    "no secret": (GOOD_SETUP.replace('"secret"', '"secrets"'), "secret"),
    "secret of another alphabet": (GOOD_SETUP.replace(SECRET, "секрет"), "secret"),
    "secret of half a character": (GOOD_SETUP.replace(SECRET, r"\ud800"), "secret"),
    "wrong codec": (GOOD_SETUP.replace("slin", "opus"), "codec"),
    "bad json": ("{", "garbage"),
    "no object": ("[1]", "garbage"),
    "deep json": ("[" * 8000, "garbage"),
    "order before setup": ('{"request":"set","id":"1","params":{"turn":"{}"}}', "setup"),
    "sound before setup": (bytes(320), "setup"),
}


@pytest.mark.parametrize("case", BEFORE_SETUP)
async def test_a_stranger_is_cut_off_and_others_are_heard(endpoint: Endpoint, case: str) -> None:
    message, reason = BEFORE_SETUP[case]
    async with call(endpoint.port) as caller, channel(endpoint.port) as stranger:
        await caller.order(1)
        if isinstance(message, bytes):
            await stranger.socket.send_bytes(message)
        else:
            await stranger.socket.send_str(message)
        assert await stranger.ended() == 1008
        await caller.speak(2000)
        assert (await caller.pushed())[0]["grammar"] == "1:barge-in"
    assert endpoint.notes.refused == [reason]


async def test_a_peer_that_says_nothing_is_cut_off(endpoint: Endpoint) -> None:
    async with channel(endpoint.port) as silent:
        assert await silent.ended() == 1008
    assert endpoint.notes.refused == ["setup"]


@pytest.mark.parametrize("size", [LIMITS.message_bytes + 1, 4_000_000])
async def test_a_giant_frame_ends_its_own_connection(endpoint: Endpoint, size: int) -> None:
    async with call(endpoint.port) as caller, call(endpoint.port) as giant:
        with suppress(ConnectionError):
            await giant.socket.send_bytes(bytes(size))
        assert await giant.ended() in (1009, 1006)
        assert await caller.state() == "none"


async def test_a_flood_of_requests_ends_its_own_connection(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller, call(endpoint.port) as flood:
        for number in range(400):
            await flood.socket.send_json({"response": "set", "id": str(number)})
        assert await flood.ended() in (1008, 1006)
        assert await caller.state() == "none"
    assert endpoint.notes.refused == ["flood"]


async def test_sound_of_an_odd_length_is_no_sound(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as odd:
        await odd.socket.send_bytes(bytes(321))
        assert await odd.ended() == 1008
    assert endpoint.notes.refused == ["codec"]


async def test_sound_faster_than_speech_is_dropped(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.order(1)
        await caller.pause(250)  # five seconds at once
        await caller.state()
        assert endpoint.hearing.turns[0].frames <= 150
        assert endpoint.notes.dropped > 1


async def test_sound_without_a_turn_goes_nowhere(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        await caller.speak(2000, 40)
        assert await caller.state() == "none"
        assert caller.results.empty()
    assert endpoint.hearing.turns == []


@pytest.mark.parametrize(
    "order", ["", "{", "[]", "{}", '{"slot":"loud"}', '{"slot":"free","number":1,"x":2}']
)
async def test_an_order_that_is_none_is_refused_and_the_call_goes_on(endpoint: Endpoint, order: str) -> None:
    async with call(endpoint.port) as caller:
        assert "error_msg" in await caller.ask("set", params={"turn": order})
        assert await caller.state() == "none"
        await caller.order(2)
        assert await caller.state() == "2:waiting"


async def test_unknown_requests_are_answered_with_an_error(endpoint: Endpoint) -> None:
    async with call(endpoint.port) as caller:
        assert "error_msg" in await caller.ask("dance")
        assert "error_msg" in await caller.ask("set", params={"results_type": "nbest"})
        assert await caller.state() == "none"


async def test_more_connections_than_the_limit_are_refused(endpoint: Endpoint) -> None:
    async with AsyncExitStack() as calls:
        for _ in range(LIMITS.max_sessions):
            await calls.enter_async_context(call(endpoint.port))
        with pytest.raises(WSServerHandshakeError):
            await calls.enter_async_context(call(endpoint.port))
    assert endpoint.notes.refused == ["full"]


async def test_a_link_that_is_dead_is_closed(endpoint: Endpoint) -> None:
    """The peer is there, but answers no ping."""
    async with channel(endpoint.port, autoping=False) as frozen:
        await frozen.set_up()
        await frozen.order(1)
        frozen._reading.cancel()
        await endpoint.until(lambda: endpoint.server.sessions == 0)
    assert endpoint.hearing.turns[0].closed


async def test_a_request_that_is_no_websocket(endpoint: Endpoint) -> None:
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{endpoint.port}/") as answer:
        assert answer.status == 400
    assert endpoint.notes.open == 0
