"""Trunks: lines and calls per second are never exceeded, whatever is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.pacing import TrunkGate, TrunkLimit
from ivr.campaigns.pacing.limits import RateWindow

ASKED = st.lists(st.tuples(st.floats(0, 2), st.integers(0, 30)), max_size=40)


def test_a_second_after_a_pause_bears_no_more_than_any_other() -> None:
    rate = RateWindow(3)
    rate.take(0.0, 3)
    assert [rate.free(at) for at in (0.5, 0.999, 1.0)] == [0, 0, 3]
    assert rate.free(100.0) == 3


def test_one_call_in_two_seconds() -> None:
    rate = RateWindow(0.5)
    rate.take(0.0, 1)
    assert [rate.free(at) for at in (1.0, 1.9, 2.0)] == [0, 0, 1]


def test_more_than_free_can_not_be_taken() -> None:
    with pytest.raises(ValueError, match="more calls"):
        RateWindow(2).take(0.0, 3)


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        RateWindow(0)


def test_the_trunk_with_the_most_room_goes_first() -> None:
    gate = TrunkGate({"a": TrunkLimit(10, 10), "b": TrunkLimit(4, 10)})
    assert gate.take(0.0, 4, {"a": 7, "b": 0}) == ("b", "a", "b", "a")


def test_without_trunks_nothing_is_dialled() -> None:
    assert TrunkGate({}).take(0.0, 5, {}) == ()


@given(ASKED, st.floats(0.2, 20))
def test_no_window_has_more_calls_than_the_rate(asked: list[tuple[float, int]], per_second: float) -> None:
    gate = TrunkGate({"t": TrunkLimit(1000, per_second)})
    now, begun = 0.0, list[float]()
    for pause, wanted in asked:
        now += pause
        begun += [now] * len(gate.take(now, wanted, {}))
    width = max(1.0, 1 / per_second)
    for first in begun:
        assert sum(first <= at < first + width for at in begun) <= max(1.0, per_second * width + 1e-9)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 30))))
def test_no_trunk_has_more_calls_than_lines(asked: list[tuple[int, int, int]]) -> None:
    gate = TrunkGate({"a": TrunkLimit(8, 50), "b": TrunkLimit(5, 50)})
    for now, (on_a, on_b, wanted) in enumerate(asked):
        taken = gate.take(now * 2.0, wanted, {"a": on_a, "b": on_b})
        assert len(taken) <= wanted
        assert taken.count("a") <= max(0, 8 - on_a)
        assert taken.count("b") <= max(0, 5 - on_b)


def test_a_clock_set_back_gives_no_calls_away() -> None:
    gate = TrunkGate({"t": TrunkLimit(100, 2)})
    assert len(gate.take(100.0, 5, {})) == 2
    assert gate.take(50.0, 5, {}) == ()
    assert len(gate.take(101.0, 5, {})) == 2
