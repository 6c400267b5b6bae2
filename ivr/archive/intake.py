"""One attempt to take a file of the spool into the archive; blocking, for a thread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import structlog

from ivr.archive.files import Conflict, Sealed, is_full, seal
from ivr.archive.settings import ArchiveSettings
from ivr.archive.wav import NotWav, Wav, examine

log = structlog.get_logger(__name__)

_NAME = re.compile(r"(?P<call>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-(?P<part>[a-z0-9]+))?\.wav")


@dataclass(slots=True)
class Item:
    """A file that is to be taken over.

    Attributes:
        call_id: Our own id of the call.
        part: Empty for the main recording.
        file: The file in the spool.
        since: When it was last seen to change, monotonic seconds.
        due: When to try next, monotonic seconds.
        size: Its size at the last attempt, bytes.
    """

    call_id: str
    part: str
    file: Path
    since: float
    due: float
    size: int = -1

    @property
    def name(self) -> str:
        """Id of the recording."""
        return f"{self.call_id}-{self.part}" if self.part else self.call_id


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


Outcome = Sealed | Absent | Failed | NotYet


class Intake:
    """Looks at files of the spool and seals those that are finished."""

    def __init__(self, settings: ArchiveSettings, spool: Path, zone: tzinfo) -> None:
        """Folders and times; `zone` is the company's."""
        self._settings = settings
        self._spool = spool
        self._zone = zone

    def attempt(self, items: Iterable[Item], now: float) -> list[Outcome]:
        """Try each; `now` is the moment in monotonic seconds."""
        return [self._attempt(item, now) for item in items]

    def remove(self, items: Sequence[Item]) -> None:
        """Delete what the index knows."""
        for item in items:
            item.file.unlink(missing_ok=True)

    def spooled(self) -> list[tuple[str, str, Path, float]]:
        """Call, part, file and time of the last write (Unix seconds) of all that lies in the spool."""
        found = []
        for file in self._spool.glob("*.wav"):
            match = _NAME.fullmatch(file.name)
            if match:
                found.append((match["call"], match["part"] or "", file, file.stat().st_mtime))
        return found

    def _attempt(self, item: Item, now: float) -> Outcome:
        try:
            return self._seal(item, now)
        except FileNotFoundError:
            return Absent("no-file") if self._rested(item, now) else NotYet()
        except OSError as error:
            return Failed("disk-full" if is_full(error) else "file")

    def _seal(self, item: Item, now: float) -> Outcome:
        try:
            wav = examine(item.file)
            if not self._finished(item, wav, now):
                return NotYet()
            if not wav.sound_bytes:
                return Absent("empty")
            return seal(item.file, self._settings.folder, f"{item.name}.wav", wav, self._zone)
        except NotWav:
            return self._set_aside(item, "unreadable") if self._rested(item, now) else NotYet()
        except Conflict:
            return self._set_aside(item, "conflict")

    def _finished(self, item: Item, wav: Wav, now: float) -> bool:
        """A true header tells the end of the writing; without one the file must have rested."""
        if wav.consistent and wav.sound_bytes:
            return True
        if wav.size != item.size:
            item.size = wav.size
            item.since = now
        return self._rested(item, now)

    def _rested(self, item: Item, now: float) -> bool:
        return now - item.since >= self._settings.settle_seconds

    def _set_aside(self, item: Item, reason: str) -> Absent:
        """Keep the file under a name that no sweep finds, for a person to look at."""
        item.file.rename(item.file.with_name(f"{item.file.name}.{reason}"))
        log.error("archive.set_aside", recording=item.name, reason=reason)
        return Absent(reason)
