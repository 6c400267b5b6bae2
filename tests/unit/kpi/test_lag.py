from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from ivr.kpi.lag import running_tasks, watch_loop


class LateClock:
    """Each sleep lasts a quarter of a second longer than asked for; the fourth never ends."""

    def __init__(self) -> None:
        self.time = 0.0
        self.sleeps = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        if self.sleeps > 3:
            raise asyncio.CancelledError
        self.time += seconds + 0.25


async def test_lateness_is_reported() -> None:
    seen: list[float] = []
    await asyncio.gather(watch_loop(LateClock(), seen.append), return_exceptions=True)
    assert seen == [0.25, 0.25, 0.25]


async def test_tasks_are_counted() -> None:
    before = running_tasks()
    waiting = asyncio.create_task(asyncio.Event().wait())
    assert running_tasks() == before + 1
    waiting.cancel()
