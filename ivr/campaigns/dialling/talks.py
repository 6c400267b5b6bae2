"""Talks that flows lead within attempts: what they are told, and what they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.calls import Calls
from ivr.campaigns.dialling.writing import Writing
from ivr.campaigns.model import Attempt, Campaign, Target
from ivr.dialogue.ports import Clock

Facts = tuple[Campaign, Target, Attempt]


class CampaignTalks:
    """`Talks` of the ports; rehearsals are talks of which nothing is kept."""

    def __init__(
        self, book: CampaignBook, calls: Calls, writing: Writing, clock: Clock, result_seconds: float
    ) -> None:
        self._book = book
        self._calls = calls
        self._writing = writing
        self._clock = clock
        self._result_seconds = result_seconds
        self._talking: dict[str, asyncio.Event] = {}
        self._rehearsals: dict[str, Facts] = {}

    def rehearse(self, facts: Facts) -> None:
        """A call to somebody's own telephone is about to be made."""
        self._rehearsals[facts[2].attempt_id] = facts

    def rehearsed(self, attempt_id: str) -> None:
        """It is over."""
        self._rehearsals.pop(attempt_id, None)

    async def facts_of(self, attempt_id: str) -> Facts | None:
        """As `Talks.facts_of`; of calls that were ordered here the database is not asked.

        Raises:
            StoreUnavailable: The call is not known here, and the database is away.
        """
        if attempt_id in self._rehearsals:
            return self._rehearsals[attempt_id]
        facts = self._under_way(attempt_id) or await self._book.facts(attempt_id)
        if facts is not None:
            self._talking.setdefault(attempt_id, asyncio.Event())
        return facts

    def _under_way(self, attempt_id: str) -> Facts | None:
        call = self._calls.of_attempt(attempt_id)
        if call is None or call.attempt is None:
            return None
        call.in_doubt, call.missing_since = False, None  # it is its channel that asks
        return call.campaign, call.target, call.attempt

    async def result(self, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> None:
        """As `Talks.result`; while the database is away it waits."""
        if attempt_id in self._rehearsals:
            return
        await self._writing.do(f"result:{attempt_id}", partial(self._keep, attempt_id, outcome, data))
        if attempt_id in self._talking:
            self._talking[attempt_id].set()

    async def _keep(self, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> None:
        """What was kept during the talk stays."""
        attempt = await self._book.attempt(attempt_id)
        if attempt is not None:
            await self._book.result(attempt_id, outcome, {**attempt.result, **data})

    async def finished(self, attempt_id: str) -> None:
        """Wait, but not for long, until a talk that has been begun has left its result."""
        talk = self._talking.get(attempt_id)
        if talk is None:
            return
        told = asyncio.ensure_future(talk.wait())
        late = asyncio.ensure_future(self._clock.sleep(self._result_seconds))
        try:
            await asyncio.wait((told, late), return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
            late.cancel()
            self._talking.pop(attempt_id, None)
