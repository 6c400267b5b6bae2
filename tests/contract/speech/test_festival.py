"""The embedded voice itself: Festival with festvox-ru."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydub import AudioSegment

from ivr.speech.audio import RATE, master
from ivr.speech.building import build, open_library
from ivr.speech.russian import finite_pieces
from ivr.speech.settings import AudioSettings, FestivalSettings, SpeechSettings
from ivr.speech.voices import SpeechUnavailable, VoiceMissing
from ivr.speech.voices.festival import FestivalVoice

AUDIO = AudioSettings()
VOWELS = "аеёиоуыэюя"


@pytest.fixture
async def voice() -> AsyncIterator[FestivalVoice]:
    festival = FestivalVoice(FestivalSettings())
    yield festival
    await festival.close()


def loaded(wav: bytes) -> AudioSegment:
    return AudioSegment.from_file(io.BytesIO(wav), format="wav")


def process_of(voice: FestivalVoice) -> int:
    assert voice._process is not None
    return voice._process.pid


def program(folder: Path, script: str) -> FestivalSettings:
    """Settings with a shell script in the place of Festival."""
    path = folder / "festival"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return FestivalSettings(program=str(path), phrase_seconds=0.2, start_seconds=0.5)


async def test_a_phrase_is_telephone_sound(voice: FestivalVoice) -> None:
    sound = loaded(await voice.synthesise("Чтобы передать показания, нажмите один."))
    assert (sound.frame_rate, sound.channels, sound.sample_width) == (RATE, 1, 2)
    assert 2.0 < sound.duration_seconds < 5.0


async def test_one_process_serves_all_phrases_in_turn(voice: FestivalVoice) -> None:
    first = await voice.synthesise("да")
    pid = process_of(voice)
    sounds = await asyncio.gather(*(voice.synthesise(text) for text in ("нет", "да", "улица Ленина")))
    assert process_of(voice) == pid
    assert sounds[1] == first
    assert len(set(sounds)) == 3


async def test_every_piece_of_numbers_is_heard(voice: FestivalVoice) -> None:
    """No ear is here: length by syllables, level and headroom stand for it."""
    for piece in finite_pieces():
        syllables = sum(piece.count(vowel) for vowel in VOWELS)
        if not syllables:
            continue
        sound = loaded(master([await voice.synthesise(piece)], AUDIO).wav)
        spoken = sound.duration_seconds - 2 * AUDIO.edge_milliseconds / 1000
        assert 0.08 <= spoken / syllables <= 0.6, f"{piece}: {spoken:.2f} s"
        assert sound.dBFS == pytest.approx(AUDIO.level_dbfs, abs=1.0), piece
        assert sound.max_dBFS < AUDIO.peak_dbfs + 0.1, piece


@pytest.mark.parametrize("text", ["ё", "Ещё её ёлка", "из-за", "съезд", "Щ", "в", "д+оговор", "а, б; в: г!"])
async def test_odd_texts(voice: FestivalVoice, text: str) -> None:
    assert loaded(await voice.synthesise(text)).rms > 0


@pytest.mark.parametrize("text", ['да")(quit)("', "a", "5", "да\nда", "", "...", "да\\"])
async def test_what_could_be_read_as_scheme_never_reaches_festival(voice: FestivalVoice, text: str) -> None:
    with pytest.raises(SpeechUnavailable, match="can't say"):
        await voice.synthesise(text)
    assert voice._process is None


async def test_a_killed_process_is_replaced(voice: FestivalVoice) -> None:
    first = await voice.synthesise("да")
    os.kill(process_of(voice), signal.SIGKILL)
    assert await voice.synthesise("да") == first


async def test_a_frozen_process_is_ended_and_replaced() -> None:
    voice = FestivalVoice(FestivalSettings(phrase_seconds=0.5))
    first = await voice.synthesise("да")
    frozen = process_of(voice)
    os.kill(frozen, signal.SIGSTOP)
    with pytest.raises(SpeechUnavailable, match="too long"):
        await voice.synthesise("да")
    with pytest.raises(ProcessLookupError):
        os.kill(frozen, 0)
    assert await voice.synthesise("да") == first
    await voice.close()


async def test_a_cancelled_phrase_does_not_answer_for_the_next(voice: FestivalVoice) -> None:
    first = await voice.synthesise("да")
    long = asyncio.create_task(voice.synthesise("Чтобы передать показания, нажмите один. " * 3))
    await asyncio.sleep(0)
    long.cancel()
    assert await voice.synthesise("да") == first


async def test_closing_ends_the_process(voice: FestivalVoice) -> None:
    await voice.synthesise("да")
    pid = process_of(voice)
    await voice.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_without_work_the_process_ends_and_comes_back(tmp_path: Path) -> None:
    voice = FestivalVoice(FestivalSettings(idle_seconds=0.05))
    first = await voice.synthesise("да")
    process = voice._process
    assert process is not None
    await process.wait()
    assert voice._process is None
    assert await voice.synthesise("да") == first
    await voice.close()


async def test_no_festival() -> None:
    voice = FestivalVoice(FestivalSettings(program="/nonexistent/festival"))
    with pytest.raises(VoiceMissing, match="apt-get install festival festvox-ru"):
        await voice.synthesise("да")
    await voice.close()


async def test_no_such_voice() -> None:
    voice = FestivalVoice(FestivalSettings(voice="nobody"))
    with pytest.raises(VoiceMissing, match="nobody"):
        await voice.synthesise("да")
    await voice.close()


async def test_a_program_that_ends_by_itself(tmp_path: Path) -> None:
    voice = FestivalVoice(program(tmp_path, "exit 1"))
    with pytest.raises(VoiceMissing, match="ends by itself"):
        await voice.synthesise("да")
    await voice.close()


async def test_a_program_that_never_answers(tmp_path: Path) -> None:
    voice = FestivalVoice(program(tmp_path, "exec sleep 60"))
    with pytest.raises(SpeechUnavailable, match="too long"):
        await voice.synthesise("да")
    assert voice._process is None
    await voice.close()


async def test_a_phrase_that_fails_leaves_the_process_alive(tmp_path: Path) -> None:
    voice = FestivalVoice(
        program(tmp_path, "echo noise; echo ivr-done\nwhile read _; do echo ivr-failed; done")
    )
    for _ in range(2):
        with pytest.raises(SpeechUnavailable, match="can't speak a phrase"):
            await voice.synthesise("да")
    await voice.close()


async def test_the_whole_set_is_built(tmp_path: Path) -> None:
    texts = [("queue-wait", "Ожидайте, пожалуйста, ответа оператора."), (None, "Назовите номер.")]
    library = open_library(SpeechSettings(recorded_folder=tmp_path / "recorded"), tmp_path / "prompts", texts)
    report = await build(library, texts)
    await library.close()
    assert report.failed == {}
    assert report.made == len(list(finite_pieces())) + len(texts)
    again = await build(library, texts)
    assert again.made == 0
