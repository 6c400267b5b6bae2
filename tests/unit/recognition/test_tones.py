"""Tones of answering machines, and all that is none."""

from __future__ import annotations

import asyncio
import audioop

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.speech.recognition.ports import FRAME_BYTES, SAMPLE_RATE, Slot, SpeechEnded, TurnOrder
from ivr.speech.recognition.tones import SILENCE_MS, TONE, ToneHearing, Tones

Samples = NDArray[np.float64]


def note(hertz: float, seconds: float, amplitude: float = 6000) -> Samples:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)


def hiss(seconds: float, amplitude: float = 30) -> Samples:
    return np.random.default_rng(5).normal(size=int(seconds * SAMPLE_RATE)) * amplitude


def voice(seconds: float) -> Samples:
    """Harmonics of a gliding pitch, loud and soft in turn."""
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 2 * np.pi * np.cumsum(130 + 25 * np.sin(2 * np.pi * 1.7 * at)) / SAMPLE_RATE
    loud = 2500 * (1 + np.sin(2 * np.pi * 4 * at)) / 2
    sound: Samples = loud * sum(np.sin(pitch * harmonic) / harmonic for harmonic in range(1, 12))
    return sound


def heard(*parts: Samples) -> Tones:
    """After this sound, over A-law."""
    tones = Tones()
    for frame in frames(*parts):
        tones.feed(frame)
    return tones


def frames(*parts: Samples) -> list[bytes]:
    pcm = np.clip(np.concatenate(parts), -32768, 32767).astype("<i2").tobytes()
    sound = audioop.alaw2lin(audioop.lin2alaw(pcm, 2), 2)
    return [sound[at : at + FRAME_BYTES] for at in range(0, len(sound), FRAME_BYTES)]


@pytest.mark.parametrize("hertz", [350, 440, 660, 850, 1000, 1400, 1700, 2000])
@pytest.mark.parametrize("seconds", [0.2, 1.0])
@pytest.mark.parametrize("amplitude", [600, 12_000])
def test_a_tone_after_a_greeting(hertz: float, seconds: float, amplitude: float) -> None:
    tone = note(hertz, seconds, amplitude)
    tone += hiss(seconds)[: tone.size]
    assert heard(voice(2.0), hiss(0.5), tone, hiss(0.2)).ended


def test_while_it_sounds_it_has_not_ended() -> None:
    assert not heard(hiss(0.3), note(1000, 0.5)).ended


@pytest.mark.parametrize(
    "sound", [voice(8.0), hiss(3.0, 4000), note(900, 0.06), note(150, 1.0), hiss(2.0, 30)]
)
def test_no_tone(sound: Samples) -> None:
    assert not heard(sound, hiss(0.3)).ended


def test_who_speaks_on_after_a_tone_has_not_begun_to_record() -> None:
    """As the three notes before an announcement."""
    notes = [note(hertz, 0.33) for hertz in (950, 1400, 1800)]
    assert not heard(*notes, hiss(0.2), voice(1.0)).ended


def turn_over(*parts: Samples, before: tuple[Samples, ...] = ()) -> tuple[list[object], float]:
    """What a turn came to, and after how many seconds of its sound."""
    tones = heard(*before) if before else Tones()
    turn = ToneHearing(tones).open(
        TurnOrder(number=1, slot=Slot.FREE, kind="tone", most_milliseconds=9000), "c"
    )
    told: list[object] = []
    passed = 0.0

    async def listen() -> None:
        told.extend([event async for event in turn.events()])

    async def run() -> None:
        nonlocal passed
        listening = asyncio.create_task(listen())
        await asyncio.sleep(0)
        for frame in frames(*parts):
            if listening.done():
                break
            tones.feed(frame)
            turn.feed(frame)
            passed += 0.02
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        turn.close()
        await listening

    asyncio.run(run())
    return told, passed


def test_a_turn_ends_with_the_tone() -> None:
    [event], seconds = turn_over(voice(1.0), hiss(0.5), note(1000, 0.4), hiss(5.0))
    assert isinstance(event, SpeechEnded)
    assert event.recognition.text == TONE
    assert 1.9 <= seconds <= 2.1


def test_a_tone_just_before_the_turn_counts() -> None:
    [event], seconds = turn_over(hiss(5.0), before=(voice(1.0), note(1000, 0.4), hiss(0.4)))
    assert isinstance(event, SpeechEnded)
    assert (event.recognition.text, seconds <= 0.1) == (TONE, True)


def test_without_a_tone_a_silence_ends_it() -> None:
    [event], seconds = turn_over(voice(1.0), hiss(9.0))
    assert isinstance(event, SpeechEnded)
    assert event.recognition.text == ""
    assert seconds == pytest.approx(1.0 + SILENCE_MS / 1000, abs=0.2)


def test_what_never_ends_is_bounded() -> None:
    [event], seconds = turn_over(voice(20.0))
    assert isinstance(event, SpeechEnded)
    assert seconds == pytest.approx(9.0, abs=0.1)
