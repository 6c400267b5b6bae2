"""Speech to play: phrases of the embedded voice as a telephone carries them."""

from __future__ import annotations

import audioop  # on Python 3.13: audioop-lts
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ivr.speech.audio import master
from ivr.speech.recognition.ports import SAMPLE_RATE
from ivr.speech.settings import SpeechSettings
from ivr.speech.voices.festival import FestivalVoice

PROMPT_SECONDS = 2.0
"""Noise of the line before the speech: while a short prompt is played."""

NO_PROMPT_SECONDS = 0.6
"""The same where speech follows speech."""

_TAIL_SECONDS = 6.0
_NOISE = 180  # about -50 dBFS
_QUIET = 10 ** (-45 / 20) * 32768
_STEP = SAMPLE_RATE // 100


@dataclass(frozen=True, slots=True)
class Spoken:
    """A phrase on a line with a little noise, which goes on long after it.

    Attributes:
        pcm: As `ivr.speech.recognition.ports` has it.
        begins: Of the speech, seconds of the sound.
        ends: The same.
    """

    pcm: bytes
    begins: float
    ends: float

    def sooner(self) -> Spoken:
        """Without a prompt before it."""
        seconds = PROMPT_SECONDS - NO_PROMPT_SECONDS
        return Spoken(
            self.pcm[round(seconds * SAMPLE_RATE) * 2 :], self.begins - seconds, self.ends - seconds
        )

    def cut(self, tail_seconds: float) -> bytes:
        """The sound with so much noise behind the speech."""
        return self.pcm[: round((self.ends + tail_seconds) * SAMPLE_RATE) * 2]


async def speak(phrases: Sequence[str], settings: SpeechSettings) -> list[Spoken]:
    """Have the phrases spoken, through A-law.

    Raises:
        SpeechUnavailable: The voice is missing.
    """
    voice = FestivalVoice(settings.festival)
    try:
        waves = [await voice.synthesise(phrase) for phrase in phrases]
    finally:
        await voice.close()
    return [on_a_line(master([wave], settings.audio).alaw, seed) for seed, wave in enumerate(waves)]


def on_a_line(alaw: bytes, seed: int) -> Spoken:
    """A phrase with the noise of a line around it; the same for the same seed."""
    said = np.frombuffer(audioop.alaw2lin(alaw, 2), dtype="<i2").astype(np.int32)
    before, after = round(PROMPT_SECONDS * SAMPLE_RATE), round(_TAIL_SECONDS * SAMPLE_RATE)
    whole = np.pad(said, (before, after))
    noise = np.random.default_rng(seed).integers(-_NOISE, _NOISE, len(whole))
    pcm = np.clip(whole + noise, -32768, 32767).astype("<i2").tobytes()
    begins, ends = _edges(said)
    return Spoken(
        audioop.alaw2lin(audioop.lin2alaw(pcm, 2), 2), PROMPT_SECONDS + begins, PROMPT_SECONDS + ends
    )


def _edges(said: np.ndarray[tuple[int], np.dtype[np.int32]]) -> tuple[float, float]:
    """First and last 10 ms that are louder than -45 dBFS, seconds."""
    steps = said[: len(said) // _STEP * _STEP].reshape(-1, _STEP).astype(np.float64)
    loud = np.flatnonzero(np.sqrt(np.mean(np.square(steps), axis=1)) > _QUIET)
    return float(loud[0]) / 100, float(loud[-1] + 1) / 100
