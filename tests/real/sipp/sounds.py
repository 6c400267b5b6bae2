"""Sounds for tests: short, each unlike any other, so that one is never taken for another."""

from __future__ import annotations

import math
import random
from array import array

from tests.real.sipp.hearing import RATE, Recording

_LOUDNESS = (1500, 12_000)


def sweeps(seed: str, count: int = 5, seconds_each: float = 0.12) -> Recording:
    """Rising tones that swell and fade, louder and softer, chosen by a seed; no two moments alike."""
    dice = random.Random(seed)
    samples = array("h")
    for _ in range(count):
        samples.extend(_sweep(dice.uniform(300, 1500), dice.uniform(*_LOUDNESS), int(seconds_each * RATE)))
    return Recording(samples.tobytes())


def _sweep(hertz: float, loudness: float, count: int) -> list[int]:
    return [
        int(
            loudness
            * math.sin(math.pi * n / count)
            * math.sin(2 * math.pi * hertz * (1 + n / count) * n / RATE)
        )
        for n in range(count)
    ]
