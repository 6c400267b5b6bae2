"""What a trunk bears: lines in use and calls per second."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrunkLimit:
    """What a trunk's contract allows.

    Attributes:
        lines: Calls at once, 0 or more.
        per_second: Calls begun in any second, above 0; 0.5 is one in two seconds.
    """

    lines: int
    per_second: float


class RateWindow:
    """Calls per second, exactly: in no window of its length are more begun than its count.

    A token bucket with room for a second's calls lets through twice as many in the second after a
    pause; carriers refuse those. This is the sliding log of the moments instead: as many tokens as
    calls of the window, each coming back when its own call is a window old.
    """

    def __init__(self, per_second: float) -> None:
        if per_second <= 0:
            raise ValueError("calls per second must be above zero")
        self._seconds = max(1.0, 1 / per_second)
        self._count = max(1, math.floor(per_second * self._seconds + 1e-9))
        self._begun: deque[float] = deque(maxlen=self._count)

    def free(self, now: float) -> int:
        """How many may begin now."""
        past = bisect_left(self._begun, True, key=lambda at: now - at < self._seconds)
        return self._count - len(self._begun) + past

    def take(self, now: float, calls: int) -> None:
        """So many begin now.

        Raises:
            ValueError: More than are free.
        """
        if calls > self.free(now):
            raise ValueError("more calls than the rate allows")
        self._begun.extend([now] * calls)


class TrunkGate:
    """Shares calls among trunks, whichever campaigns they come from; no limit is ever exceeded."""

    def __init__(self, limits: Mapping[str, TrunkLimit]) -> None:
        self._limits = dict(limits)
        self._rates = {name: RateWindow(limit.per_second) for name, limit in limits.items()}
        self._latest = -math.inf

    def take(self, now: float, wanted: int, busy: Mapping[str, int]) -> tuple[str, ...]:
        """A trunk for each call that may be dialled now, the one with the most room first.

        Args:
            now: The moment; one before the last is taken as the last.
            wanted: How many calls are to be dialled.
            busy: Lines in use on each trunk, by all campaigns.

        Returns:
            At most `wanted` names; each call of them counts as begun.
        """
        self._latest = now = max(now, self._latest)
        room = {name: self._room(name, now, busy.get(name, 0)) for name in self._limits}
        taken: list[str] = []
        while room and len(taken) < wanted:
            name = max(room, key=room.__getitem__)
            if room[name] <= 0:
                break
            room[name] -= 1
            taken.append(name)
        for name in set(taken):
            self._rates[name].take(now, taken.count(name))
        return tuple(taken)

    def free(self, now: float, busy: Mapping[str, int]) -> int:
        """How many calls may be dialled now; `busy` as of `take`."""
        moment = max(now, self._latest)
        return sum(max(0, self._room(name, moment, busy.get(name, 0))) for name in self._limits)

    def _room(self, name: str, now: float, busy: int) -> int:
        return min(self._limits[name].lines - busy, self._rates[name].free(now))
