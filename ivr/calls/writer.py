"""Writing calls down: rows are gathered in memory and written by one task, a few times a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

import structlog

from ivr.calls.deeds import Deed
from ivr.calls.legs import Leg
from ivr.calls.rows import Batch, Note, call_row, deed_note, leg_row, step_note, turn_note, write
from ivr.calls.settings import LedgerSettings
from ivr.calls.story import Story
from ivr.dialogue.ports import Clock, HeardTurn, Step
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)


class WriterObserver(Protocol):
    """Is told how the writing goes."""

    def backlog(self, rows: int) -> None:
        """So many rows wait."""

    def rows_lost(self, rows: int) -> None:
        """So many rows were given up."""

    def written(self, seconds: float) -> None:
        """A write was committed after so many seconds."""


class LedgerWriter:
    """Takes changes at once, writes them in order, keeps them while the database is away.

    Of a story and of a leg only its newest state waits; steps, turns and deeds wait one by one. Beyond the
    limit of the backlog the oldest are given up.
    """

    def __init__(
        self, database: Database, settings: LedgerSettings, clock: Clock, observer: WriterObserver
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._stories: dict[str, Story] = {}
        self._legs: dict[tuple[str, str], Leg] = {}
        self._notes: deque[Note] = deque()
        self._noted = 0
        self._settled = 0
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._wake = asyncio.Event()
        self._now = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Rows that are not in the database yet."""
        return len(self._stories) + len(self._legs) + len(self._notes)

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="ledger-writer")

    async def close(self) -> None:
        """Write what waits, then end; what can't be written now is given up and counted."""
        self._closing = True
        self._now.set()
        self._wake.set()
        if self._task is not None:
            await self._task

    def story_changed(self, story: Story) -> None:
        """The story is to be written, as it is then."""
        self._stories[story.call_id] = story
        self._noticed()

    def leg_changed(self, leg: Leg) -> None:
        """The leg is to be written, as it is then; its story has been told of before."""
        self._legs[leg.call_id, leg.leg_id] = leg
        self._noticed()

    def deed_done(self, deed: Deed) -> None:
        """The deed is to be written; its story has been told of before."""
        self._notes.append(deed_note(deed))
        self._noticed()

    def step_ended(self, call_id: str, seq: int, step: Step) -> None:
        """The step is to be written; its story has been told of before."""
        self._notes.append(step_note(call_id, seq, step))
        self._noticed()

    def turn_heard(self, call_id: str, seq: int, at: datetime, turn: HeardTurn) -> None:
        """The turn is to be written, with no more than may be kept; its story has been told of before."""
        self._notes.append(turn_note(call_id, seq, at, turn))
        self._noticed()

    async def durable(self) -> None:
        """Wait until everything told so far is in the database.

        Raises:
            StoreUnavailable: Rows had to be given up.
        """
        if self._settled == self._noted:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiters.append((self._noted, done))
        self._now.set()
        await done

    def _noticed(self) -> None:
        self._noted += 1
        self._wake.set()
        if self.waiting >= self._settings.flush_rows:
            self._now.set()
            self._drop_excess()

    def _drop_excess(self) -> None:
        excess = self.waiting - self._settings.backlog_rows
        for _ in range(excess):
            if self._notes:
                self._notes.popleft()
            else:
                states: dict[Any, Any] = self._legs or self._stories
                states.pop(next(iter(states)))
        if excess > 0:
            self._give_up(excess)

    def _give_up(self, rows: int) -> None:
        log.error("ledger.rows_lost", rows=rows)
        self._observer.rows_lost(rows)
        for _, done in self._waiters:
            if not done.done():
                done.set_exception(StoreUnavailable("Rows of the ledger had to be given up."))
        self._waiters.clear()

    async def _run(self) -> None:
        while not (self._closing and not self.waiting):
            await self._wake.wait()
            await self._pause(self._settings.flush_seconds)
            self._wake.clear()
            self._now.clear()
            await self._flush()

    async def _pause(self, seconds: float) -> None:
        """Wait, unless something is urgent."""
        if self._now.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._now.wait()

    async def _flush(self) -> None:
        try:
            await self._write_some()
            while self.waiting >= self._settings.flush_rows:
                await self._write_some()
        except StoreUnavailable as fault:
            await self._put_off(fault)
        self._go_on()
        self._observer.backlog(self.waiting)

    def _go_on(self) -> None:
        """What came meanwhile is gathered again, unless it is urgent."""
        if self.waiting:
            self._wake.set()
        if self._waiters or self._closing:
            self._now.set()

    async def _put_off(self, fault: StoreUnavailable) -> None:
        log.warning("ledger.put_off", rows=self.waiting, fault=str(fault))
        self._observer.backlog(self.waiting)
        if not self._closing:
            await self._clock.sleep(self._settings.retry_seconds)
            return
        rows = self.waiting
        self._stories.clear()
        self._legs.clear()
        self._notes.clear()
        self._give_up(rows)

    async def _write_some(self) -> None:
        """Write all stories and legs that changed, and as many notes as go into one batch."""
        noted = self._noted
        stories, self._stories = self._stories, {}
        legs, self._legs = self._legs, {}
        count = min(len(self._notes), self._settings.flush_rows)
        notes = [self._notes.popleft() for _ in range(count)]
        everything = not self._notes
        try:
            await self._write(_batch(stories.values(), legs.values(), notes))
        except BaseException:
            self._stories = stories | self._stories
            self._legs = legs | self._legs
            self._notes.extendleft(reversed(notes))
            raise
        if everything:
            self._settle(noted)

    async def _write(self, batch: Batch) -> None:
        try:
            await self._write_rows(batch)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("ledger.batch_refused", rows=len(batch), error=type(error).__name__)
            await self._write_one_by_one(batch)

    async def _write_one_by_one(self, batch: Batch) -> None:
        """A row that the database refuses is given up alone."""
        for single in batch.singles():
            try:
                await self._write_rows(single)
            except StoreUnavailable:
                raise
            except Exception as error:
                log.error("ledger.row_refused", error=type(error).__name__)
                self._give_up(1)

    async def _write_rows(self, batch: Batch) -> None:
        began = self._clock.monotonic()
        await self._database.write(lambda connection: write(connection, batch))
        self._observer.written(self._clock.monotonic() - began)

    def _settle(self, noted: int) -> None:
        self._settled = noted
        while self._waiters and self._waiters[0][0] <= noted:
            done = self._waiters.popleft()[1]
            if not done.done():
                done.set_result(None)


def _batch(stories: Iterable[Story], legs: Iterable[Leg], notes: list[Note]) -> Batch:
    return Batch([call_row(story) for story in stories], [leg_row(leg) for leg in legs], notes)
