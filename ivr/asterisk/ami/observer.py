"""What the links tell about themselves, for metrics."""

from enum import StrEnum
from typing import Protocol

OTHER = "other"
"""Stands for every event that nobody subscribed to, so that the types counted stay few."""


class LinkState(StrEnum):
    """State of a session, from good to bad."""

    UP = "up"
    CONNECTING = "connecting"
    DOWN = "down"  # lost or not reached; tried again with growing delays
    REFUSED = "refused"  # Asterisk does not let us in; tried again slowly


class AmiObserver(Protocol):
    """Called on the event loop, often: must return at once and must not raise.

    `session` is `events` or `actions`; `event` is a type that was subscribed to, or `other`.
    """

    def state_changed(self, session: str, state: LinkState) -> None:
        """The session is in another state."""

    def reconnected(self, session: str) -> None:
        """The session is up again after it had been lost."""

    def pong(self, session: str, seconds: float) -> None:
        """A Ping was answered after so long."""

    def event_received(self, event: str) -> None:
        """An event came."""

    def event_handled(self, event: str, lag_seconds: float) -> None:
        """An event's handlers have run; it had waited so long for them."""

    def handler_failed(self, event: str) -> None:
        """A handler raised, or outlasted its limit."""

    def events_dropped(self, events: int) -> None:
        """So many events were dropped because handlers were too slow; a snapshot follows."""


class Unobserved:
    """An observer that looks away."""

    def state_changed(self, session: str, state: LinkState) -> None:
        """Ignore it."""

    def reconnected(self, session: str) -> None:
        """Ignore it."""

    def pong(self, session: str, seconds: float) -> None:
        """Ignore it."""

    def event_received(self, event: str) -> None:
        """Ignore it."""

    def event_handled(self, event: str, lag_seconds: float) -> None:
        """Ignore it."""

    def handler_failed(self, event: str) -> None:
        """Ignore it."""

    def events_dropped(self, events: int) -> None:
        """Ignore it."""
