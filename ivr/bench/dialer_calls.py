"""Calls ordered by the engine's loop, beside orders of panoramisk alone to the same server."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import TypeVar, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

from panoramisk import Manager
from prometheus_client import CollectorRegistry

from ivr.asterisk.ami import AmiLink, AmiSettings, LinkState
from ivr.asterisk.desk import CallChannels
from ivr.asterisk.dialling import AsteriskDialler
from ivr.bench.processes import cpu_seconds
from ivr.calls.ledger import Ledger
from ivr.calls.settings import LedgerSettings
from ivr.campaigns.book import CampaignBook, NewCampaign, NewTarget, contacts
from ivr.campaigns.channels.plan import Plan as Messages
from ivr.campaigns.dialling.building import Needs, Outgoing
from ivr.campaigns.dialling.metrics import CampaignMetrics
from ivr.campaigns.kinds import TalkEnd
from ivr.campaigns.model import Campaign, CampaignState, Disposition, Target
from ivr.campaigns.plans import Plan
from ivr.campaigns.ports import CallEnd, MachineOrder
from ivr.campaigns.retries import Retries
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.settings import CampaignsSettings, TrunkSettings
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.kpi.metrics import Metrics
from ivr.store import Database, StoreSettings, upgrade

T = TypeVar("T")
_WHERE = "ivr bench dialer"
_DIALER = "bench"
_ZONE = ZoneInfo("Europe/Moscow")
_AT_ONCE = 100
_LINES = 500
_NO_LIMIT = 10_000.0
_LIMIT_SECONDS = 600.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Ordered:
    """What one side did.

    Attributes:
        seconds: From the first order, or the start of the loop, until all calls have ended and are written.
        cpu: CPU time of the process meanwhile, seconds.
        ended: Calls whose end is known.
    """

    calls: int
    seconds: float
    cpu: float
    ended: int

    @property
    def per_second(self) -> float:
        """Orders in a second."""
        return self.calls / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Of a call."""
        return 1000 * self.cpu / self.calls


async def order(calls: int, file: Path, clock: Clock) -> tuple[Ordered, Ordered]:
    """Order so many calls: panoramisk, then the engine.

    Args:
        calls: How many, each to somebody else.
        file: Of the engine's database; not there yet.
        clock: Of the engine; at a time at which calls are allowed.

    Raises:
        Fault: The server does not start, or the calls did not end within ten minutes.
    """
    async with _server() as port:
        bare = await _within(_bare(port, calls))
        return bare, await _within(_engine(port, calls, file, clock))


async def _within(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            return await work
    except TimeoutError:
        raise Fault("The calls did not end.", _WHERE, "See what else keeps the machine busy.") from None


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ivr.bench.dialer_server", stdin=PIPE, stdout=PIPE
    )
    orders, answers = cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout)
    try:
        port = await answers.readline()
        if not port:
            raise Fault("The manager of the measurement does not start.", _WHERE, "See what it says above.")
        yield int(port)
    finally:
        orders.close()
        await process.wait()


class _Watch:
    """Time and CPU of this process."""

    def __init__(self) -> None:
        self._begun, self._cpu = perf_counter(), cpu_seconds([os.getpid()])

    def ordered(self, calls: int, ended: int) -> Ordered:
        """Since it was made."""
        return Ordered(calls, perf_counter() - self._begun, cpu_seconds([os.getpid()]) - self._cpu, ended)


# --- the baseline ---


async def _bare(port: int, calls: int) -> Ordered:
    logged_in, every_end = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    manager = Manager(host="127.0.0.1", port=port, username="bench", secret="", loop=loop)
    manager.on_login = lambda _manager: logged_in.set()
    manager.on_disconnect = lambda _manager, _error: None
    ended: set[str] = set()

    def hung_up(_manager: Manager, event: dict[str, str]) -> None:
        ended.add(event["Uniqueid"])
        if len(ended) == calls:
            every_end.set()

    manager.register_event("Hangup", hung_up)
    await manager.connect()
    await logged_in.wait()
    under_way = asyncio.Semaphore(_AT_ONCE)

    async def dial(number: int) -> None:
        async with under_way:
            await manager.send_action(_order(number))

    watch = _Watch()
    await asyncio.gather(*(dial(number) for number in range(calls)))
    await every_end.wait()
    done = watch.ordered(calls, len(ended))
    manager.protocol.factory = None
    manager.close()
    return done


def _order(number: int) -> dict[str, object]:
    channel = str(uuid4())
    return {
        "Action": "Originate",
        "ActionID": channel,
        "ChannelId": channel,
        "Async": "true",
        "Channel": f"PJSIP/{_number(number)}@trunk-bench.campaign",
        "Context": "campaign",
        "Exten": "robot",
        "Priority": 1,
        "Timeout": 40_000,
        "CallerID": "+74832000000",
        "Variable": [f"__CALL_ID={channel}", "__IVR_KIND=campaign", "__IVR_TRUNK=bench"],
    }


def _number(number: int) -> str:
    return f"+7900{number:07d}"


# --- the engine ---


class _Surroundings:
    """What the loop asks of others: every day is a working day, nobody owes or talks, nothing is sent."""

    def __init__(self, settings: CampaignsSettings, clock: Clock) -> None:
        self._retries = Retries.of(settings.retries, {})
        self._clock = clock

    def of(self, campaign: Campaign) -> Plan:
        """As `Plans.of`."""
        return Plan(
            retries=self._retries,
            messages=Messages(),
            machine=MachineOrder.HANG_UP,
            debt=False,
            caller_id="+74832000000",
            label="",
            ring_seconds=40,
            end_of=lambda outcome: TalkEnd.DONE,
        )

    def is_working(self, day: date) -> bool:
        """As `Days.is_working`."""
        return True

    def is_public_holiday(self, day: date) -> bool:
        """As `Days.is_public_holiday`."""
        return False

    def ready(self, queue: str) -> int:
        """As `Operators.ready`."""
        return 0

    def talking(self, queue: str) -> Sequence[float]:
        """As `Operators.talking`."""
        return ()

    def wrapping(self, queue: str) -> Sequence[float]:
        """As `Operators.wrapping`."""
        return ()

    def there(self, login: str) -> bool:
        """As `Choosers.there`."""
        return False

    async def keep(self, login: str, seconds: float) -> bool:
        """As `Choosers.keep`."""
        return False

    def release(self, login: str) -> None:
        """As `Choosers.release`."""

    async def debt_of(self, account: str) -> Decimal | None:
        """As `Debts.debt_of`."""
        return None

    async def send(self, campaign: Campaign, target: Target, channel: str, moment: str) -> datetime:
        """As `Sender.send`."""
        return self._clock.now()

    async def end_of(self, attempt_id: str) -> CallEnd | None:
        """As `CallLog.end_of`."""
        return None


async def _engine(port: int, calls: int, file: Path, clock: Clock) -> Ordered:
    database = await Database.open(StoreSettings(url=f"sqlite:///{file}"))
    await upgrade(database)
    book = CampaignBook(database, clock)
    campaign = await _campaign(book, calls)
    ledger = Ledger(database, LedgerSettings(), clock, Metrics())
    link = AmiLink(AmiSettings(port=port))
    dialler = AsteriskDialler(link, CallChannels(), ledger, profile="bench", clock=clock)
    outgoing = _outgoing(book, database, dialler, link, clock)
    ledger.start()
    try:
        await link.start()
        await link.ready(10)
        await book.set_state(campaign.campaign_id, CampaignState.RUNNING, "", _DIALER)
        watch = _Watch()
        await outgoing.dialling.start()
        await _ended(book, campaign, calls)
        await outgoing.dialling.settled()
        await ledger.durable()
        ends = (await book.progress(campaign.campaign_id)).attempts
        return watch.ordered(sum(ends.values()), ends.get(Disposition.BUSY, 0))
    finally:
        await outgoing.dialling.close()
        await link.stop()
        await ledger.close()
        await database.close()


def _outgoing(
    book: CampaignBook, database: Database, dialler: AsteriskDialler, link: AmiLink, clock: Clock
) -> Outgoing:
    trunk = TrunkSettings(lines=_LINES, calls_per_second=_NO_LIMIT)
    settings = CampaignsSettings(trunks={"bench": trunk})
    around = _Surroundings(settings, clock)
    needs = Needs(
        checks=Rules(settings.rules, around, _ZONE, contacts).check,
        plans=around,
        dialler=dialler,
        debts=around,
        operators=around,
        sender=around,
        log_of_calls=around,
        linked=lambda: link.state is LinkState.UP,
        choosers=around,
    )
    return Outgoing(
        settings,
        dialer=_DIALER,
        book=book,
        database=database,
        clock=clock,
        needs=needs,
        metrics=CampaignMetrics(CollectorRegistry()),
    )


async def _campaign(book: CampaignBook, calls: int) -> Campaign:
    today = date(2026, 11, 24)
    new = NewCampaign(
        name="calls",
        kind="debt",
        title="Измерение",
        first_day=today,
        last_day=today,
        by=_DIALER,
        lines=_LINES,
        calls_per_second=_NO_LIMIT,
    )
    campaign = await book.create(new)
    people = [
        NewTarget(person=f"number:{_number(each)}", numbers=(_number(each),), zones=("Europe/Moscow",))
        for each in range(calls)
    ]
    await book.add_targets(campaign.campaign_id, people)
    return campaign


async def _ended(book: CampaignBook, campaign: Campaign, calls: int) -> None:
    """Every call has its end."""
    while True:
        progress = await book.progress(campaign.campaign_id)
        if sum(progress.attempts.values()) >= calls and not progress.open:
            return
        await asyncio.sleep(_LOOK_SECONDS)
