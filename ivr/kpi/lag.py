"""How late the event loop is: a sleep that lasts longer than asked for shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ivr.dialogue.ports import Clock


async def watch_loop(clock: Clock, report: Callable[[float], None], every_seconds: float = 1.0) -> None:
    """Report the lateness of the loop, in seconds, again and again until cancelled."""
    while True:
        due = clock.monotonic() + every_seconds
        await clock.sleep(every_seconds)
        report(max(0.0, clock.monotonic() - due))


def running_tasks() -> float:
    """Number of tasks of the running loop; for `Metrics.watch`."""
    return float(len(asyncio.all_tasks()))
