"""How likely it is that a person answers, when that may change at any moment."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class AnswerRate:
    """The share of calls that a person answers, learnt call by call.

    Bayesian online changepoint detection (R. P. Adams, D. J. C. MacKay, 2007, arXiv:0710.3742) with a
    beta-Bernoulli model: after each call the rate is the old one, or with a small probability
    (`change`) a new one. Weights of how long the present rate has lasted are kept; they say by
    themselves how much of the past still counts. A steady rate becomes certain, a step is believed
    after some twenty calls.

    Args:
        change: Probability that the rate changes between two calls.
        prior: Persons and others counted before the first call (a beta distribution).
    """

    _KEPT = 150  # how many lengths are told apart; the less likely ones are dropped

    def __init__(self, change: float = 1 / 2000, prior: tuple[float, float] = (1.0, 1.0)) -> None:
        self._change = change
        self._prior = prior
        self._weight: FloatArray = np.array([1.0])
        self._persons: FloatArray = np.array([prior[0]])
        self._others: FloatArray = np.array([prior[1]])

    def note(self, person: bool) -> None:
        """One more call, in the order of dialling: did a person answer?"""
        rate = self._persons / (self._persons + self._others)
        joint = self._weight * (rate if person else 1 - rate)
        fresh = joint.sum() * self._change
        weight = np.append(joint * (1 - self._change), fresh)
        persons = np.append(self._persons + person, self._prior[0])
        others = np.append(self._others + (not person), self._prior[1])
        if len(weight) > self._KEPT:
            likely = np.argpartition(weight, 1)[1:]
            weight, persons, others = weight[likely], persons[likely], others[likely]
        self._weight, self._persons, self._others = weight / weight.sum(), persons, others

    @property
    def mean(self) -> float:
        """The rate to be expected, 0 to 1."""
        return float(self._weight @ (self._persons / (self._persons + self._others)))

    @property
    def deviation(self) -> float:
        """How uncertain it is: the standard deviation of the rate."""
        total = self._persons + self._others
        rate = self._persons / total
        square = rate * rate + rate * (1 - rate) / (total + 1)
        return math.sqrt(max(0.0, float(self._weight @ square) - self.mean**2))

    def high(self, deviations: float) -> float:
        """A rate that the true one is hardly above, 0 to 1."""
        return min(1.0, self.mean + deviations * self.deviation)
