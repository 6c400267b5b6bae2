"""A voice that hums, a clock that is set."""

from __future__ import annotations

import asyncio
import io
import time

from pydub import AudioSegment
from pydub.generators import Sine


def tone(seconds: float = 0.3, hertz: int = 440, dbfs: float = -12.0, rate: int = 8000) -> bytes:
    silence = AudioSegment.silent(200, frame_rate=rate)
    sound = Sine(hertz, sample_rate=rate).to_audio_segment(seconds * 1000, volume=dbfs)
    with io.BytesIO() as target:
        (silence + sound + silence).export(target, format="wav")
        return target.getvalue()


class HummingVoice:
    def __init__(self, identity: str = "hum/1") -> None:
        self._id = identity
        self.asked: list[str] = []
        self.began = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.closed = False

    @property
    def id(self) -> str:
        return self._id

    async def synthesise(self, text: str) -> bytes:
        self.asked.append(text)
        self.began.set()
        await self.gate.wait()
        if self.failure:
            raise self.failure
        return tone(0.05 * len(text.split()))

    async def close(self) -> None:
        self.closed = True


class SetClock:
    """Begins now, for the times of files are real."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now
