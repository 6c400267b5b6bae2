"""The waiting time that callers are told: its arithmetic, and how near it comes to the truth."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.estimate import MORE, TOLD_MINUTES, HandlingTimes, expected_wait, told_minutes
from ivr.desk.settings import EstimateSettings

MEAN = 180.0
BUSY = st.lists(st.floats(0, 600), min_size=1, max_size=12)


def test_nobody_serves_so_nobody_knows() -> None:
    assert expected_wait(0, [], MEAN) is None


@pytest.mark.parametrize(
    ("ahead", "busy", "seconds"),
    [
        (0, [0], 0),
        (1, [0, 0], 0),
        (0, [180], 180),
        (0, [180, 180, 180], 60),
        (2, [180, 180, 180], 180),
        (1, [0, 180], 90),
        (0, [30, 180], 30 * 180 / 210),
        (0.5, [180], 270),
    ],
)
def test_a_place_is_free_as_often_as_operators_end(ahead: float, busy: list[float], seconds: float) -> None:
    assert expected_wait(ahead, busy, MEAN) == pytest.approx(seconds)


def test_after_wrap_up_an_operator_takes_whole_calls() -> None:
    one, two = expected_wait(0, [10], MEAN), expected_wait(1, [10], MEAN)
    assert one == pytest.approx(10)
    assert two == pytest.approx(10 + MEAN)


@given(st.integers(0, 40), BUSY)
def test_more_ahead_never_means_less_wait(ahead: int, busy: list[float]) -> None:
    shorter, longer = expected_wait(ahead, busy, MEAN), expected_wait(ahead + 1, busy, MEAN)
    assert shorter is not None
    assert longer is not None
    assert 0 <= shorter <= longer < math.inf


@given(st.integers(0, 40), BUSY, st.floats(0, 600))
def test_one_operator_more_never_means_more_wait(ahead: int, busy: list[float], another: float) -> None:
    fewer, more = expected_wait(ahead, busy, MEAN), expected_wait(ahead, [*busy, another], MEAN)
    assert fewer is not None
    assert more is not None
    assert more <= fewer + 1e-6


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, 0), (59, 0), (60, 1), (89, 1), (91, 2), (350, 5), (361, 7), (600, 10), (660, 10), (661, MORE)],
)
def test_a_wait_is_told_as_one_says_it(seconds: float, told: int) -> None:
    assert told_minutes(seconds) == told


@given(st.floats(0, 3600), st.floats(0, 3600))
def test_a_longer_wait_is_never_told_as_a_shorter_one(one: float, other: float) -> None:
    assert told_minutes(min(one, other)) <= told_minutes(max(one, other))
    assert told_minutes(one) in {*TOLD_MINUTES, MORE}


def test_what_was_assumed_gives_way_to_what_was_measured() -> None:
    times = HandlingTimes(EstimateSettings(handling_seconds=100, handling_weight=1, handling_calls=3))
    assert times.mean("clients") == 100
    for seconds in (900, 200, 200, 200):
        times.add("clients", seconds)
    assert times.mean("clients") == pytest.approx(175)
    assert times.mean("business") == 100


# --- against a simulated queue -------------------------------------------------------------------------

OPERATORS = 6
SLICE = 60.0
RUSH_EVERY = 2 * 3600.0


@dataclass(frozen=True)
class Moment:
    """A caller who is told something: who, what we say, what app_queue would say, and the truth; seconds."""

    caller: int
    ours: float
    asterisk: float
    truth: float


def exponential(random: Random) -> float:
    return random.expovariate(1 / MEAN)


def log_normal(random: Random) -> float:
    """As talks are: most are short, a few very long; variation 0.8."""
    sigma = math.sqrt(math.log(1 + 0.8**2))
    return random.lognormvariate(math.log(MEAN) - sigma**2 / 2, sigma)


def load(now: float) -> float:
    """Calls for each that the operators can take: between the rushes there is hardly a queue."""
    return 0.9 + 0.4 * math.sin(2 * math.pi * now / RUSH_EVERY)


def days_in_a_queue(talk: Callable[[Random], float], calls: int = 6000) -> Iterator[Moment]:
    """Callers served in turn, who are told their wait when they come and every slice after."""
    random = Random(5)
    free = [0.0] * OPERATORS
    now, hold = 0.0, 0.0
    answers: list[float] = []
    holds: list[tuple[float, float]] = []  # when a caller was answered, and app_queue's average after it
    for caller in range(calls):
        now += random.expovariate(OPERATORS * load(now) / MEAN)
        busy = [MEAN if until > now else 0.0 for until in free]
        answered = max(now, heapq.heappop(free))
        heapq.heappush(free, answered + talk(random))
        moment = now
        while moment < answered:
            ahead = len(answers) - bisect_right(answers, moment)
            ours = expected_wait(ahead, busy, MEAN)
            known = bisect_right(holds, (moment, math.inf))
            average = holds[known - 1][1] if known else 0.0
            assert ours is not None
            yield Moment(caller, ours, abs(average + 30 - (moment - now)), answered - moment)
            moment += SLICE
        answers.append(answered)
        hold = (3 * hold + answered - now) / 4
        holds.append((answered, hold))


@pytest.mark.parametrize("talk", [exponential, log_normal])
def test_the_estimate_is_near_the_truth_and_nearer_than_asterisks(talk: Callable[[Random], float]) -> None:
    moments = list(days_in_a_queue(talk))
    assert len(moments) > 3000
    truth = fmean(each.truth for each in moments)
    bias = fmean(each.ours - each.truth for each in moments)
    error = fmean(abs(each.ours - each.truth) for each in moments)
    asterisks = fmean(abs(each.asterisk - each.truth) for each in moments)
    assert abs(bias) < 0.05 * truth
    assert error < 0.35 * truth
    assert error < 0.6 * asterisks


def grew(told: list[float]) -> bool:
    return any(later > earlier + 1 for earlier, later in pairwise(told))


def test_nobody_is_told_a_longer_wait_because_he_has_waited() -> None:
    callers = [list(told) for _, told in groupby(days_in_a_queue(exponential), lambda each: each.caller)]
    assert not any(grew([each.ours for each in told]) for told in callers)
    waited = [told for told in callers if len(told) > 1]
    asterisks = sum(grew([each.asterisk for each in told]) for told in waited)
    assert asterisks > len(waited) / 4
