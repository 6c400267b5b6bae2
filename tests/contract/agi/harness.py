"""A FastAGI server for a test, and the proof that nothing of it is left over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ivr.asterisk.agi import AgiServer, AgiSettings, CommandObserver, Handler


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until it holds; at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is awaited has no event
            await asyncio.sleep(0.001)


@asynccontextmanager
async def serving(
    settings: AgiSettings,
    handler: Handler,
    *,
    observe: CommandObserver | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> AsyncIterator[AgiServer]:
    """A running server; afterwards no connection, call or task of it is left."""
    before = asyncio.all_tasks()
    server = AgiServer(settings, handler, observe=observe or (lambda _verb, _seconds: None), clock=clock)
    await server.start()
    try:
        yield server
        await until(lambda: server.calls == 0)
        await until(lambda: server.connections == 0)
        await until(lambda: asyncio.all_tasks() <= before)
    finally:
        await server.close()
