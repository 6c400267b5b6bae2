"""What campaigns have come to, counted no more often than it is worth: large ones take a while to count."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

from ivr.campaigns.model import TargetState
from ivr.campaigns.report.course import OVER, Course, course
from ivr.campaigns.tables import campaign_targets as targets
from ivr.dialogue.ports import Clock
from ivr.store import Database

T = TypeVar("T")
_FRESH_SECONDS = 1.0
_REST = 10
"""Counting takes at most one part in so many of the time."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many targets a campaign has, and how many of them are over."""

    total: int = 0
    over: int = 0


class Courses:
    """Counts for everybody who looks; what was counted a moment ago is told again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[Hashable, tuple[float, Any]] = {}
        self._counting: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, campaign_id: int) -> Course:
        """How a campaign goes. Raises StoreUnavailable."""
        job = partial(course, campaign_id=campaign_id, now=self._clock.now())
        return await self._counted(campaign_id, job)

    async def sizes(self) -> Mapping[int, Size]:
        """The sizes of all campaigns that have targets. Raises StoreUnavailable."""
        return await self._counted("sizes", _sizes)

    def forget(self) -> None:
        """Something was changed: count anew."""
        self._known.clear()

    async def _counted(self, key: Hashable, job: Callable[[Connection], T]) -> T:
        async with self._counting[key]:
            until, told = self._known.get(key, (0.0, None))
            began = self._clock.monotonic()
            if told is not None and began < until:
                return told  # type: ignore[no-any-return]  # of the same key, so of the same type
            found = await self._database.read(job)
            now = self._clock.monotonic()
            self._known[key] = (now + max(_FRESH_SECONDS, _REST * (now - began)), found)
            return found


def _sizes(connection: Connection) -> dict[int, Size]:
    query = select(targets.c.campaign_id, targets.c.state, func.count()).group_by(
        targets.c.campaign_id, targets.c.state
    )
    found: dict[int, Size] = {}
    for campaign_id, state, count in connection.execute(query):
        known = found.get(campaign_id, Size())
        over = count if TargetState(state) in OVER else 0
        found[campaign_id] = Size(known.total + count, known.over + over)
    return found
