"""News of the keys of one call: each key counts once, and nothing is judged before all is known.

Asterisk publishes `DTMFEnd` whenever it reads the end of a key (main/channel.c, `__ast_read`). When a key
follows the one before it too closely, or that one was too short, it puts the end off and reads it again: on a
busy machine, where packets arrive in a bunch, this is the rule. `DTMFBegin` is published once a key. A key
that was put off reaches a command, or is thrown away, some time after it was told of.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from ivr.asterisk.agi.ahead import CALL_AWAY, TypedAhead
from ivr.asterisk.agi.session import AgiSession, CommandFailed
from ivr.dialogue.ports import CallerGone

log = structlog.get_logger(__name__)

MARK_EVENT: Final = "IvrKeys"
"""User event that comes behind the news of all keys pressed before it; its header `Mark` numbers it."""

_TONE_SECONDS: Final = 0.08
"""Shortest key; a shorter one is made that long (`option_dtmfminduration`)."""

_GAP_SECONDS: Final = 0.045
"""Shortest pause between two keys (`AST_MIN_DTMF_GAP`)."""

_SLIP_SECONDS: Final = 0.1
"""How much later than that a busy machine hands a key over."""


class KeyNews:
    """What Asterisk tells of the keys of one call.

    Attributes:
        ahead: The keys that wait for a question.
    """

    def __init__(
        self,
        *,
        watched: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Begin with nothing told.

        Args:
            watched: Whether somebody passes Asterisk's events on to here.
            clock: Seconds, monotonic.
            sleep: Waits for so many seconds.
        """
        self.ahead = TypedAhead()
        self._watched = watched
        self._clock = clock
        self._sleep = sleep
        self._begun = ""
        self._begins_told = False
        self._handed_over_at = 0.0
        self._mark = 0
        self._reached = asyncio.Event()
        self._behind = False

    # --- told by Asterisk's events ---------------------------------------------------------------------

    def began(self, key: str) -> None:
        """A key went down."""
        self._begun, self._begins_told = key, True

    def ended(self, key: str, seconds: float) -> None:
        """A key went up after so many seconds, or has been told of a second time.

        A telephone that sends keys by SIP INFO tells of no beginning; then each end is a key.
        """
        if key == CALL_AWAY:
            return
        if self._begins_told and key != self._begun:
            return
        self._begun = ""
        self._handed_over_at = max(self._clock(), self._handed_over_at + _GAP_SECONDS) + max(
            seconds, _TONE_SECONDS
        )
        if not self._behind:
            self.ahead.pressed(key)

    def marked(self, mark: str) -> None:
        """All news of keys that were pressed before the mark have come."""
        if mark == str(self._mark):
            self._caught_up()

    def missed(self) -> None:
        """Some news will never come: nothing can be matched any more."""
        self.ahead.forget()
        self._caught_up()

    # --- for those who ask -----------------------------------------------------------------------------

    async def handed_over(self) -> None:
        """Wait until no key that waits can still reach the next command."""
        while not self.ahead.empty:
            rest = self._handed_over_at + _SLIP_SECONDS - self._clock()
            if rest <= 0:
                return
            await self._sleep(rest)

    async def caught_up(self, session: AgiSession, within: float) -> None:
        """Wait until all keys pressed so far have been told of.

        When they have not within these seconds, those that come before the mark are never counted: a key
        that has to be pressed again is better than one that answers another question. A hang-up is left for
        the next command to find: what was gathered counts.
        """
        if not self._watched or self._behind:
            return
        self._mark += 1
        self._reached.clear()
        with suppress(CallerGone, CommandFailed):
            await session.execute("UserEvent", MARK_EVENT, f"Mark: {self._mark}")
            await self._wait(within)

    async def _wait(self, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await self._reached.wait()
        except TimeoutError:
            self._behind = True
            log.warning("keys.news-late")

    def _caught_up(self) -> None:
        self._behind = False
        self._reached.set()
