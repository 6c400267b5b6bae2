"""A call centre at work without telephones: real ledger, counters, floor, hub and server, many operators."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from ivr.access.model import Role, User
from ivr.access.service import Access
from ivr.access.settings import AccessSettings
from ivr.app.kpi import intake, open_reporting
from ivr.app.now import open_live_figures
from ivr.app.papers import Bookmaking
from ivr.calls.events import QueueAbandoned, QueueJoined, ScenarioEnded
from ivr.calls.ledger import Ledger
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegRang, LegRole
from ivr.calls.settings import LedgerSettings
from ivr.clock import SystemClock
from ivr.desk.floor import Floor
from ivr.desk.model import Agent, AgentState
from ivr.desk.ports import Phone, PhoneKind
from ivr.dialogue.ports import CallFacts, Ending, EndingKind
from ivr.kpi.alarm_book import AlarmBook
from ivr.kpi.intake import rules_of
from ivr.kpi.live import LiveCounters
from ivr.kpi.profiles import load_profiles
from ivr.settings import load
from ivr.store import StoreSettings
from ivr.web.api import alarms
from ivr.web.api.figures import FigureRoutes
from ivr.web.api.floor import FloorRoutes
from ivr.web.hub import Hub
from ivr.web.server import WebServer
from ivr.web.settings import WebSettings
from ivr.web.site import Site, SiteParts
from tests.contract.calls.test_ledger import Seen
from tests.databases import with_tables
from tests.unit.desk.exchange import FakeExchange

ROOT = Path(__file__).parents[3]
QUEUES = {"clients": "Общая", "clients.billing": "Начисления"}
LEADER = User(login="leader", name="Ирина Руководитель", role=Role.SUPERVISOR)


@dataclass
class Told:
    """What happened, and when, in milliseconds since the epoch.

    Attributes:
        calls: Of the calls that have come: the first, the second, …
        states: Of each operator, in order.
    """

    calls: list[float] = field(default_factory=list)
    states: dict[str, list[tuple[float, str]]] = field(default_factory=dict)

    def note(self, agent: Agent) -> None:
        """An operator's state has changed."""
        known = self.states.setdefault(agent.login, [])
        if not known or known[-1][1] != agent.state.value:
            known.append((time.time() * 1000, agent.state.value))


class Wall:
    """The centre; `work` lets it take calls."""

    def __init__(self, ledger: Ledger, floor: Floor, counters: LiveCounters, clock: SystemClock) -> None:
        self.ledger = ledger
        self.floor = floor
        self.counters = counters
        self.clock = clock
        self.told = Told()
        self.url = ""
        self.secret = ""
        floor.subscribe(self.told.note)

    async def sign_in(self, people: list[User]) -> None:
        """All of them are ready."""
        for user in people:
            phone = Phone(kind=PhoneKind.DESK, extension=user.extension or "")
            await self.floor.sign_in(user, phone)
            self.floor.phone_reachable(phone.device, True)
            await self.floor.ready(user.login)

    async def work(self, calls: int, seconds: float, seed: int = 5) -> None:
        """So many calls come within so many seconds; each goes its own way."""
        random = Random(seed)
        begins = [random.uniform(0, seconds) for _ in range(calls)]
        async with asyncio.TaskGroup() as going_on:
            for number, after in enumerate(sorted(begins)):
                going_on.create_task(self._call(f"call-{number}", after, Random(number)))

    async def _call(self, call_id: str, after: float, random: Random) -> None:
        await asyncio.sleep(after)
        now = self.clock.now()
        facts = CallFacts(
            call_id=call_id,
            line="main",
            segment="private",
            profile="bryansk",
            caller_number="+74832000001",
            started_at=now,
        )
        call = self.ledger.open(facts)
        self.told.calls.append(time.time() * 1000)
        call.answered()
        await asyncio.sleep(random.uniform(0.1, 0.6))
        if random.random() < 0.4:
            call.ending(Ending(EndingKind.COMPLETED, "told"))
            self.ledger.hung_up(call_id, 16)
            return
        await self._queue(call_id, random)

    async def _queue(self, call_id: str, random: Random) -> None:
        queue = random.choice(list(QUEUES))
        self.ledger.note(call_id, ScenarioEnded(self.clock.now(), Ending(EndingKind.QUEUED, "queued")))
        self.ledger.note(call_id, QueueJoined(self.clock.now(), queue))
        self.floor.caller_joined(queue, call_id, self.clock.now())
        await asyncio.sleep(random.uniform(0.1, 0.8))
        ready = [agent for agent in self.floor.agents() if agent.state is AgentState.READY]
        if not ready or random.random() < 0.15:
            self.floor.caller_left(queue, call_id, self.clock.now())
            self.ledger.note(call_id, QueueAbandoned(self.clock.now()))
            self.ledger.hung_up(call_id, 16)
            return
        await self._talk(call_id, queue, random.choice(ready), random)

    async def _talk(self, call_id: str, queue: str, agent: Agent, random: Random) -> None:
        assert agent.phone is not None
        leg = {"call_id": call_id, "leg_id": f"{call_id}-leg"}
        rang = LegRang(
            at=self.clock.now(),
            role=LegRole.QUEUE,
            device=agent.phone.device,
            agent=agent.login,
            queue=queue,
            **leg,
        )
        self.ledger.leg(rang)
        await asyncio.sleep(random.uniform(0.1, 0.3))
        self.ledger.leg(LegAnswered(at=self.clock.now(), **leg))
        await asyncio.sleep(random.uniform(0.3, 1.5))
        self.ledger.leg(LegEnded(at=self.clock.now(), end=LegEnd.CALLER, **leg))
        self.ledger.hung_up(call_id, 16)
        await asyncio.sleep(random.uniform(0.1, 0.4))
        if random.random() < 0.8:
            await self.floor.ready(agent.login)
        else:
            await self.floor.pause(agent.login, "break")


@asynccontextmanager
async def at_work(folder: Path, operators: int) -> AsyncIterator[Wall]:
    """The centre with its server; all operators are ready."""
    settings = load(ROOT / "ivr.yaml")
    async with AsyncExitStack() as running:
        database = await with_tables(StoreSettings(url=f"sqlite:///{folder / 'ivr.db'}"))
        running.push_async_callback(database.close)
        clock = SystemClock(settings.company.zone)
        ledger = Ledger(database, LedgerSettings(), clock, Seen())
        ledger.start()
        running.push_async_callback(ledger.close)
        counters = LiveCounters(rules_of(settings.kpi, clock.now()), clock)
        counting = intake(settings, database, clock, told=[counters.counted])
        counting.start()
        running.push_async_callback(counting.close)
        floor = Floor(
            database=database,
            settings=settings.desk,
            switchboard=cast(Any, FakeExchange()),
            clock=clock,
            queues=QUEUES,
            wrap_up_norm=lambda call_id: None,
        )
        await floor.start()
        running.push_async_callback(floor.close)
        ledger.subscribe(counters)
        ledger.subscribe(floor)
        books = Bookmaking(
            reporting=open_reporting(settings, load_profiles(settings.standards_folder)),
            database=database,
            clock=clock,
            topic_titles=dict,
        )
        access = Access(database, AccessSettings(), clock)
        running.callback(access.close)
        web = WebSettings(port=0)
        hub = Hub(web.events, clock)
        people = cast(Any, SimpleNamespace(floor=floor, queue_titles=QUEUES))
        live = open_live_figures(settings, people, books, counters, hub)
        running.push_async_callback(live.close)
        book = AlarmBook(database, settings.kpi.alarms, clock)
        colleagues = FloorRoutes(floor, settings.desk.agents, QUEUES, access.users.all, access.audit)
        colleagues.publish(hub)
        figures = FigureRoutes(
            books=books, counters=counters, database=database, clock=clock, standard="bryansk"
        )
        routes = [*colleagues.routes(), *figures.routes(), *live.routes(), *alarms.routes(book, clock)]
        parts = SiteParts(
            access=access, access_settings=AccessSettings(), hub=hub, clock=clock, routes=routes
        )
        server = WebServer(web, exposition=bytes, checks={}, site=Site(web, parts))
        wall = Wall(ledger, floor, counters, clock)
        users = [
            User(
                login=f"operator{number:02}",
                name=f"Оператор {number:02}",
                role=Role.OPERATOR,
                extension=str(200 + number),
                skills=tuple(QUEUES),
            )
            for number in range(operators)
        ]
        for user in (LEADER, *users):
            await access.users.add(user, "", must_change=False)
        wall.secret = await access.sessions.begin(LEADER.login, "127.0.0.1")
        await wall.sign_in(users)
        serving = await running.enter_async_context(server)
        wall.url = f"http://127.0.0.1:{serving.port}"
        yield wall
