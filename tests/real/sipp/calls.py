"""Placing calls to their end, with what each caller heard; and an operator at a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.bench.sipp import Caller, Endpoint, Load, Phone, SippProcess, Tally, answer_calls, place_calls
from tests.real.sipp.hearing import Recording, listening


@dataclass(frozen=True, slots=True)
class Placed:
    """Calls that have ended: SIPp's count, and a recording per call where it was asked for."""

    tally: Tally
    recordings: list[Recording]


async def place(
    callers: Sequence[Caller],
    target: Endpoint,
    folder: Path,
    *,
    load: Load | None = None,
    listen: bool = False,
    messages: bool = False,
) -> Placed:
    """Place calls and wait for their end.

    Args:
        callers: They take turns; one call is placed unless `load` says more.
        target: Asterisk's SIP address.
        folder: Empty folder for this run.
        load: How many calls and how fast.
        listen: Record what each caller hears, in the order of the calls.
        messages: Keep the SIP messages in the tally.
    """
    calling = await place_calls(callers, target, folder, load=load, listened=listen, messages=messages)
    async with listening(calling.ears) as ears:
        tally = await calling.sipp.wait()
        return Placed(tally, [ear.recording() for ear in ears] if listen else [])


@asynccontextmanager
async def operator(phone: Phone, folder: Path) -> AsyncIterator[SippProcess]:
    """A phone that answers while the block runs."""
    sipp = await answer_calls(phone, folder)
    try:
        yield sipp
    finally:
        await sipp.stop()
