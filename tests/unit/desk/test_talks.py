"""An operator acts on the call he talks in, and only sends it where the company's lists allow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from ivr.access.model import Role, User
from ivr.calls.deeds import DeedKind
from ivr.calls.legs import Leg, LegRole
from ivr.calls.story import About, CallKind, found
from ivr.desk.conflicts import Conflict
from ivr.desk.model import Agent, AgentState
from ivr.desk.orders import Dialling, Orders, Placed
from ivr.desk.ports import CallNotThere, ExchangeAway, Order, Phone, PhoneKind, Target, TargetKind
from ivr.desk.recording_pauses import RecordingPauses
from ivr.desk.settings_talks import CorporateDesk, OutsideRule, RobotFlow, TalksSettings
from ivr.desk.talks import Number, TalkRefused, Talks, Why
from ivr.desk.targets import PlaceKind, Targets
from ivr.dialogue.ports import CallFacts
from tests.contract.ami.waiting import eventually
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
            matters={"callback": self.call_about},
            hand_over=self.hand_over,
        )

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


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    scene = Scene()
    yield scene
    await scene.pauses.close()


DEEDS: Mapping[str, Any] = {
    "consult": lambda talks, user: talks.consult(user, CALL, PlaceKind.COLLEAGUE, "boris"),
    "complete": lambda talks, user: talks.complete(user, CALL),
    "withdraw": lambda talks, user: talks.withdraw(user, CALL),
    "conference": lambda talks, user: talks.conference(user, CALL),
    "transfer": lambda talks, user: talks.transfer(user, CALL, PlaceKind.QUEUE, "clients"),
    "hang_up": lambda talks, user: talks.hang_up(user, CALL),
    "record": lambda talks, user: talks.record(user, CALL, False),
    "warn": lambda talks, user: talks.warn(user, CALL),
    "abusive": lambda talks, user: talks.end_abusive(user, CALL),
    "silent": lambda talks, user: talks.end_silent(user, CALL),
}


async def refused(deed: Any) -> Why:
    with pytest.raises(TalkRefused) as refusal:
        await deed
    return refusal.value.why


@pytest.mark.parametrize("name", DEEDS)
async def test_nobody_acts_on_a_call_that_he_does_not_talk_in(scene: Scene, name: str) -> None:
    """A colleague's call, one that only rings, one that is over, the client's own telephone: all refused."""
    assert await refused(DEEDS[name](scene.talks, ANNA)) is Why.NOT_IN_TALK
    scene.leg("boris")
    scene.leg("anna", answered=False)
    scene.leg("anna").ended_at = scene.clock.now()
    scene.leg("anna", LegRole.CLIENT)
    assert await refused(DEEDS[name](scene.talks, ANNA)) is Why.NOT_IN_TALK
    assert scene.board.asked == []
    assert scene.noted == []


@pytest.mark.parametrize(
    ("fault", "why"), [(CallNotThere("gone"), Why.CALL_GONE), (ExchangeAway("away"), Why.EXCHANGE_AWAY)]
)
@pytest.mark.parametrize(
    "name", ["consult", "complete", "conference", "transfer", "hang_up", "record", "silent"]
)
async def test_what_asterisk_does_not_do_is_told_and_not_noted(
    scene: Scene, name: str, fault: Exception, why: Why
) -> None:
    scene.leg("anna")
    if name in ("complete", "conference"):
        scene.leg("boris", LegRole.CONSULT)
    scene.board.fault = fault
    assert await refused(DEEDS[name](scene.talks, ANNA)) is why
    assert scene.noted == []


# --- consultations ---


async def test_a_consultation_names_its_order(scene: Scene) -> None:
    leg = scene.leg("anna")
    order_id = await scene.talks.consult(ANNA, CALL, PlaceKind.DESK, "grid")
    assert scene.board.asked == [
        ("consult", CALL, leg.leg_id, order_id, Target(TargetKind.OUTSIDE, "4832000111"))
    ]
    assert scene.noted == [DeedKind.CONSULT_ASKED]


async def test_one_consultation_at_a_time(scene: Scene) -> None:
    scene.leg("anna")
    scene.leg(None, LegRole.CONSULT, answered=False)
    assert await refused(DEEDS["consult"](scene.talks, ANNA)) is Why.CONSULTS


@pytest.mark.parametrize("name", ["complete", "conference"])
async def test_connecting_needs_somebody_who_has_answered(scene: Scene, name: str) -> None:
    scene.leg("anna")
    assert await refused(DEEDS[name](scene.talks, ANNA)) is Why.NO_CONSULTATION
    asked = scene.leg("boris", LegRole.CONSULT, answered=False)
    assert await refused(DEEDS[name](scene.talks, ANNA)) is Why.NOT_ANSWERED
    asked.answered_at = scene.clock.now()
    await DEEDS[name](scene.talks, ANNA)
    assert [one[0] for one in scene.board.asked] == [name]


async def test_who_was_asked_may_ask_others_himself(scene: Scene) -> None:
    scene.leg("anna").ended_at = scene.clock.now()
    own = scene.leg("boris", LegRole.CONSULT)
    scene.floor.agents["anna"] = agent(ANNA, AgentState.WRAP_UP)
    await scene.talks.consult(BORIS, CALL, PlaceKind.COLLEAGUE, "anna")
    assert scene.board.asked[0][2] == own.leg_id


# --- where to ---


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (PlaceKind.COLLEAGUE, "viktor", Why.NO_TARGET),
        (PlaceKind.COLLEAGUE, "anna", Why.NO_TARGET),  # oneself
        (PlaceKind.QUEUE, "managers", Why.NO_TARGET),
        (PlaceKind.ROBOT, "main", Why.NO_TARGET),  # a flow that is not on the list
        (PlaceKind.DESK, "moon", Why.NO_TARGET),
        (PlaceKind.OUTSIDE, "+12025550123", Why.NUMBER_REFUSED),
        (PlaceKind.OUTSIDE, "x\r\nAction: Originate", Why.NUMBER_REFUSED),
    ],
)
async def test_places_that_are_on_no_list(scene: Scene, kind: PlaceKind, value: str, why: Why) -> None:
    scene.leg("anna")
    assert await refused(scene.talks.transfer(ANNA, CALL, kind, value)) is why
    assert scene.board.asked == []


@pytest.mark.parametrize("state", [AgentState.TALKING, AgentState.RINGING, AgentState.OFFLINE])
async def test_a_colleague_who_is_busy(scene: Scene, state: AgentState) -> None:
    scene.leg("anna")
    scene.floor.agents["boris"] = agent(BORIS, state)
    assert await refused(DEEDS["consult"](scene.talks, ANNA)) is Why.TARGET_BUSY


async def test_a_transfer_hands_over_the_note_and_its_deed_holds_no_number(scene: Scene) -> None:
    scene.leg("anna")
    await scene.talks.transfer(ANNA, CALL, PlaceKind.OUTSIDE, "+7 483 262-22-22", "просит схему")
    assert scene.handed == [(CALL, "anna", "просит схему")]
    assert scene.board.asked[0][3] == Target(TargetKind.OUTSIDE, "+74832622222")
    assert scene.book.deeds == [(DeedKind.TRANSFER_ASKED, "anna", {"kind": "outside"})]


def test_offers_are_found_by_title_and_by_id_the_free_first(scene: Scene) -> None:
    scene.floor.agents["boris"] = agent(BORIS, AgentState.TALKING)
    scene.floor.agents["vera"] = agent(User(login="vera", name="Вера", role=Role.SENIOR, extension="203"))
    offers = scene.talks.offers(ANNA, "")
    assert [(one.kind.value, one.value, one.free) for one in offers] == [
        ("colleague", "vera", True),
        ("colleague", "boris", False),
        ("desk", "grid", True),
        ("queue", "clients.billing", True),
        ("queue", "clients", True),
        ("robot", "readings", True),
    ]
    assert [one.value for one in scene.talks.offers(ANNA, " ДИСП ")] == ["grid"]
    assert [one.title for one in scene.talks.offers(ANNA, "billing")] == ["clients.billing"]


# --- callers who can't be served ---


async def test_an_abusive_caller_is_warned_before_the_end(scene: Scene) -> None:
    scene.leg("anna")
    assert await refused(DEEDS["abusive"](scene.talks, ANNA)) is Why.NOT_WARNED
    await scene.talks.warn(ANNA, CALL)
    scene.clock.pass_by(SETTINGS.warning_seconds - 1)
    assert await refused(DEEDS["abusive"](scene.talks, ANNA)) is Why.WARNED_JUST_NOW
    scene.clock.pass_by(1)
    await scene.talks.end_abusive(ANNA, CALL)
    assert scene.board.asked == [("end_call", CALL, "abusive-end")]
    assert scene.noted == [DeedKind.ABUSIVE_WARNED, DeedKind.ABUSIVE_ENDED]


async def test_a_silent_caller_hears_why_the_call_ends(scene: Scene) -> None:
    scene.leg("anna")
    await scene.talks.end_silent(ANNA, CALL)
    assert scene.board.asked == [("end_call", CALL, "caller-silent")]
    assert scene.noted == [DeedKind.SILENT_ENDED]


# --- recordings ---


async def test_a_pause_ends_before_somebody_else_comes_into_the_call(scene: Scene) -> None:
    scene.leg("anna")
    await scene.talks.record(ANNA, CALL, False)
    await scene.talks.transfer(ANNA, CALL, PlaceKind.QUEUE, "clients")
    assert [one[:3] for one in scene.board.asked] == [
        ("record", CALL, False),
        ("record", CALL, True),
        ("transfer", CALL, "leg-0"),
    ]


async def test_a_pause_ends_by_itself_and_is_tried_again_while_asterisk_is_away(scene: Scene) -> None:
    pauses = RecordingPauses(cast(Any, scene.board), scene.book, scene.clock, seconds=60)
    await pauses.pause(CALL, "anna")
    scene.board.fault = ExchangeAway("away")
    await eventually(lambda: ("record", CALL, True) in scene.board.asked)
    assert scene.book.deeds == [
        (DeedKind.RECORDING_PAUSED, "anna", None),
        (DeedKind.RECORDING_RESUMED, None, None),
    ]
    await pauses.close()


async def test_a_pause_that_an_earlier_engine_began_ends_too(scene: Scene) -> None:
    story = found(CALL, MONDAY)
    story.recording_paused = True
    pauses = RecordingPauses(cast(Any, scene.board), scene.book, scene.clock, seconds=60)
    pauses.story_changed(story)
    await eventually(lambda: ("record", CALL, True) in scene.board.asked)
    await pauses.close()


async def test_a_call_that_has_ended_is_left_alone(scene: Scene) -> None:
    pauses = RecordingPauses(cast(Any, scene.board), scene.book, scene.clock, seconds=90_000)
    await pauses.pause(CALL, "anna")
    story = found(CALL, MONDAY)
    story.ended_at = MONDAY + timedelta(minutes=1)
    pauses.story_changed(story)
    await pauses.resume_before(CALL, "anna")
    assert scene.board.asked == [("record", CALL, False)]
    await pauses.close()


# --- calling out ---


async def test_an_outgoing_call_is_written_down_then_begun_then_ordered(scene: Scene) -> None:
    about = About("request", "17")
    placed = await scene.talks.call_out(
        ANNA, Number(text="8 (483) 262-22-22", about=about, parent_call_id=CALL)
    )
    [order] = scene.paper.orders
    assert (order.order_id, order.call_id) == (placed.order_id, placed.call_id)
    assert (order.number, order.role, order.profile) == ("+74832622222", LegRole.OUT, "bryansk")
    [(facts, kind, told_about, parent)] = scene.book.opened
    assert (facts.caller_number, kind, told_about, parent) == ("+74832622222", CallKind.OUTBOUND, about, CALL)
    assert scene.board.asked == [("call_out", order)]


async def test_the_same_press_of_a_button_makes_one_call(scene: Scene) -> None:
    number = Number(text="+74832622222", about=ABOUT, key="press-0001")
    first = await scene.talks.call_out(ANNA, number)
    scene.floor.agents["anna"] = agent(ANNA, AgentState.RINGING)
    again = await scene.talks.call_out(ANNA, number)
    assert (again.order_id, again.call_id) == (first.order_id, first.call_id)
    assert len(scene.board.asked) == 1


@pytest.mark.parametrize(
    "who",
    [
        None,
        agent(ANNA, AgentState.TALKING),
        agent(ANNA, AgentState.RINGING),
        agent(ANNA, AgentState.PAUSED, reachable=False),
    ],
)
async def test_an_operator_who_cannot_be_rung_calls_nobody(scene: Scene, who: Agent | None) -> None:
    scene.floor.agents = {} if who is None else {"anna": who}
    assert (
        await refused(scene.talks.call_out(ANNA, Number(text="+74832622222", about=ABOUT))) is Why.NOT_READY
    )
    assert scene.paper.orders == []


async def test_an_operator_is_let_go_when_the_call_is_not_made(scene: Scene) -> None:
    scene.board.fault = ExchangeAway("away")
    number = Number(text="+74832622222", about=ABOUT)
    assert await refused(scene.talks.call_out(ANNA, number)) is Why.EXCHANGE_AWAY
    assert scene.floor.reserved == []


async def test_a_promised_call_is_made_by_who_keeps_promises(scene: Scene) -> None:
    placed = await scene.talks.call_out(ANNA, Number(text="", about=About("callback", "5")))
    assert (placed.order_id, scene.matters, scene.paper.orders) == ("order-7", [(5, "anna")], [])
    scene.conflict = Conflict("taken")
    assert (
        await refused(scene.talks.call_out(ANNA, Number(text="", about=About("callback", "5")))) is Why.TAKEN
    )
    scene.conflict = Conflict("not-ready")
    number = Number(text="", about=About("callback", "5"))
    assert await refused(scene.talks.call_out(ANNA, number)) is Why.NOT_READY
