"""Stories with people in them: stage, waits and durations follow from queues and legs, in any order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.calls import durations
from ivr.calls.events import (
    AgentCompleted,
    AgentConnected,
    Event,
    HandedOver,
    HungUp,
    LostTrack,
    Party,
    QueueAbandoned,
    QueueJoined,
    ScenarioEnded,
)
from ivr.calls.legs import LegEnd, LegEvent, LegRang, LegRole
from ivr.calls.rows import call_row, story_of
from ivr.calls.story import About, CallKind, Disposition, Stage, Story, opened, outgoing
from ivr.dialogue.ports import Ending, EndingKind
from tests.unit.calls.test_legs import answered, at, ended, held, rang, resumed
from tests.unit.calls.test_story import FACTS

Told = Event | LegEvent


def second(event: LegEvent, role: LegRole = LegRole.QUEUE, agent: str = "vera") -> LegEvent:
    """The same on another telephone."""
    if isinstance(event, LegRang):
        return replace(event, leg_id="op.2", device="PJSIP/op-202", agent=agent, role=role)
    return replace(event, leg_id="op.2")


def told(*events: Told, story: Story | None = None) -> Story:
    story = story or opened(FACTS, "4832000000")
    for event in events:
        if isinstance(event, Event):
            story.apply(event)
        else:
            story.apply_leg(event)
    return story


QUEUED: tuple[Told, ...] = (
    ScenarioEnded(at(20), Ending(EndingKind.QUEUED, "")),
    HandedOver(at(20), "balance.debt", {"said": "долг"}),
    QueueJoined(at(21), "clients"),
)
SLICES: tuple[Told, ...] = (
    *QUEUED,
    QueueAbandoned(at(51)),
    QueueJoined(at(53), "clients"),
    QueueAbandoned(at(83)),
    QueueJoined(at(85), "clients"),
)
TALK: tuple[Told, ...] = (*SLICES, rang(90), AgentConnected(at(94.9), "PJSIP/op-201"), answered(95))
LOST: tuple[Told, ...] = (*TALK, held(100), resumed(110), ended(120, LegEnd.LOST))
AGAIN: tuple[Told, ...] = (*LOST, QueueJoined(at(130), "clients"))
SECOND: tuple[Told, ...] = (*AGAIN, second(rang(131)), second(answered(140)))
DONE: tuple[Told, ...] = (*SECOND, second(ended(200, LegEnd.AGENT)), HungUp(at(230), 16))


@pytest.mark.parametrize(
    ("events", "stage", "disposition", "ended_by"),
    [
        (QUEUED, Stage.QUEUED, Disposition.IN_PROGRESS, None),
        (SLICES[:4], Stage.ROBOT, Disposition.IN_PROGRESS, None),
        (SLICES, Stage.QUEUED, Disposition.IN_PROGRESS, None),
        ((*SLICES, rang(90)), Stage.QUEUED, Disposition.IN_PROGRESS, None),
        ((*SLICES, rang(90), ended(95, LegEnd.NO_ANSWER)), Stage.QUEUED, Disposition.IN_PROGRESS, None),
        (TALK, Stage.TALKING, Disposition.ANSWERED, None),
        (LOST, Stage.ROBOT, Disposition.ANSWERED, None),
        (AGAIN, Stage.QUEUED, Disposition.ANSWERED, None),
        (SECOND, Stage.TALKING, Disposition.ANSWERED, None),
        (DONE, Stage.ENDED, Disposition.ANSWERED, Party.AGENT),
        ((*AGAIN, QueueAbandoned(at(150)), HungUp(at(150))), Stage.ENDED, Disposition.ANSWERED, Party.CALLER),
        ((*TALK, ended(120), HungUp(at(120))), Stage.ENDED, Disposition.ANSWERED, Party.CALLER),
    ],
)
def test_stage_and_end_follow_from_queues_and_legs(
    events: tuple[Told, ...], stage: Stage, disposition: Disposition, ended_by: Party | None
) -> None:
    story = told(*events)
    assert (story.stage, story.disposition, story.ended_by) == (stage, disposition, ended_by)


@given(st.permutations(DONE), st.lists(st.sampled_from(DONE), max_size=8))
def test_order_and_repetition_do_not_matter(events: list[Told], again: list[Told]) -> None:
    assert call_row(told(*events, *again)) == call_row(told(*DONE))


@given(st.lists(st.sampled_from(DONE), max_size=15))
def test_a_row_and_its_legs_tell_the_same_story(events: list[Told]) -> None:
    story = told(*events)
    again = story_of(call_row(story))
    again.legs.update(story.legs)
    assert again == story
    assert (again.stage, again.disposition, again.ended_by) == (
        story.stage,
        story.disposition,
        story.ended_by,
    )


def test_the_first_wait_is_one_whatever_slices_it_was_cut_into_and_later_ones_stand_apart() -> None:
    row = call_row(told(*DONE))
    assert [wait.seconds for wait in durations.waits(told(*DONE))] == [73.9, 10.0]
    assert (row["wait_seconds"], row["requeued"], row["transfers"]) == (73.9, 1, 0)
    assert (row["talk_seconds"], row["hold_seconds"]) == (85.0, 10.0)
    assert (row["agent"], row["agent_answered_at"], row["topic"]) == ("anna", at(94.9), "balance.debt")


def test_who_was_never_answered_has_waited_until_he_left() -> None:
    story = told(*SLICES, QueueAbandoned(at(99)), HungUp(at(99)))
    assert (durations.wait_seconds(story), durations.requeued(story)) == (78.0, 0)
    assert (story.abandoned_at, story.disposition) == (at(99), Disposition.LOST)


def test_a_slice_that_is_over_is_no_leaving() -> None:
    assert told(*SLICES[:4]).abandoned_at == at(51)
    assert told(*SLICES).abandoned_at is None
    assert told(*SLICES).waits_in == "clients"


def test_a_consultation_that_is_completed_is_one_talk() -> None:
    consult = (second(rang(100), LegRole.CONSULT), second(answered(105)), ended(120, LegEnd.TRANSFERRED))
    story = told(*TALK, *consult)
    assert (story.stage, story.agent) == (Stage.TALKING, "anna")
    story = told(second(ended(150, LegEnd.CALLER)), HungUp(at(150)), story=story)
    assert (durations.talk_seconds(story), durations.transfers(story)) == (55.0, 1)
    assert (story.ended_by, len(durations.waits(story))) == (Party.CALLER, 1)


def test_the_login_stands_before_the_telephone_whichever_comes_first() -> None:
    for events in (TALK, (*TALK[:-2], TALK[-1], TALK[-2])):
        assert told(*events).agent == "anna"
    unknown = (*SLICES, rang(90, agent=None), answered(95))
    assert told(*unknown).agent == "PJSIP/op-201"


def test_without_legs_talk_and_end_are_told_by_the_queue() -> None:
    connected = (*QUEUED, AgentConnected(at(40), "PJSIP/anna"))
    assert told(*connected).stage is Stage.TALKING
    story = told(*connected, AgentCompleted(at(90), Party.AGENT), HungUp(at(91)))
    assert (story.ended_by, durations.talk_seconds(story), durations.wait_seconds(story)) == (
        Party.AGENT,
        50.0,
        19.0,
    )


def test_a_blocked_number_is_counted_apart() -> None:
    story = told(ScenarioEnded(at(2), Ending(EndingKind.ENDED, "blocked")), HungUp(at(3)))
    assert (story.blocked, story.disposition) == (True, Disposition.BLOCKED)


# --- calls that we make ------------------------------------------------------------------------------------


def order() -> Story:
    return outgoing(replace(FACTS, line=""), CallKind.CALLBACK, About("callback", "17"), "c0")


def mine(event: LegEvent) -> LegEvent:
    return replace(event, role=LegRole.CALLBACK) if isinstance(event, LegRang) else event


def client(event: LegEvent) -> LegEvent:
    if isinstance(event, LegRang):
        return replace(event, leg_id="t.9", device="", agent=None, queue=None, role=LegRole.CLIENT)
    return replace(event, leg_id="t.9")


RUNG: tuple[Told, ...] = (mine(rang(1)), answered(3), client(rang(4)))
REACHED: tuple[Told, ...] = (*RUNG, client(answered(12)))


def test_an_order_is_answered_when_the_client_answers() -> None:
    assert told(story=order()).stage is Stage.DIALLING
    story = told(*RUNG, story=order())
    assert (story.stage, story.agent, story.agent_answered_at) == (Stage.DIALLING, None, None)
    story = told(*REACHED, story=order())
    assert (story.stage, story.agent, story.answered_at) == (Stage.TALKING, "anna", at(12))
    assert (story.about_kind, story.about_id, story.parent_call_id) == ("callback", "17", "c0")


@given(st.permutations([*REACHED, client(ended(60, LegEnd.AGENT)), ended(60.1, LegEnd.CALLER)]))
def test_an_order_ends_with_its_last_telephone(events: list[Told]) -> None:
    story = told(*events, story=order())
    assert (story.stage, story.ended_at, story.disposition) == (Stage.ENDED, at(60.1), Disposition.ANSWERED)
    assert (story.ended_by, durations.talk_seconds(story)) == (Party.CALLER, 48.0)


def test_a_client_who_is_not_reached_is_no_lost_call() -> None:
    over = (client(ended(30, LegEnd.NO_ANSWER)), ended(31, LegEnd.CALLER))
    story = told(*RUNG, *over, story=order())
    assert (story.stage, story.disposition, story.agent) == (Stage.ENDED, Disposition.UNREACHED, None)
    declined = told(mine(rang(1)), ended(20, LegEnd.NO_ANSWER), story=order())
    assert (declined.disposition, durations.talk_seconds(declined)) == (Disposition.UNREACHED, 0.0)


def test_an_order_that_was_lost_has_no_invented_end() -> None:
    story = told(*RUNG, LostTrack(at(90)), ended(90, LegEnd.UNKNOWN), story=order())
    story = told(client(ended(90, LegEnd.UNKNOWN)), story=story)
    assert (story.ended_at, story.disposition) == (None, Disposition.LOST_TRACK)


def test_a_call_back_promised_while_he_waited_serves_the_call() -> None:
    story = told(
        ScenarioEnded(at(20), Ending(EndingKind.QUEUED, "clients")),
        ScenarioEnded(at(60), Ending(EndingKind.COMPLETED, "callback-promised")),
        HungUp(at(61)),
    )
    assert (story.disposition, story.outcome) == (Disposition.SERVED, "callback-promised")
    assert story.scenario_ended_at == at(20)
