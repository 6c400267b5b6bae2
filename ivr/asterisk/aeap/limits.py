"""How much a peer may send."""

from __future__ import annotations

from collections.abc import Callable


class Allowance:
    """A token bucket: so much a second, saved up to a most."""

    def __init__(self, per_second: float, most: float, clock: Callable[[], float]) -> None:
        """Begins full. Args: clock, seconds, monotonic."""
        self._per_second = per_second
        self._most = most
        self._clock = clock
        self._left = most
        self._at = clock()

    def spend(self, amount: float) -> bool:
        """Spend it if there is so much; False when there is not."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now
        if amount > self._left:
            return False
        self._left -= amount
        return True
