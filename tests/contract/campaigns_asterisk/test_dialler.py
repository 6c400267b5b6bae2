"""The dialler over a scripted manager: one order, one call, whatever the link does, and all news of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

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
from tests.contract.ami.fake_manager import FakeManager, error, listing, message, silent, success
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
    channels, clock, book, ear = CallChannels(), HandClock(), Book(), Ear()
    dialler = AsteriskDialler(link, channels, book, profile="bryansk", clock=clock)
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
