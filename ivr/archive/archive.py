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
from ivr.archive.chain import Entry, What, append
from ivr.archive.compressing import Compressor, CompressorProcess
from ivr.archive.index import Absence, Recording
from ivr.archive.intake import Absent, Failed, Intake, Item, Known, NotYet, Outcome, Taken
from ivr.archive.keyring import KeyMissing
from ivr.archive.settings import ArchiveSettings
from ivr.archive.source import Named
from ivr.archive.vault import Vault
from ivr.calls import queries
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_LOOK_BACK = timedelta(days=7)
_GRACE = timedelta(seconds=60)


class ArchiveObserver(Protocol):
    """Is told how the taking over goes."""

    def recording_taken(self) -> None:
        """A recording is in the archive."""

    def recording_failed(self, reason: str) -> None:
        """Why one could not be taken over.

        `disk-full`, `file`, `database`, `storage`, `no-key`, `not-compressed`: it is tried again;
        `unreadable`, `conflict`: it is set aside.
        """


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
        vault: Vault | None = None,
        compressor: Compressor | None = None,
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
            vault: In place of the one that the settings name.
            compressor: In place of a process of its own.
        """
        self._database = database
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._terms = retention_days
        self.vault = vault or Vault(settings)
        self._compressor = compressor or CompressorProcess()
        self._intake = Intake(settings, self.vault, self._compressor, spool, zone)
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
        await asyncio.to_thread(self._compressor.close)

    def call_ended(self, call_id: str) -> None:
        """Take over all that was recorded of a call that has ended."""
        for found in self._intake.of_call(call_id):
            self._take_named(found)

    def take_over(self, call_id: str, part: str, file: Path, *, swapped: bool = False) -> None:
        """The recording of a call that has ended is to go into the archive.

        Args:
            call_id: Our own id of the call.
            part: Empty for the main recording, else a short word (`queue`).
            file: The file that Asterisk made; it is removed when it is in the archive.
            swapped: Left is a person of the company, right the caller.
        """
        now = self._clock.monotonic()
        self._items.setdefault(file, Item(call_id, part, file, since=now, due=now, swapped=swapped))
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
        ids = {found.call_id for found, _ in spooled}
        calls = await self._database.read(partial(queries.briefs, call_ids=ids))
        old = self._clock.now().timestamp() - self._settings.orphan_seconds
        for found, written_at in spooled:
            call = calls.get(found.call_id)
            if call.ended if call else written_at <= old:
                self._take_named(found)
        await self._account(ids)

    def _take_named(self, found: Named) -> None:
        self.take_over(found.call_id, found.part, found.file, swapped=found.swapped)

    async def _run(self) -> None:
        await asyncio.to_thread(self._intake.clear)
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
            await self._make_ready()
            await self.sweep()
        except (StoreUnavailable, OSError) as error:
            log.warning("archive.sweep_put_off", error=type(error).__name__)

    async def _make_ready(self) -> None:
        """A first key; where the keys are lost, recordings wait in the spool until they are back."""
        used = await self._database.read(index.any_encrypted)
        try:
            made = await asyncio.to_thread(self.vault.ready, used)
        except (KeyMissing, Fault):
            log.error("archive.keys-missing", folder=str(self._settings.keys))
            return
        if made:
            log.warning("archive.key-made", key=made, folder=str(self._settings.keys))
            entry = Entry(What.KEY_MADE, why=made)
            await self._database.write(partial(append, entries=[entry], now=self._clock.now()))

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
        outcomes = await self._attempt(batch)
        taken = list(zip(batch, outcomes, strict=True))
        for item, outcome in taken:
            if isinstance(outcome, Failed | NotYet):
                self._later(item, outcome)
        done = [(item, outcome) for item, outcome in taken if isinstance(outcome, Taken | Known | Absent)]
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

    async def _attempt(self, batch: Sequence[Item]) -> list[Outcome]:
        try:
            known = await self._database.read(partial(index.known, ids=[item.name for item in batch]))
        except StoreUnavailable:
            return [Failed("database") for _ in batch]
        return await asyncio.to_thread(self._intake.attempt, batch, known, self._clock.monotonic())

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
            if isinstance(outcome, Taken)
        ]
        absences = [
            Absence(item.call_id, item.part, outcome.reason, now)
            for item, outcome in done
            if isinstance(outcome, Absent)
        ]
        await self._database.write(partial(index.add, found=found, absences=absences))

    def _recording(self, item: Item, taken: Taken, profile: str | None, now: datetime) -> Recording:
        days = max(self._settings.retention_days, self._terms.get(profile or "") or 0)
        return Recording(
            id=item.name,
            call_id=item.call_id,
            part=item.part,
            path=taken.path,
            bytes=taken.size,
            seconds=taken.source.seconds,
            sha256=taken.sha256,
            started_at=taken.started_at,
            taken_at=now,
            expires_at=index.expiry(taken.started_at, days),
            repaired=taken.repaired,
            format=self._settings.format.value,
            channels=taken.source.channels,
            frames=taken.source.frames,
            rate=taken.source.rate,
            source_sha256=taken.source_sha256,
            key_id=taken.lock.key_id,
            wrapped_key=taken.lock.wrapped_key,
        )

    def _report(self, outcome: Outcome) -> None:
        if isinstance(outcome, Taken):
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
