"""What the endpoint tells of itself, for metrics."""

from __future__ import annotations

from typing import Protocol


class ListeningObserver(Protocol):
    """Told of sessions and turns; must return at once."""

    def session_opened(self) -> None:
        """Asterisk has opened a connection."""

    def session_closed(self) -> None:
        """It has ended."""

    def session_refused(self, reason: str) -> None:
        """A peer was cut off: `secret`, `codec`, `garbage`, `flood`, `setup`, `full`."""

    def turn_opened(self, slot: str) -> None:
        """A turn is listened to."""

    def turn_ended(self, result: str, after_seconds: float | None) -> None:
        """It is over.

        Args:
            result: `heard`, `empty`, `failed`, `overloaded`, `keys`, `closed` or `gone`.
            after_seconds: From the end of the speech to the result, where there was one.
        """

    def sound_dropped(self, seconds: float) -> None:
        """Sound came faster than it is spoken."""


class Unobserved:
    """An observer that takes no notice."""

    def session_opened(self) -> None:
        """Take no notice."""

    def session_closed(self) -> None:
        """Take no notice."""

    def session_refused(self, reason: str) -> None:
        """Take no notice."""

    def turn_opened(self, slot: str) -> None:
        """Take no notice."""

    def turn_ended(self, result: str, after_seconds: float | None) -> None:
        """Take no notice."""

    def sound_dropped(self, seconds: float) -> None:
        """Take no notice."""
