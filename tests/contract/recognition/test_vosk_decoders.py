"""Decoders of vosk that hear one utterance after another, with a real model without its random dither."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import vosk

from ivr.speech.recognition import vosk as recognition_vosk
from ivr.speech.recognition.ports import Recognition
from ivr.speech.recognition.vosk import VoskRecogniser

MODEL = Path(os.environ.get("IVR_SPEECH__MODELS__FOLDER", ".cache/models")) / "vosk-ko"
SOUNDS = Path(".cache/asterisk-root/usr/share/asterisk/sounds/ru")
GRAMMAR = ("일", "이", "삼", "사", "오", "육", "칠", "팔", "구", "영", "예", "아니요")
FILES = ("agent-pass", "digits/5", "activated")

pytestmark = [
    pytest.mark.skipif(not MODEL.is_dir(), reason="the model is not installed: `ivr models install vosk-ko`"),
    pytest.mark.skipif(not SOUNDS.is_dir(), reason="no sounds yet: run `ivr asterisk prepare`"),
]


@pytest.fixture(scope="module", autouse=True)
def loaded_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recognition_vosk, "_load", cache(recognition_vosk._load))
        yield


@pytest.fixture(scope="module")
def undithered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model, made deterministic."""
    folder = tmp_path_factory.mktemp("model")
    for part in ("am", "graph", "ivector"):
        (folder / part).symlink_to((MODEL / part).absolute())
    (folder / "conf").mkdir()
    for name in ("mfcc.conf", "model.conf"):
        (folder / "conf" / name).write_text((MODEL / "conf" / name).read_text())
    with (folder / "conf" / "mfcc.conf").open("a") as options:
        options.write("\n--dither=0\n")
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The decoders that the library has made since."""
    found: list[object] = []
    make = vosk.KaldiRecognizer

    def noting(*arguments: Any) -> Any:
        found.append(make(*arguments))
        return found[-1]

    monkeypatch.setattr(vosk, "KaldiRecognizer", noting)
    return found


def hear(recogniser: VoskRecogniser, name: str, phrases: tuple[str, ...] | None) -> Recognition:
    with wave.open(str(SOUNDS / f"{name}.wav")) as reader:
        pcm = reader.readframes(reader.getnframes())
    stream = recogniser.stream(phrases)
    for place in range(0, len(pcm), 3200):
        stream.accept(pcm[place : place + 3200])
    return stream.finish()


@pytest.mark.parametrize("phrases", [GRAMMAR, None])
def test_an_utterance_leaves_no_trace_in_the_next(
    undithered: Path, made: list[object], phrases: tuple[str, ...] | None
) -> None:
    recogniser = VoskRecogniser(undithered, alternatives=3)
    one_after_another = [hear(recogniser, name, phrases) for name in FILES]
    assert len(made) == 1
    alone = [hear(VoskRecogniser(undithered, alternatives=3), name, phrases) for name in FILES]
    assert one_after_another == alone
    assert any(heard.text for heard in alone)


def test_each_grammar_and_each_caller_at_once_has_a_decoder_of_its_own(
    undithered: Path, made: list[object]
) -> None:
    recogniser = VoskRecogniser(undithered)
    first, second = recogniser.stream(GRAMMAR), recogniser.stream(GRAMMAR)
    assert len(made) == 2
    first.finish()
    recogniser.stream(("예", "아니요"))
    assert len(made) == 3
    recogniser.stream(GRAMMAR)
    assert len(made) == 3
    second.finish()


def test_a_broken_decoder_is_not_used_again(undithered: Path, made: list[Any]) -> None:
    recogniser = VoskRecogniser(undithered)
    stream = recogniser.stream(GRAMMAR)
    made[0].FinalResult = lambda: "no JSON"
    with pytest.raises(Exception, match="vosk could not end"):
        stream.finish()
    recogniser.stream(GRAMMAR)
    assert len(made) == 2


def test_only_so_many_are_kept(undithered: Path, made: list[object]) -> None:
    recogniser = VoskRecogniser(undithered)
    for stream in [recogniser.stream(GRAMMAR) for _ in range(40)]:
        stream.finish()
    again = [recogniser.stream(GRAMMAR) for _ in range(40)]
    assert len(again) == 40
    assert len(made) == 40 + 8
