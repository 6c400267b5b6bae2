"""The store of finished prompts on disk: found by content, bounded, never seen half-written."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import structlog

from ivr.errors import Fault
from ivr.speech.audio import Sound, intact
from ivr.speech.settings import CacheSettings

_log = structlog.get_logger(__name__)

_CHECK_SECONDS = 60.0
"""A known prompt is looked at on disk, and its time of use noted there, once in so many seconds."""

_EXTENSIONS = (".wav", ".alaw")
_TEMPORARY = ".part"
_STALE_SECONDS = 3600.0


@dataclass(slots=True)
class _Entry:
    base: str
    size: int
    used_at: float
    checked_at: float


class StorageFault(Fault):
    """The disk refuses a prompt."""


class SoundCache:
    """Prompts by key in `<folder>/ab/<key>.wav` and `.alaw`.

    Pinned keys stay for ever; of the others the least recently used are dropped when they take too much room.
    Several processes may share the folder: files appear whole, and their modification time is their last use.
    """

    def __init__(self, folder: Path, settings: CacheSettings, clock: Callable[[], float] = time.time) -> None:
        """Take stock of the folder.

        Args:
            folder: Made when it is not there.
            settings: Bounds.
            clock: Seconds since the epoch, comparable with times of files.
        """
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._pinned: set[str] = set()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._names = count()
        self._take_stock()

    @property
    def bytes_of_calls(self) -> int:
        """Bytes of the prompts that are not pinned."""
        return sum(entry.size for key, entry in self._entries.items() if key not in self._pinned)

    def pin(self, keys: Iterable[str]) -> None:
        """Keep these whatever happens."""
        self._pinned.update(keys)

    def find(self, key: str) -> str | None:
        """Absolute path without extension of an intact prompt, or None.

        A known prompt costs no disk access but once a minute; a broken one is forgotten.
        """
        entry = self._entries.get(key)
        now = self._clock()
        if entry is None or now - entry.checked_at >= _CHECK_SECONDS:
            entry = self._look(key, now)
            if entry is None:
                return None
        entry.used_at = now
        self._entries.move_to_end(key)
        return entry.base

    def put(self, key: str, sound: Sound) -> str:
        """Store a prompt; returns its absolute path without extension.

        Raises:
            StorageFault: The disk is full or refuses.
        """
        base = self._base(key)
        try:
            base.parent.mkdir(parents=True, exist_ok=True)
            write_whole(base.with_suffix(".alaw"), sound.alaw, next(self._names))
            write_whole(base.with_suffix(".wav"), sound.wav, next(self._names))
        except OSError as error:
            raise StorageFault(
                f"A prompt can't be stored: {error.strerror}.",
                str(self._folder),
                "Free space on this disk, or make the prompts folder writable.",
            ) from None
        now = self._clock()
        size = len(sound.wav) + len(sound.alaw)
        self._entries[key] = _Entry(str(base), size, used_at=now, checked_at=now)
        self._entries.move_to_end(key)
        self._shrink()
        return str(base)

    def drop_unused(self, seconds: float) -> int:
        """Drop what is not pinned and was not used for so many seconds; returns how many were dropped."""
        limit = self._clock() - max(seconds, self._settings.guard_seconds)
        old = [
            key
            for key, entry in self._entries.items()
            if key not in self._pinned and _last_use(entry) < limit
        ]
        for key in old:
            self._drop(key)
        return len(old)

    def _base(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _take_stock(self) -> None:
        """Know sizes and last uses of what is there; sweep what a crash has left half-written."""
        self._folder = self._folder.absolute()
        self._folder.mkdir(parents=True, exist_ok=True)
        now = self._clock()
        for left in self._folder.glob(f"*/*{_TEMPORARY}"):
            if now - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink(missing_ok=True)
        found = sorted((path.stat().st_mtime, path) for path in self._folder.glob("*/*.wav"))
        for used_at, path in found:
            base = path.with_suffix("")
            size = sum(_size(base.with_suffix(extension)) for extension in _EXTENSIONS)
            self._entries[base.name] = _Entry(str(base), size, used_at, checked_at=float("-inf"))

    def _look(self, key: str, now: float) -> _Entry | None:
        base = self._base(key)
        size = intact(base)
        if not size:
            if self._entries.pop(key, None):
                _log.warning("prompt_broken", key=key)
            return None
        try:
            os.utime(base.with_suffix(".wav"), (now, now))
        except OSError:
            _log.warning("prompt_not_touched", key=key)
        entry = self._entries[key] = _Entry(str(base), size, used_at=now, checked_at=now)
        return entry

    def _shrink(self) -> None:
        excess = self.bytes_of_calls - self._settings.max_megabytes * 1_000_000
        if excess <= 0:
            return
        guarded = self._clock() - self._settings.guard_seconds
        for key, entry in list(self._entries.items()):
            if excess <= 0:
                return
            if key not in self._pinned and _last_use(entry) < guarded:
                excess -= entry.size
                self._drop(key)
        if excess > 0:
            _log.warning("prompt_cache_over_bound", excess_bytes=excess)

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key)
        for extension in _EXTENSIONS:
            Path(entry.base + extension).unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, number: int = 0) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part.

    Raises:
        OSError: The disk is full or refuses; what was there before is unharmed.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}-{number}{_TEMPORARY}")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _last_use(entry: _Entry) -> float:
    """The last use by any process."""
    try:
        return max(entry.used_at, Path(entry.base + ".wav").stat().st_mtime)
    except FileNotFoundError:
        return entry.used_at
