"""Sound of the callers: how a voice varies, what surrounds it. Samples are float, -1 to 1, at 8 kHz."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
Samples = NDArray[np.float64]


def load(wav: Path | bytes) -> Samples:
    """Samples of a WAV file (8 kHz, mono, 16 bit)."""
    with wave.open(io.BytesIO(wav) if isinstance(wav, bytes) else str(wav)) as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if shape != (RATE, 1, 2):
            raise ValueError(f"8 kHz, mono, 16 bit is wanted, this is {shape}")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768.0


def save(samples: Samples, path: Path) -> Path:
    """Write a WAV file; peaks beyond full scale are clipped."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def silence(seconds: float) -> Samples:
    """Nothing."""
    return np.zeros(int(seconds * RATE))


def levelled(samples: Samples, dbfs: float) -> Samples:
    """The same, as loud on the whole as said (RMS of what is not silence)."""
    sound = samples[np.abs(samples) > 0.01 * np.abs(samples).max(initial=0)]
    rms = float(np.sqrt(np.mean(sound**2))) if sound.size else 0.0
    louder: Samples = samples * (10 ** (dbfs / 20) / rms if rms else 1.0)
    return louder


def trimmed(samples: Samples, below: float = 0.01) -> Samples:
    """Without the silence at both ends; `below` is of the highest peak."""
    loud = np.flatnonzero(np.abs(samples) > below * np.abs(samples).max(initial=0))
    sounding: Samples = samples[loud[0] : loud[-1] + 1] if loud.size else samples
    return sounding


def faster(samples: Samples, factor: float) -> Samples:
    """Another speaker: speed and pitch changed together (speed perturbation, Ko et al., Interspeech 2015)."""
    places = np.arange(0, len(samples) - 1, factor)
    moved: Samples = np.interp(places, np.arange(len(samples)), samples)
    return moved


def white(seconds: float, seed: int) -> Samples:
    """Hiss."""
    return np.random.default_rng(seed).normal(size=int(seconds * RATE))


def pink(seconds: float, seed: int) -> Samples:
    """Noise whose power falls with frequency: a street, a kitchen."""
    spectrum = np.fft.rfft(white(seconds, seed))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 1))
    noise: Samples = np.fft.irfft(spectrum, int(seconds * RATE))
    return noise


def babble(voices: list[Samples], seconds: float) -> Samples:
    """Many people at once, none to be understood."""
    length = int(seconds * RATE)
    turned = [np.roll(np.resize(levelled(voice, -20), length), 1777 * n) for n, voice in enumerate(voices)]
    crowd: Samples = np.sum(turned, axis=0)
    return crowd


def mixed(speech: Samples, noise: Samples, snr_db: float) -> Samples:
    """Speech over noise; the ratio is that of their loudness where they sound."""
    surroundings = levelled(np.resize(noise, speech.size), _loudness(speech) - snr_db)
    return speech + surroundings


def _loudness(samples: Samples) -> float:
    sound = samples[np.abs(samples) > 0.01 * np.abs(samples).max(initial=0)]
    return float(20 * np.log10(np.sqrt(np.mean(sound**2)))) if sound.size else -96.0
