"""Every telephone that is rung is heard of, from Asterisk's events and, after a gap, from a snapshot."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.calls.legs import LegEnd, LegRole
from ivr.desk.ports import Order, Target, TargetKind
from tests.contract.ami.fake_manager import listing
from tests.contract.ami.waiting import eventually
from tests.contract.desk_calls.conftest import ANNA, CALL, CALLER, LEG, NOON, Desk

CLIENT = {
    "UserEvent": "IvrLeg",
    "Uniqueid": "n-9.2",
    "Channel": "PJSIP/trunk-out-00000002",
    "CallId": "c-9",
    "Role": "client",
    "Order": "order-1",
}
OUT = Order(
    order_id="order-1",
    call_id="c-9",
    phone=ANNA,
    agent="anna",
    number="+74832000001",
    role=LegRole.CALLBACK,
    profile="bryansk",
)


async def test_a_talk_from_the_queue(desk: Desk) -> None:
    leg = await desk.talk()
    assert (leg.agent, leg.device, leg.queue, leg.talking) == ("anna", "PJSIP/op-201", "clients", True)
    await desk.hear("Hold", Uniqueid=LEG)
    assert leg.on_hold
    desk.clock.pass_by(5)
    await desk.hear("Unhold", Uniqueid=LEG)
    assert leg.held(desk.clock.now()) == timedelta(seconds=5)
    await desk.hear("HangupRequest", Uniqueid=LEG)
    await desk.hear("Hangup", Uniqueid=LEG, Cause=16)
    assert leg.end is LegEnd.AGENT


@pytest.mark.parametrize(
    ("asked", "cause", "end"),
    [
        (False, 16, LegEnd.CALLER),
        (True, 16, LegEnd.AGENT),
        (True, 41, LegEnd.LOST),  # the page's last BYE says so
        (False, 44, LegEnd.LOST),  # no media came
        (False, 41, LegEnd.CALLER),
    ],
)
async def test_who_ended_a_talk(desk: Desk, asked: bool, cause: int, end: LegEnd) -> None:
    leg = await desk.talk()
    if asked:
        await desk.hear("HangupRequest", Uniqueid=LEG)
    await desk.hear("Hangup", Uniqueid=LEG, Cause=cause)
    assert leg.end is end


@pytest.mark.parametrize(
    ("cause", "end"),
    [
        (17, LegEnd.BUSY),
        (21, LegEnd.DECLINED),
        (19, LegEnd.NO_ANSWER),
        (16, LegEnd.CALLER),
        (20, LegEnd.FAILED),
    ],
)
async def test_why_a_telephone_was_not_answered(desk: Desk, cause: int, end: LegEnd) -> None:
    desk.watch.bind(CALLER, CALL)
    await desk.hear(
        "AgentCalled",
        Uniqueid=CALLER,
        DestUniqueid=LEG,
        Queue="clients",
        Interface=ANNA.device,
        MemberName="anna",
    )
    await desk.hear("Hangup", Uniqueid=LEG, Cause=cause)
    assert desk.book.legs[LEG].end is end


async def test_a_telephone_that_the_queue_gives_up_was_not_answered(desk: Desk) -> None:
    desk.watch.bind(CALLER, CALL)
    queue = {
        "Uniqueid": CALLER,
        "DestUniqueid": LEG,
        "Queue": "clients",
        "Interface": "PJSIP/x",
        "MemberName": "",
    }
    await desk.hear("AgentCalled", **queue)
    await desk.hear("AgentRingNoAnswer", **queue)
    await desk.hear("Hangup", Uniqueid=LEG, Cause=16)
    assert desk.book.legs[LEG].end is LegEnd.NO_ANSWER


async def test_a_hang_up_shortly_after_the_page_said_goodbye_is_a_loss(desk: Desk) -> None:
    leg = await desk.talk()
    await desk.board.expect_loss(ANNA)
    await desk.hear("HangupRequest", Uniqueid=LEG)
    await desk.hear("Hangup", Uniqueid=LEG, Cause=16)
    assert leg.end is LegEnd.LOST


async def test_and_long_after_it_is_not(desk: Desk) -> None:
    leg = await desk.talk()
    await desk.board.expect_loss(ANNA)
    desk.clock.pass_by(6)
    await desk.hear("HangupRequest", Uniqueid=LEG)
    await desk.hear("Hangup", Uniqueid=LEG, Cause=16)
    assert leg.end is LegEnd.AGENT


async def test_a_call_back_reaches_the_client_who_is_then_the_caller(desk: Desk) -> None:
    await desk.board.call_out(OUT)
    own = {"UserEvent": "IvrLeg", "Uniqueid": "order-1", "Channel": "PJSIP/op-201-1", "CallId": "c-9"}
    await desk.hear("UserEvent", **own, Role="callback", Order="order-1", Step="answered")
    await desk.hear("UserEvent", **CLIENT, Step="rang")
    await desk.hear("UserEvent", **CLIENT, Step="answered")
    assert desk.channels.caller("c-9") == "n-9.2"
    client = desk.book.of(LegRole.CLIENT)
    assert client is not None
    assert (client.device, client.agent, client.talking) == ("", None, True)
    await desk.hear("Hangup", Uniqueid="n-9.2", Cause=16)
    assert desk.ended.count("c-9") == 1
    await desk.hear("Hangup", Uniqueid="order-1", Cause=16)
    assert desk.ended.count("c-9") == 1


async def test_a_call_back_that_nobody_answers_ends_with_the_operators_telephone(desk: Desk) -> None:
    await desk.board.call_out(OUT)
    await desk.hear("UserEvent", **CLIENT, Step="rang")
    await desk.hear("Hangup", Uniqueid="n-9.2", Cause=17)
    assert "c-9" not in desk.ended
    await desk.hear("Hangup", Uniqueid="order-1", Cause=16)
    assert desk.ended.count("c-9") == 1
    assert ("hung_up", "c-9", 16, NOON) in desk.book.told


async def test_an_order_without_a_channel_is_told_by_its_own_id(desk: Desk) -> None:
    await desk.board.call_out(OUT)
    await desk.hear("OriginateResponse", ActionID="order-1", Response="Failure", Reason=0, Uniqueid="<null>")
    assert desk.book.legs["order-1"].end is LegEnd.FAILED
    assert desk.ended.count("c-9") == 1


async def test_a_queue_that_is_asked_rings_legs_of_a_consultation(desk: Desk) -> None:
    await desk.talk()
    await desk.board.consult(CALL, LEG, "order-2", Target(TargetKind.QUEUE, "clients.billing"))
    queue = {"Uniqueid": "order-2", "DestUniqueid": "n-1.4", "Queue": "clients.billing"}
    await desk.hear("AgentCalled", **queue, Interface="PJSIP/desk-202", MemberName="boris")
    await desk.hear("AgentConnect", **queue)
    leg = desk.book.of(LegRole.CONSULT)
    assert leg is not None
    assert (leg.agent, leg.queue, leg.talking) == ("boris", "clients.billing", True)
    await desk.hear("QueueCallerJoin", Uniqueid="order-2", Queue="clients.billing")
    assert desk.floor.told == []  # an operator is no caller


async def test_nothing_of_strangers_is_told(desk: Desk) -> None:
    for name in ("Hold", "Unhold", "HangupRequest", "Hangup", "AgentConnect", "AgentRingNoAnswer"):
        await desk.hear(name, Uniqueid="n-7.7", DestUniqueid="n-7.8", Cause=16)
    await desk.hear(
        "AgentCalled", Uniqueid="n-7.7", DestUniqueid="n-7.8", Queue="q", Interface="x", MemberName="x"
    )
    await desk.hear("UserEvent", UserEvent="IvrLeg", Uniqueid="n-7.9", Role="nobody", Step="rang")
    assert desk.book.events == []


async def test_telephones_that_come_and_go(desk: Desk) -> None:
    async def contact(uri: str, status: str) -> None:
        await desk.hear("ContactStatus", EndpointName="op-201", URI=uri, ContactStatus=status)

    await contact("sip:a", "NonQualified")
    await contact("sip:b", "NonQualified")  # the page was loaded again
    await contact("sip:a", "Removed")
    await contact("sip:b", "Unreachable")
    await desk.hear("ContactStatus", EndpointName="trunk-in", URI="sip:t", ContactStatus="Reachable")
    assert desk.floor.told == [
        ("reachable", "PJSIP/op-201", True),
        ("reachable", "PJSIP/op-201", False),
    ]


# --- after a gap ---


def status(
    name: str, unique: str, seconds: int, state: str = "Up", **variables: str
) -> tuple[str, list[tuple[str, object]]]:
    headers: list[tuple[str, object]] = [
        ("Channel", name),
        ("Uniqueid", unique),
        ("ChannelStateDesc", state),
        ("Seconds", seconds),
    ]
    return "Status", headers + [("Variable", f"{key}={value}") for key, value in variables.items()]


async def gap(desk: Desk, *channels: tuple[str, list[tuple[str, object]]]) -> None:
    """The link is lost and comes back to this."""
    desk.manager.answers["Status"] = listing("StatusComplete", channels)
    desk.manager.answers["QueueStatus"] = listing(
        "QueueStatusComplete",
        [
            ("QueueParams", [("Queue", "clients")]),
            (
                "QueueMember",
                [("Queue", "clients"), ("Location", ANNA.device), ("Paused", 1), ("PausedReason", "lunch")],
            ),
            ("QueueEntry", [("Queue", "clients"), ("Uniqueid", "n-3.1"), ("Position", 1), ("Wait", 40)]),
        ],
    )
    desk.manager.answers["DeviceStateList"] = listing(
        "DeviceStateListComplete",
        [
            ("DeviceStateChange", [("Device", ANNA.device), ("State", "INUSE")]),
            ("DeviceStateChange", [("Device", "PJSIP/desk-202"), ("State", "UNAVAILABLE")]),
            ("DeviceStateChange", [("Device", "PJSIP/trunk-in"), ("State", "NOT_INUSE")]),
        ],
    )
    before = len(desk.floor.seen)
    desk.manager.close_all()
    await eventually(lambda: len(desk.floor.seen) > before)
    await desk.link.ready(5)


CALLERS = status("PJSIP/trunk-in-1", CALLER, 90, CALL_ID=CALL, IVR_LINE="main")
ANNAS = status(
    "PJSIP/op-201-2", LEG, 60, CALL_ID=CALL, IVR_ROLE="queue", IVR_ANSWERED=str(NOON.timestamp() - 55.5)
)


async def test_talks_that_began_unseen_are_told_with_their_times(desk: Desk) -> None:
    waiting = status("PJSIP/trunk-in-3", "n-3.1", 45, CALL_ID="c-3", IVR_LINE="main")
    ringing = status(
        "PJSIP/desk-202-4", "n-1.4", 7, "Ringing", CALL_ID=CALL, IVR_ROLE="consult", IVR_ORDER="o-2"
    )
    line = status("PJSIP/op-201-5", "o-2", 9, CALL_ID=CALL, IVR_ROLE="line", IVR_ORDER="o-2", IVR_FOR=LEG)
    await gap(desk, CALLERS, ANNAS, waiting, ringing, line)
    leg, asked = desk.book.legs[LEG], desk.book.legs["n-1.4"]
    assert leg.rang_at == NOON - timedelta(seconds=60)
    assert leg.answered_at == NOON - timedelta(seconds=55.5)
    assert (leg.role, leg.agent) == (LegRole.QUEUE, "anna")
    assert (asked.role, asked.answered_at, asked.agent) == (LegRole.CONSULT, None, "boris")
    assert set(desk.book.legs) == {LEG, "n-1.4"}
    [_, seen] = desk.floor.seen
    assert dict(seen.talks) == {"PJSIP/op-201": LEG, "PJSIP/desk-202": "n-1.4"}
    assert [(one.queue, one.call_id, one.since) for one in seen.callers] == [
        ("clients", "c-3", NOON - timedelta(seconds=40))
    ]
    assert [(one.device, one.paused, one.reason) for one in seen.members] == [(ANNA.device, True, "lunch")]
    assert seen.reachable == {ANNA.device}


async def test_what_goes_on_is_not_told_a_second_time(desk: Desk) -> None:
    leg = await desk.talk()
    began = (leg.rang_at, leg.answered_at)
    desk.clock.pass_by(60)
    answered = status(
        "PJSIP/op-201-2", LEG, 60, CALL_ID=CALL, IVR_ROLE="queue", IVR_ANSWERED=str(NOON.timestamp())
    )
    await gap(desk, CALLERS, answered)
    assert (leg.rang_at, leg.answered_at) == began
    assert len(desk.book.legs) == 1
    await desk.hear("HangupRequest", Uniqueid=LEG)
    await desk.hear("Hangup", Uniqueid=LEG, Cause=16)
    assert leg.end is LegEnd.AGENT


async def test_talks_that_ended_unseen_have_ended(desk: Desk) -> None:
    leg = await desk.talk()
    await gap(desk, CALLERS)
    assert leg.end is LegEnd.UNKNOWN


async def test_a_consultation_is_found_again_and_can_be_completed(desk: Desk) -> None:
    asked = status(
        "PJSIP/desk-202-4", "n-1.4", 7, CALL_ID=CALL, IVR_ROLE="consult", IVR_ORDER="o-2", IVR_ANSWERED="1"
    )
    line = status("PJSIP/op-201-5", "o-2", 9, CALL_ID=CALL, IVR_ROLE="line", IVR_ORDER="o-2", IVR_FOR=LEG)
    await gap(desk, CALLERS, ANNAS, asked, line)
    await desk.board.complete(CALL, LEG)
    assert desk.sent("Redirect")[0]["Channel"] == CALLER
    assert desk.sent("Redirect")[0]["Exten"] == "n-1.4"


async def test_an_outgoing_call_that_ended_unseen_has_ended(desk: Desk) -> None:
    await desk.board.call_out(OUT)
    await gap(desk)
    assert desk.book.legs["order-1"].end is LegEnd.UNKNOWN
    assert desk.ended.count("c-9") == 1


async def test_an_outgoing_call_is_found_again_with_its_client_as_caller(desk: Desk) -> None:
    own = status("PJSIP/op-201-1", "order-1", 30, CALL_ID="c-9", IVR_ROLE="callback", IVR_ORDER="order-1")
    client = status("PJSIP/trunk-out-2", "n-9.2", 20, CALL_ID="c-9", IVR_ROLE="client", IVR_ORDER="order-1")
    await gap(desk, own, client)
    assert desk.channels.caller("c-9") == "n-9.2"
    assert {leg.role for leg in desk.book.legs.values()} == {LegRole.CALLBACK, LegRole.CLIENT}
    await desk.hear("Hangup", Uniqueid="n-9.2", Cause=16)
    assert desk.book.legs["n-9.2"].end is LegEnd.CALLER
    assert desk.ended.count("c-9") == 1
