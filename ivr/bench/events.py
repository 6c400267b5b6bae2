"""Asterisk's events taken in with the ledger written, beside panoramisk's bare parsing of the same bytes.

A process of its own replays invented calls over a socket. The engine's chain is the real one: the manager
link, the watches over it, ledger and SQLite. The baseline is panoramisk's manager that only counts its
messages. Both are sent a further part when they have handled an earlier one, so that neither is drowned.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from panoramisk import Manager
from sqlalchemy import Connection, func, select

from ivr.asterisk.agi.news import KeyNews
from ivr.asterisk.ami import AmiLink, AmiObserver, AmiSettings, Event
from ivr.asterisk.desk import CallChannels, DeskWatch
from ivr.asterisk.keys import KeyWatch
from ivr.asterisk.media import MediaWatch
from ivr.asterisk.watching import CallWatch
from ivr.bench.events_stream import CAME, LINE, MARK, MARK_EVERY, Traces
from ivr.bench.processes import cpu_seconds, memory_mb
from ivr.calls.ledger import Ledger, LedgerObserver
from ivr.calls.lines import Line, Lines
from ivr.calls.settings import LedgerSettings
from ivr.calls.tables import call_legs, calls, kpi_pending
from ivr.clock import SystemClock
from ivr.desk.ports import FloorSeen
from ivr.dialogue.ports import CallFacts
from ivr.errors import Fault
from ivr.store import Database, StoreSettings, upgrade

DIFFERS = (
    "The events are those that the engine's manager user is sent; what an Asterisk makes beyond them is"
    " filtered there and costs neither side anything.",
    "A call comes by an event here, with FastAGI in real life. What scenarios, pages and counters of the"
    " day add to a call is not in it.",
    "The baseline parses each message and counts it; it neither subscribes to anything nor keeps anything.",
)
"""What a reader has to know."""

T = TypeVar("T")

_AHEAD = 8
"""Parts that are under way at once: fewer events than the link lets wait."""

_LIMIT_SECONDS = 600.0
_ZONE = ZoneInfo("Europe/Moscow")
_FIELDS = tuple(each.name for each in fields(Traces))


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        calls: In each round.
        rounds: Each measures both sides, one after the other.
    """

    calls: int = 6_000
    rounds: int = 3


QUICK = Size(calls=300, rounds=1)


@dataclass(frozen=True, slots=True)
class Run:
    """One side of a round.

    Attributes:
        seconds: From the first part asked for until all was handled, and written.
        cpu: CPU time of the process meanwhile, seconds.
    """

    seconds: float
    cpu: float


@dataclass(slots=True)
class Measured:
    """What came out.

    Attributes:
        events: In each round.
        lost: Traces of events that the database lacks, over all rounds.
        rss_mb: Memory of the process that took the events in, at the end of its worst round.
    """

    size: Size
    events: int = 0
    bare: list[Run] = field(default_factory=list)
    engine: list[Run] = field(default_factory=list)
    lost: int = 0
    rss_mb: float = 0.0

    def document(self, machine: Mapping[str, object]) -> dict[str, object]:
        """The figures under the names of the contract."""
        bare, engine = self._rate(self.bare), self._rate(self.engine)
        return {
            "bare_events_per_second": round(bare),
            "engine_events_per_second": round(engine),
            "ratio": round(engine / bare, 3),
            "lost": self.lost,
            "calls": self.size.calls,
            "events": self.events,
            "events_per_call": round(self.events / self.size.calls, 1),
            "engine_calls_per_second": round(engine * self.size.calls / self.events),
            "cpu_ms_per_call": {
                "bare": self._cpu_ms(self.bare),
                "engine": self._cpu_ms(self.engine),
            },
            "rss_mb": round(self.rss_mb, 1),
            "rounds": {
                "bare": [round(self.events / run.seconds) for run in self.bare],
                "engine": [round(self.events / run.seconds) for run in self.engine],
            },
            "machine": dict(machine),
            "differs": list(DIFFERS),
        }

    def _rate(self, runs: Sequence[Run]) -> float:
        return self.events / median(run.seconds for run in runs)

    def _cpu_ms(self, runs: Sequence[Run]) -> float:
        return round(1000 * median(run.cpu for run in runs) / self.size.calls, 3)


async def measure(
    size: Size,
    folder: Path,
    observers: tuple[AmiObserver, LedgerObserver],
    tell: Callable[[str], None],
) -> Measured:
    """Measure both sides by turns.

    Args:
        size: How much.
        folder: For the databases; empty.
        observers: Of the link and of the ledger: the engine's own metrics.
        tell: Is told how it goes.

    Raises:
        Fault: The stream can't be sent, or was not taken in within ten minutes.
    """
    measured = Measured(size)
    for number in range(size.rounds):
        async with _replay(size.calls) as replay:
            measured.events = replay.events
            measured.bare.append(await _within(_bare(replay)))
            run, lost = await _within(_engine(replay, folder / f"{number}.db", observers))
        measured.engine.append(run)
        measured.lost += lost
        measured.rss_mb = max(measured.rss_mb, memory_mb([os.getpid()]))
        tell(f"round {number + 1}: {replay.events} events, bare and engine")
    return measured


async def _within(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            return await work
    except TimeoutError:
        raise Fault(
            "The events were not taken in.", "ivr bench events", "See what else keeps the machine busy."
        ) from None


# --- what sends ---


@dataclass(frozen=True, slots=True)
class Replay:
    """The process that sends."""

    orders: asyncio.StreamWriter
    port: int
    parts: int
    events: int
    traces: Traces

    def more(self, parts: int = 1) -> None:
        """Ask for so many further parts."""
        self.orders.write(b"more\n" * parts)


@asynccontextmanager
async def _replay(count: int) -> AsyncIterator[Replay]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ivr.bench.events_server", str(count), stdin=PIPE, stdout=PIPE
    )
    orders, answers = cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout)
    try:
        told = json.loads(await answers.readline() or "null")
        if told is None:
            raise Fault("The events can't be sent.", "ivr bench events", "See what it says above.")
        yield Replay(orders, told["port"], told["parts"], told["events"], Traces(**told["traces"]))
    finally:
        orders.close()
        await process.wait()


class _Watch:
    """Time and CPU of this process."""

    def __init__(self) -> None:
        self._begun, self._cpu = perf_counter(), cpu_seconds([os.getpid()])

    def run(self) -> Run:
        """Since it was made."""
        return Run(perf_counter() - self._begun, cpu_seconds([os.getpid()]) - self._cpu)


# --- the baseline ---


class _Counting(Manager):  # type: ignore[misc]  # panoramisk is untyped
    """Counts the messages that it has parsed, and does nothing else with them."""

    def __init__(self, replay: Replay, done: asyncio.Event) -> None:
        super().__init__(
            host="127.0.0.1", port=replay.port, username="bench", secret="", loop=asyncio.get_running_loop()
        )
        self._replay, self._done = replay, done
        self._seen = -1  # the first one is of the login

    def dispatch(self, event: object) -> None:
        """A message has been parsed."""
        self._seen += 1
        if self._seen and self._seen % MARK_EVERY == 0:
            self._replay.more()
        if self._seen == self._replay.events:
            self._done.set()


async def _bare(replay: Replay) -> Run:
    done, logged_in = asyncio.Event(), asyncio.Event()
    manager = _Counting(replay, done)
    manager.on_login = lambda _manager: logged_in.set()
    manager.on_disconnect = lambda _manager, _error: None
    await manager.connect()
    await logged_in.wait()
    watch = _Watch()
    replay.more(_AHEAD)
    await done.wait()
    run = watch.run()
    manager.protocol.factory = None
    manager.close()
    return run


# --- the engine ---


class _NoFloor:
    """Nobody is at work; callers wait and are counted elsewhere."""

    def caller_joined(self, queue: str, call_id: str, at: object) -> None:
        """Ignore it."""

    def caller_left(self, queue: str, call_id: str, at: object) -> None:
        """Ignore it."""

    def phone_reachable(self, device: str, reachable: bool) -> None:
        """Ignore it."""

    def resync(self, seen: FloorSeen) -> None:
        """Ignore it."""


class _Takers:
    """The watches over the link that an engine has, and a stand-in for FastAGI."""

    def __init__(self, link: AmiLink, ledger: Ledger, replay: Replay, records: Path) -> None:
        self._clock = SystemClock(_ZONE)
        self._ledger = ledger
        self._replay = replay
        self._marks = 0
        self._conducted: dict[str, KeyNews] = {}
        self.media = 0
        self.done = asyncio.Event()
        channels = CallChannels()
        lines = Lines([_line()])
        self._watch = CallWatch(
            link,
            ledger,
            lines=lines,
            records=records,
            clock=self._clock,
            on_end=self._ended,
            channels=channels,
        )
        DeskWatch(
            link,
            channels,
            ledger,
            _NoFloor(),
            agent_of=lambda _device: None,
            on_gone=self._watch.ended,
            clock=self._clock,
        )
        self._keys = KeyWatch(link)
        MediaWatch(link, lines, self._heard_of, self._clock)
        link.on("UserEvent", self._came, {"UserEvent": {CAME}})
        link.on("UserEvent", self._marked, {"UserEvent": {MARK}})

    def _came(self, event: Event) -> None:
        call_id, unique_id = event["CallId"], event["Uniqueid"]
        facts = CallFacts(
            call_id=call_id,
            line=LINE,
            segment="private",
            profile="bryansk",
            caller_number=f"+{event['Number']}",
            started_at=event.happened(self._clock.now()),
        )
        self._watch.bind(unique_id, call_id)
        self._conducted[call_id] = self._keys.follow(unique_id)
        self._ledger.open(facts, "100").answered()

    def _ended(self, call_id: str) -> None:
        self._conducted.pop(call_id, None)

    def _heard_of(self, media: object) -> None:
        self.media += 1

    def _marked(self, event: Event) -> None:
        self._marks += 1
        self._replay.more()
        if self._marks == self._replay.parts:
            self.done.set()


def _line() -> Line:
    return Line(
        name=LINE,
        title="Единый номер",
        numbers=("100",),
        scenario="main",
        segment="private",
        profile="bryansk",
        queue=LINE,
    )


async def _engine(
    replay: Replay, file: Path, observers: tuple[AmiObserver, LedgerObserver]
) -> tuple[Run, int]:
    of_link, of_ledger = observers
    database = await Database.open(StoreSettings(url=f"sqlite:///{file}"))
    await upgrade(database)
    ledger = Ledger(database, LedgerSettings(), SystemClock(_ZONE), of_ledger)
    link = AmiLink(AmiSettings(port=replay.port), observer=of_link)
    takers = _Takers(link, ledger, replay, file.with_suffix(".csv"))
    ledger.start()
    try:
        await link.start()
        await link.ready(10)
        watch = _Watch()
        replay.more(_AHEAD)
        await takers.done.wait()
        await ledger.durable()
        run = watch.run()
        return run, missing(await database.read(found), replay.traces)
    finally:
        await link.stop()
        await ledger.close()
        await database.close()


def found(connection: Connection) -> Traces:
    """What the database knows."""
    held = func.json_array_length(call_legs.c.marks) == 2
    questions = {
        "calls": select(func.count()).select_from(calls),
        "ended": select(func.count(func.distinct(kpi_pending.c.call_id))),
        "joined": select(func.count(calls.c.queued_at)),
        "abandoned": select(func.count(calls.c.abandoned_at)),
        "answered": select(func.count(calls.c.agent_answered_at)),
        "completed": select(func.count(calls.c.agent_ended_at)),
        "legs": select(func.count(call_legs.c.rang_at)),
        "legs_answered": select(func.count(call_legs.c.answered_at)),
        "legs_ended": select(func.count(call_legs.c.ended_at)),
        "holds": select(func.count()).select_from(call_legs).where(held),
    }
    return Traces(**{name: connection.execute(query).scalar_one() for name, query in questions.items()})


def missing(known: Traces, told: Traces) -> int:
    """How many traces are not there."""
    return sum(abs(getattr(told, name) - getattr(known, name)) for name in _FIELDS)
