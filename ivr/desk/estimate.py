"""How long a caller will wait: an estimate of our own, pure.

Asterisk's announced wait is an average of past waits less the time that has gone by, without its sign, so it
grows for whoever waits long. Ours looks at the present alone: who is ahead, who serves, how long calls take.
Talks are taken to have no memory: one that has lasted ten minutes ends in the next minute as likely as one
that has just begun, so that with `n` operators talking a place is free every `mean / n` seconds.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Final

from ivr.desk.settings import EstimateSettings

TOLD_MINUTES: Final = (0, 1, 2, 3, 4, 5, 7, 10)
"""What is said: less than a minute, about so many minutes, or (beyond the last) more than that."""

MORE: Final = TOLD_MINUTES[-1] + 1
"""Stands for «больше десяти минут»."""


def expected_wait(ahead: float, busy_seconds: Sequence[float], mean_seconds: float) -> float | None:
    """Seconds until a caller's turn.

    Args:
        ahead: Callers who are served before him.
        busy_seconds: For every operator who serves, how long he is expected to be busy: 0 when he is free.
        mean_seconds: Talk and wrap-up of a call.

    Returns:
        None when nobody serves.
    """
    if not busy_seconds:
        return None
    wanted = ahead + 1 - sum(busy == 0 for busy in busy_seconds)
    if wanted <= 0:
        return 0.0
    return _until(wanted, busy_seconds, mean_seconds)


def _until(wanted: float, busy_seconds: Sequence[float], mean_seconds: float) -> float:
    """When so many places have become free, if each operator frees places at an even rate.

    His first comes within the time that he is still busy, every other takes the mean. The sum of these is a
    broken line; its pieces end where an operator's first place is free.
    """
    passed, freed = 0.0, 0.0
    for end in sorted({busy for busy in busy_seconds if busy > 0}):
        rate = sum(1 / (busy if busy >= end else mean_seconds) for busy in busy_seconds)
        if freed + rate * (end - passed) >= wanted:
            return passed + (wanted - freed) / rate
        freed += rate * (end - passed)
        passed = end
    return passed + (wanted - freed) * mean_seconds / len(busy_seconds)


def told_minutes(seconds: float) -> int:
    """What is said of an expected wait: the nearest of `TOLD_MINUTES`, or `MORE`."""
    minutes = seconds / 60
    if minutes < 1:
        return 0
    if minutes > TOLD_MINUTES[-1] + 1:
        return MORE
    return min(TOLD_MINUTES[1:], key=lambda told: abs(told - minutes))


class HandlingTimes:
    """How long calls of each queue take, from the last of them and what was assumed before."""

    def __init__(self, settings: EstimateSettings) -> None:
        self._settings = settings
        self._last: defaultdict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=settings.handling_calls)
        )

    def add(self, queue: str, seconds: float) -> None:
        """A call of the queue took so long, wrap-up included."""
        self._last[queue].append(seconds)

    def mean(self, queue: str) -> float:
        """Seconds of a call."""
        last, settings = self._last[queue], self._settings
        count = settings.handling_weight + len(last)
        total = settings.handling_weight * settings.handling_seconds + sum(last)
        return total / count if count else float(settings.handling_seconds)
