"""The store of finished prompts on disk: found by content, bounded, never seen half-written."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
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

_SWEEP_SECONDS = 3600.0
_SWEEP_BATCH = 50
"""At most so many old prompts are dropped at once: a call waits while it is done, about a millisecond."""

_TEMPORARY = ".part"
_STALE_SECONDS = 3600.0
_NEVER = float("-inf")


@dataclass(slots=True)
class _Entry:
    """A prompt on disk; `wav` is 0 for a joined one."""

    base: str
    alaw: int
    wav: int
    used_at: float
    checked_at: float

    @property
    def size(self) -> int:
        return self.alaw + self.wav


class StorageFault(Fault):
    """The disk refuses a prompt."""


class SoundCache:
    """Prompts by key in `<folder>/ab/<key>.wav` and `.alaw`, joined utterances in `.alaw` alone.

    Pinned keys stay for ever. Of the others, those of calls, the least recently used are dropped when they
    take too much room, and by `sweep` those that were not used for long. Several processes may share the
    folder: files appear whole, and the modification time of the `.alaw` is the last use.
    """

    def __init__(self, folder: Path, settings: CacheSettings, clock: Callable[[], float] = time.time) -> None:
        """Take stock of the folder.

        Args:
            folder: Made when it is not there.
            settings: Bounds.
            clock: Seconds since the epoch, comparable with times of files.
        """
        self._folder = folder.absolute()
        self._settings = settings
        self._clock = clock
        self._pinned: set[str] = set()
        self._kept: dict[str, _Entry] = {}
        self._of_calls: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes_of_calls = 0
        self._over_bound = False
        self._next_sweep = _NEVER
        self._names = count()
        self._take_stock()

    @property
    def bytes_of_calls(self) -> int:
        """Bytes of the prompts that are not pinned."""
        return self._bytes_of_calls

    def pin(self, keys: Iterable[str]) -> None:
        """Keep these whatever happens."""
        fresh = set(keys) - self._pinned
        self._pinned |= fresh
        for key in fresh & self._of_calls.keys():
            self._kept[key] = self._take_out_of_calls(key)

    def find(self, key: str) -> str | None:
        """Absolute path without extension of an intact prompt, or None.

        A known prompt costs no disk access but once a minute; a broken one is forgotten.
        """
        entry = self._entry(key)
        now = self._clock()
        if entry is None or now - entry.checked_at >= _CHECK_SECONDS:
            entry = self._look(key, entry, now)
            if entry is None:
                return None
        entry.used_at = now
        if key in self._of_calls:
            self._of_calls.move_to_end(key)
        return entry.base

    def find_joined(self, key: str) -> str | None:
        """The same of an utterance that this process has joined; no disk access when it has not.

        Raw samples do not tell whether a power cut has shortened them: those of an earlier process are not
        trusted, for joining them again is cheaper than checking.
        """
        entry = self._of_calls.get(key)
        return None if entry is None or entry.checked_at == _NEVER else self.find(key)

    def put(self, key: str, sound: Sound) -> str:
        """Store a prompt; returns its absolute path without extension.

        Raises:
            StorageFault: The disk is full or refuses.
        """
        return self._store(key, {".alaw": sound.alaw, ".wav": sound.wav})

    def put_joined(self, key: str, alaw: bytes) -> str:
        """Store a joined utterance as A-law samples; returns and raises as `put`."""
        return self._store(key, {".alaw": alaw})

    def read(self, key: str) -> bytes:
        """A-law samples of a prompt that was found.

        Raises:
            StorageFault: It has gone or was cut short since; it is forgotten.
        """
        entry = self._entry(key)
        path = Path(f"{self._base(key)}.alaw")
        try:
            samples = path.read_bytes()
        except OSError as error:
            self._forget(key)
            raise StorageFault(f"A prompt can't be read: {error.strerror}.", str(path)) from None
        if entry is None or len(samples) != entry.alaw:
            self._forget(key)
            raise StorageFault("A prompt has changed on disk.", str(path))
        return samples

    def sweep(self) -> None:
        """Drop what was not used for as long as the settings say; looks once an hour, a batch at a time."""
        now = self._clock()
        if now < self._next_sweep:
            return
        limit = now - max(self._settings.keep_hours * 3600, self._settings.guard_seconds)
        for _ in range(_SWEEP_BATCH):
            if not self._drop_oldest(limit):
                self._next_sweep = now + _SWEEP_SECONDS
                return

    def drop_unused(self, seconds: float) -> int:
        """Drop what is not pinned and was not used for so many seconds; returns how many were dropped."""
        limit = self._clock() - max(seconds, self._settings.guard_seconds)
        dropped = 0
        while self._drop_oldest(limit):
            dropped += 1
        return dropped

    # --- the index -------------------------------------------------------------------------------------

    def _entry(self, key: str) -> _Entry | None:
        return self._of_calls.get(key) or self._kept.get(key)

    def _remember(self, key: str, entry: _Entry) -> None:
        self._forget(key)
        if key in self._pinned:
            self._kept[key] = entry
        else:
            self._of_calls[key] = entry
            self._bytes_of_calls += entry.size

    def _forget(self, key: str) -> None:
        if key in self._of_calls:
            self._take_out_of_calls(key)
        else:
            self._kept.pop(key, None)

    def _take_out_of_calls(self, key: str) -> _Entry:
        entry = self._of_calls.pop(key)
        self._bytes_of_calls -= entry.size
        return entry

    # --- the disk --------------------------------------------------------------------------------------

    def _base(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _take_stock(self) -> None:
        """Know sizes and last uses of what is there; sweep what a crash has left half-written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        now = self._clock()
        for left in self._folder.glob(f"*/*{_TEMPORARY}"):
            if now - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink(missing_ok=True)
        found = sorted((path.stat().st_mtime, path) for path in self._folder.glob("*/*.alaw"))
        for used_at, path in found:
            base = path.with_suffix("")
            self._remember(base.name, _Entry(str(base), *_sizes(str(base)), used_at, checked_at=_NEVER))

    def _store(self, key: str, files: Mapping[str, bytes]) -> str:
        base = self._base(key)
        try:
            base.parent.mkdir(parents=True, exist_ok=True)
            for extension, content in files.items():
                write_whole(base.with_suffix(extension), content, next(self._names))
        except OSError as error:
            raise StorageFault(
                f"A prompt can't be stored: {error.strerror}.",
                str(self._folder),
                "Free space on this disk, or make the prompts folder writable.",
            ) from None
        now = self._clock()
        alaw, wav = len(files[".alaw"]), len(files.get(".wav", b""))
        self._remember(key, _Entry(str(base), alaw, wav, used_at=now, checked_at=now))
        self._shrink(now)
        return str(base)

    def _look(self, key: str, entry: _Entry | None, now: float) -> _Entry | None:
        base = str(self._base(key))
        sizes = _sizes(base)
        if entry is None or entry.checked_at == _NEVER:
            whole = bool(intact(Path(base)))
        else:
            whole = sizes == (entry.alaw, entry.wav)
        if not whole:
            if entry:
                self._forget(key)
                _log.warning("prompt_broken", key=key)
            return None
        try:
            os.utime(f"{base}.alaw", (now, now))
        except OSError:
            _log.warning("prompt_not_touched", key=key)
        fresh = _Entry(base, *sizes, used_at=now, checked_at=now)
        self._remember(key, fresh)
        return fresh

    # --- the bounds ------------------------------------------------------------------------------------

    def _shrink(self, now: float) -> None:
        bound = self._settings.max_megabytes * 1_000_000
        while self._bytes_of_calls > bound and self._drop_oldest(now - self._settings.guard_seconds):
            pass
        over_bound = self._bytes_of_calls > bound
        if over_bound and not self._over_bound:
            _log.warning("prompt_cache_over_bound", excess_bytes=self._bytes_of_calls - bound)
        self._over_bound = over_bound

    def _drop_oldest(self, limit: float) -> bool:
        """Drop the least recently used prompt of calls, unless somebody has used it since then."""
        while self._of_calls:
            key, entry = next(iter(self._of_calls.items()))
            if entry.used_at >= limit:
                return False
            entry.used_at = _last_use(entry)
            if entry.used_at < limit:
                self._drop(key)
                return True
            self._of_calls.move_to_end(key)
        return False

    def _drop(self, key: str) -> None:
        entry = self._take_out_of_calls(key)
        try:
            for extension in (".wav", ".alaw"):
                Path(entry.base + extension).unlink(missing_ok=True)
        except OSError as error:
            _log.warning("prompt_not_dropped", reason=error.strerror)


def write_whole(path: Path, content: bytes, number: int = 0) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part.

    Raises:
        OSError: The disk is full or refuses; what was there before is unharmed.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}-{number}{_TEMPORARY}")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _sizes(base: str) -> tuple[int, int]:
    """Bytes of the `.alaw` and of the `.wav`."""
    return _size(f"{base}.alaw"), _size(f"{base}.wav")


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _last_use(entry: _Entry) -> float:
    """The last use by any process."""
    try:
        return max(entry.used_at, Path(entry.base + ".alaw").stat().st_mtime)
    except OSError:
        return entry.used_at
