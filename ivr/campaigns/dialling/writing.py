"""Writes that must come: in order for each attempt, however long the database is away."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from ivr.dialogue.ports import Clock
from ivr.store import StoreUnavailable

log = structlog.get_logger(__name__)

Write = Callable[[], Awaitable[object]]
"""May be done again: it changes nothing the second time."""


class Writing:
    """Does the writes of one key one after another, and those of different keys beside each other."""

    def __init__(self, clock: Clock, retry_seconds: float) -> None:
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._queues: dict[str, deque[Write]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._awaited: set[asyncio.Future[None]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.stuck = False
        """Whether the last write that was tried found the database away."""

    def put(self, key: str, write: Write) -> None:
        """Do it after all that was put for the same key."""
        if key in self._queues:
            self._queues[key].append(write)
            return
        self._queues[key] = deque([write])
        self._idle.clear()
        task = asyncio.create_task(self._work(key), name="campaign-writing")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def do(self, key: str, write: Write) -> None:
        """As `put`; returns when it is done. Raises what the write raises, but never StoreUnavailable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._awaited.add(done)
        done.add_done_callback(self._awaited.discard)
        self.put(key, partial(_told, write, done))
        await done

    def pending(self, key: str) -> bool:
        """Whether something of this key is not written yet."""
        return key in self._queues

    @property
    def waiting(self) -> int:
        """Keys with something that is not written yet."""
        return len(self._queues)

    async def idle(self) -> None:
        """Wait until all is written."""
        await self._idle.wait()

    async def close(self) -> None:
        """Give up what waits: it is found out anew at the next start."""
        for waiting in (*self._tasks, *self._awaited):
            waiting.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, key: str) -> None:
        queue = self._queues[key]
        try:
            while queue:
                await self._until_done(queue[0])
                queue.popleft()
        finally:
            del self._queues[key]
            if not self._queues:
                self._idle.set()

    async def _until_done(self, write: Write) -> None:
        while True:
            try:
                await write()
            except StoreUnavailable:
                self.stuck = True
                await self._clock.sleep(self._retry_seconds)
            except Exception:
                log.exception("campaigns.write-failed")
                return
            else:
                self.stuck = False
                return


async def _told(write: Write, done: asyncio.Future[None]) -> None:
    try:
        await write()
    except StoreUnavailable:
        raise
    except Exception as error:
        if not done.done():
            done.set_exception(error)
    else:
        if not done.done():
            done.set_result(None)
