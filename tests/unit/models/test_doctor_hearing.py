from __future__ import annotations

from pathlib import Path

import pytest

from ivr.app.doctor.hearing import grammar_words, recognisers
from ivr.errors import Fault
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.settings import RecognitionSettings, SlotSettings
from tests.unit.models.folders import DYNAMIC_VOSK, STATIC_VOSK, WHISPER, write

ANY = RecognitionSettings()


def test_no_model_is_not_in_order(tmp_path: Path) -> None:
    result = recognisers(ANY, ModelsSettings(folder=tmp_path))
    assert not result.ok
    assert "by keys only" in result.detail
    assert "ivr models install" in result.fix


def test_whisper_alone_is_in_order_and_says_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path / "whisper-base", WHISPER)
    result = recognisers(ANY, ModelsSettings(folder=tmp_path))
    assert result.ok
    assert "Closed questions: whisper-base (whisper); free speech: whisper-base (whisper)." in result.detail
    assert "No Russian vosk model" in result.detail


def test_a_model_without_grammars_is_told(tmp_path: Path) -> None:
    write(tmp_path / "vosk-model-ru-0.22", STATIC_VOSK)
    result = recognisers(ANY, ModelsSettings(folder=tmp_path))
    assert result.ok
    assert "vosk-model-ru-0.22 takes no closed grammars" in result.detail


def test_the_best_pair_needs_no_remark(tmp_path: Path) -> None:
    write(tmp_path / "vosk-model-ru-0.22", STATIC_VOSK)
    write(tmp_path / "vosk-model-small-ru-0.22", DYNAMIC_VOSK)
    result = recognisers(ANY, ModelsSettings(folder=tmp_path))
    assert result.ok
    assert result.detail == (
        "Closed questions: vosk-model-small-ru-0.22 (vosk); free speech: vosk-model-ru-0.22 (vosk)."
    )


def test_a_model_of_another_language_is_not_in_order(tmp_path: Path) -> None:
    write(tmp_path / "vosk-ko", DYNAMIC_VOSK)
    wanted = SlotSettings(model="vosk-ko")
    result = recognisers(RecognitionSettings(closed=wanted, free=wanted), ModelsSettings(folder=tmp_path))
    assert "vosk-ko does not know Russian" in result.fix


def test_a_folder_that_is_no_model_is_a_fault(tmp_path: Path) -> None:
    wanted = SlotSettings(model=str(write(tmp_path / "holiday", ("photo.jpg",))))
    with pytest.raises(Fault, match="There is no model in"):
        recognisers(RecognitionSettings(closed=wanted), ModelsSettings(folder=tmp_path))


def test_words_can_only_be_missing_from_a_vocabulary(tmp_path: Path) -> None:
    write(tmp_path / "whisper-base", WHISPER)
    assert grammar_words(ANY, ModelsSettings(folder=tmp_path), ["да"]).ok
