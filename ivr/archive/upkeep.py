"""What the archive does by itself: deletion after the term, and an early warning of a full disk."""

from __future__ import annotations

import asyncio
import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, func, select

from ivr.archive.purging import Forget, purge
from ivr.archive.settings import ArchiveSettings
from ivr.archive.storage import StorageAway
from ivr.archive.tables import recordings
from ivr.archive.vault import Vault
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_WEEK: Final = timedelta(days=7)
_DAY_SECONDS: Final = 86_400.0
_LOOK_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Room:
    """How much room there is, and for how long.

    Attributes:
        free: Bytes left for the archive; None: its storage does not tell.
        spool_free: Bytes left for running recordings.
        days_left: Until the archive's disk is full at the rate of the last week; infinite: it does not grow.
        warning: What a person should know, or empty.
    """

    free: int | None
    spool_free: int
    days_left: float
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes a day: what comes in, as in the last week, and what goes by its term in the next."""

    taken: float
    expiring: float


def growth(connection: Connection, now: datetime) -> Growth:
    """How the archive grows; a job for `Database.read`."""
    size = select(func.coalesce(func.sum(recordings.c.bytes), 0))
    first = connection.execute(select(func.min(recordings.c.taken_at))).scalar()
    days = 1.0 if first is None else min(7.0, max(1.0, (now - first).total_seconds() / _DAY_SECONDS))
    taken = connection.execute(size.where(recordings.c.taken_at > now - _WEEK)).scalar_one()
    soon = recordings.c.expires_at <= now + _WEEK
    expiring = connection.execute(size.where(soon, recordings.c.legal_hold.is_(False))).scalar_one()
    return Growth(int(taken) / days, int(expiring) / 7)


def days_left(free: int | None, rate: Growth) -> float:
    """Until so many bytes are used up."""
    net = rate.taken - rate.expiring
    return math.inf if free is None or net <= 0 else free / net


class Upkeep:
    """Runs beside the archive."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        settings: ArchiveSettings,
        clock: Clock,
        *,
        spool: Path,
        forget: Sequence[Forget] = (),
    ) -> None:
        """Prepare.

        Args:
            database: Holds the index.
            vault: Holds the recordings.
            settings: Terms and limits.
            clock: The time.
            spool: Folder into which Asterisk records.
            forget: What else is deleted with a recording.
        """
        self._database = database
        self._vault = vault
        self._settings = settings
        self._clock = clock
        self._spool = spool
        self._forget = forget
        self._purge_at = clock.monotonic()
        self._task: asyncio.Task[None] | None = None
        self.room = Room(None, 0, math.inf)

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="archive-upkeep")

    async def close(self) -> None:
        """End; a deletion in work is finished by the next run."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def once(self) -> None:
        """Look at the disk, and delete what is due."""
        await self._look()
        if self._clock.monotonic() >= self._purge_at:
            self._purge_at = self._clock.monotonic() + self._settings.purge_seconds
            await self._purge()

    async def _run(self) -> None:
        while True:
            await self.once()
            await self._clock.sleep(_LOOK_SECONDS)

    async def _purge(self) -> None:
        now = self._clock.now()
        try:
            gone = await purge(self._database, self._vault.storage, now, dry_run=False, forget=self._forget)
        except (StoreUnavailable, StorageAway) as error:
            log.warning("archive.purge_put_off", error=type(error).__name__)
            self._purge_at = self._clock.monotonic() + self._settings.retry_seconds
            return
        if gone:
            log.info("archive.purge_done", recordings=len(gone))

    async def _look(self) -> None:
        try:
            rate = await self._database.read(partial(growth, now=self._clock.now()))
            free = await asyncio.to_thread(self._vault.storage.free_bytes)
            spool_free = await asyncio.to_thread(lambda: shutil.disk_usage(self._spool).free)
        except (StoreUnavailable, StorageAway, OSError) as error:
            log.warning("archive.room_unknown", error=type(error).__name__)
            return
        left = days_left(free, rate)
        warning = self._warning(free, spool_free, left)
        if warning and warning != self.room.warning:
            log.warning("archive.little_room", detail=warning)
        self.room = Room(free, spool_free, left, warning)

    def _warning(self, free: int | None, spool_free: int, left: float) -> str:
        least = self._settings.warn_free_bytes
        told = []
        if free is not None and free < least:
            told.append("the archive's disk is nearly full")
        elif left < self._settings.warn_days_left:
            told.append(f"the archive's disk is full in {max(1, round(left))} days at the present rate")
        if spool_free < least:
            told.append("the disk of the spool is nearly full")
        return "; ".join(told)
