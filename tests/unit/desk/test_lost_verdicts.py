"""What a story says of its caller."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.calls.story import CallKind, Origin, QueueMark, Story
from ivr.desk.lost import FoundAgain, judge
from ivr.desk.lost_rows import LostCall, LostEnd, LostStage
from ivr.dialogue.ports import EndingKind

T0 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SHORT = timedelta(seconds=5)
PHONE = "+74832000001"


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def story(**known: Any) -> Story:
    return Story(**{"call_id": "c1", "origin": Origin.ENGINE, "came_at": T0, "caller_number": PHONE, **known})


def lost(of: Story) -> LostCall:
    verdict = judge(of, SHORT)
    assert isinstance(verdict, LostCall)
    return verdict


def test_a_call_that_goes_on_says_nothing() -> None:
    assert judge(story(), SHORT) is None
    assert judge(story(queued_at=at(10), queue="clients"), SHORT) is None


def test_who_gives_up_in_the_queue_is_lost_with_his_wait() -> None:
    call = lost(story(queued_at=at(10), queue="clients", abandoned_at=at(70), ended_at=at(71)))
    assert (call.stage, call.waited_seconds, call.short, call.queue) == (
        LostStage.QUEUE,
        60,
        False,
        "clients",
    )


def test_who_hangs_up_on_the_robot_is_lost_there() -> None:
    call = lost(story(ending=EndingKind.HUNG_UP, ended_at=at(30)))
    assert (call.stage, call.waited_seconds, call.short) == (LostStage.ROBOT, 0, False)


def test_a_short_abandon_stands_apart() -> None:
    assert lost(story(ended_at=at(4.9))).short
    assert not lost(story(ended_at=at(5))).short


def test_a_withheld_number_is_lost_too() -> None:
    assert lost(story(caller_number=None, ended_at=at(30))).phone == ""


def test_who_talks_with_a_person_or_is_served_is_found_again() -> None:
    answered = story(agent="anna", agent_answered_at=at(20))
    assert judge(answered, SHORT) == FoundAgain(PHONE, at(20), LostEnd.GOT_THROUGH)
    served = story(ending=EndingKind.COMPLETED, ended_at=at(40))
    assert judge(served, SHORT) == FoundAgain(PHONE, at(40), LostEnd.GOT_THROUGH)
    called = story(kind=CallKind.OUTBOUND, agent="anna", agent_answered_at=at(20))
    assert judge(called, SHORT) == FoundAgain(PHONE, at(20), LostEnd.CALLED_BACK)


def test_nobody_is_lost_by_a_call_of_ours_or_by_the_block_list_or_by_our_not_watching() -> None:
    assert judge(story(kind=CallKind.CALLBACK, ended_at=at(40)), SHORT) is None
    assert judge(story(outcome="blocked", ended_at=at(2)), SHORT) is None
    assert judge(story(lost_track_at=at(40)), SHORT) is None


def test_who_gave_up_after_his_operator_was_lost_is_lost_though_answered() -> None:
    marks = [QueueMark(at(10), "clients"), QueueMark(at(90), "clients"), QueueMark(at(120))]
    back = story(queued_at=at(10), queue="clients", agent="anna", agent_answered_at=at(30), queue_marks=marks)
    assert isinstance(judge(back, SHORT), FoundAgain)
    back.abandoned_at, back.ended_at = at(120), at(121)
    assert lost(back).stage is LostStage.QUEUE
