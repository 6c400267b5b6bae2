"""How long something still lasts that has lasted so long already, learnt from what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ivr.campaigns.pacing.answers import FloatArray


class Lasting(Protocol):
    """How long things of a kind last."""

    def ends_within(self, ages: FloatArray, horizon: int) -> FloatArray:
        """The probability that each ends within 1, 2, … seconds.

        Args:
            ages: How long each has lasted, seconds; n of them.
            horizon: How many seconds ahead.

        Returns:
            n × horizon, each row rising, 0 to 1.
        """


def residual(survival: FloatArray, ages: FloatArray, horizon: int) -> FloatArray:
    """`Lasting.ends_within` of a table: `survival[k]` is the probability to last k seconds or more."""
    last = len(survival) - 1
    begin = np.minimum(np.maximum(ages, 0).astype(np.int64), last)
    ahead = np.minimum(begin[:, None] + np.arange(1, horizon + 1), last)
    alive = np.maximum(survival[begin], 1e-12)
    ends: FloatArray = 1 - survival[ahead] / alive[:, None]
    return ends


class Durations:
    """Lengths as they were seen, by the estimator of Kaplan and Meier (1958), in steps of a second.

    What still lasts counts as lasting (without that the first minutes would know only short talks);
    the past counts less and less; before anything was seen lengths are exponential.

    Args:
        mean: The mean length to begin with, seconds.
        longest: The longest length told apart, seconds.
        trust: How many observations the beginning is worth.
        half_life: After so many observations one counts half.
    """

    def __init__(self, mean: float, longest: int, trust: float = 5.0, half_life: float = 500.0) -> None:
        self._ended = np.zeros(longest)
        self._at_risk = np.zeros(longest)
        self._begin_hazard = 1 - np.exp(-1 / mean)
        self._trust = trust
        self._fade = 0.5 ** (1 / half_life)
        self._survival = self._survivors(())

    def note(self, seconds: float) -> None:
        """One has ended after so many seconds."""
        step = min(int(seconds), len(self._ended) - 1)
        self._ended *= self._fade
        self._at_risk *= self._fade
        self._ended[step] += 1
        self._at_risk[: step + 1] += 1

    def refresh(self, lasting: Sequence[float]) -> None:
        """Take what was noted, and those that still last (their ages), into account from now on."""
        self._survival = self._survivors(lasting)

    def _survivors(self, lasting: Sequence[float]) -> FloatArray:
        at_risk = self._at_risk.copy()
        for age in lasting:
            at_risk[: int(age)] += 1
        hazard = (self._ended + self._trust * self._begin_hazard) / (at_risk + self._trust)
        return np.concatenate(([1.0], np.cumprod(1 - np.minimum(hazard, 1.0))))

    def ends_within(self, ages: FloatArray, horizon: int) -> FloatArray:
        """See `Lasting`."""
        return residual(self._survival, ages, horizon)
