"""Two operators, a call, and all that acting on it needs, played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import pytest

from ivr.access.model import Role, User
from ivr.calls.deeds import Deed
from ivr.calls.legs import Leg, LegRole
from ivr.calls.story import About, CallKind
from ivr.desk.conflicts import Conflict
from ivr.desk.model import Agent, AgentState
from ivr.desk.orders import Dialling, Orders, Placed
from ivr.desk.ports import Order, Phone, PhoneKind
from ivr.desk.recording_pauses import RecordingPauses
from ivr.desk.settings_talks import CorporateDesk, OutsideRule, RobotFlow, TalksSettings
from ivr.desk.talks import TalkRefused, Talks, Why
from ivr.desk.targets import Targets
from ivr.dialogue.ports import CallFacts
from tests.unit.desk.exchange import MONDAY, HandClock

ANNA = User(login="anna", name="Анна", role=Role.OPERATOR, extension="201")
BORIS = User(login="boris", name="Борис", role=Role.OPERATOR, extension="202")
CALL = "c-1"
SETTINGS = TalksSettings(
    directory=(CorporateDesk(id="grid", title="Диспетчер сетей", number="4832000111"),),
    robot_flows=(RobotFlow(id="readings", title="Передача показаний"),),
    outside=OutsideRule(local=("112",)),
)
ABOUT = About("none")


def agent(user: User, state: AgentState = AgentState.READY, *, reachable: bool = True) -> Agent:
    return Agent(
        login=user.login,
        name=user.name,
        extension=user.extension,
        phone=Phone(PhoneKind.BROWSER, user.extension or ""),
        skills=("clients",),
        state=state,
        reason=None,
        since=MONDAY,
        reachable=reachable,
    )


@dataclass
class Board:
    """A switchboard that notes what it is asked; `fault` is what the next action raises."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    fault: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        async def act(*arguments: object) -> None:
            fault, self.fault = self.fault, None
            if fault is not None:
                raise fault
            self.asked.append((name, *arguments))

        return act


@dataclass
class Book:
    """The ledger."""

    held: list[Leg] = field(default_factory=list)
    deeds: list[tuple[str, str | None, Mapping[str, Any] | None]] = field(default_factory=list)
    opened: list[tuple[CallFacts, CallKind, About | None, str | None]] = field(default_factory=list)

    def legs(self, call_id: str) -> tuple[Leg, ...]:
        return tuple(leg for leg in self.held if leg.call_id == call_id)

    def note_deed(
        self,
        call_id: str,
        kind: str,
        agent: str | None,
        at: datetime | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.deeds.append((kind, agent, data))

    def open_outgoing(
        self, facts: CallFacts, kind: CallKind, about: About | None = None, parent_call_id: str | None = None
    ) -> None:
        self.opened.append((facts, kind, about, parent_call_id))


@dataclass
class Floor:
    """Who is signed in."""

    agents: dict[str, Agent]
    reserved: list[str] = field(default_factory=list)

    def agent(self, login: str) -> Agent | None:
        return self.agents.get(login)

    async def reserve(self, login: str, why: str) -> bool:
        self.reserved.append(login)
        return self.agents[login].state is AgentState.READY

    def release(self, login: str) -> None:
        self.reserved.remove(login)


@dataclass
class Paper:
    """Where orders are written down."""

    orders: list[Order] = field(default_factory=list)
    keys: dict[str, Placed] = field(default_factory=dict)

    async def of_key(self, key: str) -> Placed | None:
        return self.keys.get(key)

    async def write_down(self, order: Order, about: About, key: str | None) -> Placed:
        self.orders.append(order)
        if key:
            self.keys[key] = Placed(order.order_id, order.call_id, new=False)
        return Placed(order.order_id, order.call_id)


class Scene:
    """Talks with everything around them."""

    def __init__(self) -> None:
        self.board, self.book, self.paper, self.clock = Board(), Book(), Paper(), HandClock()
        self.floor = Floor({"anna": agent(ANNA), "boris": agent(BORIS)})
        self.handed: list[tuple[str, str, str]] = []
        self.matters: list[tuple[int, str]] = []
        self.conflict: Conflict | None = None
        self.past: list[Deed] = []
        switchboard = cast(Any, self.board)
        self.pauses = RecordingPauses(switchboard, self.book, self.clock, seconds=90_000)
        self.talks = Talks(
            switchboard=switchboard,
            book=self.book,
            operators=self.floor,
            targets=Targets(
                SETTINGS,
                agents=lambda: list(self.floor.agents.values()),
                queues={"clients": "Клиенты", "clients.billing": ""},
            ),
            pauses=self.pauses,
            orders=cast(Orders, self.paper),
            dialling=Dialling(switchboard, self.book, self.clock),
            settings=SETTINGS,
            clock=self.clock,
            profile="bryansk",
            deeds=self.written,
            matters={"callback": self.call_about},
            hand_over=self.hand_over,
        )

    async def written(self, call_id: str) -> list[Deed]:
        """Before the engine was started."""
        return self.past

    async def call_about(self, id: int, login: str) -> Placed:
        if self.conflict is not None:
            raise self.conflict
        self.matters.append((id, login))
        return Placed("order-7", "c-7")

    async def hand_over(self, call_id: str, login: str, note: str) -> None:
        self.handed.append((call_id, login, note))

    def leg(self, login: str | None, role: LegRole = LegRole.QUEUE, *, answered: bool = True) -> Leg:
        leg = Leg(
            call_id=CALL,
            leg_id=f"leg-{len(self.book.held)}",
            role=role,
            agent=login,
            rang_at=self.clock.now(),
            answered_at=self.clock.now() if answered else None,
        )
        self.book.held.append(leg)
        return leg

    @property
    def noted(self) -> list[str]:
        return [kind for kind, _, _ in self.book.deeds]


async def refused(deed: Any) -> Why:
    with pytest.raises(TalkRefused) as refusal:
        await deed
    return refusal.value.why
