"""The archive: takes finished recordings over, one batch at a time, off the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

from ivr.archive import index
from ivr.archive.files import Sealed
from ivr.archive.index import Absence, Recording
from ivr.archive.intake import Absent, Failed, Intake, Item, NotYet, Outcome
from ivr.archive.settings import ArchiveSettings
from ivr.calls import queries
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_LOOK_BACK = timedelta(days=7)
_GRACE = timedelta(seconds=60)


class ArchiveObserver(Protocol):
    """Is told how the taking over goes."""

    def recording_taken(self) -> None:
        """A recording is in the archive."""

    def recording_failed(self, reason: str) -> None:
        """`disk-full`, `file`, `database`: it is tried again; `unreadable`, `conflict`: it is set aside."""


class Archive:
    """Takes over recordings of calls that have ended; `take_over` returns at once."""

    def __init__(
        self,
        database: Database,
        settings: ArchiveSettings,
        clock: Clock,
        observer: ArchiveObserver,
        *,
        spool: Path,
        zone: ZoneInfo,
        retention_days: Mapping[str, int | None],
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            database: Holds the index.
            settings: Folders, terms and times.
            clock: The time.
            observer: Is told how it goes.
            spool: Folder into which Asterisk records.
            zone: The company's time zone.
            retention_days: Term that each profile states, or None.
        """
        self._database = database
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._terms = retention_days
        self._intake = Intake(settings, spool, zone)
        self._items: dict[Path, Item] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._accounted: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work; the first sweep finishes what an earlier run began."""
        self._task = asyncio.create_task(self._run(), name="archive")

    async def close(self) -> None:
        """End; what is not done yet is found in the spool by the next run."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def take_over(self, call_id: str, part: str, file: Path) -> None:
        """The recording of a call that has ended is to go into the archive.

        Args:
            call_id: Our own id of the call.
            part: Empty for the main recording, else a short word (`queue`).
            file: The file that Asterisk made; it is removed when it is in the archive.
        """
        now = self._clock.monotonic()
        self._items.setdefault(file, Item(call_id, part, file, since=now, due=now))
        self._idle.clear()
        self._wake.set()

    async def note_absence(self, call_id: str, part: str, reason: str) -> None:
        """Note why a conversation has no recording, in one short word.

        Raises:
            StoreUnavailable: It could not be written.
        """
        absence = Absence(call_id, part, reason, self._clock.now())
        await self._database.write(partial(index.add, found=[], absences=[absence]))

    async def idle(self) -> None:
        """Wait until every file that was named is dealt with."""
        if self._items:
            await self._idle.wait()

    async def sweep(self) -> None:
        """Find finished files in the spool, and ended conversations that have no recording.

        Raises:
            StoreUnavailable: The database can't be read now.
            OSError: The spool can't be read.
        """
        spooled = await asyncio.to_thread(self._intake.spooled)
        ids = {call_id for call_id, _, _, _ in spooled}
        calls = await self._database.read(partial(queries.briefs, call_ids=ids))
        old = self._clock.now().timestamp() - self._settings.orphan_seconds
        for call_id, part, file, written_at in spooled:
            call = calls.get(call_id)
            if call.ended if call else written_at <= old:
                self.take_over(call_id, part, file)
        await self._account(ids)

    async def _run(self) -> None:
        sweep_at = self._clock.monotonic()
        while True:
            if self._clock.monotonic() >= sweep_at:
                sweep_at = self._clock.monotonic() + self._settings.sweep_seconds
                await self._try_sweep()
            while batch := self._due():
                await self._take_batch(batch)
            if not self._items:
                self._idle.set()
            await self._wait(sweep_at)

    async def _try_sweep(self) -> None:
        try:
            await self.sweep()
        except (StoreUnavailable, OSError) as error:
            log.warning("archive.sweep_put_off", error=type(error).__name__)

    async def _wait(self, sweep_at: float) -> None:
        until = min([sweep_at, *(item.due for item in self._items.values())])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, until - self._clock.monotonic())):
                await self._wake.wait()
        self._wake.clear()

    def _due(self) -> list[Item]:
        now = self._clock.monotonic()
        due = [item for item in self._items.values() if item.due <= now]
        return due[: self._settings.batch_files]

    async def _take_batch(self, batch: Sequence[Item]) -> None:
        """First the files, then the index, then the sources: a crash in between repeats the rest."""
        outcomes = await asyncio.to_thread(self._intake.attempt, batch, self._clock.monotonic())
        taken = list(zip(batch, outcomes, strict=True))
        for item, outcome in taken:
            if isinstance(outcome, Failed | NotYet):
                self._later(item, outcome)
        done = [(item, outcome) for item, outcome in taken if isinstance(outcome, Sealed | Absent)]
        items = [item for item, _ in done]
        try:
            await self._note(done)
            await asyncio.to_thread(self._intake.remove, items)
        except Exception as error:
            log.warning("archive.not_noted", files=len(done), error=type(error).__name__)
            for item in items:
                self._later(item, Failed("database" if isinstance(error, StoreUnavailable) else "file"))
            return
        for item, outcome in done:
            del self._items[item.file]
            self._report(outcome)

    async def _note(self, done: Sequence[tuple[Item, Outcome]]) -> None:
        if not done:
            return
        ids = [item.call_id for item, _ in done]
        calls = await self._database.read(partial(queries.briefs, call_ids=ids))
        profiles = {call_id: call.profile for call_id, call in calls.items()}
        now = self._clock.now()
        found = [
            self._recording(item, outcome, profiles.get(item.call_id), now)
            for item, outcome in done
            if isinstance(outcome, Sealed)
        ]
        absences = [
            Absence(item.call_id, item.part, outcome.reason, now)
            for item, outcome in done
            if isinstance(outcome, Absent)
        ]
        await self._database.write(partial(index.add, found=found, absences=absences))

    def _recording(self, item: Item, sealed: Sealed, profile: str | None, now: datetime) -> Recording:
        days = max(self._settings.retention_days, self._terms.get(profile or "") or 0)
        return Recording(
            id=item.name,
            call_id=item.call_id,
            part=item.part,
            path=sealed.path,
            bytes=sealed.size,
            seconds=sealed.seconds,
            sha256=sealed.sha256,
            started_at=sealed.started_at,
            taken_at=now,
            expires_at=index.expiry(sealed.started_at, days),
            repaired=sealed.repaired,
        )

    def _report(self, outcome: Outcome) -> None:
        if isinstance(outcome, Sealed):
            self._observer.recording_taken()
        elif isinstance(outcome, Absent) and outcome.reason in ("unreadable", "conflict"):
            self._observer.recording_failed(outcome.reason)

    def _later(self, item: Item, outcome: Failed | NotYet) -> None:
        pause = self._settings.settle_seconds
        if isinstance(outcome, Failed):
            pause = self._settings.retry_seconds
            log.warning("archive.put_off", recording=item.name, reason=outcome.reason)
            self._observer.recording_failed(outcome.reason)
        item.due = self._clock.monotonic() + pause

    async def _account(self, spooled: set[str]) -> None:
        """Note as absent what should be there and is nowhere."""
        until = self._clock.now() - _GRACE
        since = self._accounted or until - _LOOK_BACK
        ended = await self._database.read(partial(queries.conversations_ended, since=since, until=until))
        waiting = spooled | {item.call_id for item in self._items.values()}
        missing = await self._database.read(partial(index.unexplained, call_ids=set(ended) - waiting))
        for call_id in missing:
            log.warning("archive.no_recording", recording=call_id)
            await self.note_absence(call_id, "", "no-file")
        self._accounted = until
