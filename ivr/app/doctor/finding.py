"""What a check finds, and how checks are run: at once, within a time limit, never raising."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ivr.errors import Fault


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found.

    Attributes:
        detail: What is there, for a person; no personal data.
        fix: How to mend it; empty when it is in order.
    """

    detail: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.fix


@dataclass(frozen=True, slots=True)
class Finding:
    """A result with the name of its check, as `ivr doctor` prints it."""

    name: str
    ok: bool
    detail: str
    fix: str


Check = Callable[[], Awaitable[Result]]


async def examine(checks: Mapping[str, Check], limit_seconds: float) -> list[Finding]:
    """Make all checks at once, each within the limit; the findings come in the order of the checks."""
    results = await asyncio.gather(*(_one(check, limit_seconds) for check in checks.values()))
    return [
        Finding(name, result.ok, result.detail, result.fix)
        for name, result in zip(checks, results, strict=True)
    ]


async def _one(check: Check, limit_seconds: float) -> Result:
    try:
        async with asyncio.timeout(limit_seconds):
            return await check()
    except TimeoutError:
        return Result(f"No answer within {limit_seconds:g} s.", "See whether the machine is overloaded.")
    except Fault as fault:
        detail = f"{fault.where}: {fault.what}" if fault.where else fault.what
        return Result(detail, fault.fix or "Mend the cause and run `ivr doctor` again.")
    except Exception as error:
        detail = f"The check itself failed: {type(error).__name__}: {error}"
        return Result(detail, "Report this with the text above.")
