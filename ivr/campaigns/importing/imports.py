"""Imports beside the calls: one a campaign at a time, each watched, broken off, and known after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

import structlog

from ivr.campaigns.importing import journal
from ivr.campaigns.importing.faults import ImportFault
from ivr.campaigns.importing.importing import Heard
from ivr.campaigns.importing.journal import HEARD_EVERY, Failure, Import, ImportState, Order, Stage
from ivr.campaigns.importing.reasons import ImportReport
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

Take = Callable[[Heard], Awaitable[ImportReport]]
"""Takes a list over."""


class _BrokenOff(Exception):
    """Somebody wants no more of it."""


@dataclass(eq=False, slots=True)
class _Running:
    """An import of this engine."""

    one: Import
    task: asyncio.Task[None] | None = None
    unwanted: bool = False

    def heard(self, report: ImportReport) -> None:
        """How far it is. Raises _BrokenOff."""
        self.one = replace(self.one, report=report)
        if self.unwanted:
            raise _BrokenOff


class Imports:
    """Takes lists over in the background and keeps what became of each."""

    def __init__(self, database: Database, clock: Clock, done: Callable[[], None]) -> None:
        """Args: done, told when one has ended."""
        self._database = database
        self._clock = clock
        self._done = done
        self._running: dict[int, _Running] = {}

    async def begin(self, order: Order, take: Take) -> tuple[Import, bool]:
        """Begin to take a list over, and whether it was begun: not when the same one is known already.

        Raises:
            ImportRuns: Another one is being taken into this campaign.
            StoreUnavailable: Nothing was begun.
        """
        found, fresh = await self._database.write(partial(journal.begin, order=order, now=self._clock.now()))
        if fresh:
            running = self._running[found.import_id] = _Running(found)
            running.task = asyncio.create_task(self._run(running, take), name="campaign-import")
        return self._as_it_is(found), fresh

    async def find(self, campaign_id: int, key: str) -> Import | None:
        """One of them. Raises StoreUnavailable."""
        job = partial(journal.find, campaign_id=campaign_id, key=key, now=self._clock.now())
        found = await self._database.read(job)
        return None if found is None else self._as_it_is(found)

    async def latest(self, campaign_id: int, most: int) -> list[Import]:
        """Those of a campaign, the latest first. Raises StoreUnavailable."""
        job = partial(journal.latest, campaign_id=campaign_id, most=most, now=self._clock.now())
        return [self._as_it_is(each) for each in await self._database.read(job)]

    def stop(self, import_id: int) -> bool:
        """Take no more of it than the part that is being taken; False: this engine does not take it."""
        running = self._running.get(import_id)
        if running is not None:
            running.unwanted = True
        return running is not None

    async def close(self) -> None:
        """Break off what goes on; the same lists may be handed in again."""
        tasks = [each.task for each in self._running.values() if each.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _as_it_is(self, found: Import) -> Import:
        running = self._running.get(found.import_id)
        return found if running is None else running.one

    async def _run(self, running: _Running, take: Take) -> None:
        telling = asyncio.create_task(self._tell(running), name="campaign-import-told")
        try:
            running.heard(await take(running.heard))
            stage = Stage(ImportState.DONE)
        except _BrokenOff:
            stage = Stage(ImportState.STOPPED)
        except asyncio.CancelledError:
            stage = Stage(ImportState.LOST)
        except Exception as error:
            stage = _failed(error, running.one.order)
        finally:
            telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await self._end(running, stage)

    async def _end(self, running: _Running, stage: Stage) -> None:
        """Keep it; while the database is away it is known to this engine alone."""
        one = running.one = replace(running.one, stage=stage)
        job = partial(
            journal.end, import_id=one.import_id, stage=stage, report=one.report, now=self._clock.now()
        )
        try:
            await self._database.write(job)
            del self._running[one.import_id]
        except StoreUnavailable:
            log.warning("campaigns.import-end-unwritten", campaign=one.order.campaign_id)
        self._done()

    async def _tell(self, running: _Running) -> None:
        """Until it is over."""
        while True:
            await self._clock.sleep(HEARD_EVERY.total_seconds())
            one = running.one
            job = partial(journal.heard, import_id=one.import_id, report=one.report, now=self._clock.now())
            try:
                await self._database.write(job)
            except StoreUnavailable:
                log.warning("campaigns.import-unheard", campaign=one.order.campaign_id)


def _failed(error: Exception, order: Order) -> Stage:
    if isinstance(error, ImportFault):
        return Stage(ImportState.FAILED, error.problem, error.values)
    if isinstance(error, StoreUnavailable):
        return Stage(ImportState.FAILED, Failure.DATABASE)
    log.error("campaigns.import-failed", campaign=order.campaign_id, exc_info=error)
    return Stage(ImportState.FAILED, Failure.UNKNOWN)
