"""The dialler over a scripted manager: one order, one call, whatever the link does, and all news of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.asterisk.ami import AmiLink, AmiSettings, LinkState
from ivr.asterisk.desk import SNAPSHOT_VARIABLES, CallChannels
from ivr.asterisk.dialling import AsteriskDialler
from ivr.calls.events import Answered, HungUp
from ivr.calls.running import Told
from ivr.calls.story import About, CallKind
from ivr.campaigns.model import Who
from ivr.campaigns.ports import CallEnd, ExchangeAway, MachineOrder, NotDialled, OutgoingCall
from ivr.dialogue.ports import CallFacts
from tests.contract.ami.conftest import manager, nothing_left, settings
from tests.contract.ami.fake_manager import (
    Answer,
    FakeManager,
    Peer,
    error,
    listing,
    message,
    silent,
    success,
)
from tests.contract.ami.waiting import eventually
from tests.contract.desk_calls.conftest import HandClock

__all__ = ["manager", "nothing_left", "settings"]

ID = "5b0c3cde-0000-4000-8000-000000000001"
CALL = OutgoingCall(
    attempt_id=ID,
    number="+79120000001",
    trunk="main",
    caller_id="+74832111111",
    label="Энергосбыт",
    ring_seconds=30,
    machine=MachineOrder.LEAVE_MESSAGE,
    campaign="7",
)


@dataclass
class Ear:
    news: list[tuple[str, str]] = field(default_factory=list)
    times: dict[str, datetime] = field(default_factory=dict)
    ends: list[CallEnd] = field(default_factory=list)
    snapshots: list[set[str]] = field(default_factory=list)

    def answered(self, attempt_id: str, at: datetime) -> None:
        self._note("answered", attempt_id, at)

    def reached(self, attempt_id: str, at: datetime) -> None:
        self._note("reached", attempt_id, at)

    def connected(self, attempt_id: str, at: datetime) -> None:
        self._note("connected", attempt_id, at)

    def ended(self, attempt_id: str, end: CallEnd) -> None:
        self._note("ended", attempt_id, end.at)
        self.ends.append(end)

    def seen(self, attempt_ids: Collection[str]) -> None:
        self.snapshots.append(set(attempt_ids))

    def _note(self, what: str, attempt_id: str, at: datetime) -> None:
        self.news.append((what, attempt_id))
        self.times[what] = at


@dataclass
class Book:
    opened: list[tuple[CallFacts, CallKind, About | None]] = field(default_factory=list)
    told: list[tuple[str, Told]] = field(default_factory=list)

    def open_outgoing(
        self, facts: CallFacts, kind: CallKind, about: About | None = None, parent_call_id: str | None = None
    ) -> object:
        self.opened.append((facts, kind, about))
        return None

    def note(self, call_id: str, told: Told) -> None:
        self.told.append((call_id, told))


class PatientClock(HandClock):
    """Whoever waits goes on at once."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class World:
    manager: FakeManager
    link: AmiLink
    dialler: AsteriskDialler
    channels: CallChannels
    clock: HandClock = field(default_factory=HandClock)
    ear: Ear = field(default_factory=Ear)
    book: Book = field(default_factory=Book)

    def orders(self) -> list[dict[str, str]]:
        return [one for one in self.manager.received if one["Action"] == "Originate"]

    def hear(self, name: str, **headers: object) -> None:
        self.manager.listener.send(message(name, **headers))

    def step(self, step: str, **headers: object) -> None:
        self.hear("UserEvent", UserEvent="IvrCampaign", Step=step, CallId=ID, **headers)

    async def news(self, *expected: str) -> None:
        await eventually(lambda: len(self.ear.news) >= len(expected))
        assert self.ear.news == [(what, ID) for what in expected]


@pytest.fixture
async def world(manager: FakeManager, settings: AmiSettings) -> AsyncIterator[World]:
    link = AmiLink(settings.model_copy(update={"snapshot_variables": SNAPSHOT_VARIABLES}))
    channels, clock, book, ear = CallChannels(), PatientClock(), Book(), Ear()
    devices = {"vera": "PJSIP/op-203"}
    dialler = AsteriskDialler(link, channels, book, profile="bryansk", clock=clock, device_of=devices.get)
    dialler.watch(ear)
    await link.start()
    await link.ready(5)
    yield World(manager, link, dialler, channels, clock, ear, book)
    await link.stop()


def _channel(state: str, unique_id: str = ID, call_id: str = ID) -> tuple[str, list[tuple[str, object]]]:
    return "Status", [
        ("Channel", "PJSIP/trunk-main.campaign-00000001"),
        ("Uniqueid", unique_id),
        ("ChannelStateDesc", state),
        ("Seconds", 5),
        ("Variable", f"CALL_ID={call_id}"),
    ]


async def test_an_order_carries_the_attempts_id_and_all_that_the_dialplan_needs(world: World) -> None:
    await world.dialler.dial(CALL)
    [order] = world.orders()
    assert (order["ChannelId"], order["ActionID"], order["Async"]) == (ID, ID, "true")
    assert order["Channel"] == "PJSIP/+79120000001@trunk-main.campaign"
    assert (order["Context"], order["Exten"], order["Timeout"]) == ("campaign", "robot", "30000")
    assert order["CallerID"] == '"Энергосбыт" <+74832111111>'
    [(facts, kind, about)] = world.book.opened
    assert (facts.call_id, facts.caller_number, facts.profile) == (ID, "+79120000001", "bryansk")
    assert (kind, about) == (CallKind.CAMPAIGN, About("campaign", "7"))
    assert world.channels.call_of(ID) == ID


async def test_with_a_queue_a_person_goes_to_its_operators(world: World) -> None:
    await world.dialler.dial(replace(CALL, queue="clients"))
    assert world.orders()[0]["Exten"] == "people"


async def test_whom_an_operator_has_chosen_is_his_when_the_dialplan_says_so(world: World) -> None:
    await world.dialler.dial(replace(CALL, queue="clients", operator="vera"))
    assert world.orders()[0]["Exten"] == "people"
    world.step("answered")
    world.step("reached", Cadence="")
    world.step("connected")
    await world.news("answered", "reached", "connected")


async def test_for_an_operator_who_has_gone_nothing_is_ordered(world: World) -> None:
    with pytest.raises(NotDialled, match="gone"):
        await world.dialler.dial(replace(CALL, queue="clients", operator="boris"))
    assert world.orders() == []
    assert world.book.opened == []


async def test_who_rehearses_is_called_on_his_own_telephone_over_no_trunk(world: World) -> None:
    await world.dialler.dial(replace(CALL, number="203", campaign="", rehearses="vera"))
    [order] = world.orders()
    assert (order["Channel"], order["Context"], order["Exten"]) == ("PJSIP/op-203", "campaign", "robot")
    variables = order["Variable"]
    assert f"PJSIP_HEADER(add,X-Ivr-Rehearsal)={ID}" in variables
    assert "GROUP(trunk)" not in variables
    with pytest.raises(NotDialled, match="gone"):
        await world.dialler.dial(replace(CALL, number="204", rehearses="boris"))
    assert len(world.orders()) == 1


async def test_a_talk_is_told_from_its_answer_to_its_end(world: World) -> None:
    await world.dialler.dial(CALL)
    world.step("answered")
    world.step("reached", Cadence="HUMAN-620-600")
    world.hear("AgentConnect", Uniqueid=ID, MemberName="anna", Interface="PJSIP/op-201")
    world.step("over", Answered="1.5", Who="person", Told="", Cause=16)
    world.hear("Hangup", Uniqueid=ID, Cause=16)
    await world.news("answered", "reached", "connected", "ended")
    [end] = world.ear.ends
    assert (end.answered, end.who, end.told, end.cause) == (True, Who.PERSON, False, 16)
    assert world.ear.times["answered"] - world.ear.times["reached"] == timedelta(seconds=0.6)
    assert [type(told) for _, told in world.book.told] == [Answered, HungUp]


async def test_the_cause_is_the_dialplans_where_the_hang_up_has_none(world: World) -> None:
    await world.dialler.dial(CALL)
    world.hear("OriginateResponse", ActionID=ID, Response="Failure", Reason=0, Uniqueid="<null>")
    world.step("over", Answered="", Who="", Told="", Cause=17)
    world.hear("Hangup", Uniqueid=ID, Cause=0)
    await world.news("ended")
    assert (world.ear.ends[0].cause, world.ear.ends[0].answered) == (17, False)


async def test_an_order_for_which_no_channel_was_made_ends(world: World) -> None:
    await world.dialler.dial(CALL)
    world.hear("OriginateResponse", ActionID=ID, Response="Failure", Reason=0, Uniqueid="<null>")
    await world.news("ended")
    assert (world.ear.ends[0].cause, world.ear.ends[0].answered) == (44, False)


async def test_what_is_told_twice_or_of_others_changes_nothing(world: World) -> None:
    await world.dialler.dial(CALL)
    world.step("answered")
    world.step("answered")
    world.hear("Hangup", Uniqueid="other", Cause=16)
    world.hear("Hangup", Uniqueid=ID, Cause=16)
    world.hear("Hangup", Uniqueid=ID, Cause=16)
    world.step("over", Answered="1", Who="person", Told="", Cause=16)
    await world.news("answered", "ended")


async def test_an_answer_that_was_missed_is_told_at_the_end(world: World) -> None:
    await world.dialler.dial(CALL)
    world.step("over", Answered="1.5", Who="machine", Told="yes", Cause=16)
    world.hear("Hangup", Uniqueid=ID, Cause=16)
    await world.news("answered", "ended")
    assert (world.ear.ends[0].who, world.ear.ends[0].told) == (Who.MACHINE, True)


async def test_what_asterisk_refuses_was_certainly_not_dialled(world: World) -> None:
    world.manager.answers["Originate"] = error("Originate failed")
    with pytest.raises(NotDialled):
        await world.dialler.dial(CALL)
    assert world.channels.call_of(ID) is None


async def test_without_a_link_nothing_is_sent(world: World) -> None:
    await world.manager.stop()
    await eventually(lambda: world.link.actions.state is not LinkState.UP)
    with pytest.raises(NotDialled):
        await world.dialler.dial(CALL)
    assert not world.orders()
    await world.manager.start()


async def test_an_order_whose_answer_is_lost_is_never_sent_again(world: World) -> None:
    world.manager.answers["Originate"] = silent
    dialling = asyncio.create_task(world.dialler.dial(CALL))
    await eventually(lambda: bool(world.orders()))
    world.manager.answers["Originate"] = success()
    world.manager.answers["Status"] = listing("StatusComplete", [_channel("Up")])
    world.manager.close_all()
    with pytest.raises(ExchangeAway):
        await dialling
    await eventually(lambda: len(world.ear.snapshots) == 2 and world.manager.hears)
    assert world.ear.snapshots[-1] == {ID}
    await world.news("answered")
    assert len(world.orders()) == 1
    world.hear("Hangup", Uniqueid=ID, Cause=16)
    await world.news("answered", "ended")


async def test_a_snapshot_shows_campaigns_calls_alone(world: World) -> None:
    other = _channel("Up", "asterisk-1.1", "c-1")
    operators = _channel("Up", "asterisk-1.2", ID)
    world.manager.answers["Status"] = listing("StatusComplete", [_channel("Ringing"), other, operators])
    world.manager.close_all()
    await eventually(lambda: len(world.ear.snapshots) == 2)
    assert world.ear.snapshots[-1] == {ID}
    assert not world.ear.news


async def test_a_call_ordered_while_a_snapshot_is_handled_is_followed(world: World) -> None:
    await world.dialler.dial(CALL)
    world.manager.close_all()
    await eventually(lambda: len(world.ear.snapshots) == 2 and world.manager.hears)
    assert world.ear.snapshots[-1] == set()
    world.hear("Hangup", Uniqueid=ID, Cause=16)
    await world.news("ended")


async def test_hanging_up_what_is_gone_is_nothing(world: World) -> None:
    world.manager.answers["Hangup"] = error("No such channel")
    await world.dialler.hang_up(ID)
    world.manager.answers["Hangup"] = error("Permission denied")
    with pytest.raises(ExchangeAway):
        await world.dialler.hang_up(ID)


def _values(begun: int, *, noted: bool = False, occupied: bool = True) -> Answer:
    """What Asterisk says of its variables: when it began, whether it noted the order, who has its id."""
    values = {
        "IVR_BEGUN": str(begun),
        f"DB_EXISTS(ivr-dialled/{ID})": str(int(noted)),
        "IVR_WITHDRAWN": "1" if occupied else "",
    }

    def answer(peer: Peer, action: dict[str, str]) -> str:
        mark = f"ActionID: {action['ActionID']}"
        if action.get("Channel") and not occupied:
            return f"Response: Error\r\n{mark}\r\nMessage: No such channel"
        return f"Response: Success\r\n{mark}\r\nValue: {values[action['Variable']]}"

    return answer


WRITTEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE = int(WRITTEN.timestamp()) - 60


async def test_an_order_that_asterisk_never_had_is_withdrawn_by_taking_its_id(world: World) -> None:
    world.manager.answers["Getvar"] = _values(BEFORE)
    assert await world.dialler.withdraw(ID, WRITTEN)
    [taken] = world.orders()
    assert (taken["ChannelId"], taken["Channel"]) == (ID, "Local/s@campaign-withdrawn/n")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(_values(BEFORE, noted=True), id="it was carried out"),
        pytest.param(_values(BEFORE, occupied=False), id="a call has the id"),
        pytest.param(_values(int(WRITTEN.timestamp())), id="Asterisk was started since"),
        pytest.param(success(), id="Asterisk does not know these variables"),
        pytest.param(error("Permission denied"), id="Asterisk tells nothing"),
    ],
)
async def test_an_order_that_may_have_been_carried_out_is_not_withdrawn(world: World, values: Answer) -> None:
    world.manager.answers["Getvar"] = values
    assert not await world.dialler.withdraw(ID, WRITTEN)


async def test_without_a_link_nothing_is_withdrawn(world: World) -> None:
    await world.manager.stop()
    await eventually(lambda: world.link.actions.state is not LinkState.UP)
    assert not await world.dialler.withdraw(ID, WRITTEN)
    await world.manager.start()


async def test_each_call_is_noted_and_the_note_goes_when_its_end_was_heard(world: World) -> None:
    await world.dialler.dial(CALL)
    world.hear("Hangup", Uniqueid=ID, Cause=17)
    await world.news("ended")
    await world.dialler.dial(replace(CALL, attempt_id=ID[:-1] + "3"))
    assert "DB_DELETE" not in world.orders()[-1]["Variable"]
    world.clock.pass_by(301)
    second = ID[:-1] + "2"
    await world.dialler.dial(replace(CALL, attempt_id=second))
    assert world.orders()[-1]["Variable"] == f"DB_DELETE(ivr-dialled/{ID})=1"


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, number="112&PJSIP/200"),
        replace(CALL, number=""),
        replace(CALL, trunk="Main,1"),
        replace(CALL, label='"<+1>'),
        replace(CALL, label="a\r\nAction: Logoff"),
    ],
)
async def test_what_is_not_fit_for_an_order_is_not_dialled(world: World, call: OutgoingCall) -> None:
    with pytest.raises(NotDialled):
        await world.dialler.dial(call)
    assert not world.orders()
