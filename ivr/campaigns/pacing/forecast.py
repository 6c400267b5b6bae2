"""The probability that somebody answers and no operator is there for him.

The question of every predictive dialler since D. A. Samuelson's (Predictive Dialing for Outbound
Telephone Call Centers, Interfaces 29:5, 1999): how many operators become free while the phones ring,
how many persons answer meanwhile. Both are sums of independent yes-or-no events with known
probabilities, so their difference has a Poisson-binomial distribution, taken here by its mean,
variance and skewness: the refined normal approximation (A. Yu. Volkova, 1996; Y. Hong, On computing
the distribution function for the Poisson binomial distribution, 2013, eq. 14).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ivr.campaigns.pacing.answers import FloatArray

_FAR = 6.0  # standard deviations beyond which nothing happens
_PER_DEVIATION = 100
_PHI = np.array(
    [
        0.5 * (1 + math.erf((k / _PER_DEVIATION - _FAR) / math.sqrt(2)))
        for k in range(int(2 * _FAR * _PER_DEVIATION) + 2)
    ]
)


def refined_normal(z: FloatArray, skewness: FloatArray) -> FloatArray:
    """The distribution function of a sum with such skewness at `z` standard deviations from its mean."""
    near = np.minimum(np.maximum(z, -_FAR), _FAR)
    place = (near + _FAR) * _PER_DEVIATION
    below = place.astype(np.int64)
    normal = _PHI[below] + (place - below) * (_PHI[below + 1] - _PHI[below])
    density = np.exp(-0.5 * near * near) / math.sqrt(2 * math.pi)
    refined = normal + skewness * (1 - near * near) * density / 6
    bounded: FloatArray = np.minimum(np.maximum(refined, 0.0), 1.0)
    return bounded


@dataclass(frozen=True, slots=True)
class Net:
    """Persons who want an operator minus operators there for them, at 1, 2, … seconds from now.

    Attributes:
        mean: Expected value at each second.
        variance: Its variance.
        third: Its third central moment.
    """

    mean: FloatArray
    variance: FloatArray
    third: FloatArray

    @classmethod
    def of(cls, surplus: int, demand: FloatArray, supply: FloatArray) -> Net:
        """From independent events.

        Args:
            surplus: Ready operators minus persons who wait now.
            demand: Calls × seconds: the probability that a person has answered by then.
            supply: Operators × seconds: the probability that he is free by then.
        """
        wants, frees = _moments(demand), _moments(supply)
        return cls(wants[0] - frees[0] - surplus, wants[1] + frees[1], wants[2] - frees[2])

    def plus(self, call: FloatArray) -> Net:
        """With one more call, whose person has answered by then with these probabilities."""
        one = _moments(call[None, :])
        return Net(self.mean + one[0], self.variance + one[1], self.third + one[2])

    def at_least(self, persons: int) -> FloatArray:
        """The probability of a lack of so many operators or more, at each second."""
        deviation = np.sqrt(np.maximum(self.variance, 1e-4))
        z = (persons - 0.5 - self.mean) / deviation
        short: FloatArray = 1 - refined_normal(z, self.third / deviation**3)
        return short


def _moments(probabilities: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    variance = probabilities * (1 - probabilities)
    return (
        probabilities.sum(axis=0),
        variance.sum(axis=0),
        (variance * (1 - 2 * probabilities)).sum(axis=0),
    )


def answered_by(rate: float, reached: FloatArray, missed: FloatArray) -> FloatArray:
    """The probability that a call which is still open has a person within 1, 2, … seconds (Bayes).

    Args:
        rate: The share of calls that a person answers.
        reached: Calls × (1 + seconds): of calls with a person, the share of those reached before the
            call's age (first column) and by each second from now.
        missed: Calls: of calls without a person, the share of those known by the call's age.
    """
    before = reached[:, :1]
    person = rate * (1 - before)
    nobody = (1 - rate) * (1 - missed[:, None])
    open_still = np.maximum(person + nobody, 1e-12)
    answered: FloatArray = rate * (reached[:, 1:] - before) / open_still
    return answered


def wrapped_up_by(wrap_up: FloatArray) -> FloatArray:
    """The probability that a wrap-up which begins in a second (row) has ended by a second (column).

    Args:
        wrap_up: Seconds: a wrap-up that begins now has ended by then.
    """
    horizon = len(wrap_up)
    after = np.concatenate((np.zeros(horizon), [0.0], wrap_up[:-1]))
    return sliding_window_view(after, horizon)[horizon:0:-1].copy()


def free_by(talking: FloatArray, wrapped_up: FloatArray, wrapping: FloatArray) -> FloatArray:
    """The probability that each operator is free within 1, 2, … seconds.

    Args:
        talking: Operators in a talk × seconds: the talk has ended by then.
        wrapped_up: See `wrapped_up_by`, over as many seconds.
        wrapping: Operators in wrap-up × seconds: it has ended by then.
    """
    ends = talking.copy()
    ends[:, 1:] -= talking[:, :-1]
    return np.concatenate([ends @ wrapped_up, wrapping])
