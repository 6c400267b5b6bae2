"""The forecast: each formula by hand, the whole against exact counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.pacing.answers import FloatArray
from ivr.campaigns.pacing.forecast import Net, answered_by, free_by, wrapped_up_by

CHANCES = st.lists(st.floats(0.02, 0.98), min_size=4, max_size=60)


def column(chances: list[float]) -> FloatArray:
    return np.array(chances).reshape(-1, 1)


def exactly_at_least(persons: int, demand: list[float], supply: list[float], surplus: int) -> float:
    """P(demand − supply − surplus ≥ persons) by multiplying the distributions out."""
    shares = np.array([1.0])
    for chance in [*demand, *(1 - each for each in supply)]:  # demand + those who are not free
        shares = np.convolve(shares, [1 - chance, chance])
    return float(shares[max(0, persons + surplus + len(supply)) :].sum())


@given(CHANCES, CHANCES, st.integers(-5, 20), st.integers(0, 3))
def test_the_chance_of_a_lack_is_nearly_exact(
    demand: list[float], supply: list[float], surplus: int, persons: int
) -> None:
    net = Net.of(surplus, column(demand), column(supply))
    exact = exactly_at_least(persons, demand, supply, surplus)
    # at most 4 points where it is as likely as not, less where decisions are made
    assert float(net.at_least(persons)[0]) == pytest.approx(exact, abs=0.02 if exact < 0.1 else 0.04)


def test_what_is_certain_is_certain() -> None:
    nothing = np.zeros((0, 2))
    assert Net.of(1, nothing, nothing).at_least(0) == pytest.approx([0.0, 0.0], abs=1e-6)
    assert Net.of(0, nothing, nothing).at_least(0) == pytest.approx([1.0, 1.0], abs=1e-6)
    assert Net.of(-2, nothing, nothing).at_least(2) == pytest.approx([1.0, 1.0], abs=1e-6)


def test_a_call_more_is_the_same_as_a_call_among_them() -> None:
    two, one = column([0.3, 0.6]), column([0.3])
    free = column([0.5])
    more = Net.of(1, one, free).plus(np.array([0.6]))
    among = Net.of(1, two, free)
    assert more.mean == pytest.approx(among.mean)
    assert more.variance == pytest.approx(among.variance)
    assert more.third == pytest.approx(among.third)


def test_a_phone_that_rings_long_is_answered_less_likely() -> None:
    reached = np.array([[0.0, 0.5, 1.0], [0.5, 1.0, 1.0], [1.0, 1.0, 1.0]])
    missed = np.array([0.0, 0.0, 0.5])
    answered = answered_by(0.6, reached, missed)
    assert answered[0] == pytest.approx([0.3, 0.6])
    # half of the persons would have answered: 0.6 · 0.5 left against 0.4 without a person
    assert answered[1] == pytest.approx([0.3 / 0.7, 0.3 / 0.7])
    assert answered[2] == pytest.approx([0.0, 0.0])


def test_a_talk_is_followed_by_its_wrap_up() -> None:
    talking = np.array([[0.5, 1.0, 1.0, 1.0]])
    wrap_up = np.array([0.2, 1.0, 1.0, 1.0])
    wrapping = np.array([[0.9, 1.0, 1.0, 1.0]])
    free = free_by(talking, wrapped_up_by(wrap_up), wrapping)
    # ends in the first second (0.5): a wrap-up of one second by the 2nd, of two by the 3rd
    assert free[0] == pytest.approx([0.0, 0.5 * 0.2, 0.5 * 1.0 + 0.5 * 0.2, 1.0])
    assert free[1] == pytest.approx(wrapping[0])
