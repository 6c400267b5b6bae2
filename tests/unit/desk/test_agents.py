"""What an operator is doing, event by event."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.desk.agents import (
    Happened,
    LegGone,
    LegSeen,
    Passed,
    Paused,
    PhoneSeen,
    Prolonged,
    Ready,
    Released,
    Reserved,
    SignedOut,
    TookOver,
    WrappedUp,
    after,
    rejoined,
)
from ivr.desk.model import AgentState
from ivr.desk.seat import Seat, ended_talk
from ivr.desk.settings import AfterWrapUp, AgentsSettings
from tests.unit.desk.exchange import MONDAY, phone

RULES = AgentsSettings()


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


class Operator:
    """A seat and the time, moved on by a test."""

    def __init__(self, rules: AgentsSettings = RULES) -> None:
        self.rules = rules
        self.now = MONDAY
        self.seat = Seat(
            login="anna",
            name="Анна",
            phone=phone(201),
            skills=("clients",),
            signed_in_at=MONDAY,
            since=MONDAY,
        )
        self.happens(Ready(at=self.now))

    def happens(self, event: Happened) -> Seat:
        self.seat = after(self.seat, event, self.rules)
        return self.seat

    def passes(self, count: float) -> Seat:
        self.now += seconds(count)
        return self.happens(Passed(at=self.now))

    def leg(self, leg_id: str = "leg-1", role: LegRole = LegRole.QUEUE, call_id: str = "call-1") -> Leg:
        return Leg(
            call_id=call_id,
            leg_id=leg_id,
            role=role,
            device=self.seat.phone.device,
            agent="anna",
            queue="clients" if role is LegRole.QUEUE else None,
            rang_at=self.now,
        )

    def sees(self, leg: Leg) -> Seat:
        return self.happens(LegSeen(at=self.now, leg=leg, wrap_up_seconds=60))

    def answers(self, leg: Leg) -> Seat:
        leg.answered_at = self.now
        return self.sees(leg)

    def ends(self, leg: Leg, end: LegEnd) -> Seat:
        leg.ended_at, leg.end = self.now, end
        return self.sees(leg)

    def talks(self, leg: Leg | None = None) -> Leg:
        leg = leg or self.leg()
        self.sees(leg)
        self.answers(leg)
        return leg

    def lets_it_ring(self, count: float, end: LegEnd = LegEnd.NO_ANSWER) -> Seat:
        leg = self.leg(f"leg-{self.now}")
        self.sees(leg)
        self.passes(count)
        return self.ends(leg, end)


def test_who_signs_in_takes_no_call_before_he_says_so() -> None:
    seat = Seat(login="anna", name="Анна", phone=phone(201), skills=(), signed_in_at=MONDAY, since=MONDAY)
    assert (seat.state, seat.pause_reason, seat.kept_away) == (AgentState.PAUSED, "sign-in", "sign-in")
    assert after(seat, Ready(at=MONDAY), RULES).kept_away is None


def test_a_call_rings_is_talked_in_and_wrapped_up() -> None:
    anna = Operator()
    leg = anna.leg()
    assert anna.sees(leg).state is AgentState.RINGING
    assert anna.seat.kept_away is None
    anna.passes(5)
    assert anna.answers(leg).state is AgentState.TALKING
    assert anna.seat.kept_away == "talking"
    assert anna.seat.since == anna.now
    anna.passes(100)
    seat = anna.ends(leg, LegEnd.CALLER)
    assert (seat.state, seat.kept_away) == (AgentState.WRAP_UP, "wrap-up")
    agent = seat.agent(RULES)
    assert (agent.call_id, agent.leg_id, agent.until) == ("call-1", "leg-1", anna.now + seconds(60))
    assert anna.passes(59).state is AgentState.WRAP_UP
    assert anna.passes(1).state is AgentState.READY
    assert anna.seat.agent(RULES).call_id is None


def test_a_leg_that_is_told_twice_counts_once() -> None:
    anna = Operator()
    anna.lets_it_ring(20)
    leg = anna.leg("leg-2")
    anna.sees(leg)
    anna.passes(20)
    anna.ends(leg, LegEnd.CALLER)
    once = anna.seat
    assert anna.sees(leg) == once
    assert once.missed == 1


@pytest.mark.parametrize("end", [LegEnd.NO_ANSWER, LegEnd.DECLINED, LegEnd.FAILED, LegEnd.BUSY, LegEnd.LOST])
def test_calls_that_are_not_taken_pause_him(end: LegEnd) -> None:
    anna = Operator()
    assert anna.lets_it_ring(20, end).state is AgentState.READY
    seat = anna.lets_it_ring(20, end)
    assert (seat.state, seat.pause_reason, seat.missed) == (AgentState.PAUSED, "missed", 2)
    assert anna.happens(Ready(at=anna.now)).missed == 0


def test_a_call_that_was_taken_forgives_the_missed_ones() -> None:
    anna = Operator()
    anna.lets_it_ring(20)
    leg = anna.talks()
    anna.ends(leg, LegEnd.CALLER)
    anna.happens(WrappedUp(at=anna.now))
    assert anna.lets_it_ring(20).state is AgentState.READY


@pytest.mark.parametrize(("rang", "end"), [(2, LegEnd.NO_ANSWER), (20, LegEnd.CALLER), (20, LegEnd.UNKNOWN)])
def test_a_ring_that_others_cut_short_is_not_missed(rang: float, end: LegEnd) -> None:
    anna = Operator()
    assert anna.lets_it_ring(rang, end).missed == 0


def test_a_pause_taken_in_a_talk_begins_after_its_wrap_up() -> None:
    anna = Operator()
    leg = anna.talks()
    assert anna.happens(Paused(at=anna.now, reason="lunch")).state is AgentState.TALKING
    assert anna.ends(leg, LegEnd.AGENT).state is AgentState.WRAP_UP
    seat = anna.passes(60)
    assert (seat.state, seat.pause_reason) == (AgentState.PAUSED, "lunch")


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Ready(at=MONDAY), AgentState.READY),
        (Paused(at=MONDAY, reason="lunch"), AgentState.PAUSED),
        (WrappedUp(at=MONDAY), AgentState.READY),
        (SignedOut(at=MONDAY), AgentState.OFFLINE),
    ],
)
def test_what_ends_wrap_up(event: Happened, state: AgentState) -> None:
    anna = Operator()
    anna.ends(anna.talks(), LegEnd.CALLER)
    assert anna.happens(replace(event, at=anna.now)).state is state


def test_wrap_up_is_prolonged_as_often_as_the_rules_say() -> None:
    anna = Operator(AgentsSettings(prolongations=1, prolong_seconds=30))
    anna.ends(anna.talks(), LegEnd.CALLER)
    assert anna.seat.agent(anna.rules).prolongations == 1
    anna.happens(Prolonged(at=anna.now))
    assert anna.seat.agent(anna.rules).prolongations == 0
    anna.happens(Prolonged(at=anna.now))
    assert anna.passes(89).state is AgentState.WRAP_UP
    assert anna.passes(1).state is AgentState.READY


def test_wrap_up_that_ran_out_may_end_in_a_pause() -> None:
    anna = Operator(AgentsSettings(after_wrap_up=AfterWrapUp.PAUSED))
    anna.ends(anna.talks(), LegEnd.CALLER)
    seat = anna.passes(60)
    assert (seat.state, seat.pause_reason) == (AgentState.PAUSED, "wrap-up")


def test_who_leaves_in_a_talk_leaves_after_it_without_wrap_up() -> None:
    anna = Operator()
    leg = anna.talks()
    assert anna.happens(SignedOut(at=anna.now)).state is AgentState.TALKING
    assert anna.ends(leg, LegEnd.CALLER).state is AgentState.OFFLINE


def test_who_signs_in_again_while_leaving_stays() -> None:
    anna = Operator()
    leg = anna.talks()
    leaving = anna.happens(SignedOut(at=anna.now))
    anna.seat = rejoined(leaving, leaving)
    anna.ends(leg, LegEnd.CALLER)
    assert anna.passes(60).state is AgentState.PAUSED


def test_a_telephone_out_of_reach_keeps_callers_away_and_at_last_signs_out() -> None:
    anna = Operator()
    seat = anna.happens(PhoneSeen(at=anna.now, reachable=False))
    assert (seat.state, seat.kept_away) == (AgentState.PAUSED, "unreachable")
    anna.passes(RULES.unreachable_seconds - 1)
    assert anna.happens(PhoneSeen(at=anna.now, reachable=True)).state is AgentState.READY
    anna.happens(PhoneSeen(at=anna.now, reachable=False))
    assert anna.passes(RULES.unreachable_seconds).state is AgentState.OFFLINE


def test_a_lost_page_leaves_the_wrap_up_of_its_call() -> None:
    anna = Operator()
    leg = anna.talks()
    anna.happens(PhoneSeen(at=anna.now, reachable=False))
    assert anna.ends(leg, LegEnd.LOST).state is AgentState.WRAP_UP
    assert anna.passes(60).kept_away == "unreachable"


def test_a_talk_whose_end_was_not_seen_is_wrapped_up() -> None:
    anna = Operator()
    anna.talks()
    anna.happens(LegGone(at=anna.now, leg_id="leg-1", wrap_up_seconds=60))
    assert anna.seat.state is AgentState.WRAP_UP


def test_asking_a_colleague_is_part_of_the_talk() -> None:
    anna = Operator()
    first = anna.talks()
    second = anna.leg("leg-2", LegRole.CONSULT)
    anna.sees(second)
    assert anna.answers(second).state is AgentState.TALKING
    assert anna.ends(first, LegEnd.TRANSFERRED).state is AgentState.TALKING
    seat = anna.ends(second, LegEnd.TRANSFERRED)
    assert (seat.state, seat.agent(RULES).leg_id) == (AgentState.WRAP_UP, "leg-1")


def test_who_was_only_asked_has_nothing_to_wrap_up() -> None:
    boris = Operator()
    leg = boris.talks(boris.leg(role=LegRole.CONSULT))
    assert boris.seat.state is AgentState.TALKING
    assert boris.ends(leg, LegEnd.CALLER).state is AgentState.READY


def test_who_was_given_the_caller_wraps_up() -> None:
    boris = Operator()
    leg = boris.talks(boris.leg(role=LegRole.CONSULT))
    boris.happens(TookOver(at=boris.now, call_id="call-1"))
    assert boris.ends(leg, LegEnd.CALLER).state is AgentState.WRAP_UP


def test_a_question_during_wrap_up_does_not_let_callers_in() -> None:
    anna = Operator()
    anna.ends(anna.talks(), LegEnd.CALLER)
    asked = anna.leg("leg-2", LegRole.CONSULT, "call-2")
    assert anna.sees(asked).state is AgentState.RINGING
    assert anna.seat.kept_away == "wrap-up"
    anna.answers(asked)
    assert anna.ends(asked, LegEnd.CALLER).state is AgentState.WRAP_UP


def test_kept_for_a_call_back_until_it_rings_or_time_is_over() -> None:
    anna = Operator()
    seat = anna.happens(Reserved(at=anna.now, until=anna.now + seconds(45)))
    assert (seat.state, seat.kept_away, seat.free) == (AgentState.READY, "reserved", False)
    assert anna.happens(Released(at=anna.now)).free
    anna.happens(Reserved(at=anna.now, until=anna.now + seconds(45)))
    assert anna.passes(45).free
    anna.happens(Reserved(at=anna.now, until=anna.now + seconds(45)))
    leg = anna.talks(anna.leg(role=LegRole.CALLBACK))
    anna.ends(leg, LegEnd.CALLER)
    assert anna.passes(60).free


def test_only_who_is_ready_is_kept() -> None:
    anna = Operator()
    anna.talks()
    assert anna.happens(Reserved(at=anna.now, until=anna.now + seconds(45))).reserved_until is None


def test_a_talk_is_over_with_its_wrap_up() -> None:
    anna = Operator()
    leg = anna.talks()
    talking = anna.seat
    wrapping = anna.ends(leg, LegEnd.CALLER)
    assert ended_talk(talking, wrapping) is None
    assert ended_talk(wrapping, anna.happens(WrappedUp(at=anna.now))) == talking.talk
