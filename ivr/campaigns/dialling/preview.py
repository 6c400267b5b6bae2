"""Targets that operators read before they are called."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.model import Target
from ivr.dialogue.ports import Clock


@dataclass(frozen=True, slots=True)
class _Reading:
    target: Target
    login: str
    until: float


class Previews:
    """Who reads what; a target that is read is claimed."""

    def __init__(self, book: CampaignBook, clock: Clock, dialer: str, seconds: float) -> None:
        self._book = book
        self._clock = clock
        self._dialer = dialer
        self._seconds = seconds
        self._reading: dict[str, _Reading] = {}
        self._chosen: dict[int, deque[Target]] = {}

    async def next(self, campaign_id: int, login: str) -> Target | None:
        """The next target for an operator, or the one he reads already; None: nobody is due.

        Raises:
            StoreUnavailable: Nothing was claimed, as far as anybody knows.
        """
        mine = self._reading.get(login)
        if mine is not None and mine.target.campaign_id == campaign_id:
            return mine.target
        await self.leave(login)
        found = await self._book.claim([campaign_id], self._clock.now(), 1, self._dialer)
        for target in found:
            self._reading[login] = _Reading(target, login, self._clock.monotonic() + self._seconds)
        return found[0] if found else None

    def call(self, login: str) -> bool:
        """Call whom he reads; False: he reads nobody (any more)."""
        mine = self._reading.pop(login, None)
        if mine is None:
            return False
        self._chosen.setdefault(mine.target.campaign_id, deque()).append(mine.target)
        return True

    async def leave(self, login: str) -> None:
        """He calls nobody now: the target waits on."""
        mine = self._reading.pop(login, None)
        if mine is not None:
            await self._book.give_back([mine.target.target_id], self._dialer)

    async def expire(self) -> None:
        """Give back what was read for too long."""
        now = self._clock.monotonic()
        for reading in tuple(self._reading.values()):
            if reading.until <= now:
                await self.leave(reading.login)

    def chosen(self, campaign_id: int) -> int:
        """How many are to be called."""
        return len(self._chosen.get(campaign_id, ()))

    def take(self, campaign_id: int, count: int) -> list[Target]:
        """The first of those that are to be called."""
        waiting = self._chosen.get(campaign_id, deque())
        return [waiting.popleft() for _ in range(min(count, len(waiting)))]

    @property
    def held(self) -> Collection[int]:
        """Targets that are read, or chosen and not called yet."""
        chosen = {each.target_id for waiting in self._chosen.values() for each in waiting}
        return chosen | {each.target.target_id for each in self._reading.values()}
