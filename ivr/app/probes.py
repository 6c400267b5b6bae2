"""What supervisors are alarmed of: how each thing stands now."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ivr.archive.upkeep import Room
from ivr.asterisk.ami import LinkState
from ivr.desk.callers import Place
from ivr.dialogue.ports import Clock
from ivr.kpi.alarm_book import Probe
from ivr.kpi.alarm_settings import AlarmSettings
from ivr.kpi.alarms import Finding, Level, Name, at_least, at_most, whether
from ivr.kpi.definitions import Definition
from ivr.kpi.live import LiveCounters
from ivr.kpi.outlook import Outlook, outlooks
from ivr.kpi.verdicts import Aim
from ivr.store import Database, StoreUnavailable

_CONNECT_SECONDS = 2.0


def _unknown(name: Name, *about: str) -> list[Finding]:
    return [Finding(name=name, about=each, level=Level.UNKNOWN) for each in about]


def queues(
    names: Collection[str],
    waiting: Callable[[str], list[Place]],
    longest_wait: Callable[[Place], float],
    settings: AlarmSettings,
    clock: Clock,
) -> Probe:
    """How many wait in each queue, and how near one is to the longest wait allowed.

    Args:
        names: Of the queues.
        waiting: Who waits in a queue.
        longest_wait: The longest wait that is allowed to a caller, seconds.
        settings: Limits.
        clock: The time.
    """

    def wait(queue: str, places: Iterable[Place], now: datetime) -> Finding:
        waits = [((now - place.since).total_seconds(), longest_wait(place)) for place in places]
        waited, allowed = max(waits, key=lambda each: each[0] / each[1], default=(0.0, 1.0))
        found = at_most(Name.WAIT, queue, waited, allowed * settings.wait_share, settings.clear_share)
        return found if waits else Finding(name=Name.WAIT, about=queue, level=Level.GOOD)

    async def look() -> list[Finding]:
        now = clock.now()
        found = []
        for queue in names:
            places = waiting(queue)
            many = float(len(places)), float(settings.queue_callers)
            found.append(at_most(Name.QUEUE, queue, *many, settings.clear_share))
            found.append(wait(queue, places, now))
        return found

    return look


def targets(
    counters: LiveCounters,
    aims: Mapping[str, list[tuple[Definition, Aim]]],
    settings: AlarmSettings,
    clock: Clock,
    profiles_of: Callable[[str], tuple[str, ...] | None],
) -> Probe:
    """How today's targets will stand in the evening, by standard.

    Args:
        counters: Today's.
        aims: The targets of each standard.
        settings: Limits.
        clock: In the company's time zone.
        profiles_of: Whose calls count for a standard.
    """
    outlook_of = {standard: Outlook(settings) for standard in aims}

    async def look() -> list[Finding]:
        found: list[Finding] = []
        for standard, outlook in outlook_of.items():
            today = counters.today(profiles_of(standard))
            expected = outlook.expected(today, clock.now())
            found += outlooks(aims[standard], today, expected, f"{standard}/", settings.target_least_calls)
        return found

    return look


def trunks(answers: Callable[[], Mapping[str, bool | None]]) -> Probe:
    """Whether the carriers answer."""

    async def look() -> list[Finding]:
        return [
            finding
            for name, state in answers().items()
            for finding in (
                _unknown(Name.TRUNK, name) if state is None else [whether(Name.TRUNK, name, not state)]
            )
        ]

    return look


def asterisk(state: Callable[[], LinkState]) -> Probe:
    """Whether Asterisk's manager interface answers."""

    async def look() -> list[Finding]:
        return [whether(Name.ASTERISK, "ami", state() is not LinkState.UP)]

    return look


def disks(data_folder: Path, room: Callable[[], Room], settings: AlarmSettings) -> Probe:
    """Whether there is room, for the engine's own data and for recordings."""

    async def look() -> list[Finding]:
        free = (await asyncio.to_thread(shutil.disk_usage, data_folder)).free
        return [
            at_least(Name.DISK, "data", float(free), float(settings.disk_free_bytes), settings.clear_share),
            whether(Name.DISK, "archive", bool(room().warning)),
        ]

    return look


def recogniser(host: str, port: int) -> Probe:
    """Whether the recogniser answers where Asterisk looks for it: any answer of its HTTP server will do."""

    async def answers() -> bool:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(b"GET /alive HTTP/1.0\r\n\r\n")
            return (await reader.read(5)).startswith(b"HTTP")
        finally:
            writer.close()

    async def look() -> list[Finding]:
        there = False
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CONNECT_SECONDS):
                there = await answers()
        return [whether(Name.RECOGNISER, "speech", not there)]

    return look


def database(store: Database, settings: AlarmSettings) -> Probe:
    """How long one small write takes; an hour when it can't be written at all."""

    async def look() -> list[Finding]:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(2 * settings.database_seconds):
                await store.probe()
        except (StoreUnavailable, TimeoutError):
            return [whether(Name.DATABASE, "store", bad=True)]
        took = time.monotonic() - begun
        return [at_most(Name.DATABASE, "store", took, settings.database_seconds, settings.clear_share)]

    return look


def recording(spool: Path, talking: Callable[[], int], settings: AlarmSettings, clock: Clock) -> Probe:
    """Whether talks are recorded, and recordings taken over.

    Args:
        spool: Folder into which Asterisk records.
        talking: How many calls people talk in.
        settings: Limits.
        clock: The time.
    """

    def ages() -> list[float]:
        now = clock.now().timestamp()
        return [now - file.stat().st_mtime for file in spool.glob("*-*.raw")]

    talks_since: float | None = None

    async def look() -> list[Finding]:
        nonlocal talks_since
        if not talking():
            talks_since = None
        elif talks_since is None:
            talks_since = clock.monotonic()
        try:
            found = await asyncio.to_thread(ages)
        except OSError:
            return _unknown(Name.RECORDING, "silent", "stuck")  # a file was just taken over
        talked = 0.0 if talks_since is None else clock.monotonic() - talks_since
        silent = min([talked, *found])
        oldest = max(found, default=0.0)
        share = settings.clear_share
        return [
            at_most(Name.RECORDING, "silent", silent, settings.recording_silent_seconds, share),
            at_most(Name.RECORDING, "stuck", oldest, settings.recording_stuck_seconds, share),
        ]

    return look
