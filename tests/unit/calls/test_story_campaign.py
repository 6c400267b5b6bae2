"""Calls that the engine makes for a campaign: the client's channel is the call's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ivr.calls.events import Answered, HungUp, ScenarioEnded
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegRang, LegRole
from ivr.calls.story import About, CallKind, Disposition, Stage, Story, outgoing
from ivr.dialogue.ports import CallFacts, Ending, EndingKind

BEGUN = datetime(2026, 11, 20, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def story() -> Story:
    facts = CallFacts(
        call_id="a1", line="", segment="any", profile="", caller_number="+74832000001", started_at=BEGUN
    )
    return outgoing(facts, CallKind.CAMPAIGN, About("campaign", "7"), None)


def test_it_is_dialled_then_talks_with_the_robot() -> None:
    told = story()
    stages = [told.stage]
    told.apply(Answered(at(5)))
    assert [*stages, told.stage] == [Stage.DIALLING, Stage.ROBOT]


def test_a_call_that_nobody_answered_was_not_reached_and_is_no_lost_call() -> None:
    told = story()
    told.apply(HungUp(at(30), 19))
    assert told.disposition is Disposition.UNREACHED


def test_a_message_that_was_told_is_served() -> None:
    told = story()
    told.apply(Answered(at(5)))
    told.apply(ScenarioEnded(at(40), Ending(EndingKind.COMPLETED, "told", {})))
    told.apply(HungUp(at(41), 16))
    assert told.disposition is Disposition.SERVED
    assert told.ended_at == at(41)


def test_the_operator_is_a_leg_and_the_end_is_that_of_the_clients_channel() -> None:
    told = story()
    told.apply(Answered(at(5)))
    told.apply_leg(
        LegRang(at=at(6), call_id="a1", leg_id="l", role=LegRole.QUEUE, device="PJSIP/op-201", agent="anna")
    )
    told.apply_leg(LegAnswered(at=at(7), call_id="a1", leg_id="l"))
    assert told.stage is Stage.TALKING
    assert (told.answered_at, told.agent, told.agent_answered_at) == (at(5), "anna", at(7))
    told.apply_leg(LegEnded(at=at(60), call_id="a1", leg_id="l", end=LegEnd.AGENT))
    assert not told.ended_at
    told.apply(HungUp(at(61), 16))
    assert told.ended_at == at(61)
    assert told.disposition is Disposition.ANSWERED
