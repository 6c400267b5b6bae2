"""The work of the desk over a real database and ledger; operators, exchange and time are the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

from ivr.calls.ledger import Ledger
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegRang, LegRole
from ivr.calls.settings import LedgerSettings
from ivr.desk.attempts import AttemptOutcome, Matter, MatterKind
from ivr.desk.model import Agent, AgentState, QueueState
from ivr.desk.orders import Dialling
from ivr.desk.ports import ExchangeAway, Order, Phone, PhoneKind
from ivr.desk.settings_work import WorkSettings
from ivr.desk.tasks import Terms
from ivr.desk.work import Work
from ivr.requests.callback_model import Callback
from ivr.requests.callbacks import Callbacks, Plea
from ivr.requests.settings import CallbacksSettings
from ivr.store import Database
from tests.contract.calls.test_ledger import Seen
from tests.unit.customers.samples import MOSCOW, facts

PHONE = "+74832000001"
PATIENCE_SECONDS = 5.0


class SteppedClock:
    """A clock that the test moves; pauses of a second or less are over at once."""

    def __init__(self) -> None:
        self._moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # Tuesday noon in Moscow
        self._seconds = 1_000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._moment.astimezone(MOSCOW)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 1:
            await asyncio.sleep(0.001)
            return
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._seconds + seconds, over))
        await over

    def pass_by(self, seconds: float) -> None:
        self._seconds += seconds
        self._moment += timedelta(seconds=seconds)
        for until, over in self._sleepers:
            if until <= self._seconds and not over.done():
                over.set_result(None)
        self._sleepers = [each for each in self._sleepers if not each[1].done()]


class People:
    """The floor."""

    def __init__(self, clock: SteppedClock) -> None:
        self._clock = clock
        self.known: dict[str, Agent] = {}
        self.waiting: dict[str, datetime] = {}
        self.reserved: list[str] = []

    def ready(
        self, login: str, *, state: AgentState = AgentState.READY, skills: tuple[str, ...] = ("clients",)
    ) -> None:
        self.known[login] = Agent(
            login=login,
            name=login,
            extension="201",
            phone=Phone(PhoneKind.BROWSER, "201"),
            skills=skills,
            state=state,
            reason=None,
            since=self._clock.now(),
            reachable=True,
        )

    def agents(self) -> list[Agent]:
        return list(self.known.values())

    def agent(self, login: str) -> Agent | None:
        return self.known.get(login)

    def queues(self) -> list[QueueState]:
        return [
            QueueState(
                queue=queue,
                waiting=1,
                longest_since=since,
                ready=0,
                serving=0,
                widened=False,
                estimate_seconds=None,
            )
            for queue, since in self.waiting.items()
        ]

    async def reserve(self, login: str, why: str) -> bool:
        agent = self.known.get(login)
        if agent is None or agent.state is not AgentState.READY or login in self.reserved:
            return False
        self.reserved.append(login)
        return True

    def release(self, login: str) -> None:
        if login in self.reserved:
            self.reserved.remove(login)


class Exchange:
    """The switchboard, as far as calls are ordered of it."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.away = False
        self.linked = True

    async def call_out(self, order: Order) -> None:
        if self.away:
            raise ExchangeAway
        self.orders.append(order)


class Bench:
    """Everything of one engine; `again` is the next one over the same database and exchange."""

    def __init__(
        self,
        database: Database,
        settings: WorkSettings | None = None,
        before: Bench | None = None,
    ) -> None:
        self.database = database
        self.settings: WorkSettings = settings or (before.settings if before else WorkSettings())
        self.clock: SteppedClock = before.clock if before else SteppedClock()
        self.people = People(self.clock)
        self.exchange: Exchange = before.exchange if before else Exchange()
        quick = LedgerSettings(flush_seconds=0.001, retry_seconds=0.01)
        self.ledger = Ledger(database, quick, self.clock, Seen())
        self.promises = Callbacks(database, CallbacksSettings(), self.clock, lambda moment: True)
        self.work = Work(
            database,
            self.settings,
            self.clock,
            ledger=self.ledger,
            promises=self.promises,
            floor=self.people,
            dialler=Dialling(cast(Any, self.exchange), self.ledger, self.clock),
            terms=Terms(self.settings.tasks, {"kostroma": 1}, lambda now, days: now + timedelta(days=days)),
            default_profile="bryansk",
            linked=lambda: self.exchange.linked,
            queue_for=lambda queue, topic: f"{queue}.billing" if topic == "balance.debt" else queue,
        )

    async def start(self) -> Bench:
        self.ledger.start()
        await self.work.start()
        return self

    async def close(self) -> None:
        await self.work.close()
        await self.ledger.close()

    async def again(self) -> Bench:
        """The engine is killed and started anew."""
        await self.close()
        return await Bench(self.database, before=self).start()

    async def until(self, wanted: Callable[[], Awaitable[bool] | bool]) -> None:
        """Wait until something is so; the time limit is the machine's, not the test's clock."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = wanted()
                if found if isinstance(found, bool) else await found:
                    return
                await asyncio.sleep(0.002)

    async def settle(self) -> None:
        """Let all that was begun be done: several turns of the loop and of the database's writer."""
        for _ in range(5):
            await self.ledger.durable()
            await self.work.lost.settled()
            await self.database.write(lambda connection: None)
            await asyncio.sleep(0.002)

    # --- promises ---

    async def promise(self, call: str = "c1", phone: str = PHONE, when: str = "", **known: Any) -> Callback:
        await self.promises.ask(Plea(phone=phone, call_id=call, when=when, **known))
        return next(each for each in await self.promises.waiting() if each.phone == phone)

    async def found(self, id: int) -> Callback:
        promise = await self.promises.find(id)
        assert promise is not None
        return promise

    async def outcomes(self, id: int, kind: MatterKind = MatterKind.CALLBACK) -> list[AttemptOutcome | None]:
        return [each.outcome for each in await self.work.attempts.of(Matter(kind, id))]

    async def ordered(self, count: int) -> Order:
        await self.until(lambda: len(self.exchange.orders) == count)
        return self.exchange.orders[-1]

    # --- what the exchange tells ---

    def operator_answers(self, order: Order) -> None:
        self._rings(order, order.order_id, LegRole.CALLBACK, order.phone.device, order.agent)
        self._answers(order, order.order_id)

    def operator_misses(self, order: Order) -> None:
        self._rings(order, order.order_id, LegRole.CALLBACK, order.phone.device, order.agent)
        self._ends(order, order.order_id, LegEnd.NO_ANSWER)

    def client_answers(self, order: Order) -> None:
        self.operator_answers(order)
        self._rings(order, f"{order.order_id}-k", LegRole.CLIENT, "PJSIP/trunk", None)
        self._answers(order, f"{order.order_id}-k")

    def client_is(self, end: LegEnd, order: Order) -> None:
        self.operator_answers(order)
        self._rings(order, f"{order.order_id}-k", LegRole.CLIENT, "PJSIP/trunk", None)
        self._ends(order, f"{order.order_id}-k", end)
        self._ends(order, order.order_id, LegEnd.AGENT)

    def _rings(self, order: Order, leg: str, role: LegRole, device: str, agent: str | None) -> None:
        told = partial(LegRang, at=self.clock.now(), call_id=order.call_id, leg_id=leg)
        self.ledger.leg(told(role=role, device=device, agent=agent))

    def _answers(self, order: Order, leg: str) -> None:
        self.ledger.leg(LegAnswered(at=self.clock.now(), call_id=order.call_id, leg_id=leg))

    def _ends(self, order: Order, leg: str, end: LegEnd) -> None:
        self.ledger.leg(LegEnded(at=self.clock.now(), call_id=order.call_id, leg_id=leg, end=end))

    # --- calls that come in ---

    def comes(self, call: str, phone: str = PHONE, queue: str | None = "clients") -> None:
        """A caller comes; with a queue he waits in it at once."""
        given = facts(call, caller=phone)
        self.ledger.open(given).story.came_at = self.clock.now()
        if queue:
            self.ledger.queue_joined(call, queue, self.clock.now())

    def gives_up(self, call: str) -> None:
        self.ledger.queue_abandoned(call, self.clock.now())
        self.ledger.hung_up(call, at=self.clock.now())

    def is_answered(self, call: str, agent: str = "anna", end: LegEnd | None = None) -> None:
        """A person takes the call; with an end the talk is over too."""
        leg, now = f"{call}-{agent}", self.clock.now()
        rang = LegRang(
            at=now,
            call_id=call,
            leg_id=leg,
            role=LegRole.QUEUE,
            device="PJSIP/op-201",
            agent=agent,
            queue="clients",
        )
        self.ledger.leg(rang)
        self.ledger.leg(LegAnswered(at=now, call_id=call, leg_id=leg))
        if end is not None:
            self.talk_ends(call, end, agent)

    def talk_ends(self, call: str, end: LegEnd, agent: str = "anna") -> None:
        at = self.clock.now()
        self.ledger.leg(LegEnded(at=at, call_id=call, leg_id=f"{call}-{agent}", end=end))
