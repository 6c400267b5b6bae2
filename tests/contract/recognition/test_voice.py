"""The real network on real sound: human digits of Debian's Russian sounds, and noise."""

from __future__ import annotations

import random
import wave
from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.speech.recognition import vad
from ivr.speech.recognition.settings import VoiceSettings
from ivr.speech.recognition.vad import WINDOW_BYTES, Silero

SOUNDS = Path(".cache/asterisk-root/usr/share/asterisk/sounds/ru/digits")
SECOND = 8000 * 2
DETECTORS = pytest.mark.parametrize("detector", ["onnx", "pysilero"])


def whole_windows(pcm: bytes) -> bytes:
    return pcm[: len(pcm) // WINDOW_BYTES * WINDOW_BYTES]


def noise(level: int, seconds: float = 2.0) -> bytes:
    draw = random.Random(7)
    return b"".join(
        draw.randrange(-level, level + 1).to_bytes(2, "little", signed=True)
        for _ in range(int(seconds * 8000))
    )


@DETECTORS
@pytest.mark.parametrize("digit", [1, 2, 5, 8])
def test_a_spoken_digit_is_a_voice(detector: str, digit: int) -> None:
    file = SOUNDS / f"{digit}.wav"
    if not file.exists():
        pytest.skip("no Asterisk on this machine yet: run `ivr asterisk prepare`")
    with wave.open(str(file)) as reader:
        pcm = reader.readframes(reader.getnframes())
    found = Silero(VoiceSettings.model_validate({"detector": detector})).detector()
    probabilities = found.probabilities(whole_windows(bytes(SECOND) + pcm + bytes(SECOND)))
    voiced = [one >= 0.5 for one in probabilities]
    assert not any(voiced[:28])
    assert sum(voiced) >= 5, "160 ms"
    assert not any(voiced[-25:])


@DETECTORS
@pytest.mark.parametrize("level", [0, 30, 600, 8000])
def test_noise_is_no_voice(detector: str, level: int) -> None:
    found = Silero(VoiceSettings.model_validate({"detector": detector})).detector()
    probabilities = found.probabilities(whole_windows(noise(level)))
    assert sum(one >= 0.5 for one in probabilities) <= 3


def test_turns_do_not_disturb_each_other() -> None:
    model = Silero(VoiceSettings())
    pcm = whole_windows(noise(2000))
    alone = model.detector().probabilities(pcm)
    first, second = model.detector(), model.detector()
    mixed: list[float] = []
    for place in range(0, len(pcm), 2 * WINDOW_BYTES):
        mixed += first.probabilities(pcm[place : place + 2 * WINDOW_BYTES])
        second.probabilities(whole_windows(noise(9000, 0.1)))
    assert mixed == pytest.approx(alone, abs=1e-4)


def test_without_the_network_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vad, "_MODEL_PACKAGE", "no_such_package")
    with pytest.raises(Fault) as told:
        Silero(VoiceSettings())
    assert "pysilero" in told.value.fix
