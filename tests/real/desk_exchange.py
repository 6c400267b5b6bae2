"""A real Asterisk with operators at softphones: switchboard and watch are real, the engine is a stub."""

from __future__ import annotations

import asyncio
import audioop
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from ivr.asterisk.agi import AgiServer, AgiSession, AgiSettings
from ivr.asterisk.ami import AmiLink
from ivr.asterisk.config import workplace_secret
from ivr.asterisk.desk import (
    SNAPSHOT_VARIABLES,
    AsteriskSwitchboard,
    CallChannels,
    DeskWatch,
    SwitchboardSettings,
)
from ivr.asterisk.settings import AsteriskSettings
from ivr.asterisk.watching import CallWatch
from ivr.calls.ledger import Ledger
from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.calls.lines import Lines
from ivr.calls.records import CallRecord, parse
from ivr.clock import SystemClock
from ivr.desk.ports import Phone, PhoneKind, Target
from tests.contract.desk_calls.told import Book, Floor
from tests.real.instances import NUMBER, free_port, instance_settings
from tests.real.recorded import Part, spooled
from tests.real.softphone import Softphone, TelephoneCall, softphone
from tests.real.test_ami_real import ami_settings
from tests.real.tones import seconds_of, whistle, write_whistle

CLIENT, ANNA, BORIS, OUTSIDE = 500, 740, 1130, 1700
"""Notes of the telephones, hertz: none is a multiple of another."""
ANNAS, BORISS = Phone(PhoneKind.DESK, "201"), Phone(PhoneKind.DESK, "202")
OUTSIDE_NUMBER = "4832000777"
NOTICE = 2300
"""Note of the prompts."""
GREETING_SECONDS = 0.5
"""Of the robot, in the format of our prompts (A-law), before the caller comes to people."""

_LOGINS = {ANNAS.device: "anna", BORISS.device: "boris"}
_ENOUGH_SECONDS = 0.5


@dataclass
class DeskExchange:
    """Our ends of AMI and FastAGI.

    Attributes:
        routes: What the dialplan has asked the engine.
    """

    settings: AsteriskSettings
    link: AmiLink
    board: AsteriskSwitchboard
    channels: CallChannels
    book: Book
    floor: Floor
    routes: list[str] = field(default_factory=list)


@dataclass
class Scene:
    """The people of a test, each at a telephone that whistles a note of its own."""

    exchange: DeskExchange
    client: Softphone
    anna: Softphone
    boris: Softphone
    outside: Softphone

    async def talk(self) -> Talk:
        """The client calls, Anna answers, they hear each other."""
        client = await self.client.call(NUMBER, "79161234567")
        anna = await self.anna.taken()
        await hear_each_other(client, anna)
        leg = await self.leg(LegRole.QUEUE)
        await until(lambda: leg.talking)
        return Talk(client, anna, leg)

    async def leg(self, role: LegRole) -> Leg:
        """The latest leg of a role, as soon as there is one."""
        await until(lambda: self.exchange.book.of(role))
        leg = self.exchange.book.of(role)
        assert leg is not None
        return leg

    async def ended(self, leg: Leg) -> LegEnd | None:
        """Wait for the end of a leg; tells how."""
        await until(lambda: leg.ended_at)
        return leg.end

    async def consultation(self, talk: Talk, target: Target, asked: Softphone) -> Consultation:
        """Anna holds the client and asks somebody, who answers."""
        talk.anna.hold()
        await until(lambda: talk.leg.on_hold)
        await self.exchange.board.consult(talk.call_id, talk.leg.leg_id, f"order-{talk.call_id}", target)
        line = await self.anna.taken()
        other = await asked.taken()
        assert line.invite["X-Ivr-Order"] == f"order-{talk.call_id}"
        await hear_each_other(line, other)
        leg = await self.leg(LegRole.CONSULT)
        await until(lambda: leg.talking)
        return Consultation(line, other, leg)

    async def recorded(
        self, call_id: str, *notes: int, but: int | None = None, client: int | None = CLIENT
    ) -> None:
        """Some part of the recording holds all these notes for half a second, and not the other one.

        The client's is on his side alone, all others on the other; None: there are more than two.
        """
        await until(lambda: any(_holds(part, notes, but, client) for part in self._parts(call_id)))

    async def record(self, call_id: str) -> CallRecord:
        """The one line that `calls.csv` has of a call that has ended."""
        file = self.exchange.settings.log_folder / "calls.csv"

        def lines() -> list[CallRecord]:
            found = parse(file.read_text().splitlines() if file.exists() else [])
            assert not found.bad
            return [record for record in found.records if record.call_id == call_id]

        await until(lambda: lines() and not self.exchange.channels.phones(call_id))
        [record] = lines()
        return record

    def in_recordings(self, call_id: str, hertz: int) -> float:
        """For how long a note is in all parts together, seconds."""
        return sum(seconds_of(part.mixed, hertz) for part in self._parts(call_id))

    def _parts(self, call_id: str) -> Iterator[Part]:
        return spooled(self.exchange.settings.recordings_spool, call_id)


@dataclass
class Talk:
    """The client with Anna."""

    client: TelephoneCall
    anna: TelephoneCall
    leg: Leg

    @property
    def call_id(self) -> str:
        return self.leg.call_id


@dataclass
class Consultation:
    """Anna's second line with who is asked."""

    line: TelephoneCall
    asked: TelephoneCall
    leg: Leg


async def until(condition: Callable[[], Any], seconds: float = 8) -> None:
    """Wait for what events or media bring about."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - sound raises no event
            await asyncio.sleep(0.02)


async def hear_each_other(*calls: TelephoneCall) -> None:
    """Wait until each hears all others."""
    for ear in calls:
        for mouth in calls:
            if mouth is not ear:
                await until(lambda ear=ear, mouth=mouth: ear.hears(mouth.phone.hertz))  # type: ignore[misc]


async def talk_on() -> None:
    """So long that what is said is long enough to be found in a recording."""
    await asyncio.sleep(0.9)


def _holds(part: Part, notes: tuple[int, ...], but: int | None, client: int | None) -> bool:
    if but is not None and seconds_of(part.mixed, but) > 0:
        return False
    if not all(seconds_of(part.mixed, note) >= _ENOUGH_SECONDS for note in notes):
        return False
    if client is None:
        return True
    return all(seconds_of(part.others if note == client else part.client, note) == 0 for note in notes)


def desk_settings(folder: Path, server: str) -> AsteriskSettings:
    """An instance with two workplaces and a trunk to a telephone outside."""
    settings = instance_settings(
        folder,
        workplaces={"first": 201, "count": 2},
        websocket={"port": free_port(socket.SOCK_STREAM)},
        trunks=[
            {"name": "in", "mode": "address", "addresses": ["127.0.0.1"]},
            {
                "name": "out",
                "mode": "address",
                "addresses": ["192.0.2.7"],
                "server": server,
                "outbound_order": 1,
                "caller_id": "4832000000",
            },
        ],
        queues={"clients": {"groups": {"billing": {}}}},
        rtp={"first_port": 30000, "last_port": 32000, "timeout_seconds": 2},
    )
    fixed = settings.prompts_folder / "fixed"
    fixed.mkdir(parents=True, exist_ok=True)
    for name, hertz, seconds in (
        ("outgoing-notice", NOTICE, 1.0),
        ("abusive-end", NOTICE, 1.0),
    ):
        write_whistle(fixed / f"{name}.wav", hertz, seconds)
    greeting = audioop.lin2alaw(whistle(2900, GREETING_SECONDS).tobytes(), 2)
    (fixed / "greeting.alaw").write_bytes(greeting)
    return settings


@asynccontextmanager
async def desk_exchange(settings: AsteriskSettings, *, agi: bool = True) -> AsyncIterator[DeskExchange]:
    """Our ends, while the block runs; Asterisk runs already. Args: agi, whether it is the engine, too."""
    clock = SystemClock(ZoneInfo("Europe/Moscow"))
    link = AmiLink(ami_settings(settings).model_copy(update={"snapshot_variables": SNAPSHOT_VARIABLES}))
    book, floor, channels = Book(), Floor(), CallChannels()
    phones = {"anna": ANNAS, "boris": BORISS}
    watch = CallWatch(
        link,
        cast(Ledger, book),
        lines=Lines([]),
        records=settings.log_folder / "none.csv",
        clock=clock,
        on_end=lambda call_id: None,
        channels=channels,
    )
    DeskWatch(link, channels, book, floor, agent_of=_LOGINS.get, on_gone=watch.ended, clock=clock)
    board = AsteriskSwitchboard(
        link, channels, book, phone_of=phones.get, clock=clock, settings=SwitchboardSettings()
    )
    exchange = DeskExchange(settings, link, board, channels, book, floor)

    async def conduct(session: AgiSession) -> None:
        exchange.routes.append(session.environment.route)
        if session.environment.route.startswith("line/"):
            call_id = session.environment.arguments[0]
            watch.bind(session.environment.unique_id, call_id)
            await session.execute("MixMonitor", str(settings.recordings_spool / f"{call_id}.raw"), "D")
            await session.execute("Playback", str(settings.prompts_folder / "fixed" / "greeting"))
            await session.set_variable("IVR_QUEUE", "clients")
            await session.set_variable("IVR_RESULT", "queue")
        if session.environment.route.startswith("flow/"):
            await session.set_variable("IVR_RESULT", "done")
        if session.environment.route.startswith("waiting/"):
            await session.set_variable("IVR_SLICE", "60")
            await session.set_variable("IVR_NEXT", "queue")

    async with AsyncExitStack() as stack:
        if agi:
            server = AgiServer(AgiSettings(port=settings.agi.port), conduct)
            await server.start()
            stack.push_async_callback(server.close)
        await link.start()
        stack.push_async_callback(link.stop)
        await link.ready(10)
        yield exchange


@asynccontextmanager
async def scene(settings: AsteriskSettings, outside_port: int) -> AsyncIterator[Scene]:
    """Everybody at the telephone; Anna serves all callers, Boris those of billing.

    The numbers of RTP packets go back at each transfer: what makes a recording lose a party.
    """
    sip = (str(settings.sip.host), settings.sip.port)
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(desk_exchange(settings))
        people = Scene(
            exchange,
            client=await stack.enter_async_context(softphone(sip, "client", CLIENT, first_packet=10)),
            anna=await stack.enter_async_context(softphone(sip, "anna", ANNA, first_packet=40_000)),
            boris=await stack.enter_async_context(softphone(sip, "boris", BORIS, first_packet=100)),
            outside=await stack.enter_async_context(
                softphone(sip, "outside", OUTSIDE, first_packet=10, port=outside_port)
            ),
        )
        for phone, user in ((people.anna, "desk-201"), (people.boris, "desk-202")):
            await phone.register(user, workplace_secret(settings, user).get_secret_value())
        await exchange.board.join("clients", ANNAS, "anna", None)
        await exchange.board.join("clients.billing", BORISS, "boris", None)
        yield people
        await exchange.board.leave("clients", ANNAS)
        await exchange.board.leave("clients.billing", BORISS)
