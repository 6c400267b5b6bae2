"""What pacing learns: the answer rate, lengths, the account of abandoned calls."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.pacing import Ledger, Missed, Observed, Reached
from ivr.campaigns.pacing.answers import AnswerRate
from ivr.campaigns.pacing.durations import Durations
from ivr.campaigns.pacing.knowledge import Learned
from ivr.campaigns.settings import PacingSettings


def test_a_rate_that_never_changes_is_counted() -> None:
    rate = AnswerRate(change=0.0)
    for person in (True, True, False):
        rate.note(person)
    assert rate.mean == pytest.approx(3 / 5)  # one of each to begin with
    assert rate.deviation == pytest.approx(math.sqrt(3 * 2 / (5**2 * 6)))
    assert rate.high(100) == 1.0


def test_a_step_of_the_rate_is_believed_within_forty_calls() -> None:
    dice = random.Random(5)
    rate = AnswerRate()
    for _ in range(2000):
        rate.note(dice.random() < 0.60)
    assert rate.mean == pytest.approx(0.60, abs=0.04)
    for _ in range(40):
        rate.note(dice.random() < 0.25)
    assert rate.mean == pytest.approx(0.25, abs=0.12)


def test_many_calls_are_remembered_in_little_room() -> None:
    rate = AnswerRate()
    for call in range(1000):
        rate.note(call % 4 == 0)
    assert rate.mean == pytest.approx(0.25, abs=0.03)
    assert rate._weight.size <= 150


def test_answers_that_come_sooner_than_failures_do_not_raise_the_rate() -> None:
    learned = Learned(PacingSettings())
    for call in range(100):  # each second call is answered after 5 s, the others still ring
        if call % 2:
            learned.note(Reached(dialled=float(call), after=5.0))
    ringing = tuple(float(call) for call in range(0, 100, 2))
    learned.outlook(106.0, Observed(ringing=ringing))
    assert learned.rate.mean == pytest.approx(0.5)  # nothing is known yet
    for dialled in ringing:
        learned.note(Missed(dialled, after=40.0))
    learned.outlook(200.0, Observed())
    assert learned.rate.mean == pytest.approx(0.5, abs=0.05)


def test_before_anything_is_seen_lengths_are_exponential() -> None:
    ends = Durations(mean=100.0, longest=600).ends_within(np.array([0.0, 250.0]), 10)
    expected = [1 - math.exp(-k / 100) for k in range(1, 11)]
    assert ends[0] == pytest.approx(expected)
    assert ends[1] == pytest.approx(expected)


def test_lengths_are_estimated_as_kaplan_and_meier_did() -> None:
    seen = Durations(mean=100.0, longest=20, trust=1e-9, half_life=1e12)
    for seconds in (3.5, 5.5, 5.5, 9.5):
        seen.note(seconds)
    seen.refresh([8.0])  # one still lasts: at risk until its 8th second
    ends = seen.ends_within(np.array([0.0, 5.0]), 10)
    survival = {4: 4 / 5, 6: 4 / 5 * 2 / 4, 10: 0.0}
    assert [1 - ends[0][k - 1] for k in (4, 6, 10)] == pytest.approx(list(survival.values()), abs=1e-6)
    assert 1 - ends[1][0] == pytest.approx(2 / 4, abs=1e-6)


def test_what_still_lasts_makes_lengths_longer() -> None:
    seen = Durations(mean=60.0, longest=600)
    for _ in range(20):
        seen.note(30.0)
    seen.refresh(())
    alone = float(seen.ends_within(np.array([0.0]), 60)[0][-1])
    seen.refresh([300.0] * 20)
    assert float(seen.ends_within(np.array([0.0]), 60)[0][-1]) < alone - 0.2


def test_the_account_says_how_many_may_still_be_abandoned() -> None:
    ledger = Ledger(bound=0.03, window=1000)
    assert ledger.spare == 0
    for _ in range(33):
        ledger.note(abandoned=False)
    assert ledger.spare == 0
    ledger.note(abandoned=False)
    assert ledger.spare == 1
    ledger.note(abandoned=True)
    assert ledger.spare == 0
    assert ledger.share == pytest.approx(1 / 35)


def test_what_was_saved_long_ago_can_not_be_spent_at_once() -> None:
    ledger = Ledger(bound=0.03, window=100, past=[False] * 10_000)
    assert ledger.spare == 3
    assert ledger.balance(0.02) == pytest.approx(2.0)


def test_an_account_goes_on_after_a_restart() -> None:
    fates = [index % 40 == 0 for index in range(500)]
    ledger = Ledger(0.03, 200, past=fates)
    assert (ledger.reached, ledger.abandoned, ledger.spare) == (500, 13, 1)


@given(st.lists(st.booleans(), max_size=120), st.integers(1, 50))
def test_the_account_is_the_tighter_of_all_and_the_window(fates: list[bool], window: int) -> None:
    ledger = Ledger(0.1, window, past=fates)
    recent = fates[-window:]
    assert ledger.balance(0.1) == pytest.approx(
        min(0.1 * len(fates) - sum(fates), 0.1 * len(recent) - sum(recent))
    )
