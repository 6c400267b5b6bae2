from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.speech.models.catalogue import Engine
from ivr.speech.models.choosing import ModelChoice, choose
from ivr.speech.models.installed import Note
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.ports import Slot
from ivr.speech.recognition.settings import SlotSettings
from tests.unit.models.folders import CATALOGUE, DYNAMIC_VOSK, ONNX, STATIC_VOSK, WHISPER, write


def chosen(folder: Path, slot: Slot, **wanted: str) -> ModelChoice | None:
    return choose(ModelsSettings(folder=folder), slot, SlotSettings.model_validate(wanted), CATALOGUE)


def name(folder: Path, slot: Slot, **wanted: str) -> str | None:
    choice = chosen(folder, slot, **wanted)
    return choice.name if choice else None


def test_nothing_is_chosen_where_nothing_is_installed(tmp_path: Path) -> None:
    assert chosen(tmp_path, Slot.CLOSED) is None
    assert chosen(tmp_path / "missing", Slot.FREE) is None


def test_whisper_listens_alone_and_says_so(tmp_path: Path) -> None:
    write(tmp_path / "halves", WHISPER)
    for slot in Slot:
        choice = chosen(tmp_path, slot)
        assert choice is not None
        assert choice.engine is Engine.WHISPER
        assert not choice.grammars
        assert "No Russian vosk model" in choice.note
        assert "ivr models install vosk-model-small-ru-0.22" in choice.note


def test_each_slot_gets_the_fittest(tmp_path: Path) -> None:
    write(tmp_path / "halves", WHISPER)
    write(tmp_path / "big-ru", STATIC_VOSK)
    assert name(tmp_path, Slot.CLOSED) == name(tmp_path, Slot.FREE) == "big-ru"
    write(tmp_path / "small-ru", DYNAMIC_VOSK)
    assert (name(tmp_path, Slot.CLOSED), name(tmp_path, Slot.FREE)) == ("small-ru", "big-ru")
    write(tmp_path / "sharp-ru", ONNX)
    assert (name(tmp_path, Slot.CLOSED), name(tmp_path, Slot.FREE)) == ("small-ru", "sharp-ru")


def test_only_a_dynamic_graph_takes_grammars(tmp_path: Path) -> None:
    write(tmp_path / "small-ru", DYNAMIC_VOSK)
    write(tmp_path / "big-ru", STATIC_VOSK)
    closed, free = chosen(tmp_path, Slot.CLOSED), chosen(tmp_path, Slot.FREE)
    assert closed is not None
    assert free is not None
    assert (closed.grammars, free.grammars) == (True, False)
    assert closed.note == ""


def test_a_foreign_model_is_never_taken_by_itself_but_by_name(tmp_path: Path) -> None:
    write(tmp_path / "foreign", DYNAMIC_VOSK)
    assert chosen(tmp_path, Slot.CLOSED) is None
    named = chosen(tmp_path, Slot.CLOSED, model="foreign")
    assert named is not None
    assert (named.language, named.grammars) == ("ko", True)


def test_an_engine_that_is_asked_for_narrows_the_choice(tmp_path: Path) -> None:
    write(tmp_path / "small-ru", DYNAMIC_VOSK)
    write(tmp_path / "halves", WHISPER)
    assert name(tmp_path, Slot.CLOSED, engine="whisper") == "halves"
    assert name(tmp_path, Slot.CLOSED, engine="onnx") is None


def test_a_folder_of_the_companys_own_is_taken_as_it_is(tmp_path: Path) -> None:
    own = write(tmp_path / "own", STATIC_VOSK)
    choice = chosen(tmp_path / "models", Slot.FREE, model=str(own))
    assert choice == ModelChoice(Slot.FREE, Engine.VOSK, own)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"model": "big-ru"}, "ivr models install big-ru"),
        ({"model": "nowhere/at-all"}, "Name a folder with a model"),
        ({"model": "small-ru", "engine": "whisper"}, "This is a model of vosk, not of whisper"),
    ],
)
def test_a_named_model_that_can_not_serve_is_a_fault(
    tmp_path: Path, wanted: dict[str, str], told: str
) -> None:
    write(tmp_path / "small-ru", DYNAMIC_VOSK)
    with pytest.raises(Fault) as fault:
        chosen(tmp_path, Slot.CLOSED, **wanted)
    assert told in str(fault.value)
    assert "speech.recognition.closed.model" in fault.value.where


def test_a_model_that_lost_a_file_does_not_count(tmp_path: Path) -> None:
    folder = write(tmp_path / "small-ru", (*DYNAMIC_VOSK, "README"))
    Note.take(CATALOGUE["small-ru"], folder).write(folder)
    assert name(tmp_path, Slot.CLOSED) == "small-ru"
    (folder / "README").unlink()
    assert name(tmp_path, Slot.CLOSED) is None
