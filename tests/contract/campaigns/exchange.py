"""An exchange that follows a script, a book that fails when it is told to, and lives of the engine."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from inspect import iscoroutinefunction
from typing import Any, cast
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from ivr.campaigns.book import CampaignBook, contacts
from ivr.campaigns.channels.plan import Plan as Messages
from ivr.campaigns.dialling.building import Needs, Outgoing
from ivr.campaigns.dialling.metrics import CampaignMetrics
from ivr.campaigns.kinds import TalkEnd
from ivr.campaigns.model import Campaign, Disposition, Target, TargetState, Who
from ivr.campaigns.plans import Plan
from ivr.campaigns.ports import CallEnd, DialEar, ExchangeAway, MachineOrder, NotDialled, OutgoingCall
from ivr.campaigns.retries import Retries
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.settings import CampaignsSettings
from ivr.errors import Fault
from ivr.store import Database, StoreUnavailable

ZONE = ZoneInfo("Europe/Moscow")
ENDS = {"told": TalkEnd.DONE, "refused": TalkEnd.REFUSED, "later": TalkEnd.LATER}


class Clock:
    """Time that the test moves; whoever sleeps goes on at once."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
        self.seconds = 1_000.0
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self.moment.astimezone(ZONE)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += min(seconds, 0.02)
        self.on_sleep()
        await asyncio.sleep(0)

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds
        self.moment += timedelta(seconds=seconds)


class Workdays:
    """Every day is worked."""

    def is_working(self, day: date) -> bool:
        return True

    def is_public_holiday(self, day: date) -> bool:
        return False


# --- the exchange ---


@dataclass(frozen=True)
class Fate:
    """What becomes of a call: nobody answers, with this cause, or somebody does."""

    cause: int = 16
    who: Who | None = None
    outcome: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answers(self) -> bool:
        return self.who is not None


TALK = Fate(who=Who.PERSON, outcome="told")
BUSY, NO_ANSWER, DEAD, CONGESTION = Fate(17), Fate(19), Fate(1), Fate(34)


@dataclass
class Channel:
    """A call that the exchange has; `steps` are what has still to be told of it."""

    call: OutgoingCall
    fate: Fate
    answered: bool = False


class Exchange:
    """`Dialler` and `CallLog`; each order is looked at as a subscriber would."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.channels: dict[str, Channel] = {}
        self.began = clock.now()
        self.late: list[OutgoingCall] = []
        self.withdrawn: set[str] = set()
        self.orders: list[OutgoingCall] = []
        self.hung_up: list[str] = []
        self.ends: dict[str, CallEnd] = {}
        self.talks: dict[str, list[datetime]] = defaultdict(list)
        self.fates: dict[str, deque[Fate]] = defaultdict(deque)
        self.faults: deque[str] = deque()
        self.linked = True
        self.remembers = True
        self.lines = 10**6
        self.most = 0
        self.others: list[Exchange] = []
        self.ear: DialEar | None = None
        self.on_talk: Callable[[str, Fate], Awaitable[None]] | None = None

    def watch(self, ear: DialEar) -> None:
        self.ear = ear

    async def dial(self, call: OutgoingCall) -> None:
        fault = self.faults.popleft() if self.faults else ""
        if not self.linked or fault == "refused":
            raise NotDialled("no link")
        if fault in ("lost-before", "lost-late"):
            self.linked = False
            self.late += [call] if fault == "lost-late" else []
            raise ExchangeAway
        self._make(call)
        if fault == "lost-after":
            self.linked = False
            raise ExchangeAway

    def _make(self, call: OutgoingCall) -> None:
        assert call.attempt_id not in {each.attempt_id for each in self.orders}, "dialled twice"
        there = [each for exchange in (self, *self.others) for each in exchange.channels.values()]
        assert call.number not in {each.call.number for each in there}, "called at once"
        recent = [at for at in self.talks[call.number] if self.clock.now() - at < timedelta(days=1)]
        assert not recent, "talked with twice in a day"
        self.orders.append(call)
        fates = self.fates[call.number]
        self.channels[call.attempt_id] = Channel(call, fates.popleft() if fates else NO_ANSWER)
        self.most = max(self.most, len(there) + 1)
        assert len(there) < self.lines, "more lines than there are"

    async def withdraw(self, attempt_id: str, written_at: datetime) -> bool:
        if not self.linked or written_at < self.began:
            return False
        self.withdrawn.add(attempt_id)
        return attempt_id not in {each.attempt_id for each in self.orders}

    def arrive(self) -> None:
        """Orders that were thought lost come after all."""
        late, self.late = self.late, []
        for call in late:
            if call.attempt_id not in self.withdrawn:
                self._make(call)

    async def hang_up(self, attempt_id: str) -> None:
        if not self.linked:
            raise ExchangeAway
        self.hung_up.append(attempt_id)
        if attempt_id in self.channels:
            self.end(attempt_id, Fate(16))

    async def end_of(self, attempt_id: str) -> CallEnd | None:
        return self.ends.get(attempt_id) if self.remembers else None

    # --- what happens ---

    def news(self) -> DialEar | None:
        """Who hears of it: nobody while the link is down."""
        return self.ear if self.linked else None

    async def step(self, attempt_id: str) -> None:
        """The next thing that happens to a call."""
        channel = self.channels[attempt_id]
        if channel.fate.answers and not channel.answered:
            channel.answered = True
            if ear := self.news():
                ear.answered(attempt_id, self.clock.now())
            if channel.fate.who is Who.PERSON:
                self.talks[channel.call.number].append(self.clock.now())
            if channel.fate.outcome and self.on_talk:
                await self.on_talk(attempt_id, channel.fate)
        else:
            self.end(attempt_id, channel.fate)

    def end(self, attempt_id: str, fate: Fate) -> None:
        channel = self.channels.pop(attempt_id)
        end = CallEnd(self.clock.now(), fate.cause, channel.answered, fate.who if channel.answered else None)
        self.ends[attempt_id] = end
        if ear := self.news():
            ear.ended(attempt_id, end)

    async def play_out(self) -> None:
        """Everything happens that is to happen."""
        while self.channels:
            await self.step(next(iter(self.channels)))

    def link_up(self) -> None:
        self.linked = True
        if self.ear:
            self.ear.seen(set(self.channels))

    def restart(self) -> None:
        """Asterisk is killed: its channels and its list of calls are gone."""
        self.linked = False
        self.began = self.clock.now()
        self.late.clear()
        self.withdrawn.clear()
        self.channels.clear()


# --- the book's faults ---


class Dead(Exception):
    """The engine of this life is gone."""


class Book:
    """A book that dies, or is away, at its nth use: before or after it has done what is asked."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.uses = 0
        self.at: dict[int, str] = {}
        self.away = False
        self.dead = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._book, name)
        if not iscoroutinefunction(method):
            return method

        async def used(*told: Any, **named: Any) -> Any:
            await self._living()
            self.uses += 1
            fault = self.at.pop(self.uses, "")
            await self._fail(fault, "before")
            result = await method(*told, **named)
            await self._fail(fault, "after")
            await self._living()
            return result

        return used

    async def _fail(self, fault: str, when: str) -> None:
        kind, _, moment = fault.partition("-")
        if self.away or (kind == "away" and moment == when):
            raise StoreUnavailable("away")
        if kind == "die" and moment == when:
            self.dead.set()
            await self._living()

    async def _living(self) -> None:
        if self.dead.is_set():
            await asyncio.get_running_loop().create_future()


# --- lives ---


class Debts:
    def __init__(self) -> None:
        self.of: dict[str, Decimal | None] = {}

    async def debt_of(self, account: str) -> Decimal | None:
        return self.of.get(account, Decimal(100))


class Operators:
    def __init__(self) -> None:
        self.free = 0

    def ready(self, queue: str) -> int:
        return self.free

    def talking(self, queue: str) -> Sequence[float]:
        return ()

    def wrapping(self, queue: str) -> Sequence[float]:
        return ()


class Choosers:
    """Operators who choose: those named are there, and are kept until they are released."""

    def __init__(self) -> None:
        self.here = {"anna", "boris"}
        self.kept: set[str] = set()

    def there(self, login: str) -> bool:
        return login in self.here

    async def keep(self, login: str, seconds: float) -> bool:
        if login not in self.here:
            return False
        self.kept.add(login)
        return True

    def release(self, login: str) -> None:
        self.kept.discard(login)


class Sender:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sent: dict[tuple[int, str, str], datetime] = {}
        self.refuses = False

    async def send(self, campaign: Campaign, target: Target, channel: str, moment: str) -> datetime:
        key = target.target_id, channel, moment
        if self.refuses:
            raise Fault("Такого канала нет.")
        return self.sent.setdefault(key, self.clock.now())


@dataclass
class World:
    """What outlives the engine."""

    database: Database
    settings: CampaignsSettings
    clock: Clock = field(default_factory=Clock)
    debts: Debts = field(default_factory=Debts)
    operators: Operators = field(default_factory=Operators)
    choosers: Choosers = field(default_factory=Choosers)
    messages: Messages = field(default_factory=Messages)
    debt: bool = False
    broken: str = ""

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.clock)
        self.sender = Sender(self.clock)
        self.book = CampaignBook(self.database, self.clock)
        rules = Rules(self.settings.rules, Workdays(), ZONE, contacts)
        self.checks = rules.check

    def of(self, campaign: Campaign) -> Plan:
        """As `Plans.of`."""
        if self.broken:
            raise Fault(self.broken)
        return Plan(
            retries=Retries.of(self.settings.retries, campaign.overrides.get("retries", {})),
            messages=self.messages,
            machine=MachineOrder.HANG_UP,
            debt=self.debt,
            caller_id="+74832000000",
            label="Энергосбыт",
            ring_seconds=40,
            end_of=lambda outcome: ENDS.get(outcome, TalkEnd.RETRY),
        )

    async def states(self, campaign: Campaign) -> Counter[TargetState]:
        page = await self.book.targets(campaign.campaign_id, limit=1000)
        return Counter(each.state for each in page.items)

    async def dispositions(self, campaign: Campaign) -> Counter[Disposition | None]:
        page = await self.book.attempts(campaign.campaign_id, limit=1000)
        return Counter(each.disposition for each in page.items)


class Life:
    """One life of the engine, from its start to `kill`."""

    def __init__(self, world: World, dialer: str = "one", exchange: Exchange | None = None) -> None:
        self.world = world
        self.exchange = exchange or world.exchange
        self.book = Book(world.book)
        self.database = Book(world.database)
        self.database.dead = self.book.dead
        self._tasks: set[asyncio.Task[Any]] = set()
        self.outgoing = Outgoing(
            world.settings,
            dialer=dialer,
            book=cast(CampaignBook, self.book),
            database=cast(Database, self.database),
            clock=world.clock,
            needs=Needs(
                checks=world.checks,
                plans=world,
                dialler=self.exchange,
                debts=world.debts,
                operators=world.operators,
                sender=world.sender,
                log_of_calls=self.exchange,
                linked=lambda: self.exchange.linked,
                choosers=world.choosers,
            ),
            metrics=CampaignMetrics(CollectorRegistry()),
        )
        self.dialling = self.outgoing.dialling
        self.exchange.on_talk = self._talk

    async def _talk(self, attempt_id: str, fate: Fate) -> None:
        """The flow of a call, as long as the engine lives."""

        async def flow() -> None:
            if await self.outgoing.talks.facts_of(attempt_id) is not None:
                await self.outgoing.talks.result(attempt_id, fate.outcome, fate.data)

        await self._unless_dead(flow())

    async def begin(self) -> bool:
        """Take up what there is; False: it died over it."""
        return await self._unless_dead(self.dialling.take_up())

    async def tick(self) -> bool:
        """Look once, and let all follow that follows; False: it died over it."""
        return await self._unless_dead(self._tick())

    async def _tick(self) -> None:
        try:
            await self.dialling.tick()
        except StoreUnavailable:
            self.dialling.store_away()
        await self.dialling.settled()

    async def _unless_dead(self, work: Any) -> bool:
        task = asyncio.ensure_future(work)
        dead = asyncio.ensure_future(self.book.dead.wait())
        await asyncio.wait({task, dead}, return_when=asyncio.FIRST_COMPLETED)
        dead.cancel()
        if not task.done():
            self._tasks.add(task)
            return False
        task.result()
        return True

    async def kill(self) -> None:
        """SIGKILL: nothing more is done, nothing is tidied up."""
        self.book.dead.set()
        self.exchange.ear = None
        self.exchange.on_talk = None
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if task.get_name().startswith("campaign-") or task in self._tasks:
                task.cancel()
        await asyncio.sleep(0)
