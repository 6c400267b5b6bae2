from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.calls.legs import (
    Leg,
    LegAnswered,
    LegEnd,
    LegEnded,
    LegEvent,
    LegHeld,
    LegRang,
    LegResumed,
    LegRole,
)
from ivr.calls.rows import leg_of, leg_row

T0 = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def rang(seconds: float, agent: str | None = "anna", leg: str = "op.1") -> LegRang:
    return LegRang(
        at=at(seconds),
        call_id="c1",
        leg_id=leg,
        role=LegRole.QUEUE,
        device="PJSIP/op-201",
        agent=agent,
        queue="clients" if agent else None,
    )


def answered(seconds: float, leg: str = "op.1") -> LegAnswered:
    return LegAnswered(at=at(seconds), call_id="c1", leg_id=leg)


def held(seconds: float, leg: str = "op.1") -> LegHeld:
    return LegHeld(at=at(seconds), call_id="c1", leg_id=leg)


def resumed(seconds: float, leg: str = "op.1") -> LegResumed:
    return LegResumed(at=at(seconds), call_id="c1", leg_id=leg)


def ended(seconds: float, end: LegEnd = LegEnd.CALLER, leg: str = "op.1") -> LegEnded:
    return LegEnded(at=at(seconds), call_id="c1", leg_id=leg, end=end)


def told(*events: LegEvent) -> Leg:
    leg = Leg(call_id="c1", leg_id="op.1")
    for event in events:
        leg.apply(event)
    return leg


def spans(leg: Leg) -> list[tuple[float, float | None]]:
    return [
        ((hold.since - T0).total_seconds(), (hold.until - T0).total_seconds() if hold.until else None)
        for hold in leg.holds
    ]


TALK: list[LegEvent] = [
    rang(40),
    answered(45),
    held(60),
    held(60.2),
    resumed(70),
    held(80),
    resumed(90),
    resumed(91),
    ended(100),
]
RESYNC: list[LegEvent] = [rang(95, agent=None), answered(95), ended(104, LegEnd.UNKNOWN)]
"""What a look at Asterisk tells later of the same leg, with less knowledge."""


@given(st.permutations([*TALK, *RESYNC]), st.lists(st.sampled_from([*TALK, *RESYNC]), max_size=8))
def test_order_and_repetition_do_not_matter(events: list[LegEvent], again: list[LegEvent]) -> None:
    leg = told(*events, *again)
    assert leg == told(*TALK)
    assert leg_of(leg_row(leg)) == leg
    assert (leg.agent, leg.queue, leg.role, leg.end) == ("anna", "clients", LegRole.QUEUE, LegEnd.CALLER)
    assert spans(leg) == [(60, 70), (80, 90)]


@given(st.permutations(TALK))
def test_what_is_known_tells_nothing_new(events: list[LegEvent]) -> None:
    leg = told(*events)
    assert not any(leg.apply(event) for event in [*TALK, *RESYNC])


@pytest.mark.parametrize(
    ("events", "holds", "seconds"),
    [
        ([held(60)], [(60, None)], 30.0),
        ([held(60), ended(75)], [(60, 75)], 15.0),
        ([held(60), resumed(80), ended(75)], [(60, 75)], 15.0),
        ([resumed(70)], [], 0.0),
        ([held(80), ended(75)], [], 0.0),
    ],
)
def test_holds_are_paired(events: list[LegEvent], holds: list[object], seconds: float) -> None:
    leg = told(answered(45), *events)
    assert spans(leg) == holds
    assert leg.held(at(90)).total_seconds() == seconds


def test_an_end_that_says_how_stands_before_one_that_does_not() -> None:
    leg = told(answered(45), ended(70, LegEnd.UNKNOWN), ended(72, LegEnd.LOST))
    assert (leg.ended_at, leg.end) == (at(70), LegEnd.LOST)
    assert not leg.talking
