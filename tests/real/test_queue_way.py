"""The caller's way to people: slices of waiting, the key, the engine gone, after the talk.

The engine is a script: what the robot says and decides is the test's, the rest is Asterisk's dialplan.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from ivr.asterisk.agi import CALL_AWAY, AgiCaller, AgiServer, AgiSession, AgiSettings
from ivr.asterisk.ami import AmiLink
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.asterisk.staying import YieldingCaller
from ivr.dialogue.ports import CallerGone, CallerTaken, Fragment, Prompt, Speech, Turn
from tests.real.instances import (
    NUMBER,
    eventually,
    free_port,
    instance_settings,
    running,
    write_prompt,
)
from tests.real.sipp import (
    Caller,
    Endpoint,
    ExpectHangup,
    Hangup,
    Keys,
    Phone,
    Placed,
    Wait,
    heard,
    operator,
    place,
)
from tests.real.test_ami_real import ami_settings

pytestmark = pytest.mark.real

QUEUES = ("slow", "busy", "late", "told", "ringing", "called")


@dataclass(frozen=True)
class House:
    """One Asterisk for all tests of this file."""

    host: AsteriskHost
    settings: AsteriskSettings
    phones: Mapping[str, Endpoint]

    def waiting(self, queue: str) -> list[tuple[int, str]]:
        """Who waits there, in order: place and channel."""
        shown = self.host.cli(f"queue show {queue}")
        return [(int(place), channel) for place, channel in re.findall(r"(\d+)\. (\S+) \(wait", shown)]

    def prompt(self, name: str) -> Path:
        return self.settings.prompts_folder / "fixed" / f"{name}.wav"

    async def call(self, folder: Path, caller: Caller) -> Placed:
        target = Endpoint(str(self.settings.sip.host), self.settings.sip.port)
        return await place([caller], target, folder, listen=True)


@dataclass
class Engine:
    """Takes the calls of one test to a queue, then does as told.

    Attributes:
        queue: Where the robot sends every call.
        waits: What is left in IVR_… after each visit, in turn; the last one again and again.
        after: The same after each talk; nothing when they are used up.
        visits: Each route with IVR_QUEUE_END and IVR_KEY.
    """

    queue: str
    waits: deque[Mapping[str, str]]
    after: deque[Mapping[str, str]] = field(default_factory=deque)
    says: str = ""
    visits: list[tuple[str, str, str]] = field(default_factory=list)
    call_ids: set[str] = field(default_factory=set)

    async def __call__(self, session: AgiSession) -> None:
        route = session.environment.route
        self.call_ids.add(session.environment.arguments[0])
        try:
            if route.startswith("line/"):
                await session.answer()
                await self._leave(session, {"IVR_QUEUE": self.queue, "IVR_RESULT": "queue"})
                return
            end, _, key = (await session.evaluate("${IVR_QUEUE_END}:${IVR_KEY}")).partition(":")
            self.visits.append((route, end, key))
            await self._leave(session, self._next(route))
        except CallerGone:
            self.visits.append((route, "gone", ""))

    def _next(self, route: str) -> Mapping[str, str]:
        if route == "after-talk":
            return self.after.popleft() if self.after else {}
        return self.waits[0] if len(self.waits) == 1 else self.waits.popleft()

    async def _leave(self, session: AgiSession, words: Mapping[str, str]) -> None:
        if self.says:
            await session.command("STREAM FILE", self.says, "", within=10)
        if words:
            await session.execute("MSet", *(f"{name}={value}" for name, value in words.items()))


def waits(queue: str, seconds: int, position: int | None = None, priority: int = 0) -> dict[str, str]:
    return {
        "IVR_QUEUE": queue,
        "IVR_SLICE": str(seconds),
        "IVR_PRIORITY": str(priority),
        "IVR_POSITION": "" if position is None else str(position),
        "IVR_NEXT": "queue",
    }


LEAVES = {"IVR_NEXT": "hangup"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("way")
    phones = {name: Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM)) for name in QUEUES}
    queues: dict[str, dict[str, object]] = {
        name: {"members": [f"sip:anna@{phones[name]}"], "ring_seconds": 2, "engine_retry_seconds": 5}
        for name in QUEUES
    }
    queues["slow"] = {"groups": {"billing": {"title": "Начисления"}}}
    settings = instance_settings(
        folder,
        queues=queues,
        lines={"clients": {"numbers": [NUMBER], "last_resort": "slow"}},
    )
    for name, sound in (("engine-away", "beep"), ("survey", "tt-somethingwrong")):
        write_prompt(settings, name, sound)
    with running(settings) as host:
        yield House(host, settings, phones)
        log = (settings.log_folder / "asterisk.log").read_text()
        assert "pbx.c" not in log
        assert "app_queue.c" not in log


@asynccontextmanager
async def engaged(house: House, engine: Engine) -> AsyncIterator[AgiServer]:
    """The engine takes calls while the block runs, or until it is closed."""
    server = AgiServer(AgiSettings(port=house.settings.agi.port), engine)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what Asterisk does raises no event here
            await asyncio.sleep(0.05)


# --- waiting ---------------------------------------------------------------------------------------------


async def test_a_key_leads_to_the_robot_and_the_place_is_kept(house: House, tmp_path: Path) -> None:
    first = waits("slow.billing", 60)
    engine = Engine("slow.billing", deque([first, first, waits("slow.billing", 1, position=1), LEAVES]))
    async with engaged(house, engine):
        impatient = Caller(number=NUMBER, actions=(Wait(2.5), Keys("1"), ExpectHangup(30)))
        calling = asyncio.create_task(house.call(tmp_path / "impatient", impatient))
        await eventually(lambda: len(house.waiting("slow.billing")) == 1)
        ((_, channel),) = house.waiting("slow.billing")
        patient = Caller(number=NUMBER, actions=(Wait(7), Hangup()))
        other = asyncio.create_task(house.call(tmp_path / "patient", patient))
        await eventually(lambda: len(house.waiting("slow.billing")) == 2)
        await until(lambda: ("waiting/slow.billing", "", "1") in engine.visits)
        await eventually(lambda: (1, channel) in house.waiting("slow.billing"))
        assert (await calling).tally.successful == 1
        assert (await other).tally.successful == 1
    assert engine.visits == [
        ("waiting/slow.billing", "", ""),
        ("waiting/slow.billing", "", ""),
        ("waiting/slow.billing", "", "1"),
        ("waiting/slow.billing", "TIMEOUT", ""),
    ]


async def test_an_engine_that_dies_while_callers_wait_loses_nobody(house: House, tmp_path: Path) -> None:
    engine = Engine("late", deque([waits("late", 2)]))
    async with engaged(house, engine) as server:
        caller = Caller(number=NUMBER, actions=(ExpectHangup(40),))
        calling = asyncio.create_task(house.call(tmp_path / "caller", caller))
        await until(lambda: ("waiting/late", "TIMEOUT", "") in engine.visits)
        await server.close()
        await eventually(lambda: house.waiting("late") != [])
        served = len(engine.visits)
        phone = Phone(address=house.phones["late"], talk_seconds=1)
        async with operator(phone, tmp_path / "phone"):
            assert (await calling).tally.successful == 1
    assert len(engine.visits) == served


async def test_waiting_callers_are_led_to_an_engine_that_is_back(house: House, tmp_path: Path) -> None:
    """He came while none was there, and waits in the queue of the last resort."""
    caller = Caller(number=NUMBER, actions=(Wait(4), Keys("1"), ExpectHangup(20)))
    calling = asyncio.create_task(house.call(tmp_path / "caller", caller))
    await eventually(lambda: house.waiting("slow") != [])
    engine = Engine("slow", deque([LEAVES]), says=str(house.prompt("survey").with_suffix("")))
    async with engaged(house, engine):
        assert (await calling).tally.successful == 1
    assert engine.visits == [("waiting/slow", "", "1")]
    assert heard(house.prompt("survey"), calling.result().recordings[0]) is not None


async def test_a_queue_that_does_not_exist_ends_in_the_last_resort(house: House, tmp_path: Path) -> None:
    engine = Engine("nonsense", deque([waits("nonsense", 1), LEAVES]))
    async with engaged(house, engine):
        placed = await house.call(tmp_path, Caller(number=NUMBER, actions=(ExpectHangup(20),)))
    assert placed.tally.successful == 1
    assert engine.visits == [("waiting/slow", "", ""), ("waiting/slow", "TIMEOUT", "")]


# --- the talk, and after ---------------------------------------------------------------------------------


async def test_after_the_talk_the_caller_is_asked_or_waits_again(house: House, tmp_path: Path) -> None:
    """The first operator's telephone was lost, the second one ended the talk."""
    engine = Engine("busy", deque([waits("busy", 30)]))
    engine.after = deque([waits("busy", 30, position=1, priority=9), {}])
    engine.says = str(house.prompt("survey").with_suffix(""))
    async with engaged(house, engine):
        phone = Phone(address=house.phones["busy"], talk_seconds=1)
        async with operator(phone, tmp_path / "phone"):
            caller = Caller(number=NUMBER, actions=(ExpectHangup(40),))
            placed = await house.call(tmp_path / "caller", caller)
    assert placed.tally.successful == 1
    assert [route for route, _, _ in engine.visits] == ["waiting/busy", "after-talk", "after-talk"]
    assert heard(house.prompt("survey"), placed.recordings[0]) is not None


async def test_a_ring_goes_on_when_the_slice_ends(house: House, tmp_path: Path) -> None:
    engine = Engine("ringing", deque([waits("ringing", 1)]))
    async with engaged(house, engine):
        phone = Phone(address=house.phones["ringing"], ring_seconds=1.7, talk_seconds=1)
        async with operator(phone, tmp_path / "phone"):
            caller = Caller(number=NUMBER, actions=(ExpectHangup(40),))
            assert (await house.call(tmp_path / "caller", caller)).tally.successful == 1
    assert [route for route, _, _ in engine.visits] == ["waiting/ringing", "after-talk"]


class Ringing(asyncio.DatagramProtocol):
    """A telephone that shows what it is told, and is busy."""

    def __init__(self) -> None:
        self.invites: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # uvloop's has no common class

    def datagram_received(self, data: bytes, address: tuple[str | object, int]) -> None:
        text = data.decode()
        if text.startswith("INVITE"):
            self.invites.append(text)
            kept = [
                line for line in text.splitlines() if line.startswith(("Via", "From", "To", "Call", "CSe"))
            ]
            busy = ["SIP/2.0 486 Busy Here", *kept, "Content-Length: 0", "", ""]
            self._transport.sendto("\r\n".join(busy).encode(), address)


async def test_the_operators_telephone_is_told_the_call_and_the_number_alone(
    house: House, tmp_path: Path
) -> None:
    where = house.phones["told"]
    transport, telephone = await asyncio.get_running_loop().create_datagram_endpoint(
        Ringing, local_addr=(where.host, where.port)
    )
    engine = Engine("told", deque([waits("told", 20)]))
    try:
        async with engaged(house, engine):
            caller = Caller(number=NUMBER, actions=(Wait(3), Hangup()), caller_id="+74832000077")
            await house.call(tmp_path, caller)
    finally:
        transport.close()
    assert f"X-Ivr-Call: {engine.call_ids.pop()}\r\n" in telephone.invites[0]
    sender = re.search(r"^From: (.*)$", telephone.invites[0], re.MULTILINE)
    assert sender is not None
    assert re.match(r'(?:"\+?74832000077" )?<sip:\+74832000077@', sender.group(1)), sender.group(1)


class Endless:
    """Every prompt lasts half a minute."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "endless"
        self._file.with_suffix(".alaw").write_bytes(b"\xd5" * 8000 * 30)

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        return True

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> Sequence[str]:
        return [str(self._file)]


@pytest.mark.parametrize("asks", [False, True], ids=["told", "asked"])
async def test_who_is_called_away_in_mid_announcement_reaches_a_telephone(
    house: House, tmp_path: Path, asks: bool
) -> None:
    """It rings while the robot would still speak for most of half a minute."""
    speech = Speech((Prompt("endless"),))
    link = AmiLink(ami_settings(house.settings))
    callers: list[YieldingCaller] = []
    happened: list[str] = []

    async def conduct(session: AgiSession) -> None:
        route = session.environment.route
        if route.startswith("line/"):
            await session.answer()
            await session.execute("MSet", "IVR_QUEUE=called", "IVR_RESULT=queue")
        elif route.startswith("waiting/"):
            await speak(session)

    async def speak(session: AgiSession) -> None:
        listens = AgiCaller(session, Endless(house.settings.prompts_folder), AgiSettings(), Prompt("filler"))
        press = partial(link.press, session.environment.channel, CALL_AWAY)
        caller = YieldingCaller(listens, press, answered=False)
        callers.append(caller)
        try:
            if asks:
                await caller.ask(Turn(speech=speech, max_keys=1, first_key_seconds=5, next_key_seconds=5))
            else:
                await caller.say(speech)
                await caller.flush()
        except CallerTaken:
            happened.append("taken")
        await caller.close()
        await listens.leave_word(**waits("called", 30))

    server = AgiServer(AgiSettings(port=house.settings.agi.port), conduct)
    where = house.phones["called"]
    transport, telephone = await asyncio.get_running_loop().create_datagram_endpoint(
        Ringing, local_addr=(where.host, where.port)
    )
    await server.start()
    await link.start()
    try:
        await link.ready(10)
        patient = Caller(number=NUMBER, actions=(Wait(6), Hangup()))
        calling = asyncio.create_task(house.call(tmp_path / "caller", patient))
        await until(lambda: bool(callers) and callers[0].playing)
        assert not telephone.invites
        callers[0].call_away()
        await until(lambda: bool(telephone.invites), 5)
        assert happened == ["taken"]
        await calling
    finally:
        await link.stop()
        await server.close()
        transport.close()
