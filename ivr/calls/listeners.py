"""Who is told at once of what changes in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from ivr.calls.legs import Leg
from ivr.calls.story import Story

log = structlog.get_logger(__name__)


class LedgerListener(Protocol):
    """Is told on the loop; no method waits. A fault of one does not reach the others."""

    def story_changed(self, story: Story) -> None:
        """Something new is known of a call, or of one of its legs."""

    def leg_changed(self, leg: Leg) -> None:
        """Something new is known of a leg, or it was taken up again after a restart."""


class Listeners:
    """Those who asked to be told, in the order of asking."""

    def __init__(self) -> None:
        self._listeners: list[LedgerListener] = []

    def add(self, listener: LedgerListener) -> None:
        """Tell it, too."""
        self._listeners.append(listener)

    def tell(self, story: Story, leg: Leg | None = None) -> None:
        """The story has changed, by this leg if one is given."""
        for listener in self._listeners:
            if leg is not None:
                _told(listener.leg_changed, leg)
            _told(listener.story_changed, story)


def _told(method: Callable[..., None], what: Story | Leg) -> None:
    try:
        method(what)
    except Exception:
        log.exception("ledger.listener-failed", call_id=what.call_id)
