from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.channels.plan import Plan as Messages
from ivr.campaigns.dialling.fates import CONNECTED, Over, fate_of
from ivr.campaigns.kinds import TalkEnd
from ivr.campaigns.model import Attempt, AttemptState, Disposition, Target, TargetState
from ivr.campaigns.plans import Plan
from ivr.campaigns.ports import MachineOrder
from ivr.campaigns.retries import Again, GivenUp, Retries, next_step, numbers_for
from ivr.campaigns.settings import RetryRule, RetrySettings

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ONE, TWO, THREE = "+79000000001", "+79000000002", "+79000000003"
USUAL = Retries.of(RetrySettings())


def target(*numbers: str, zone: str = "Europe/Moscow") -> Target:
    return Target(
        target_id=1,
        campaign_id=1,
        person="account:1",
        numbers=numbers or (ONE,),
        zones=(zone,),
        state=TargetState.CALLING,
        due_at=NOW,
    )


def attempt(disposition: Disposition, number: str = ONE, at: datetime = NOW, **more: Any) -> Attempt:
    return Attempt(
        attempt_id="a",
        campaign_id=1,
        target_id=1,
        person="account:1",
        number=number,
        trunk="north",
        state=AttemptState.ENDED,
        written_at=at,
        disposition=disposition,
        **more,
    )


def only(disposition: Disposition, **rule: Any) -> Retries:
    return Retries({disposition: RetryRule(**rule)}, most_tries=8)


def test_a_rule_allows_so_many_further_attempts() -> None:
    retries = only(Disposition.BUSY, delay_minutes=15, times=2, channel="sms")
    busy = attempt(Disposition.BUSY)
    assert next_step(retries, target(), [busy], NOW) == Again(NOW + timedelta(minutes=15))
    assert next_step(retries, target(), [busy] * 2, NOW) == Again(NOW + timedelta(minutes=15))
    assert next_step(retries, target(), [busy] * 3, NOW) == GivenUp("sms")


def test_there_is_an_end_of_all_attempts() -> None:
    retries = Retries({Disposition.BUSY: RetryRule(delay_minutes=1, times=99)}, most_tries=3)
    assert isinstance(next_step(retries, target(), [attempt(Disposition.BUSY)] * 3, NOW), GivenUp)


def test_what_was_not_dialled_costs_nothing() -> None:
    retries = Retries({Disposition.BUSY: RetryRule(delay_minutes=1, times=1)}, most_tries=2)
    nothing = [attempt(Disposition.NOT_DIALLED)] * 20
    assert next_step(retries, target(), nothing, NOW) == Again(NOW + timedelta(minutes=15))
    assert isinstance(next_step(retries, target(), [*nothing, attempt(Disposition.BUSY)], NOW), Again)


def test_the_next_number_is_tried_at_once_and_a_new_round_waits() -> None:
    retries = only(Disposition.NO_ANSWER, delay_minutes=120, times=9, other_number=True)
    whom = target(ONE, TWO)
    first = attempt(Disposition.NO_ANSWER, ONE)
    second = attempt(Disposition.NO_ANSWER, TWO)
    assert next_step(retries, whom, [first], NOW) == Again(NOW)
    assert numbers_for(retries, whom, [first]) == [TWO, ONE]
    assert next_step(retries, whom, [first, second], NOW) == Again(NOW + timedelta(minutes=120))
    assert numbers_for(retries, whom, [first, second]) == [ONE, TWO]


def test_dead_numbers_are_never_dialled_again() -> None:
    whom = target(ONE, TWO)
    dead = [attempt(Disposition.UNKNOWN_NUMBER, ONE)]
    assert numbers_for(USUAL, whom, dead) == [TWO]
    dead.append(attempt(Disposition.PERSON, TWO, outcome="stranger"))
    assert numbers_for(USUAL, whom, dead) == []
    assert isinstance(next_step(USUAL, whom, dead, NOW), GivenUp)


def test_another_time_of_day_is_two_hours_away() -> None:
    retries = only(Disposition.MACHINE, delay_minutes=1440, times=3, other_time=True)
    step = next_step(retries, target(), [attempt(Disposition.MACHINE)], NOW)
    assert step == Again(NOW + timedelta(hours=26))


@given(delay=st.integers(0, 5_000), written=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))
def test_another_time_is_never_sooner_and_never_the_same(delay: int, written: datetime) -> None:
    zone = ZoneInfo("Asia/Krasnoyarsk")
    at = written.replace(tzinfo=UTC)
    retries = only(Disposition.MACHINE, delay_minutes=delay, times=3, other_time=True)
    step = next_step(retries, target(zone=zone.key), [attempt(Disposition.MACHINE, at=at)], at)
    assert isinstance(step, Again)
    assert step.at >= at + timedelta(minutes=delay)
    apart = (step.at - at) % timedelta(days=1)
    assert min(apart, timedelta(days=1) - apart) >= timedelta(hours=2)


def test_rules_lie_over_each_other() -> None:
    retries = Retries.of(
        RetrySettings(),
        {"busy": {"times": 7}, "most_tries": 3},
        {"busy": {"delay_minutes": 1}, "machine": None, "person": {"delay_minutes": 5, "times": 1}},
    )
    busy = RetrySettings().rules[Disposition.BUSY]
    assert retries.rules[Disposition.BUSY] == busy.model_copy(update={"times": 7, "delay_minutes": 1})
    assert Disposition.MACHINE not in retries.rules
    assert retries.rules[Disposition.PERSON] == RetryRule(delay_minutes=5, times=1)
    assert retries.most_tries == 3


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"bsy": {}}, "bsy"), ({"busy": {"times": -1}}, "times"), ({"most_tries": "many"}, "many")],
)
def test_a_wrong_rule_is_told(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Retries.of(RetrySettings(), wrong)


# --- what becomes of the target ---

ENDS = {"told": TalkEnd.DONE, "refused": TalkEnd.REFUSED, "later": TalkEnd.LATER, "deaf": TalkEnd.FAILED}
PLAN = Plan(
    retries=USUAL,
    messages=Messages(),
    machine=MachineOrder.HANG_UP,
    debt=False,
    caller_id="+74832000000",
    label="",
    ring_seconds=40,
    end_of=lambda outcome: ENDS.get(outcome, TalkEnd.RETRY),
)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("told", TargetState.DONE),
        ("refused", TargetState.REFUSED),
        ("deaf", TargetState.FAILED),
        (CONNECTED, TargetState.DONE),
    ],
)
def test_how_a_talk_ended_decides(outcome: str, state: TargetState) -> None:
    last = attempt(Disposition.PERSON, outcome=outcome)
    assert fate_of(PLAN, target(), [last], NOW) == Over(state, outcome)


def test_a_talk_that_broke_off_is_tried_once_more_and_then_failed() -> None:
    broken = attempt(Disposition.PERSON, outcome="hangup")
    assert fate_of(PLAN, target(), [broken], NOW) == Again(NOW + timedelta(days=1))
    assert fate_of(PLAN, target(), [broken] * 2, NOW) == Over(TargetState.FAILED, "hangup")


def test_a_wish_is_kept_and_a_broken_one_is_none() -> None:
    wish = {"again_at": "2026-11-25T18:00:00+03:00"}
    asked = attempt(Disposition.PERSON, outcome="later", result=wish)
    assert fate_of(PLAN, target(), [asked], NOW) == Again(datetime(2026, 11, 25, 15, 0, tzinfo=UTC))
    broken = attempt(Disposition.PERSON, outcome="later", result={"again_at": "вечером"})
    assert fate_of(PLAN, target(), [broken], NOW) == Again(NOW + timedelta(days=1))


def test_a_message_that_was_left_is_enough() -> None:
    last = attempt(Disposition.MESSAGE_LEFT)
    assert fate_of(PLAN, target(), [last], NOW) == Over(TargetState.DONE, "message-left")


def test_the_result_counts_even_if_the_end_of_the_call_got_lost() -> None:
    last = attempt(Disposition.LOST, outcome="told")
    assert fate_of(PLAN, target(), [last], NOW) == Over(TargetState.DONE, "told")
