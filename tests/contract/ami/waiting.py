"""Waiting for what is bound to happen."""

import asyncio
from collections.abc import Callable


async def eventually(happened: Callable[[], object], limit_seconds: float = 3.0) -> None:
    """Wait until it has happened; fails the test after the limit."""
    async with asyncio.timeout(limit_seconds):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
