"""Each measure of a call by cases made by hand."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.calls.identifications import How, Identification
from ivr.calls.legs import LegEnd, LegRole
from ivr.calls.story import Story
from ivr.calls.wrapups import WrapUp
from ivr.dialogue.ports import EndingKind
from ivr.kpi.counting import count, count_call, measures
from ivr.kpi.facts import NOTHING_ELSE, Circumstances, Promised, Recorded, Rules
from ivr.kpi.measures import CALL_MEASURES, Counted
from tests.unit.kpi.stories import RULES, Tale, answered, at, gave_up, outgoing, served

SECOND = 1_000_000
FATES = ("served", "answered", "lost", "callback_accepted", "lost_track")


def counted(story: Story, known: Circumstances = NOTHING_ELSE, rules: Rules = RULES) -> Counted:
    found = measures(story, known, rules)
    assert set(found) <= set(CALL_MEASURES)
    return {name: value for name, value in found.items() if value}


def fate(found: Counted) -> list[str]:
    return [name for name in FATES if name in found]


def wrapup(agent: str = "anna", **told: object) -> WrapUp:
    values = {"began_at": at(135), "saved_at": at(165), **told}
    return WrapUp(call_id="c1", agent=agent, **values)  # type: ignore[arg-type]


def test_a_call_that_the_robot_completes_is_served() -> None:
    found = counted(served())
    assert fate(found) == ["served"]
    assert found["contained"] == found["robot_took"] == found["incoming"] == 1
    assert found["lost_literal"] == 1  # no operator answered: the literal figure does not look at the robot


def test_served_wins_over_an_answer_that_follows() -> None:
    tale = Tale().robot(30, EndingKind.COMPLETED).queued(31).answered(40).leg_ended(90)
    found = counted(tale.ended(90))
    assert fate(found) == ["served"]
    assert found["talked"] == found["queue_answered"] == 1
    assert "lost_literal" not in found
    assert "contained" not in found


def test_an_answered_call() -> None:
    found = counted(answered(wait=15))
    assert fate(found) == ["answered"]
    assert found["wait_us"] == found["answer_us"] == found["longest_wait_us"] == 15 * SECOND
    assert found["waited"] == found["queue_answered"] == found["answered_in_sl"] == 1
    assert "abandoned" not in found


def test_a_call_lost_in_the_robot() -> None:
    found = counted(Tale().robot(10, EndingKind.HUNG_UP).ended(10))
    assert fate(found) == ["lost"]
    assert found["lost_in_robot"] == found["lost_literal"] == found["robot_took"] == 1
    assert "waited" not in found


def test_a_call_lost_in_a_queue() -> None:
    found = counted(gave_up(wait=60))
    assert fate(found) == ["lost"]
    assert found["lost_in_queue"] == found["abandoned"] == 1
    assert found["wait_us"] == 60 * SECOND
    assert "abandoned_in_sl" not in found
    assert "short_abandon" not in found


def test_a_call_lost_while_a_telephone_rang() -> None:
    tale = Tale().robot(20, EndingKind.QUEUED).queued(20).rang(28).left_queue(33)
    found = counted(tale.leg_ended(33, LegEnd.CALLER).ended(33))
    assert found["lost_at_ring"] == found["abandoned"] == 1
    assert "lost_in_queue" not in found


def test_a_telephone_that_had_stopped_ringing_does_not_count_as_ringing() -> None:
    tale = Tale().robot(20, EndingKind.QUEUED).queued(20).rang(28).leg_ended(32.5, LegEnd.NO_ANSWER)
    found = counted(tale.left_queue(33).ended(33))
    assert found["lost_in_queue"] == 1
    assert "lost_at_ring" not in found


@pytest.mark.parametrize(("wait", "short"), [(4.999, True), (5.0, False)])
def test_short_abandons_are_shorter_than_the_bound(wait: float, short: bool) -> None:
    found = counted(gave_up(wait=wait))
    assert ("short_abandon" in found) is short
    assert found["lost"] == found["lost_literal"] == 1


@pytest.mark.parametrize(("wait", "in_time"), [(20.0, True), (20.001, False)])
def test_the_bound_of_the_service_level_is_in_time(wait: float, in_time: bool) -> None:
    assert ("answered_in_sl" in counted(answered(wait=wait))) is in_time
    assert ("abandoned_in_sl" in counted(gave_up(wait=wait))) is in_time


def test_slices_of_waiting_are_one_wait() -> None:
    tale = Tale().robot(20, EndingKind.QUEUED).queued(20).left_queue(50).queued(58).answered(70)
    found = counted(tale.leg_ended(100).ended(100))
    assert found["wait_us"] == 50 * SECOND
    assert "requeued" not in found


def test_who_hangs_up_between_two_slices_has_waited_until_then() -> None:
    tale = Tale().robot(20, EndingKind.QUEUED).queued(20).left_queue(50)
    assert counted(tale.ended(57))["wait_us"] == 37 * SECOND


def test_a_second_wait_counts_for_the_longest_alone() -> None:
    tale = Tale().robot(20, EndingKind.QUEUED).queued(20).answered(30).leg_ended(60, LegEnd.LOST)
    found = counted(tale.queued(61).answered(161, "boris").leg_ended(200, agent="boris").ended(200))
    assert found["wait_us"] == 10 * SECOND
    assert found["longest_wait_us"] == 100 * SECOND
    assert found["requeued"] == 1


def test_a_call_answered_without_a_queue_has_no_wait() -> None:
    found = counted(Tale().answered(10, role=LegRole.TRANSFER).leg_ended(60).ended(60))
    assert fate(found) == ["answered"]
    assert not {"waited", "queue_answered", "wait_us"} & set(found)


@pytest.mark.parametrize(
    ("promised", "became"),
    [
        (Promised.OWED, "callback_accepted"),
        (Promised.KEPT, "callback_accepted"),
        (Promised.BROKEN, "lost"),
    ],
)
def test_an_accepted_call_back_is_lost_once_it_is_broken(promised: Promised, became: str) -> None:
    tale = Tale().robot(20, EndingKind.QUEUED).queued(20).left_queue(60)
    found = counted(tale.ended(80), Circumstances(promised=promised))
    assert fate(found) == [became]
    assert found["callback_promised"] == found["lost_literal"] == 1
    assert found.get("callback_kept", 0) == (promised is Promised.KEPT)
    assert found.get("callback_broken", 0) == (promised is Promised.BROKEN)


def test_the_wait_of_who_accepts_a_call_back_ends_where_he_left_the_queue() -> None:
    tale = Tale().robot(20, EndingKind.QUEUED).queued(20).left_queue(60)
    assert counted(tale.ended(80), Circumstances(promised=Promised.KEPT))["wait_us"] == 40 * SECOND


def test_a_blocked_caller_is_counted_apart() -> None:
    assert counted(Tale().robot(1, EndingKind.ENDED, "blocked").ended(2)) == {"blocked": 1}


def test_a_call_that_nobody_watched_is_neither_lost_nor_answered() -> None:
    found = counted(Tale().lost_track(50))
    assert fate(found) == ["lost_track"]
    assert "lost_literal" not in found


def test_an_outgoing_call_is_not_incoming() -> None:
    tale = outgoing().rang(0, role=LegRole.OUT)
    tale.answered(10, "client", LegRole.CLIENT)
    assert counted(tale.leg_ended(60, agent="client").leg_ended(60).ended(60)) == {
        "called_out": 1,
        "reached": 1,
    }


def test_every_ended_call_has_one_fate() -> None:
    for story in (served(), answered(), gave_up(), Tale().lost_track(3), Tale().ended(4)):
        assert len(fate(counted(story))) == 1


def test_a_call_that_goes_on_is_not_counted() -> None:
    assert count(Tale().robot(20, EndingKind.QUEUED).queued(20).story, NOTHING_ELSE, RULES) is None


def test_transfers() -> None:
    tale = Tale().robot(20, EndingKind.QUEUED).queued(20).answered(30).leg_ended(60, LegEnd.TRANSFERRED)
    found = counted(tale.answered(61, "boris", LegRole.TRANSFER).leg_ended(90, agent="boris").ended(90))
    assert found["transfers"] == found["transferred"] == 1


def test_answered_alone_is_what_everybody_says_who_talked() -> None:
    alone, helped = wrapup(alone=True), wrapup("boris", alone=False)
    assert counted(answered(), Circumstances(wrapups=[alone]))["alone"] == 1
    both = counted(answered(), Circumstances(wrapups=[alone, helped]))
    assert both["summed_up"] == 1
    assert "alone" not in both
    assert "summed_up" not in counted(answered())
    assert "summed_up" not in counted(answered(), Circumstances(wrapups=[alone], alone_known=False))


def test_first_contact_needs_a_topic_and_a_client() -> None:
    assert counted(served())["repeat_base"] == 1
    assert "repeat_base" not in counted(served(number=None))
    assert "repeat_base" not in counted(gave_up())
    found = Identification(call_id="c1", account_number="77", how=How.ROBOT, agent="", at=at(9))
    assert "repeat_base" in counted(served(number=None), Circumstances(identifications=[found]))


def test_the_last_wrap_up_says_what_the_call_was_about() -> None:
    wrapups = [wrapup(topic="payment.missing"), wrapup("boris", topic=None)]
    fact = count_call(answered(), Circumstances(wrapups=wrapups), RULES)
    assert fact.topic == "payment.missing"
    assert count_call(answered(), NOTHING_ELSE, RULES).topic == "tariffs.current"


def test_the_survey() -> None:
    assert counted(answered(), Circumstances(score=4))["score_high"] == 1
    low = counted(answered(), Circumstances(score=3))
    assert (low["surveyed"], low["score"], low.get("score_high")) == (1, 3, None)


@pytest.mark.parametrize(
    ("recorded", "measure"),
    [
        (Recorded.YES, "recorded"),
        (Recorded.EXCUSED, "recording_excused"),
        (Recorded.NO, "recording_unexplained"),
    ],
)
def test_recordings(recorded: Recorded, measure: str) -> None:
    found = counted(answered(), Circumstances(recorded=recorded))
    assert found["conversation"] == found[measure] == 1


def test_recordings_of_which_nobody_told_are_not_counted() -> None:
    assert "conversation" not in counted(answered(), Circumstances(recorded=Recorded.UNKNOWN))


def test_a_call_that_was_never_picked_up_needs_no_recording() -> None:
    story = Tale().ended(3)
    story.answered_at = None
    assert "conversation" not in counted(story)


def test_a_call_belongs_to_the_half_hour_and_day_in_which_it_came() -> None:
    late = Tale(came=at(0).replace(hour=20, minute=59, second=50)).ended(600)
    fact = count_call(late, NOTHING_ELSE, RULES)
    assert fact.half_hour == at(0).replace(hour=20, minute=30)
    assert fact.day == date(2026, 11, 24)  # 23:59:50 in Moscow
