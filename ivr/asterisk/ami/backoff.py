"""Delays between attempts."""

import random


class Backoff:
    """Delays that double up to a limit, each shortened by up to a half so that links don't come in step.

    Args:
        first_seconds: The first delay before jitter.
        most_seconds: What no delay exceeds.
        rng: Source of the jitter.
    """

    def __init__(self, first_seconds: float, most_seconds: float, rng: random.Random) -> None:
        self._first = first_seconds
        self._most = most_seconds
        self._rng = rng
        self._next = first_seconds

    def delay(self) -> float:
        """The next delay, seconds."""
        longest = min(self._next, self._most)
        self._next = 2 * longest
        return longest * self._rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Begin again with the first delay."""
        self._next = self._first
