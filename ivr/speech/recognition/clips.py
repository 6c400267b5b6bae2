"""The sound of single speeches, for the review of what was not understood. It is personal data.

A speech lies in `pending/` until it is known whether it was understood: the recogniser does not know. What is
not kept by then is dropped.
"""

from __future__ import annotations

import io
import re
import time
import uuid
import wave
from collections.abc import Callable
from pathlib import Path

from ivr.speech.cache import write_whole
from ivr.speech.recognition.ports import SAMPLE_RATE

_ID = re.compile(r"[0-9a-f]{32}")
_PENDING = "pending"


class Clips:
    """A folder of WAV files, 16 bit, 8 kHz, named by random ids."""

    def __init__(self, folder: Path, pending_seconds: float, clock: Callable[[], float] = time.time) -> None:
        """Use the folder; it need not exist yet.

        Args:
            folder: For the kept sound.
            pending_seconds: How long a speech waits for `keep`.
            clock: Seconds since the epoch.
        """
        self._folder = folder.absolute()
        self._pending_seconds = pending_seconds
        self._clock = clock

    def add(self, pcm: bytes) -> str:
        """Store a speech that may be kept; its id. Drops those that waited too long.

        Raises:
            OSError: The disk refuses.
        """
        clip = uuid.uuid4().hex
        pending = self._folder / _PENDING
        pending.mkdir(parents=True, exist_ok=True)
        self._sweep(pending)
        write_whole(pending / f"{clip}.wav", _as_wav(pcm))
        return clip

    def keep(self, clip: str) -> Path | None:
        """Keep a speech for review; its file, or None when it is gone."""
        pending, kept = self._files(clip)
        try:
            pending.replace(kept)
        except OSError:
            return kept if kept.is_file() else None
        return kept

    def drop(self, clip: str) -> None:
        """The speech was understood, or reviewed."""
        for file in self._files(clip):
            file.unlink(missing_ok=True)

    def file(self, clip: str) -> Path | None:
        """The file of a kept speech."""
        kept = self._files(clip)[1]
        return kept if kept.is_file() else None

    def _files(self, clip: str) -> tuple[Path, Path]:
        if not _ID.fullmatch(clip):
            raise ValueError("no id of a clip")
        return self._folder / _PENDING / f"{clip}.wav", self._folder / f"{clip}.wav"

    def _sweep(self, pending: Path) -> None:
        oldest = self._clock() - self._pending_seconds
        for file in pending.glob("*.wav"):
            if _written_at(file) < oldest:
                file.unlink(missing_ok=True)


def _written_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # another process was quicker
        return 0.0


def _as_wav(pcm: bytes) -> bytes:
    with io.BytesIO() as target:
        with wave.open(target, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(SAMPLE_RATE)
            writer.writeframes(pcm)
        return target.getvalue()
