"""What was told of calls that are not in memory, until they have been looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from ivr.calls import rows
from ivr.calls.rows import Noted
from ivr.calls.running import Told
from ivr.calls.settings import LedgerSettings
from ivr.calls.story import Story
from ivr.dialogue.ports import CallFacts, Clock
from ivr.store import Database, StoreUnavailable


@dataclass(slots=True)
class Stray:
    """A call that somebody told of.

    Attributes:
        told: In the order of telling.
        facts: What its channel tells, or None.
    """

    told: list[Told] = field(default_factory=list)
    facts: CallFacts | None = None


Settle = Callable[[str, Stray, Story | None, Noted], None]
"""Takes a call's id, what was told of it, and what the database knows of it."""


Durable = Callable[[], Awaitable[None]]


class Strays:
    """Keeps strays and settles them with one task, however long the database is away."""

    def __init__(
        self, database: Database, settings: LedgerSettings, clock: Clock, settle: Settle, durable: Durable
    ) -> None:
        """Args: `durable` waits for the rows that are to be written, so that none is read too early."""
        self._database = database
        self._settings = settings
        self._clock = clock
        self._settle = settle
        self._durable = durable
        self._strays: dict[str, Stray] = {}
        self._settling: asyncio.Task[None] | None = None

    def add(self, call_id: str, told: Told) -> None:
        """An event of a call that is not in memory."""
        if len(self._strays) < self._settings.backlog_rows:
            self._strays.setdefault(call_id, Stray()).told.append(told)
        self._begin()

    def notice(self, facts: CallFacts) -> None:
        """A call that is not in memory is there."""
        if len(self._strays) >= self._settings.backlog_rows:
            return
        self._strays.setdefault(facts.call_id, Stray()).facts = facts
        self._begin()

    def take(self, call_id: str) -> Sequence[Told]:
        """What was told of a call that is in memory now; it is no stray any more."""
        return self._strays.pop(call_id, Stray()).told

    async def close(self) -> None:
        """Settle no more."""
        if self._settling is not None:
            self._settling.cancel()
            await asyncio.gather(self._settling, return_exceptions=True)

    def _begin(self) -> None:
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle_all(), name="ledger-strays")

    async def _settle_all(self) -> None:
        """Find the stories of these calls, and add what was told of them."""
        while self._strays:
            try:
                with suppress(StoreUnavailable):  # what was given up is not waited for
                    await self._durable()
                ids = list(self._strays)[: self._settings.flush_rows]
                known = await self._database.read(partial(rows.read_stories, call_ids=ids))
                last = await self._database.read(partial(rows.noted, call_ids=ids))
            except StoreUnavailable:
                await self._clock.sleep(self._settings.retry_seconds)
                continue
            for id_ in ids:
                self._settle(id_, self._strays.pop(id_, Stray()), known.get(id_), last[id_])
