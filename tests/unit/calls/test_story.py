from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.calls.events import (
    AgentCompleted,
    AgentConnected,
    Answered,
    Event,
    HungUp,
    LostTrack,
    Party,
    QueueAbandoned,
    QueueJoined,
    ScenarioEnded,
)
from ivr.calls.rows import call_row, story_of
from ivr.calls.story import Disposition, Origin, Stage, Story, found, opened
from ivr.dialogue.ports import CallFacts, Ending, EndingKind

T0 = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
FACTS = CallFacts(
    call_id="c1",
    line="private",
    segment="private",
    profile="bryansk",
    caller_number="+74832000001",
    started_at=T0,
)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def told(*events: Event) -> Story:
    story = opened(FACTS, "4832000000")
    for event in events:
        story.apply(event)
    return story


def ended(kind: EndingKind, outcome: str = "x", seconds: float = 50) -> ScenarioEnded:
    return ScenarioEnded(at(seconds), Ending(kind, outcome, {"value": 12345}))


QUEUED = (Answered(at(1)), ended(EndingKind.QUEUED, "", 20), QueueJoined(at(21), "clients"))
TALKING = (*QUEUED, AgentConnected(at(40), "PJSIP/anna"))


@pytest.mark.parametrize(
    ("events", "stage", "disposition", "ended_by"),
    [
        ((), Stage.ROBOT, Disposition.IN_PROGRESS, None),
        (QUEUED, Stage.QUEUED, Disposition.IN_PROGRESS, None),
        (TALKING, Stage.TALKING, Disposition.ANSWERED, None),
        ((*TALKING, AgentCompleted(at(90), Party.AGENT)), Stage.ROBOT, Disposition.ANSWERED, None),
        (
            (*TALKING, AgentCompleted(at(90), Party.AGENT), HungUp(at(90), 16)),
            Stage.ENDED,
            Disposition.ANSWERED,
            Party.AGENT,
        ),
        ((*QUEUED, QueueAbandoned(at(35))), Stage.ROBOT, Disposition.IN_PROGRESS, None),
        (
            (*QUEUED, QueueAbandoned(at(35)), HungUp(at(35))),
            Stage.ENDED,
            Disposition.LOST,
            Party.CALLER,
        ),
        ((ended(EndingKind.COMPLETED), HungUp(at(60))), Stage.ENDED, Disposition.SERVED, Party.ROBOT),
        ((ended(EndingKind.ENDED), HungUp(at(60))), Stage.ENDED, Disposition.LOST, Party.ROBOT),
        ((ended(EndingKind.HUNG_UP), HungUp(at(60))), Stage.ENDED, Disposition.LOST, Party.CALLER),
        ((HungUp(at(60)),), Stage.ENDED, Disposition.LOST, Party.UNKNOWN),
        ((LostTrack(at(60)),), Stage.ENDED, Disposition.LOST_TRACK, Party.UNKNOWN),
        ((LostTrack(at(60)), HungUp(at(30))), Stage.ENDED, Disposition.LOST, Party.UNKNOWN),
    ],
)
def test_stage_disposition_and_who_ended_it(
    events: tuple[Event, ...], stage: Stage, disposition: Disposition, ended_by: Party | None
) -> None:
    story = told(*events)
    assert (story.stage, story.disposition, story.ended_by) == (stage, disposition, ended_by)


def test_served_by_the_robot_wins_over_anything_after_it() -> None:
    story = told(ended(EndingKind.COMPLETED), QueueJoined(at(60), "clients"), QueueAbandoned(at(70)))
    assert story.disposition is Disposition.SERVED


def test_a_lost_call_has_no_invented_end() -> None:
    story = told(Answered(at(1)), LostTrack(at(900)))
    assert story.ended_at is None
    assert story.lost_track_at == at(900)


def test_a_second_queue_does_not_move_the_first_entry() -> None:
    story = told(QueueJoined(at(10), "clients"), QueueJoined(at(50), "second"))
    assert (story.queued_at, story.queue) == (at(10), "clients")


def test_a_cause_that_comes_later_is_kept() -> None:
    story = told(HungUp(at(60)), HungUp(at(60.1), 16))
    assert (story.ended_at, story.cause) == (at(60), 16)


def test_what_is_known_already_changes_nothing() -> None:
    story = told(*TALKING)
    before = call_row(story)
    assert not any(story.apply(event) for event in TALKING)
    assert call_row(story) == before


EVENTS: list[Event] = [
    *TALKING,
    AgentConnected(at(55), "PJSIP/vera"),
    QueueJoined(at(22), "second"),
    AgentCompleted(at(90), Party.CALLER),
    QueueAbandoned(at(39)),
    HungUp(at(91), 16),
    LostTrack(at(300)),
]


@given(st.permutations(EVENTS), st.lists(st.sampled_from(EVENTS), max_size=10))
def test_order_and_repetition_do_not_matter(events: list[Event], again: list[Event]) -> None:
    assert call_row(told(*events, *again)) == call_row(told(*EVENTS))


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_a_row_tells_the_same_story(events: list[Event]) -> None:
    story = told(*events)
    assert story_of(call_row(story)) == story


def test_a_call_noticed_before_the_engine_took_it_is_adopted() -> None:
    story = found("c1", at(5))
    story.apply(QueueJoined(at(5), "clients"))
    assert (story.origin, story.line) == (Origin.FOUND, None)
    story.adopt(FACTS, "4832000000")
    assert (story.origin, story.line, story.came_at) == (Origin.ENGINE, "private", T0)
    assert story.queue == "clients"


def test_a_withheld_number_is_unknown() -> None:
    facts = CallFacts(call_id="c2", line="l", segment="any", profile="omsk", caller_number="", started_at=T0)
    assert opened(facts).caller_number is None
