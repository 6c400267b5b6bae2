"""Whether the engine is alive, and whether it is ready to take calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """What a check found; the detail is for the person who reads it, without personal data."""

    ok: bool
    detail: str = ""


Check = Callable[[], Awaitable[Health]]


async def examine(checks: Mapping[str, Check], limit_seconds: float) -> dict[str, Health]:
    """Make all checks at once; one that fails or takes too long counts as not ready."""
    found = await asyncio.gather(*(_one(name, check, limit_seconds) for name, check in checks.items()))
    return dict(zip(checks, found, strict=True))


async def _one(name: str, check: Check, limit_seconds: float) -> Health:
    try:
        async with asyncio.timeout(limit_seconds):
            return await check()
    except TimeoutError:
        return Health(ok=False, detail=f"no answer within {limit_seconds:g} s")
    except Exception as error:
        log.warning("readiness check failed", check=name, exc_info=True)
        return Health(ok=False, detail=type(error).__name__)
