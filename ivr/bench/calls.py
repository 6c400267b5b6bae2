"""`ivr bench calls`: the same call through the engine and in dialplan alone, by turns, on one machine."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from ivr.bench.flow import FlowUnderTest, callers
from ivr.bench.histogram import Histogram
from ivr.bench.processes import cpu_seconds, memory_mb
from ivr.bench.sipp import Load, place_calls

TURNAROUND = "ivr_agi_turnaround_seconds"
_CALL_SECONDS = 60.0
_QUIET_SECONDS = 0.5
_SETTLE_SECONDS = 15.0
_IDLE_SECONDS = 0.025
"""CPU of all processes together in one such pause that counts as idle."""

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured.

    Attributes:
        calls: Calls in one round of the CPU comparison.
        per_second: New calls per second in it.
        rounds: Rounds of each flow; they alternate.
        at_once: Calls at the same moment while the AGI turnaround is measured.
        rates: Offered rates that are tried in rising order, calls per second.
        hold_seconds: How long each rate is offered.
    """

    calls: int = 200
    per_second: float = 10.0
    rounds: int = 3
    at_once: int = 100
    rates: tuple[float, ...] = (10, 20, 30, 40, 50, 60)
    hold_seconds: float = 30.0


QUICK = Size(calls=30, per_second=5, rounds=1, at_once=20, rates=(5,), hold_seconds=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One load on one flow.

    Attributes:
        calls: Calls offered.
        failed: Calls that did not end as described, or left no reading in the database.
        cpu_ms_per_call: CPU by the names of `FlowUnderTest.processes`, milliseconds per call.
        sipp_cpu_ms_per_call: CPU of SIPp, which is part of no flow, milliseconds per call.
        most_at_once: Highest number of calls at the same moment.
        memory_mb: Resident memory at the end, by the same names.
        turnaround: The engine's AGI turnaround in this round, seconds.
    """

    calls: int
    failed: int
    cpu_ms_per_call: dict[str, float]
    sipp_cpu_ms_per_call: float
    most_at_once: int
    memory_mb: dict[str, float]
    turnaround: Histogram = field(default_factory=lambda: Histogram({}))

    @property
    def total_cpu_ms_per_call(self) -> float:
        """CPU of all processes of the flow."""
        return sum(self.cpu_ms_per_call.values())


@dataclass(frozen=True, slots=True)
class RateTried:
    """A rate that was offered, calls per second, and what came of it."""

    per_second: float
    measured: Round


class CallsBench:
    """Measures two flows side by side."""

    def __init__(self, folder: Path, announce: Announce) -> None:
        """Args: folder, for SIPp's files; announce, told what is going on."""
        self._folder = folder
        self._announce = announce
        self._runs = 0

    async def compare(self, flows: Sequence[FlowUnderTest], size: Size) -> dict[str, list[Round]]:
        """Rounds of every flow by turns, after a warm-up of each that does not count."""
        rounds: dict[str, list[Round]] = {flow.name: [] for flow in flows}
        few = min(20, size.calls // 3)
        warm = Load(calls=few, per_second=size.per_second, give_up_seconds=_CALL_SECONDS * 2)
        for flow in flows:
            await self.round(flow, warm)
        load = Load(
            calls=size.calls,
            per_second=size.per_second,
            give_up_seconds=size.calls / size.per_second + _CALL_SECONDS,
        )
        for number in range(size.rounds):
            for flow in flows:
                measured = await self.round(flow, load)
                rounds[flow.name].append(measured)
                self._announce(f"round {number + 1} of {size.rounds}, {flow.name}: {_told(measured)}")
        return rounds

    async def crowd(self, flow: FlowUnderTest, size: Size) -> Round:
        """So many calls at once, kept up for three times their number."""
        load = Load(
            calls=size.at_once * 3,
            per_second=size.at_once / 5,
            at_once=size.at_once,
            give_up_seconds=_CALL_SECONDS * 4,
        )
        measured = await self.round(flow, load)
        self._announce(f"{measured.most_at_once} calls at once, {flow.name}: {_told(measured)}")
        return measured

    async def climb(self, flow: FlowUnderTest, size: Size) -> list[RateTried]:
        """Offer rate after rate, up to the first one that loses a call."""
        tried = []
        for rate in size.rates:
            load = Load(
                calls=int(rate * size.hold_seconds),
                per_second=rate,
                at_once=int(rate * _CALL_SECONDS),
                give_up_seconds=size.hold_seconds + _CALL_SECONDS,
            )
            measured = await self.round(flow, load)
            self._announce(f"{rate:g} calls per second, {flow.name}: {_told(measured)}")
            tried.append(RateTried(rate, measured))
            if measured.failed:
                break
        return tried

    async def round(self, flow: FlowUnderTest, load: Load) -> Round:
        """Place calls on a flow and measure until it is quiet again."""
        processes = flow.processes()
        before = {name: cpu_seconds(pids) for name, pids in processes.items()}
        sipp_before = _children_cpu()
        readings, turnaround = await flow.readings(), await _turnaround(flow)
        self._runs += 1
        calling = await place_calls(
            callers(flow), flow.target, self._folder / f"sipp-{self._runs}", load=load
        )
        tally = await calling.sipp.wait()
        await _quiet([pid for pids in processes.values() for pid in pids])
        spent = {name: cpu_seconds(pids) - before[name] for name, pids in processes.items()}
        committed = await flow.readings() - readings
        measured = Round(
            calls=load.calls,
            failed=max(load.calls - tally.successful, load.calls - committed),
            cpu_ms_per_call={name: seconds * 1000 / load.calls for name, seconds in spent.items()},
            sipp_cpu_ms_per_call=(_children_cpu() - sipp_before) * 1000 / load.calls,
            most_at_once=tally.most_at_once,
            memory_mb={name: memory_mb(pids) for name, pids in processes.items()},
            turnaround=(await _turnaround(flow)).since(turnaround),
        )
        await flow.clear()
        return measured


def _told(measured: Round) -> str:
    parts = [f"{name} {ms:.2f}" for name, ms in measured.cpu_ms_per_call.items()]
    return f"{' + '.join(parts)} ms of CPU per call, {measured.failed} of {measured.calls} failed"


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _turnaround(flow: FlowUnderTest) -> Histogram:
    if flow.metrics_url is None:
        return Histogram({})
    async with aiohttp.ClientSession() as session, session.get(flow.metrics_url) as response:
        response.raise_for_status()
        return Histogram.read(await response.text(), TURNAROUND)


async def _quiet(pids: list[int]) -> None:
    """Wait until the processes have done what the calls left them to do."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _SETTLE_SECONDS
    before = cpu_seconds(pids)
    while loop.time() < deadline:
        await asyncio.sleep(_QUIET_SECONDS)
        now = cpu_seconds(pids)
        if now - before < _IDLE_SECONDS:
            return
        before = now
