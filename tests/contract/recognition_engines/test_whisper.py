"""Whisper itself, on the embedded voice through A-law."""

from __future__ import annotations

import asyncio
import audioop
import io
import wave
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from ivr.errors import Fault
from ivr.speech.models.settings import WhisperSettings
from ivr.speech.recognition.ports import FRAME_BYTES, Recognition
from ivr.speech.recognition.whisper import WhisperRecogniser
from ivr.speech.settings import FestivalSettings
from ivr.speech.voices.festival import FestivalVoice

FOLDER = Path(__file__).parents[3] / ".cache/models/whisper-base"
needs_model = pytest.mark.skipif(
    not (FOLDER / "model.bin").exists(), reason="whisper-base is not installed: make models"
)

NUMERALS = (
    *("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять"),
    *("двенадцать", "двадцать", "тридцать", "сорок", "сто", "двести", "триста", "тысяч"),
    *("да", "нет", "оператор"),
)
MENU = ("да", "нет", "да верно", "передать показания", "узнать баланс", "соедините с оператором", "повторите")
SAID = ("Да верно.", "Передать показания.", "Двенадцать триста сорок пять.", "Сколько я должен за свет.")


@pytest.fixture(scope="module")
def recogniser() -> WhisperRecogniser:
    return WhisperRecogniser(FOLDER, WhisperSettings(threads=1, workers=2))


@pytest.fixture(scope="module")
def sounds() -> Mapping[str, bytes]:
    return asyncio.run(spoken(SAID))


async def spoken(texts: tuple[str, ...]) -> Mapping[str, bytes]:
    """What the voice says, as it comes over a telephone line: PCM of 8 kHz through A-law."""
    voice = FestivalVoice(FestivalSettings())
    try:
        return {text: telephone(await voice.synthesise(text)) for text in texts}
    finally:
        await voice.close()


def telephone(wav: bytes) -> bytes:
    with wave.open(io.BytesIO(wav)) as sound:
        pcm = sound.readframes(sound.getnframes())
    return audioop.alaw2lin(audioop.lin2alaw(pcm, 2), 2)


def heard(recogniser: WhisperRecogniser, pcm: bytes, phrases: tuple[str, ...] | None) -> Recognition:
    stream = recogniser.stream(phrases)
    for start in range(0, len(pcm), FRAME_BYTES):
        assert stream.accept(pcm[start : start + FRAME_BYTES]) == ""
    return stream.finish()


@needs_model
def test_free_speech_is_heard(recogniser: WhisperRecogniser, sounds: Mapping[str, bytes]) -> None:
    result = heard(recogniser, sounds[SAID[3]], None)
    assert result.text == "сколько я должен за свет"
    assert result.confidence > 0.8


@needs_model
@pytest.mark.parametrize(
    ("said", "phrases", "text"),
    [
        (SAID[0], MENU, "да верно"),
        (SAID[1], MENU, "передать показания"),
        (SAID[2], NUMERALS, "двенадцать триста сорок пять"),
    ],
)
def test_an_answer_becomes_the_phrase_that_it_was(
    recogniser: WhisperRecogniser,
    sounds: Mapping[str, bytes],
    said: str,
    phrases: tuple[str, ...],
    text: str,
) -> None:
    result = heard(recogniser, sounds[said], phrases)
    assert result.text == text
    assert result.confidence > 0.5
    assert result.alternatives


@needs_model
@pytest.mark.parametrize("said", [SAID[2], SAID[3]])
def test_something_else_is_not_bent_into_a_phrase(
    recogniser: WhisperRecogniser, sounds: Mapping[str, bytes], said: str
) -> None:
    free = heard(recogniser, sounds[said], ("да", "нет", "повторите"))
    assert free.text not in ("", "да", "нет", "повторите")
    assert free.alternatives == ()


@needs_model
@pytest.mark.parametrize("loudness", [0, 100, 3000])
@pytest.mark.parametrize("phrases", [None, MENU])
def test_silence_and_noise_are_no_words(
    recogniser: WhisperRecogniser, loudness: int, phrases: tuple[str, ...] | None
) -> None:
    random = Random(5)
    samples = [int(random.gauss(0, 1) * loudness) for _ in range(8000)]
    noise = b"".join(max(-32768, min(32767, one)).to_bytes(2, "little", signed=True) for one in samples)
    assert heard(recogniser, noise, phrases).text == ""


@needs_model
def test_nothing_is_no_word(recogniser: WhisperRecogniser) -> None:
    assert recogniser.stream(None).finish() == Recognition("", 0.0)


@needs_model
def test_utterances_of_many_callers_do_not_mix(
    recogniser: WhisperRecogniser, sounds: Mapping[str, bytes]
) -> None:
    wanted = [(SAID[0], "да верно"), (SAID[1], "передать показания")] * 2
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda one: heard(recogniser, sounds[one[0]], MENU).text, wanted))
    assert results == [text for _, text in wanted]


def test_a_folder_that_is_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no model of whisper") as fault:
        WhisperRecogniser(tmp_path)
    assert "ivr models list" in fault.value.fix


def test_a_broken_model_is_told(tmp_path: Path) -> None:
    for name in ("model.bin", "tokenizer.json", "config.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(Fault, match="can't be loaded"):
        WhisperRecogniser(tmp_path)
