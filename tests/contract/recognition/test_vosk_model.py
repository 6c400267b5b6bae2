"""Vosk with a real model: Korean, a dynamic graph. What it hears is Russian: only its manners count."""

from __future__ import annotations

import asyncio
import json
import os
import wave
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from ivr.commands import speech
from ivr.settings import load
from ivr.speech.recognition.grammars import GrammarStore
from ivr.speech.recognition.hearing import RecognitionService
from ivr.speech.recognition.ports import RecogniserFailed, Slot, SpeechEnded, TurnOrder
from ivr.speech.recognition.settings import RecognitionSettings
from ivr.speech.recognition.vad import Silero
from ivr.speech.recognition.vosk import VoskRecogniser
from tests.unit.recognition.fakes import sound

MODELS = Path(os.environ.get("IVR_SPEECH__MODELS__FOLDER", ".cache/models"))
MODEL = MODELS / "vosk-ko"
SOUNDS = Path(".cache/asterisk-root/usr/share/asterisk/sounds/ru")
GRAMMAR = ("일", "이", "삼", "사", "오", "육", "칠", "팔", "구", "영", "예", "아니요", "오 예")
WORDS = {word for phrase in GRAMMAR for word in phrase.split()}

pytestmark = [
    pytest.mark.skipif(not MODEL.is_dir(), reason="the model is not installed: `ivr models install vosk-ko`"),
    pytest.mark.skipif(not SOUNDS.is_dir(), reason="no sounds yet: run `ivr asterisk prepare`"),
]


@pytest.fixture(scope="module")
def vosk() -> VoskRecogniser:
    return VoskRecogniser(MODEL, alternatives=3)


def talk() -> bytes:
    with wave.open(str(SOUNDS / "agent-pass.wav")) as reader:
        return bytes(reader.readframes(reader.getnframes()))


def test_partials_come_while_it_listens(vosk: VoskRecogniser) -> None:
    stream = vosk.stream(GRAMMAR)
    partials = [stream.accept(talk()[place : place + 1600]) for place in range(0, len(talk()), 1600)]
    assert partials[0] == ""
    assert len(partials[-1].split()) >= 2
    final = stream.finish()
    assert final.text
    assert 0 < final.confidence <= 1
    assert 1 <= len(final.alternatives) <= 3
    assert len({final.text, *(one.text for one in final.alternatives)}) == len(final.alternatives) + 1


@pytest.mark.parametrize("chunk", [160, 1600, 1_000_000])
def test_nothing_outside_the_grammar_is_heard(vosk: VoskRecogniser, chunk: int) -> None:
    stream = vosk.stream(GRAMMAR)
    for place in range(0, len(talk()), chunk):
        assert set(stream.accept(talk()[place : place + chunk]).split()) <= WORDS
    heard = stream.finish()
    texts = (heard.text, *(one.text for one in heard.alternatives))
    assert set(" ".join(texts).split()) <= WORDS


def test_free_speech_is_not_held_to_a_grammar(vosk: VoskRecogniser) -> None:
    stream = vosk.stream(None)
    stream.accept(talk()[:16000])
    assert set(stream.finish().text.split()) - WORDS


def test_silence_and_nothing_at_all_are_empty(vosk: VoskRecogniser) -> None:
    silent = vosk.stream(GRAMMAR)
    silent.accept(sound(0, 1000))
    assert silent.finish().text == vosk.stream(GRAMMAR).finish().text == vosk.stream(None).finish().text == ""


def test_missing_words_are_left_out_and_told_once(vosk: VoskRecogniser) -> None:
    assert vosk.missing(("예 оператор", "아니요")) == ["оператор"]
    with capture_logs() as logs:
        for phrases in (("예 оператор", "아니요"), ("예", "оператор")):
            stream = vosk.stream(phrases)
            stream.accept(talk())
            assert set(stream.finish().text.split()) <= {"예", "아니요"}
    assert [(log["event"], log["count"]) for log in logs] == [("words_not_in_model", 1)]
    assert "оператор" not in str(logs), "words may be streets of callers"


def test_a_grammar_of_which_nothing_is_known_fails(vosk: VoskRecogniser) -> None:
    with pytest.raises(RecogniserFailed):
        vosk.stream(("совсем", "другое"))


async def test_through_the_service_the_words_of_a_turn(vosk: VoskRecogniser, tmp_path: Path) -> None:
    """Twenty callers at once; sound as it comes from Asterisk."""
    settings = RecognitionSettings(grammars_folder=tmp_path)
    grammar = GrammarStore(tmp_path).put(GRAMMAR)
    service = RecognitionService(
        {Slot.CLOSED: vosk, Slot.FREE: vosk}, Silero(settings.voice), settings, lambda _: None
    )
    pcm = sound(0, 1000) + talk() + sound(0, 1500)

    async def call(number: int) -> str:
        turn = service.open(
            TurnOrder(number=1, slot=Slot.CLOSED, grammar=grammar, kind="choice"), f"call-{number}"
        )
        for place in range(0, len(pcm), 320):
            turn.feed(pcm[place : place + 320])
            await asyncio.sleep(0)
        ended = [event async for event in turn.events()][-1]
        assert isinstance(ended, SpeechEnded)
        return ended.recognition.text

    async with asyncio.timeout(60):
        texts = await asyncio.gather(*(call(number) for number in range(20)))
    await service.close()
    assert all(set(text.split()) <= WORDS and text for text in texts)


def test_the_command_recognises_files(
    vosk: VoskRecogniser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "load", lambda *choice: vosk)
    grammar = tmp_path / "grammar.txt"
    grammar.write_text("\n".join(GRAMMAR), encoding="utf-8")
    files = [str(SOUNDS / "agent-pass.wav"), str(SOUNDS / "digits/5.wav")]
    ran = CliRunner().invoke(
        speech.app,
        ["transcribe", *files, "--engine", str(MODEL), "--grammar", str(grammar), "--format", "json"],
        obj=load(),
    )
    assert ran.exit_code == 0, ran.output
    results = json.loads(ran.stdout)["results"]
    assert [one["file"] for one in results] == files
    assert set(results[0]["text"].split()) <= WORDS
    assert results[0]["seconds_audio"] == pytest.approx(2.238, abs=0.001)
    assert results[0]["seconds_cpu"] > 0
