"""One attempt to take a file of the spool into the archive; blocking, for a thread.

The source stays until the index knows the recording. Until then every step may be repeated: compressing into
the work folder, encrypting with a new key, storing under the same path.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import count
from pathlib import Path

import structlog

from ivr.archive.compressing import Compressor, NotCompressed
from ivr.archive.encoder import Order
from ivr.archive.keyring import KeyMissing
from ivr.archive.settings import ArchiveSettings
from ivr.archive.source import Named, Source, being_written, digest_of, looked_at, mended, named
from ivr.archive.storage import StorageAway, is_full
from ivr.archive.vault import Lock, Vault
from ivr.archive.wav import NotWav
from ivr.errors import Fault

log = structlog.get_logger(__name__)

_WORK = ".work"
_SEALED = "sealed"
_LEAST_ROOM = 16 * 1024 * 1024


@dataclass(slots=True)
class Item:
    """A file that is to be taken over.

    Attributes:
        call_id: Our own id of the call.
        part: Empty for the main recording.
        file: The file in the spool.
        since: When it was last seen to change, monotonic seconds.
        due: When to try next, monotonic seconds.
        swapped: Left is a person of the company, right the caller.
        size: Its length at the last attempt, frames.
    """

    call_id: str
    part: str
    file: Path
    since: float
    due: float
    swapped: bool = False
    size: int = -1

    @property
    def name(self) -> str:
        """Id of the recording."""
        return f"{self.call_id}-{self.part}" if self.part else self.call_id


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording that is in the storage, and not yet in the index.

    Attributes:
        path: In the storage.
        size: Length of the content, bytes.
        sha256: Of the content, hexadecimal.
        source: What was recorded.
        source_sha256: Of the file that was recorded, as it was taken, hexadecimal.
        started_at: When the recording began: the last write less the length, aware.
        repaired: Whether the file had to be mended.
        lock: How it is encrypted.
    """

    path: str
    size: int
    sha256: str
    source: Source
    source_sha256: str
    started_at: datetime
    repaired: bool
    lock: Lock


class Known:
    """The index has the recording already; only the source is left to remove."""


@dataclass(frozen=True, slots=True)
class Absent:
    """There is nothing to keep, for that reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed; it is to be made again."""

    reason: str


class NotYet:
    """The file is still being written."""


Outcome = Taken | Known | Absent | Failed | NotYet


class Intake:
    """Looks at files of the spool and puts those that are finished into the vault."""

    def __init__(
        self, settings: ArchiveSettings, vault: Vault, compressor: Compressor, spool: Path, zone: tzinfo
    ) -> None:
        """Folders and times; `zone` is the company's."""
        self._settings = settings
        self._vault = vault
        self._compressor = compressor
        self._spool = spool
        self._work = spool / _WORK
        self._zone = zone
        self._numbers = count(1)

    def clear(self) -> None:
        """Throw away what an earlier run left half done."""
        shutil.rmtree(self._work, ignore_errors=True)

    def attempt(self, items: Iterable[Item], known: Mapping[str, str], now: float) -> list[Outcome]:
        """Try each.

        Args:
            items: The files.
            known: Recordings that the index has, and the hash of the file that each was made from.
            now: The moment, monotonic seconds.
        """
        return [self._attempt(item, known.get(item.name), now) for item in items]

    def remove(self, items: Sequence[Item]) -> None:
        """Delete what the index knows."""
        for item in items:
            item.file.unlink(missing_ok=True)

    def of_call(self, call_id: str) -> list[Named]:
        """The files of a call."""
        return [found for file in self._spool.glob(f"{call_id}*") if (found := named(file))]

    def spooled(self) -> list[tuple[Named, float]]:
        """All that lies in the spool, with the time of the last write (Unix seconds)."""
        found = [named(file) for file in self._spool.iterdir()]
        return [(one, one.file.stat().st_mtime) for one in found if one]

    def _attempt(self, item: Item, known: str | None, now: float) -> Outcome:
        try:
            return self._take(item, known, now)
        except FileNotFoundError:
            return Absent("no-file") if self._rested(item, now) else NotYet()
        except StorageAway as error:
            return Failed(error.reason)
        except (NotCompressed, KeyMissing, Fault, OSError) as error:
            return Failed(self._cause(error))

    def _take(self, item: Item, known: str | None, now: float) -> Outcome:
        try:
            source = looked_at(item.file)
        except NotWav:
            return self._set_aside(item, "unreadable") if self._rested(item, now) else NotYet()
        if not self._finished(item, source, now):
            return NotYet()
        if not source.frames:
            return Absent("empty")
        if not source.whole:
            mended(item.file)
        digest = digest_of(item.file)
        if known:
            return Known() if known == digest else self._set_aside(item, "conflict")
        return self._keep(item, source, digest)

    def _keep(self, item: Item, source: Source, digest: str) -> Taken:
        written_at = datetime.fromtimestamp(item.file.stat().st_mtime, self._zone)
        started_at = written_at - timedelta(seconds=source.seconds)
        suffix = _SEALED if self._settings.encrypt else self._settings.format.value
        path = f"{started_at:%Y/%m/%d}/{item.name}.{suffix}"
        self._work.mkdir(exist_ok=True)
        made = self._work / f"{next(self._numbers)}-{item.name}.{self._settings.format.value}"
        try:
            self._compressor.compress(self._order(item, source, made))
            lock = self._vault.keep(item.name, path, made)
            return Taken(
                path=path,
                size=made.stat().st_size,
                sha256=digest_of(made),
                source=source,
                source_sha256=digest,
                started_at=started_at,
                repaired=not source.whole,
                lock=lock,
            )
        finally:
            made.unlink(missing_ok=True)

    def _order(self, item: Item, source: Source, target: Path) -> Order:
        return Order(
            source=str(item.file),
            target=str(target),
            format=self._settings.format.value,
            kilobits=self._settings.kilobits,
            rate=source.rate,
            channels=source.channels,
            swapped=item.swapped,
        )

    def _finished(self, item: Item, source: Source, now: float) -> bool:
        """A true header tells the end of the writing, or the system; else the file must have rested."""
        if source.closed:
            return True
        if source.frames != item.size:
            item.size = source.frames
            item.since = now
        written = being_written(item.file) if source.bare else None
        return self._rested(item, now) if written is None else not written

    def _rested(self, item: Item, now: float) -> bool:
        return now - item.since >= self._settings.settle_seconds

    def _set_aside(self, item: Item, reason: str) -> Absent:
        """Keep the file under a name that no sweep finds, for a person to look at."""
        item.file.rename(item.file.with_name(f"{item.file.name}.{reason}"))
        log.error("archive.set_aside", recording=item.name, reason=reason)
        return Absent(reason)

    def _cause(self, error: Exception) -> str:
        if isinstance(error, KeyMissing | Fault):
            return "no-key"
        if isinstance(error, OSError):
            return "disk-full" if is_full(error) else "file"
        full = shutil.disk_usage(self._spool).free < _LEAST_ROOM
        return "disk-full" if full else "not-compressed"
