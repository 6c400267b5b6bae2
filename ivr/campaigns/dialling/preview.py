"""Targets that operators read before they are called.

```
 next ─▶ READING ──call──▶ CHOSEN ──line──▶ CALLING ──end──▶ OVER ─▶ next
            │ skip, leave, time over           │ waited too long, operator gone
            └──────────▶ the target goes back ◀┘ (OVER, not called)
```

Whoever talks in the end has the call on his page and nothing here. All of it is memory: after a restart of
the engine targets that nobody was called for wait on, and calls under way go on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.calls import Call
from ivr.campaigns.model import Disposition, Target, TargetState
from ivr.campaigns.ports import Choosers
from ivr.dialogue.ports import Clock

log = structlog.get_logger(__name__)

NEEDLESS: Final = "needless"
"""Outcome of a target of which an operator has said that no call is needed."""

_KEPT_SECONDS: Final = 240.0
"""Other calls are kept away for longer than any telephone rings; the end of the call lets them in again."""


class Stage(StrEnum):
    """How far an operator is with whom he has before him."""

    READING = "reading"
    CHOSEN = "chosen"
    CALLING = "calling"
    OVER = "over"


class Skip(StrEnum):
    """Why an operator does not call whom he has read."""

    LATER = "later"
    NEEDLESS = "needless"


class CannotCall(Exception):
    """The operator can't be rung now, so nobody is called for him."""


class CallGoesOn(Exception):
    """He calls somebody: the next one is his when that is over."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom an operator has before him.

    Attributes:
        until: While he reads: when the target goes back by itself.
        called: Once it is over: whether a call was made; without one the target waits on.
        disposition: Of that call.
    """

    target: Target
    stage: Stage
    until: datetime | None = None
    called: bool = False
    disposition: Disposition | None = None


@dataclass(frozen=True, slots=True)
class _Mine:
    """Args: since, of the stage, seconds of `Clock.monotonic`."""

    shown: Preview
    since: float


class Previews:
    """Who reads and calls whom; a target that is read is claimed."""

    def __init__(
        self,
        book: CampaignBook,
        clock: Clock,
        dialer: str,
        *,
        choosers: Choosers,
        read_seconds: float,
        wait_seconds: float,
        later_minutes: float,
    ) -> None:
        """Args are as in `DiallingSettings`; dialer, in whose name targets are claimed."""
        self._book = book
        self._clock = clock
        self._dialer = dialer
        self._choosers = choosers
        self._read_seconds = read_seconds
        self._wait_seconds = wait_seconds
        self._later = timedelta(minutes=later_minutes)
        self._mine: dict[str, _Mine] = {}

    # --- operators ------------------------------------------------------------------------------------

    def of(self, login: str) -> Preview | None:
        """Whom he has before him."""
        mine = self._mine.get(login)
        return mine.shown if mine else None

    async def next(self, campaign_id: int, login: str) -> Preview | None:
        """The next target for an operator, or the one he reads already; None: nobody is due.

        Raises:
            CallGoesOn: He calls somebody.
            StoreUnavailable: Nothing was claimed, as far as anybody knows.
        """
        mine = self.of(login)
        if mine is not None and mine.stage in (Stage.CHOSEN, Stage.CALLING):
            raise CallGoesOn
        if mine is not None and mine.stage is Stage.READING and mine.target.campaign_id == campaign_id:
            return mine
        await self.leave(login)
        found = await self._book.claim([campaign_id], self._clock.now(), 1, self._dialer)
        for target in found:
            until = self._clock.now() + timedelta(seconds=self._read_seconds)
            self._put(login, Preview(target, Stage.READING, until))
        return self.of(login)

    async def call(self, login: str) -> bool:
        """Call whom he reads; False: he reads nobody (any more).

        Raises:
            CannotCall: He can't be rung; he goes on reading.
        """
        mine = self._reading(login)
        if mine is None:
            return False
        if not await self._choosers.keep(login, _KEPT_SECONDS):
            raise CannotCall
        if self._reading(login) is not mine:
            self._choosers.release(login)
            return False
        self._put(login, Preview(mine.target, Stage.CHOSEN))
        return True

    async def skip(self, login: str, why: Skip) -> bool:
        """He calls nobody now: the target waits for a while, or ends; False: he reads nobody.

        Raises:
            StoreUnavailable: He goes on reading.
        """
        mine = self._reading(login)
        if mine is None:
            return False
        if why is Skip.NEEDLESS:
            await self._book.over(mine.target.target_id, TargetState.DONE, NEEDLESS)
        else:
            await self._book.again(mine.target.target_id, self._clock.now() + self._later)
        if self._reading(login) is mine:
            del self._mine[login]
        return True

    async def leave(self, login: str) -> None:
        """He reads nobody any more: the target waits on, at once. Calls go on."""
        mine = self.of(login)
        if mine is None or mine.stage in (Stage.CHOSEN, Stage.CALLING):
            return
        del self._mine[login]
        if mine.stage is Stage.READING:
            await self._book.give_back([mine.target.target_id], self._dialer)

    # --- the loop -------------------------------------------------------------------------------------

    async def expire(self) -> None:
        """Give back what was read, or waited for its line, for too long, and what nobody is there for."""
        now = self._clock.monotonic()
        for login, mine in tuple(self._mine.items()):
            waits, there = now - mine.since, self._choosers.there(login)
            if mine.shown.stage is Stage.READING and (waits >= self._read_seconds or not there):
                await self.leave(login)
            elif mine.shown.stage is Stage.CHOSEN and (waits >= self._wait_seconds or not there):
                await self._return(login, mine)
            elif mine.shown.stage is Stage.OVER and waits >= self._read_seconds:
                del self._mine[login]

    def chosen(self, campaign_id: int) -> int:
        """How many are to be called."""
        return len(self._chosen(campaign_id))

    async def take(self, campaign_id: int, count: int) -> list[tuple[Target, str]]:
        """The first of those that are to be called, each with his operator's login."""
        taken = []
        for login, mine in self._chosen(campaign_id)[:count]:
            if self._choosers.there(login):
                self._put(login, Preview(mine.shown.target, Stage.CALLING))
                taken.append((mine.shown.target, login))
            else:
                await self._return(login, mine)
        return taken

    def over(self, call: Call) -> None:
        """A call has ended, or was not made after all: other calls may come to its operator."""
        if not call.operator:
            return
        self._choosers.release(call.operator)
        mine = self.of(call.operator)
        if mine is None or mine.target.target_id != call.target.target_id or mine.stage is Stage.OVER:
            return
        if call.connected_at is not None:
            del self._mine[call.operator]
            return
        made = call.attempt is not None and call.disposition is not Disposition.NOT_DIALLED
        shown = replace(mine, stage=Stage.OVER, called=made, disposition=call.disposition)
        self._put(call.operator, shown)

    @property
    def held(self) -> Collection[int]:
        """Targets that are read, or chosen and not called yet."""
        waiting = (Stage.READING, Stage.CHOSEN)
        return {each.shown.target.target_id for each in self._mine.values() if each.shown.stage in waiting}

    # --- within ---------------------------------------------------------------------------------------

    def _put(self, login: str, shown: Preview) -> None:
        self._mine[login] = _Mine(shown, self._clock.monotonic())

    def _reading(self, login: str) -> Preview | None:
        mine = self.of(login)
        return mine if mine is not None and mine.stage is Stage.READING else None

    def _chosen(self, campaign_id: int) -> list[tuple[str, _Mine]]:
        found = [
            (login, mine)
            for login, mine in self._mine.items()
            if mine.shown.stage is Stage.CHOSEN and mine.shown.target.campaign_id == campaign_id
        ]
        return sorted(found, key=lambda each: each[1].since)

    async def _return(self, login: str, mine: _Mine) -> None:
        """Nobody is called after all: the target waits on."""
        self._choosers.release(login)
        self._put(login, replace(mine.shown, stage=Stage.OVER))
        await self._book.give_back([mine.shown.target.target_id], self._dialer)
        log.info("campaigns.preview-returned", campaign=mine.shown.target.campaign_id)
