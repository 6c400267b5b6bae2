"""When results may be pushed to Asterisk, so that none is lost between two `SpeechBackground`.

A result that arrives while no `SpeechBackground` runs is thrown away by the next one. Sound flows only while
one runs; so a result waits until sound flows, and what ends a turn is pushed again when sound still flows
after Asterisk has taken it. Pure: no I/O, no clock.
"""

from __future__ import annotations

from typing import Any, Final

FLOWING_FRAMES: Final = 2
"""So many frames after the last order or result mean that somebody listens; one may have been on its way."""

Results = list[dict[str, Any]]


class Delivery:
    """The results of one turn on their way to Asterisk.

    Attributes:
        ended: Whether the last result of the turn is known.
    """

    def __init__(self) -> None:
        self.ended = False
        self._due: Results | None = None
        self._last: Results | None = None
        self._frames = 0
        self._awaiting = False
        self._repeating = False

    def offer(self, results: Results, *, last: bool) -> Results | None:
        """Take results; those to push now, if it may be. What was still due before is overtaken by them.

        Args:
            results: Of one event.
            last: Whether they end the turn.
        """
        if self.ended:
            return None
        self.ended = last
        self._last = results if last else None
        self._due = results
        return self._next()

    def frame(self, *, filled: bool = False) -> Results | None:
        """Note that a frame of sound has come; results to push now, if it may be.

        Args:
            filled: Whether it stands for sound that did not come: nothing is pushed again for it.
        """
        if self._awaiting or (filled and self._repeating):
            return None
        self._frames += 1
        return self._next()

    def taken(self) -> None:
        """Asterisk has taken what was pushed."""
        if self._awaiting:
            self._awaiting = False
            self._frames = 0
            self._repeating = self.ended and self._due is None
            self._due = self._due or self._last

    def _next(self) -> Results | None:
        if self._due is None or self._awaiting or self._frames < FLOWING_FRAMES:
            return None
        due, self._due = self._due, None
        self._awaiting = True
        return due
