"""Channels that were to end and don't: their threads are helped on.

Asterisk 22.10 closes the socket of a recogniser's connection while another of its threads polls it. On a busy
machine the number of the descriptor may be given out again before that thread runs; then it waits for ever,
and with it the channel, in `SpeechDestroy` or `SpeechBackground` (asterisk/asterisk#303). What helps is a
nudge (`ivr.asterisk.host.nudge`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from ivr.asterisk.ami import AmiLink, Event, Snapshot
from ivr.errors import Fault

log = structlog.get_logger(__name__)

_PATIENCE_SECONDS: Final = 10.0
"""A channel that is asked to hang up ends within a second; a slow disk may make it take longer."""


class StuckChannels:
    """Watches for channels that outlive their hang-up, and helps them on until they end."""

    def __init__(
        self,
        link: AmiLink,
        nudge: Callable[[], None],
        observe: Callable[[], None],
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        """Subscribe.

        Args:
            link: Asterisk's events.
            nudge: Makes its threads look anew at what they wait for. Raises Fault where that can't be done.
            observe: Told of each nudge.
            patience_seconds: How long a channel may take to end; as long again after each nudge.
        """
        self._nudge = nudge
        self._observe = observe
        self._patience_seconds = patience_seconds
        self._ending: dict[str, asyncio.TimerHandle] = {}
        link.on("HangupRequest", self._asked_to_hang_up)
        link.on("Hangup", self._hung_up)
        link.on_resync(self._resync)

    def help_on(self, channel: str) -> None:
        """A thread that waits in vain is helped on now; a channel that can't be is told in the log."""
        self._observe()
        try:
            self._nudge()
        except Fault as fault:
            log.error("asterisk.channel-stuck", channel=channel, why=fault.what, fix=fault.fix)
        else:
            log.warning("asterisk.channel-helped-on", channel=channel)

    def _asked_to_hang_up(self, event: Event) -> None:
        if event["Uniqueid"] not in self._ending:
            self._expect_end(event["Uniqueid"])

    def _expect_end(self, channel: str) -> None:
        loop = asyncio.get_running_loop()
        self._ending[channel] = loop.call_later(self._patience_seconds, self._still_there, channel)

    def _still_there(self, channel: str) -> None:
        self.help_on(channel)
        self._expect_end(channel)

    def _hung_up(self, event: Event) -> None:
        self._forget(event["Uniqueid"])

    def _resync(self, snapshot: Snapshot) -> None:
        for channel in self._ending.keys() - {each.uniqueid for each in snapshot.channels}:
            self._forget(channel)

    def _forget(self, channel: str) -> None:
        timer = self._ending.pop(channel, None)
        if timer is not None:
            timer.cancel()
