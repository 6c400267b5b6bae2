"""A desk with a ledger, cards and the API's calls over a real database; billing and people are the test's."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.access.audit import Entry
from ivr.access.model import Role, User
from ivr.calls.identifications import Identifications
from ivr.calls.ledger import Ledger
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegRang, LegRole
from ivr.calls.results import load_results
from ivr.calls.settings import LedgerSettings
from ivr.calls.wrapups import WrapUps
from ivr.customers.addresses import address_key
from ivr.customers.billing import Answer, BillingUnavailable
from ivr.customers.model import Account, AccountKind, Address, Meter, Segment, Zone
from ivr.customers.names import begins
from ivr.desk.card_face import CardFace, Names, TopicTold
from ivr.desk.card_sources import CardSources
from ivr.desk.card_texts import CardTexts
from ivr.desk.cards import Cards
from ivr.desk.model import Agent, AgentState
from ivr.desk.settings_cards import CardsSettings
from ivr.desk.task_rows import Task
from ivr.dialogue.ports import CallFacts, QueueRequest
from ivr.kpi.profiles import load_profiles
from ivr.readings.service import Readings
from ivr.readings.settings import ReadingsSettings
from ivr.requests.callback_model import Callback
from ivr.requests.coming import ComingVisit
from ivr.requests.model import Request, RequestKind, RequestStatus
from ivr.store import Database, StoreUnavailable
from ivr.web.api.cards import CardRoutes, Viewing
from ivr.web.api.events import Audience
from ivr.web.api.live import LiveCalls
from ivr.web.api.route import Asked, Route
from tests.contract.access.conftest import store, template  # noqa: F401  a fixture
from tests.contract.calls.test_ledger import Seen

T0 = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
PHONE = "+74832000001"
ANNA = User(login="anna", name="Анна Белова", role=Role.OPERATOR, extension="201")
VERA = User(login="vera", name="Вера Рощина", role=Role.OPERATOR, extension="202")
OLGA = User(login="olga", name="Ольга Ельцова", role=Role.SUPERVISOR)
HOLDER = "Сергеева Мария Петровна"
SECRETS = (HOLDER, "320145678", "-2340.55", "кв. 37", "007791-23")

ACCOUNT = Account(
    id="1",
    number="320145678",
    kind=AccountKind.PERSON,
    segment=Segment.PRIVATE,
    name=HOLDER,
    address=Address("Дебрянск", "Пушкина", "14", "улица", "37"),
    phones=(PHONE,),
    balance=Decimal("-2340.55"),
    balance_as_of=date(2026, 11, 20),
    meters=(
        Meter(
            id="m1",
            serial="007791-23",
            digits=5,
            zones=(Zone(code="single", last_value=12_000, last_date=date(2026, 10, 23), usual_monthly=200),),
        ),
    ),
)
OTHER = Account(
    id="2",
    number="320145679",
    kind=AccountKind.PERSON,
    segment=Segment.PRIVATE,
    name="Лаптев Егор Павлович",
    address=Address("Дебрянск", "Пушкина", "14", "улица", "38"),
)


class DeskClock:
    """The test sets the day; seconds are real."""

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FakeBilling:
    """Two accounts; it may be slow or away."""

    def __init__(self) -> None:
        self.accounts = [ACCOUNT, OTHER]
        self.away = False
        self.answers = asyncio.Event()
        self.answers.set()
        self.questions = 0

    async def _ask(self, found: list[Account]) -> Answer:
        self.questions += 1
        await self.answers.wait()
        if self.away:
            raise BillingUnavailable("Billing does not answer.", "billing", "")
        return Answer(tuple(found))

    async def by_number(self, number: str) -> Answer:
        return await self._ask([one for one in self.accounts if one.number == number])

    async def by_phone(self, phone: str) -> Answer:
        return await self._ask([one for one in self.accounts if phone in one.phones])

    async def by_address(self, address: Address) -> Answer:
        key = address_key(address)
        return await self._ask([one for one in self.accounts if address_key(one.address).startswith(key)])

    async def by_name(self, name: str, most: int) -> Answer:
        return await self._ask([one for one in self.accounts if begins(name, one.name)][:most])

    async def by_id(self, account_id: str) -> Answer:
        return await self._ask([one for one in self.accounts if one.id == account_id])

    async def streets(self, most: int) -> tuple[str, ...]:
        return ()


COMPLAINT = Request(
    number="2026-000007",
    account_number="320145678",
    kind=RequestKind.COMPLAINT,
    topic="payment.missing",
    registered_at=T0 - timedelta(days=40),
    due_at=T0 - timedelta(days=10),
    status=RequestStatus.IN_PROGRESS,
    answer_channel="phone",
    answered_at=None,
)


class Owed:
    """One request; no call-backs, no tasks."""

    def __init__(self) -> None:
        self.requests = [COMPLAINT]

    async def of_client(self, accounts: Collection[str], phone: str, limit: int = 5) -> Sequence[Request]:
        return [each for each in self.requests if each.account_number in accounts]


class NoCallbacks:
    async def of_client(self, phone: str, account_numbers: Sequence[str] = ()) -> Sequence[Callback]:
        return []


class NoTasks:
    async def of_client(self, phone: str, account_numbers: Sequence[str] = ()) -> Sequence[Task]:
        return []


class Ahead:
    """An appointment in the office, for the one who calls."""

    async def of_client(self, accounts: Collection[str], phone: str) -> Sequence[ComingVisit]:
        at = T0 + timedelta(days=1)
        mine = ComingVisit(number="0104", office="central", starts_at=at, window="", topic="balance.debt")
        return [mine] if phone == PHONE else []


class Trail:
    """Keeps the audit; it may be away."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.away = False

    async def record(self, *entries: Entry) -> None:
        if self.away and entries:
            raise StoreUnavailable("Away.", "audit", "")
        self.entries.extend(entries)


@dataclass
class Hub:
    """Keeps what is published; `after` waits for the next event of a type."""

    events: list[tuple[str, BaseModel, Audience]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, type: str, data: BaseModel, audience: Audience) -> None:
        self.events.append((type, data, audience))
        self._news.set()

    def of(self, type_: str) -> list[tuple[BaseModel, Audience]]:
        return [(data, audience) for type, data, audience in self.events if type == type_]

    async def until(self, type_: str, told: Callable[[Any], bool]) -> Any:
        """The first event of a type that tells something."""
        count = 1
        while not told(event := await self.after(type_, count)):
            count += 1
        return event

    async def after(self, type_: str, count: int = 1) -> BaseModel:
        """The `count`-th event of a type."""
        async with asyncio.timeout(5):
            while len(self.of(type_)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(type_)[count - 1][0]


@dataclass
class Desk:
    """All of it, and what happens on the telephone."""

    database: Database
    clock: DeskClock
    billing: FakeBilling
    ledger: Ledger
    readings: Readings
    wrapups: WrapUps
    cards: Cards
    trail: Trail
    viewing: Viewing
    hub: Hub
    owed: Owed
    agents: dict[str, Agent] = field(default_factory=dict)

    def calls(self, call_id: str = "c1", phone: str = PHONE, **carry: object) -> None:
        """A caller comes, talks to the robot, waits."""
        facts = CallFacts(
            call_id=call_id,
            line="private",
            segment="private",
            profile="bryansk",
            caller_number=phone,
            started_at=self.clock.now(),
        )
        call = self.ledger.open(facts)
        carried = {"said": "долг после оплаты", **carry}
        call.handed_over(QueueRequest("clients", "balance.debt", carried))  # type: ignore[arg-type]
        self.ledger.queue_joined(call_id, "clients")

    def rings(
        self, agent: str = "anna", call_id: str = "c1", role: LegRole = LegRole.QUEUE, leg: str = ""
    ) -> None:
        """The telephone of an operator rings."""
        self.ledger.leg(
            LegRang(
                at=self.clock.now(),
                call_id=call_id,
                leg_id=leg or f"op.{agent}",
                role=role,
                device="PJSIP/op-201",
                agent=agent,
                queue="clients",
            )
        )

    def answers(self, agent: str = "anna", call_id: str = "c1") -> None:
        """He answers."""
        self.ledger.leg(LegAnswered(at=self.clock.now(), call_id=call_id, leg_id=f"op.{agent}"))

    def ends(self, agent: str = "anna", call_id: str = "c1", end: LegEnd = LegEnd.AGENT) -> None:
        """His telephone is done."""
        self.ledger.leg(LegEnded(at=self.clock.now(), call_id=call_id, leg_id=f"op.{agent}", end=end))

    def wraps_up(self, user: User = ANNA, call_id: str = "c1") -> None:
        """The floor has him in wrap-up after a call."""
        self.agents[user.login] = Agent(
            login=user.login,
            name=user.name,
            extension=user.extension,
            phone=None,
            skills=("clients",),
            state=AgentState.WRAP_UP,
            reason=None,
            since=self.clock.now(),
            call_id=call_id,
        )

    def card_routes(self) -> list[Route]:
        """Show, identify, attach."""
        return CardRoutes(
            cards=self.cards,
            viewing=self.viewing,
            billing=self.billing,
            ledger=self.ledger,
            home_settlement="Дебрянск",
        ).routes()


async def ask(
    routes: Sequence[Route],
    method: str,
    path: str,
    user: User = ANNA,
    *,
    body: BaseModel | None = None,
    query: BaseModel | None = None,
    **parts: str,
) -> BaseModel:
    """Run a call of the API as the frame does."""
    (route,) = [one for one in routes if (one.method, one.path) == (method, path)]
    assert user.may(route.right)
    answer = await route.run(Asked(user=user, session_id="s1", path=parts, body=body, query=query))
    assert answer is not None
    assert isinstance(answer, route.answer or BaseModel)
    return answer


def names() -> Names:
    topics = {"balance.debt": TopicTold(title="Задолженность", personal=True)}
    people = {user.login: user.name for user in (ANNA, VERA, OLGA)}
    return Names(
        company="Энергосбыт Заречье",
        lines={"private": "Единый номер"},
        queues={"clients": "Общая"},
        results={each.id: each.title for each in load_results()},
        topic=topics.get,
        office={"central": "Центральный офис"}.__getitem__,
        person=lambda login: people.get(login, login),
    )


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
async def database(template: Path, tmp_path: Path) -> AsyncIterator[Database]:  # noqa: F811
    opened = await Database.open(store(Path(shutil.copy(template, tmp_path / "ivr.db"))))
    yield opened
    await opened.close()


@pytest.fixture
def ring_wait() -> float:
    """How long a ring waits for its card, seconds; long, as the machine may be busy."""
    return 5.0


@pytest.fixture
def linger() -> float:
    """How long the ledger remembers a call that has ended, seconds."""
    return 60.0


@pytest.fixture
async def desk(database: Database, clock: DeskClock, ring_wait: float, linger: float) -> AsyncIterator[Desk]:
    kept = LedgerSettings(flush_seconds=0.005, retry_seconds=0.01, linger_seconds=linger)
    ledger = Ledger(database, kept, clock, Seen())
    ledger.start()
    billing, trail, hub, owed = FakeBilling(), Trail(), Hub(), Owed()
    agents: dict[str, Agent] = {}
    readings = Readings(database, ReadingsSettings(csv=False), clock)
    settings = CardsSettings(ring_wait_seconds=ring_wait, open_wait_seconds=ring_wait, give_up_seconds=30)
    sources = CardSources(
        database=database,
        billing=billing,
        readings=readings,
        requests=owed,
        callbacks=NoCallbacks(),
        tasks=NoTasks(),
        visits=Ahead(),
        settings=settings,
        told=ledger.durable,
    )
    wrapups = WrapUps(database, clock)
    cards = Cards(
        ledger=ledger,
        database=database,
        sources=sources,
        face=CardFace(names(), CardTexts.load(), load_profiles(Path("metrics/standards"))),
        identifications=Identifications(database),
        wrapups=wrapups,
        settings=settings,
        clock=clock,
    )
    live = LiveCalls(ledger, cards, hub, trail, agents.values)
    viewing = Viewing(cards, trail)
    yield Desk(database, clock, billing, ledger, readings, wrapups, cards, trail, viewing, hub, owed, agents)
    await live.close()
    await cards.close()
    await ledger.close()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith(("card", "live"))]
