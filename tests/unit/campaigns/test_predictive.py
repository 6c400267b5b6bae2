"""Predictive pacing, decision by decision."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.pacing import (
    Abandoned,
    Connected,
    Missed,
    Observed,
    Predictive,
    Reached,
    TalkEnded,
    WrapUpEnded,
)
from ivr.campaigns.pacing.ledger import Ledger
from ivr.campaigns.pacing.predictive import Steering
from ivr.campaigns.settings import PacingSettings

NOW = 10_000.0
BUSY_FLOOR = Observed(
    ready=4, talking=tuple(NOW - 8 * k for k in range(1, 21)), wrapping=(NOW - 10, NOW - 5), lines=90
)


def experienced(persons: int, of: int, fates: list[bool] | None = None) -> Predictive:
    """Pacing that has seen so many calls, talks of 100 s and wrap-ups of 20 s."""
    pacing = Predictive(PacingSettings(), past=fates if fates is not None else [False] * 400)
    for call in range(of):
        reached = call * persons // of != (call + 1) * persons // of
        pacing.note(Reached(float(call), 9.0) if reached else Missed(float(call), 30.0))
        pacing.note(TalkEnded(60.0 + call % 80))
        pacing.note(WrapUpEnded(15.0 + call % 10))
    return pacing


def test_it_begins_as_a_progressive_one() -> None:
    assert Predictive(PacingSettings()).decide(0.0, Observed(ready=10, lines=30)) == 10


def test_it_dials_ahead_once_it_knows_enough() -> None:
    assert experienced(60, of=200).decide(NOW, BUSY_FLOOR) >= 2 * BUSY_FLOOR.ready


def test_the_less_people_answer_the_more_it_dials() -> None:
    calls = [experienced(persons, of=200).decide(NOW, BUSY_FLOOR) for persons in (140, 100, 60, 40)]
    assert calls == sorted(calls)
    assert calls[0] < calls[-1]


def test_calls_that_ring_already_count() -> None:
    ringing = Observed(
        ready=4,
        talking=BUSY_FLOOR.talking,
        wrapping=BUSY_FLOOR.wrapping,
        ringing=(NOW - 2,) * 6,
        lines=90,
    )
    pacing = experienced(60, of=200)
    assert pacing.decide(NOW, ringing) <= pacing.decide(NOW, BUSY_FLOOR) - 5


def test_somebody_who_waits_without_an_operator_stops_it() -> None:
    waiting = Observed(talking=BUSY_FLOOR.talking, waiting=3, lines=90)
    assert experienced(60, of=200).decide(NOW, waiting) == 0


def test_nothing_to_spare_makes_it_progressive() -> None:
    spent = [False] * 97 + [True] * 3
    assert experienced(60, of=200, fates=spent).decide(NOW, BUSY_FLOOR) == 4


def test_each_abandoned_call_makes_it_careful() -> None:
    pacing = experienced(60, of=200, fates=[False] * 1000)
    before = pacing.decide(NOW, BUSY_FLOOR)
    for _ in range(28):
        pacing.note(Abandoned())
    after = pacing.decide(NOW, BUSY_FLOOR)
    for _ in range(1000):
        pacing.note(Connected())
    assert after < before
    assert pacing.decide(NOW, BUSY_FLOOR) == before


def test_the_tolerance_is_the_base_when_the_account_is_even() -> None:
    steering = Steering(aim=0.02, base=0.05, gain=0.2, highest=0.3)
    even = Ledger(0.03, 1000, past=[True] + [False] * 49)
    assert abs(steering.tolerance(even) - 0.05) < 1e-9
    assert steering.tolerance(Ledger(0.03, 1000, past=[True] * 10)) < 0.01
    assert steering.tolerance(Ledger(0.03, 1000, past=[False] * 5000)) == 0.3


@given(st.lists(st.booleans(), max_size=200), st.integers(0, 30), st.integers(0, 4), st.integers(0, 20))
def test_without_anything_to_spare_no_call_lacks_an_operator(
    fates: list[bool], ready: int, waiting: int, ringing: int
) -> None:
    pacing = Predictive(PacingSettings(), past=fates)
    observed = Observed(ready=ready, waiting=waiting, ringing=(NOW - 3,) * ringing, lines=60)
    calls = pacing.decide(NOW, observed)
    if pacing.ledger.spare < 1 + waiting:  # one is kept back, those who wait may be lost too
        assert calls == max(0, ready - waiting - ringing)


def test_it_obeys_stop_at_once() -> None:
    stopped = Observed(ready=4, talking=BUSY_FLOOR.talking, lines=90, stopped=True)
    assert experienced(60, of=200).decide(NOW, stopped) == 0
