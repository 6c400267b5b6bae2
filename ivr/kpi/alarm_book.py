"""Alarms as they are kept: looked for again and again, written down, told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Connection, delete, insert, select, update

from ivr.dialogue.ports import Clock
from ivr.kpi.alarm_settings import AlarmSettings
from ivr.kpi.alarms import Alarm, Alarms, Finding, Name, State
from ivr.kpi.tables import alarms
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

Probe = Callable[[], Awaitable[Collection[Finding]]]
"""Looks at something; what it can't tell now is `Level.UNKNOWN`."""

Told = Callable[[Alarm], None]
_PROBE_SECONDS = 5.0


def write(connection: Connection, changed: Collection[Alarm]) -> None:
    """Write alarms as they are now."""
    for alarm in changed:
        row = asdict(alarm)
        if not connection.execute(update(alarms).where(alarms.c.id == alarm.id).values(row)).rowcount:
            connection.execute(insert(alarms).values(row))


def open_ones(connection: Connection) -> list[Alarm]:
    """Those that are not over."""
    return _read(connection, alarms.c.state != State.OVER)


def since(connection: Connection, moment: datetime, most: int) -> list[Alarm]:
    """Those raised since a moment, and those that are not over; the latest first."""
    return _read(connection, (alarms.c.raised_at >= moment) | (alarms.c.state != State.OVER))[:most]


def forget(connection: Connection, before: datetime) -> int:
    """Delete those that were over before a moment; tells how many."""
    return connection.execute(delete(alarms).where(alarms.c.over_at < before)).rowcount


def _read(connection: Connection, condition: Any) -> list[Alarm]:
    query = select(alarms).where(condition).order_by(alarms.c.raised_at.desc(), alarms.c.id)
    return [_of(row) for row in connection.execute(query).mappings()]


def _of(row: Any) -> Alarm:
    told = {field.name: row[field.name] for field in fields(Alarm)}
    return Alarm(**told | {"name": Name(row["name"]), "state": State(row["state"])})


class AlarmBook:
    """Looks at everything, again and again, until it is closed.

    People are told at once, the database as soon as it takes it: it may be what the alarm is about.
    """

    def __init__(self, database: Database, settings: AlarmSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._alarms = Alarms(settings, lambda: uuid4().hex)
        self._probes: list[tuple[str, Probe]] = []
        self._told: list[Told] = []
        self._unwritten: dict[str, Alarm] = {}
        self._forgot_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, name: str, probe: Probe) -> None:
        """Have something looked at; `name` for the log."""
        self._probes.append((name, probe))

    def subscribe(self, told: Told) -> None:
        """Call this with every alarm that is raised, seen or over."""
        self._told.append(told)

    async def start(self) -> None:
        """Take up what was raised before, and begin.

        Raises:
            StoreUnavailable: It can't be read.
        """
        before = await self._database.read(open_ones)
        self._alarms = Alarms(self._settings, lambda: uuid4().hex, before)
        self._task = asyncio.create_task(self._run(), name="alarms")

    async def close(self) -> None:
        """Look at nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def open(self) -> list[Alarm]:
        """Those that are not over, the latest first."""
        return self._alarms.open

    async def since(self, moment: datetime, most: int) -> list[Alarm]:
        """Those of the past, too.

        Raises:
            StoreUnavailable: They can't be read.
        """
        kept = await self._database.read(partial(since, moment=moment, most=most))
        now = {alarm.id: alarm for alarm in (*self._unwritten.values(), *self.open)}
        found = {alarm.id: alarm for alarm in kept} | now
        return sorted(found.values(), key=lambda alarm: alarm.raised_at, reverse=True)[:most]

    async def see(self, id: str, login: str) -> Alarm | None:
        """Somebody has seen it; None: it is over, or there is no such alarm.

        Raises:
            StoreUnavailable: It is not written down yet; it will be.
        """
        before = self._alarms.open
        alarm = self._alarms.see(id, login, self._clock.now())
        if alarm is not None and alarm not in before:
            self._tell(alarm)
            await self._write()
        return alarm

    async def look(self) -> None:
        """Look at everything once."""
        looked = [await self._findings(name, probe) for name, probe in self._probes]
        findings = [finding for found in looked if found is not None for finding in found]
        now = self._clock.now()
        changed = self._alarms.look(findings, now)
        if None not in looked:
            changed += self._alarms.end_absent(findings, now)
        for alarm in changed:
            log.warning("alarm", name=alarm.name, about=alarm.about, state=alarm.state, value=alarm.value)
            self._tell(alarm)
        try:
            await self._write()
            await self._forget()
        except StoreUnavailable:
            log.warning("alarms.wait_for_store", alarms=len(self._unwritten))

    async def _findings(self, name: str, probe: Probe) -> Collection[Finding] | None:
        """None: it could not be looked at."""
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                return await probe()
        except Exception:
            log.exception("alarms.probe_failed", probe=name)
            return None

    def _tell(self, alarm: Alarm) -> None:
        self._unwritten[alarm.id] = alarm
        for told in self._told:
            told(alarm)

    async def _write(self) -> None:
        if not self._unwritten:
            return
        taken = dict(self._unwritten)
        await self._database.write(partial(write, changed=list(taken.values())))
        for id, alarm in taken.items():
            if self._unwritten.get(id) is alarm:
                del self._unwritten[id]

    async def _forget(self) -> None:
        now = self._clock.now()
        if self._forgot_at is None or now - self._forgot_at >= timedelta(days=1):
            await self._database.write(partial(forget, before=now - timedelta(days=self._settings.kept_days)))
            self._forgot_at = now

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(self._settings.every_seconds)
            try:
                await self.look()
            except Exception:
                log.exception("alarms.failed")
