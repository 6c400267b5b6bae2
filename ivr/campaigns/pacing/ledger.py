"""The account of abandoned calls: what was, and what may still be."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable


class Ledger:
    """Persons reached and those of them who were abandoned, over all and over a sliding window.

    Args:
        bound: The share of abandoned calls that is never exceeded, 0 to 1.
        window: How many consecutive persons reached the bound holds for, besides all of them.
        past: What happened before (True: abandoned), the oldest first; after a restart.
    """

    def __init__(self, bound: float, window: int, past: Iterable[bool] = ()) -> None:
        self._bound = bound
        self._recent: deque[bool] = deque(maxlen=window)
        self._recent_abandoned = 0
        self.reached = 0
        self.abandoned = 0
        for each in past:
            self.note(each)

    def note(self, abandoned: bool) -> None:
        """One more person was reached."""
        if len(self._recent) == self._recent.maxlen:
            self._recent_abandoned -= self._recent[0]
        self._recent.append(abandoned)
        self._recent_abandoned += abandoned
        self.reached += 1
        self.abandoned += abandoned

    @property
    def share(self) -> float:
        """Abandoned over reached, 0 when nobody was reached."""
        return self.abandoned / self.reached if self.reached else 0.0

    @property
    def spare(self) -> int:
        """How many more may be abandoned now without exceeding the bound; below zero: it is exceeded."""
        return math.floor(self.balance(self._bound) + 1e-9)

    def balance(self, share: float) -> float:
        """Calls that a share allows minus those abandoned: over all or over the window, the less."""
        overall = share * self.reached - self.abandoned
        recent = share * len(self._recent) - self._recent_abandoned
        return min(overall, recent)
