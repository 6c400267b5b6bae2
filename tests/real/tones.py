"""Notes: each telephone whistles its own, so that ears and recordings tell who is there."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path
from typing import Final

RATE: Final = 8000
"""Samples per second."""
AMPLITUDE: Final = 9000
LOUD: Final = 1500
"""Amplitude from which a note is there."""


def whistle(hertz: int, seconds: float, amplitude: int = AMPLITUDE) -> array[int]:
    """A note."""
    return array(
        "h", (int(amplitude * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(int(seconds * RATE)))
    )


def write_whistle(file: Path, hertz: int, seconds: float, amplitude: int = AMPLITUDE) -> Path:
    """A WAV file with a note; its folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(whistle(hertz, seconds, amplitude).tobytes())
    return file


def loudness(samples: array[int], hertz: int) -> float:
    """Amplitude of a note in some sound (Goertzel)."""
    if not samples:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * hertz / RATE)
    one, two = 0.0, 0.0
    for sample in samples:
        one, two = sample + factor * one - two, one
    return 2 * math.sqrt(max(one * one + two * two - factor * one * two, 0)) / len(samples)


def seconds_of(samples: array[int], hertz: int) -> float:
    """For how long a note is heard in some sound."""
    chunk = RATE // 10
    starts = range(0, len(samples) - chunk + 1, chunk)
    return sum(loudness(samples[start : start + chunk], hertz) > LOUD for start in starts) / 10
