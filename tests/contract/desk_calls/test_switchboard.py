"""What the switchboard asks of Asterisk, and what it makes of refusals, silence and lost links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ivr.calls.legs import LegEnd, LegRole
from ivr.desk.ports import CallNotThere, ExchangeAway, Order, Target, TargetKind
from tests.contract.ami.fake_manager import error, success
from tests.contract.desk_calls.conftest import ANNA, BORIS, CALL, CALLER, LEG, Desk

TO_BORIS = Target(TargetKind.COLLEAGUE, "boris")
OUT = Order(
    order_id="order-1",
    call_id="c-9",
    phone=ANNA,
    agent="anna",
    number="+74832000001",
    role=LegRole.OUT,
    profile="bryansk",
)


# --- queues ---


async def test_joining_gives_the_operators_name_and_the_pause_with_its_reason(desk: Desk) -> None:
    await desk.board.join("clients.billing", ANNA, "anna", "lunch")
    assert desk.sent("QueueAdd") == [
        {"Queue": "clients.billing", "Interface": "PJSIP/op-201", "MemberName": "anna", "Paused": "true"}
    ]
    assert desk.sent("QueuePause") == [
        {"Queue": "clients.billing", "Interface": "PJSIP/op-201", "Paused": "true", "Reason": "lunch"}
    ]


async def test_a_member_that_is_there_is_only_paused_or_let_in(desk: Desk) -> None:
    desk.manager.answers["QueueAdd"] = error("Unable to add interface: Already there")
    await desk.board.join("clients", ANNA, "anna", None)
    assert desk.sent("QueuePause")[0]["Paused"] == "false"


async def test_leaving_and_pausing_without_being_a_member_is_no_fault(desk: Desk) -> None:
    desk.manager.answers["QueueRemove"] = error("Unable to remove interface: Not there")
    desk.manager.answers["QueuePause"] = error("Interface not found")
    await desk.board.leave("clients", ANNA)
    await desk.board.pause(ANNA, "lunch")


@pytest.mark.parametrize("action", ["QueueAdd", "QueueRemove", "QueuePause"])
async def test_any_other_refusal_is_told(desk: Desk, action: str) -> None:
    desk.manager.answers[action] = error("No such queue")
    deeds = {
        "QueueAdd": lambda: desk.board.join("gone", ANNA, "anna", None),
        "QueueRemove": lambda: desk.board.leave("gone", ANNA),
        "QueuePause": lambda: desk.board.pause(ANNA, None),
    }
    with pytest.raises(ExchangeAway):
        await deeds[action]()


# --- calling out ---


async def test_an_order_is_given_once_with_its_own_id(desk: Desk) -> None:
    await desk.board.call_out(OUT)
    [sent] = [one for one in desk.manager.received if one["Action"] == "Originate"]
    assert sent["ChannelId"] == sent["ActionID"] == "order-1"
    assert (sent["Channel"], sent["Context"], sent["Exten"]) == ("PJSIP/op-201", "desk-out", "+74832000001")
    leg = desk.book.of(LegRole.OUT)
    assert leg is not None
    assert (leg.leg_id, leg.agent, leg.device, leg.ended_at) == ("order-1", "anna", "PJSIP/op-201", None)


async def test_a_refused_order_is_a_failed_leg_and_no_call(desk: Desk) -> None:
    desk.manager.answers["Originate"] = error("Extension does not exist.")
    with pytest.raises(ExchangeAway):
        await desk.board.call_out(OUT)
    leg = desk.book.of(LegRole.OUT)
    assert leg is not None
    assert leg.end is LegEnd.FAILED
    assert desk.channels.phones("c-9") == []


async def test_an_order_whose_answer_is_lost_is_not_given_again(desk: Desk) -> None:
    def die(peer: object, action: dict[str, str]) -> None:
        desk.manager.close_all()

    desk.manager.answers["Originate"] = die
    with pytest.raises(ExchangeAway):
        await desk.board.call_out(OUT)
    await desk.link.ready(5)
    assert desk.manager.count("Originate") == 1


async def test_numbers_with_line_ends_never_reach_asterisk(desk: Desk) -> None:
    await desk.talk()
    with pytest.raises(ValueError, match="extension"):
        await desk.board.transfer(CALL, LEG, Target(TargetKind.OUTSIDE, "1\r\nAction: Originate"))
    assert desk.manager.count("Redirect") == 0


# --- a call that goes on ---


async def test_a_consultation_rings_the_operator_a_second_time_and_then_the_colleague(desk: Desk) -> None:
    await desk.talk()
    await desk.board.consult(CALL, LEG, "order-2", TO_BORIS)
    [sent] = desk.sent("Originate")
    assert (sent["Channel"], sent["Context"], sent["Exten"]) == (
        "PJSIP/op-201",
        "desk-consult-colleague",
        "desk-202",
    )
    assert desk.book.of(LegRole.CONSULT) is None  # the second line is no leg


Deed = Callable[[Desk], Awaitable[None]]
DEEDS: dict[str, Deed] = {
    "complete": lambda desk: desk.board.complete(CALL, LEG),
    "transfer": lambda desk: desk.board.transfer(CALL, LEG, TO_BORIS),
    "conference": lambda desk: desk.board.conference(CALL, LEG),
}
REDIRECTS = {
    "complete": {"Channel": CALLER, "Context": "desk-join", "Exten": "n-1.4", "Priority": "1"},
    "transfer": {"Channel": CALLER, "Context": "desk-to-colleague", "Exten": "desk-202", "Priority": "1"},
    "conference": {"Channel": "n-1.4", "Context": "desk-conference", "Exten": CALLER, "Priority": "1"},
}


async def in_consultation(desk: Desk) -> None:
    await desk.talk()
    await desk.board.consult(CALL, LEG, "order-2", TO_BORIS)
    await desk.consultation("order-2")


@pytest.mark.parametrize("name", DEEDS)
async def test_each_deed_is_one_action(desk: Desk, name: str) -> None:
    await in_consultation(desk)
    before = len(desk.manager.received)
    await DEEDS[name](desk)
    assert len(desk.manager.received) == before + 1
    assert desk.sent("Redirect") == [REDIRECTS[name]]


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (error("Channel does not exist: n-1.1"), CallNotThere),
        (error("Redirect failed"), ExchangeAway),
        (None, ExchangeAway),
    ],
)
async def test_a_deed_that_fails_changes_nothing(
    desk: Desk, name: str, answer: object, fault: type[Exception]
) -> None:
    await in_consultation(desk)
    dies = lambda peer, action: desk.manager.close_all()  # noqa: E731
    desk.manager.answers["Redirect"] = answer or dies  # type: ignore[assignment]
    with pytest.raises(fault):
        await DEEDS[name](desk)
    assert desk.manager.count("Redirect") == 1
    phone = desk.channels.phone(LEG)
    assert phone is None or phone.expected is None


async def test_the_leg_of_who_hands_over_ends_as_transferred(desk: Desk) -> None:
    leg = await desk.talk()
    await desk.board.transfer(CALL, LEG, TO_BORIS)
    await desk.hear("Hangup", Uniqueid=LEG, Cause=16)
    assert leg.end is LegEnd.TRANSFERRED


@pytest.mark.parametrize("name", ["complete", "conference"])
async def test_who_is_asked_must_have_answered(desk: Desk, name: str) -> None:
    await desk.talk()
    await desk.board.consult(CALL, LEG, "order-2", TO_BORIS)
    with pytest.raises(CallNotThere):
        await DEEDS[name](desk)
    assert desk.manager.count("Redirect") == 0


async def test_withdrawing_hangs_up_the_second_line_alone(desk: Desk) -> None:
    await in_consultation(desk)
    await desk.board.withdraw(CALL, LEG)
    assert desk.sent("Hangup") == [{"Channel": "order-2", "Cause": "16"}]


async def test_a_colleague_without_a_telephone_is_not_there(desk: Desk) -> None:
    await desk.talk()
    with pytest.raises(CallNotThere):
        await desk.board.transfer(CALL, LEG, Target(TargetKind.COLLEAGUE, "viktor"))


async def test_another_calls_leg_is_not_there(desk: Desk) -> None:
    await desk.talk()
    with pytest.raises(CallNotThere):
        await desk.board.hang_up("c-2", LEG)
    assert desk.manager.count("Hangup") == 0


async def test_ending_with_a_prompt_sends_the_caller_to_it(desk: Desk) -> None:
    leg = await desk.talk()
    await desk.board.end_call(CALL, "abusive-end")
    assert desk.sent("Redirect")[0] | {"Channel": CALLER} == {
        "Channel": CALLER,
        "Context": "desk-end",
        "Exten": "abusive-end",
        "Priority": "1",
    }
    await desk.hear("Hangup", Uniqueid=LEG, Cause=16)
    assert leg.end is LegEnd.AGENT


async def test_a_pause_silences_every_recording_of_the_call_in_both_directions(desk: Desk) -> None:
    await in_consultation(desk)
    await desk.board.record(CALL, False)
    muted = desk.sent("MixMonitorMute")
    assert {one["Channel"] for one in muted} == {CALLER, LEG, "n-1.4"}
    assert {(one["Direction"], one["State"]) for one in muted} == {("both", "1")}


async def test_channels_that_are_not_recorded_do_not_spoil_a_pause_but_all_of_them_do(desk: Desk) -> None:
    await desk.talk()

    def only_the_caller(peer: object, action: dict[str, str]) -> str | None:
        answer = success() if action["Channel"] == CALLER else error("Cannot set mute flag")
        return answer(peer, action)  # type: ignore[arg-type]

    desk.manager.answers["MixMonitorMute"] = only_the_caller
    await desk.board.record(CALL, False)
    desk.manager.answers["MixMonitorMute"] = error("Cannot set mute flag")
    with pytest.raises(ExchangeAway):
        await desk.board.record(CALL, True)


async def test_nothing_is_done_while_the_link_is_away(desk: Desk) -> None:
    await desk.talk()
    await desk.manager.stop()
    for deed in (
        desk.board.hang_up(CALL, LEG),
        desk.board.record(CALL, False),
        desk.board.join("clients", BORIS, "boris", None),
        desk.board.leave("clients", BORIS),
    ):
        with pytest.raises(ExchangeAway):
            await deed
    await desk.manager.start()
