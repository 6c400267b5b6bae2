"""Waiting for an action: a filler while it is slow, an end to it, no loss when the caller goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from ivr.dialogue.expressions import ScenarioError
from ivr.dialogue.ports import CallerGone, Clock, Result

Filler = Callable[[], Awaitable[None]]


class TooSlow(ScenarioError):
    """The action's time limit has passed."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an action is waited for, seconds.

    Attributes:
        limit: Until it has failed.
        filler_after: Until the filler is said.
        finish: Whether an action that has begun is finished when the caller has gone.
    """

    clock: Clock
    limit: float
    filler_after: float
    finish: bool

    async def wait(self, deed: Coroutine[Any, Any, Result], filler: Filler | None) -> Result:
        """The action's result.

        Raises:
            TooSlow: The time limit has passed; the action is cancelled.
            CallerGone: The caller has gone while the filler was said.
        """
        ends_at = self.clock.monotonic() + self.limit
        task = asyncio.ensure_future(deed)
        task.add_done_callback(_take_note)
        try:
            if filler is not None and not await self._done(task, min(self.filler_after, self.limit)):
                await filler()
            if not task.done() and not await self._done(task, ends_at - self.clock.monotonic()):
                raise TooSlow(f"not done within {self.limit:g} s")
            return task.result()
        except (CallerGone, asyncio.CancelledError):
            if self.finish and not task.done():
                await self._done(task, ends_at - self.clock.monotonic())
            raise
        finally:
            task.cancel()

    async def _done(self, task: asyncio.Future[Result], seconds: float) -> bool:
        """Whether the task ends within so many seconds."""
        if seconds > 0:
            timer: asyncio.Future[Any] = asyncio.ensure_future(self.clock.sleep(seconds))
            waited: set[asyncio.Future[Any]] = {task, timer}
            try:
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
        return task.done()


def _take_note(task: asyncio.Future[Result]) -> None:
    """Look at the exception of an action that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
