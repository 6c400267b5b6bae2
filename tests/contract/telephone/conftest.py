"""The handler of the FastAGI server on a real socket, with a real ledger and a scripted desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from ivr.asterisk.agi import AgiCaller, AgiServer, AgiSession, AgiSettings
from ivr.asterisk.continuations import continuations
from ivr.asterisk.recording import CallRecording
from ivr.asterisk.telephone import TelephoneCalls
from ivr.calls.ledger import Ledger
from ivr.calls.lines import Line, Lines
from ivr.desk.ports_calls import End, Leave, Return, Slice, Survey, Visit
from ivr.dialogue.ports import (
    Caller,
    CallerTaken,
    CallFacts,
    Ending,
    EndingKind,
    Fragment,
    Journal,
    Prompt,
    Speech,
)
from ivr.store import Database, StoreSettings
from tests.contract.agi.fake_asterisk import FakeAsterisk
from tests.contract.agi.harness import until
from tests.contract.calls.conftest import T0, TestClock
from tests.contract.calls.test_ledger import QUICK, Seen
from tests.databases import with_tables

LINE = Line(
    name="private",
    title="Население",
    numbers=("100",),
    scenario="reception",
    segment="private",
    profile="bryansk",
    queue="clients",
)
FACTS = CallFacts(
    call_id="c1",
    line="private",
    segment="private",
    profile="bryansk",
    caller_number="+74832000001",
    started_at=T0,
)


class Prompts:
    """Every prompt is a file of its name."""

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        return True

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> Sequence[str]:
        return [f"/p/{fragment.id}" for fragment in fragments if isinstance(fragment, Prompt)]


class NoRecording:
    """Of a call whose recording is no matter."""

    async def begin(self) -> None:
        """Do nothing."""

    async def said(self, speech: Speech) -> None:
        """Do nothing."""


class MovingClock(TestClock):
    """A sleep moves it, so that limits are reached; the database gets a little time of its own."""

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0.005)


@dataclass
class Desk:
    """Answers as the test says; notes what it was told."""

    answer: Slice | Leave | Exception = field(default_factory=lambda: Slice(queue="clients", seconds=60))
    after: Survey | Return | End | Exception = field(default_factory=End)
    arrivals: list[tuple[CallFacts, Visit]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    call_away: Callable[[], None] = lambda: None
    at_once: bool = False

    def arrived(self, facts: CallFacts, visit: Visit, call_away: Callable[[], None]) -> None:
        self.arrivals.append((facts, visit))
        self.call_away = call_away
        if self.at_once:
            call_away()

    async def next(self, visit: Visit, outcome: str) -> Slice | Leave:
        assert visit == self.arrivals[-1][1]
        self.outcomes.append(outcome)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class After:
    """The other port, over the same desk."""

    desk: Desk

    async def next(self, call_id: str) -> Survey | Return | End:
        assert call_id == "c1"
        if isinstance(self.desk.after, Exception):
            raise self.desk.after
        return self.desk.after


@dataclass
class World:
    """Everything that a test looks at."""

    ledger: Ledger
    desk: Desk = field(default_factory=Desk)
    flows: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    pressed: list[tuple[str, str]] = field(default_factory=list)
    interruptible: bool = False
    blocked: str | None = None
    admission: Callable[[], None] = lambda: None
    ending: Ending = field(default_factory=lambda: Ending(EndingKind.ENDED, "stays"))
    address: tuple[str, int] = ("", 0)

    async def talk(self, flow: str, facts: CallFacts, caller: Caller, _journal: Journal) -> Ending:
        """Run a flow: one prompt, then what the test wants."""
        assert facts.call_id == "c1"
        self.flows.append(flow)
        if flow == "broken":
            raise KeyError(flow)
        try:
            await caller.say(Speech((Prompt(flow),), interruptible=self.interruptible))
            await caller.hang_up()
        except CallerTaken:  # as the interpreter does
            return Ending(EndingKind.ENDED, "taken")
        return self.ending

    async def press(self, channel: str, key: str) -> None:
        """A key is pressed by us."""
        self.pressed.append((channel, key))

    async def line(self, line: Line, facts: CallFacts, caller: Caller, journal: Journal) -> Ending:
        """Run a line's scenario."""
        return await self.talk(line.scenario, facts, caller, journal)

    async def admit(self, _facts: CallFacts) -> str | None:
        """Tell whether the caller is blocked."""
        self.admission()
        return self.blocked

    async def call(self, route: str) -> FakeAsterisk:
        """Asterisk comes with a call."""
        return await FakeAsterisk.call(self.address, agi_network_script=route, agi_arg_1="c1", agi_arg_2="")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await with_tables(StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}"))
    yield database
    await database.close()


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    clock = MovingClock()
    ledger = Ledger(database, QUICK, clock, Seen())
    ledger.start()
    world = World(ledger)
    lines = Lines([LINE])
    settings = AgiSettings(port=0, command_seconds=2, hangup_grace_seconds=0.2)

    def caller(session: AgiSession, call_id: str) -> AgiCaller:
        return AgiCaller(session, Prompts(), settings, Prompt("filler"))

    handler = TelephoneCalls(
        lines=lines,
        ledger=ledger,
        talk=world.line,
        caller=caller,
        recording=lambda caller, channel, file: cast(CallRecording, NoRecording()),
        spool=Path("/spool"),
        clock=clock,
        bind=lambda unique_id, call_id: None,
        forget=world.forgotten.append,
        admit=world.admit,
        continuations=continuations(
            lines=lines,
            ledger=ledger,
            talk=world.talk,
            caller=caller,
            clock=clock,
            keeper=world.desk,
            after=After(world.desk),
            forget=world.forgotten.append,
            press=world.press,
            spool=Path("/spool"),
        ),
    )
    server = AgiServer(settings, handler)
    await server.start()
    world.address = server.address
    yield world
    await until(lambda: server.calls == 0)
    await server.close()
    await ledger.close()
