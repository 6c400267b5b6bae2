"""Simulated subscribers: whether they answer, when, how long they talk. The same ones for every policy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ivr.campaigns.pacing.answers import FloatArray


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Lengths that are many times the usual one now and then, as talks are.

    Attributes:
        mean: Mean, seconds.
        variation: Standard deviation over mean.
    """

    mean: float
    variation: float

    def draw(self, random: np.random.Generator, count: int) -> FloatArray:
        """So many lengths."""
        square = math.log(1 + self.variation**2)
        return random.lognormal(math.log(self.mean) - square / 2, math.sqrt(square), count)

    def survival(self, longest: int) -> FloatArray:
        """The probability to last 0, 1, … `longest` seconds or more."""
        square = math.log(1 + self.variation**2)
        centre, width = math.log(self.mean) - square / 2, math.sqrt(square)
        later = [
            0.5 * math.erfc((math.log(k) - centre) / (width * math.sqrt(2))) for k in range(1, longest + 1)
        ]
        return np.array([1.0, *later])


@dataclass(frozen=True, slots=True)
class Habits:
    """How subscribers and operators behave.

    Attributes:
        answering: Shares of calls that a person answers: (from which part of the list on, share).
        swing: By which part of itself that share goes up and down through the day.
        swing_seconds: One up and down.
        ring: From dialling to the answer, persons and machines.
        ring_at_most: Seconds after which a call that nobody answered is given up.
        greeting: From the answer to the end of the greeting.
        patience: From the end of the greeting to hanging up when nobody speaks.
        talk: Talks.
        wrap_up: Wrap-ups.
        machine: Of calls without a person, the share that a machine answers.
        busy: … that are busy or fail at once; the rest rings until given up.
    """

    answering: tuple[tuple[float, float], ...] = ((0.0, 0.60), (0.5, 0.25))
    swing: float = 0.1
    swing_seconds: float = 14_400.0
    ring: LogNormal = LogNormal(9.0, 0.6)
    ring_at_most: float = 35.0
    greeting: LogNormal = LogNormal(1.2, 0.4)
    patience: LogNormal = LogNormal(9.0, 0.6)
    talk: LogNormal = LogNormal(120.0, 0.8)
    wrap_up: LogNormal = LogNormal(20.0, 0.5)
    machine: float = 0.25
    busy: float = 0.25

    def rate(self, part: float, now: float) -> float:
        """The share of calls that a person answers at a part (0 to 1) of the list at a moment."""
        steps = [share for begin, share in self.answering if begin <= part]
        daily = 1 + self.swing * math.sin(2 * math.pi * now / self.swing_seconds)
        return min(1.0, steps[-1] * daily)


_MACHINE_HEARD_SECONDS = 3.0
_BUSY_SECONDS = 2.5


class Subscribers:
    """A list of subscribers, drawn once.

    Args:
        habits: How they behave.
        count: How many.
        seed: The same seed draws the same ones.
    """

    def __init__(self, habits: Habits, count: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.habits = habits
        self.count = count
        self._mood = random.random(count)
        rings = np.minimum(habits.ring.draw(random, count), habits.ring_at_most - 1)
        self._reached = rings + habits.greeting.draw(random, count)
        kind = random.random(count)
        busy = _BUSY_SECONDS * (0.5 + random.random(count))
        self._missed = np.select(
            [kind < habits.machine, kind < habits.machine + habits.busy],
            [rings + _MACHINE_HEARD_SECONDS, busy],
            habits.ring_at_most,
        )
        self.patience = habits.patience.draw(random, count)
        self.talk = habits.talk.draw(random, count)
        self.wrap_up = habits.wrap_up.draw(random, count)

    def rate(self, subscriber: int, now: float) -> float:
        """The true probability that a person answers when this one is dialled now."""
        return self.habits.rate(subscriber / self.count, now)

    def answers(self, subscriber: int, now: float) -> bool:
        """Whether a person answers when this one is dialled now."""
        return bool(self._mood[subscriber] < self.rate(subscriber, now))

    def known_after(self, subscriber: int, person: bool) -> float:
        """Seconds from dialling to the end of the greeting, or to the end of a call without a person."""
        return float((self._reached if person else self._missed)[subscriber])

    def shares_known(self, longest: int) -> tuple[FloatArray, FloatArray]:
        """Of calls with and without a person, the share known within 0, 1, … `longest` seconds."""
        seconds = np.arange(longest + 1)
        shares = [
            np.searchsorted(np.sort(known), seconds, side="right") / self.count
            for known in (self._reached, self._missed)
        ]
        return shares[0], shares[1]
