"""The slow variant of an utterance, for callers who asked for it (accessibility: omsk L1441–1516)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

from ivr.speech.cache import SoundCache
from ivr.speech.voices import SpeechUnavailable

_FORMAT = ("-f", "alaw", "-ar", "8000")


class Slower:
    """Stretches finished utterances in time without changing their pitch, by ffmpeg's `atempo`.

    A stretched utterance belongs to the bounded, ageing part of the cache.
    """

    def __init__(self, cache: SoundCache, tempo: float, program: str = "ffmpeg") -> None:
        """Stretch within a cache.

        Args:
            cache: Holds the stretched utterances.
            tempo: Speed against the usual one, 0.5 to 1.
            program: ffmpeg.
        """
        self._cache = cache
        self._tempo = tempo
        self._program = program

    def find(self, keys: Sequence[str]) -> str | None:
        """Path without extension of the stretched utterance when it is there."""
        return self._cache.find_joined(self._key(keys))

    async def stretch(self, keys: Sequence[str], path: str) -> str:
        """Make the stretched utterance of a finished one.

        Args:
            keys: Of its pieces.
            path: The finished one, without extension.

        Raises:
            SpeechUnavailable: ffmpeg is missing or failed.
            StorageFault: The disk refuses.
        """
        samples = await asyncio.to_thread(Path(f"{path}.alaw").read_bytes)
        return self._cache.put_joined(self._key(keys), await self._stretched(samples))

    async def _stretched(self, samples: bytes) -> bytes:
        command = (*_FORMAT, "-i", "pipe:", "-af", f"atempo={self._tempo}", *_FORMAT, "pipe:")
        try:
            process = await asyncio.create_subprocess_exec(
                self._program,
                "-v",
                "error",
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise SpeechUnavailable(
                f"ffmpeg can't be started: {error.strerror}.", self._program, "Install it (ivr doctor)."
            ) from error
        stretched, _ = await process.communicate(samples)
        if process.returncode != 0 or not stretched:
            raise SpeechUnavailable("ffmpeg could not stretch an utterance.", self._program)
        return stretched

    def _key(self, keys: Sequence[str]) -> str:
        return hashlib.sha256(f"{self._tempo} {'+'.join(keys)}".encode()).hexdigest()[:32]
