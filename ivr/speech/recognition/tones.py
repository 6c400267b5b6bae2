"""The tone of an answering machine: one steady note between the end of its greeting and the recording.

The tones of machines differ (300 to 2000 Hz, a tenth of a second to one second), so no note is looked for: a
sound is a tone when nearly all of its power lies around one frequency and neither frequency nor loudness
changes for a while. Voices glide, and have harmonics. Pure: no I/O, the time is that of the sound.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from ivr.speech.recognition.ports import (
    FRAME_BYTES,
    FRAME_MILLISECONDS,
    SAMPLE_RATE,
    OpenTurn,
    Recognition,
    SpeechEnded,
    TurnEvent,
    TurnOrder,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

TONE: Final = "tone"
"""Text of a turn that has heard one."""

_LEAST_MS: Final = 100
_QUIET_RMS: Final = 100.0
"""Below it (of 32768) nothing sounds: the noise of a line."""

_PURE: Final = 0.93
"""Share of the power around one frequency from which it is a tone."""

_LOWEST_HZ, _HIGHEST_HZ = 300, 2200
_SAME_HZ: Final = 12.0
_SAME_LOUDNESS: Final = 1.25
_AROUND: Final = 2
"""Bins of the spectrum at either side of the peak that belong to it."""

_SPOKEN_MS: Final = 300
"""So much other sound after a tone: it was none, the machine speaks on."""

SILENCE_MS: Final = 3000
"""Silence in which the tone was due: the machine records without one, or it was missed."""


class Tones:
    """Follows the sound of one call.

    Attributes:
        ended: Whether a tone has ended, and nothing was said since.
        silent_ms: For how long nothing has sounded.
    """

    def __init__(self) -> None:
        self.ended = False
        self.silent_ms = 0
        self._rest = b""
        self._before: Samples | None = None
        self._last: tuple[float, float] | None = None
        self._steady_ms = 0
        self._spoken_ms = 0

    def feed(self, pcm: bytes) -> None:
        """Take sound of any length."""
        import numpy as np

        sound = self._rest + pcm
        whole = len(sound) // FRAME_BYTES * FRAME_BYTES
        self._rest = sound[whole:]
        for at in range(0, whole, FRAME_BYTES):
            self._frame(np.frombuffer(sound[at : at + FRAME_BYTES], dtype="<i2").astype(np.float64))

    def _frame(self, samples: Samples) -> None:
        import numpy as np

        before, self._before = self._before, samples
        loudness = float(np.sqrt(np.mean(np.square(samples - samples.mean()))))
        if loudness < _QUIET_RMS:
            self.silent_ms += FRAME_MILLISECONDS
            self._over()
            return
        self.silent_ms = 0
        hertz = None if before is None else _note(np.concatenate((before, samples)))
        if hertz is None:
            self._over()
            self._spoke()
        else:
            self._sounded(hertz, loudness)

    def _sounded(self, hertz: float, loudness: float) -> None:
        last, self._last = self._last, (hertz, loudness)
        if last is not None and not _same(last, (hertz, loudness)):
            self._over()
            self._spoke()
            return
        self._steady_ms += FRAME_MILLISECONDS

    def _over(self) -> None:
        """Whatever note has sounded sounds no more."""
        if self._steady_ms >= _LEAST_MS:
            self.ended, self._spoken_ms = True, 0
        self._steady_ms, self._last = 0, None

    def _spoke(self) -> None:
        self._spoken_ms += FRAME_MILLISECONDS
        if self._spoken_ms >= _SPOKEN_MS:
            self.ended, self._spoken_ms = False, 0


class ToneHearing:
    """A `Hearing` that listens for the tone of a machine in sound that `Tones` is following."""

    def __init__(self, tones: Tones) -> None:
        self._tones = tones

    def open(self, order: TurnOrder, call_id: str) -> OpenTurn:
        """Begin to listen; see `Hearing`."""
        return _ToneTurn(self._tones, order.most_milliseconds)


class _ToneTurn:
    """Ends when a tone has ended, also just before it began; or when nothing has sounded for `SILENCE_MS`."""

    def __init__(self, tones: Tones, most_ms: int) -> None:
        self._tones = tones
        self._most_ms = most_ms
        self._passed_ms = 0.0
        self._events: asyncio.Queue[TurnEvent | None] = asyncio.Queue()
        self._over = False

    def feed(self, pcm: bytes) -> None:
        """Time passes with the sound; see `OpenTurn`."""
        if self._over:
            return
        self._passed_ms += len(pcm) / 2 * 1000 / SAMPLE_RATE
        silent_ms = min(self._tones.silent_ms, self._passed_ms)
        if self._tones.ended:
            self._end(TONE)
        elif silent_ms >= SILENCE_MS or self._passed_ms >= self._most_ms:
            self._end("")

    async def events(self) -> AsyncIterator[TurnEvent]:
        """What happens; see `OpenTurn`."""
        while (event := await self._events.get()) is not None:
            yield event

    def close(self) -> None:
        """Nobody listens any more; see `OpenTurn`."""
        self._over = True
        self._events.put_nowait(None)

    def _end(self, text: str) -> None:
        self._events.put_nowait(SpeechEnded(Recognition(text, 1.0)))
        self.close()


def _note(samples: Samples) -> float | None:
    """The frequency of a sound that has only one, hertz."""
    import numpy as np

    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    spectrum[:3] = 0.0
    peak = int(np.argmax(spectrum))
    places = np.arange(max(0, peak - _AROUND), min(len(spectrum), peak + _AROUND + 1))
    around = spectrum[places]
    if float(around.sum()) < _PURE * float(spectrum.sum()):
        return None
    hertz = float(np.average(places, weights=around)) * SAMPLE_RATE / len(samples)
    return hertz if _LOWEST_HZ <= hertz <= _HIGHEST_HZ else None


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    (hertz, loudness), (next_hertz, next_loudness) = one, other
    steady = 1 / _SAME_LOUDNESS <= next_loudness / loudness <= _SAME_LOUDNESS
    return steady and abs(next_hertz - hertz) <= _SAME_HZ
