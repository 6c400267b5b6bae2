"""Which model serves a slot: the one that the settings name, or the fittest of those that are installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import Fault
from ivr.speech.models.catalogue import Catalogue, Engine, catalogue
from ivr.speech.models.installed import engine_of, is_installed
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.ports import Recogniser, Slot
from ivr.speech.recognition.settings import SlotSettings
from ivr.speech.recognition.vosk import VoskRecogniser, takes_grammars

RECOMMENDED = "vosk-model-small-ru-0.22"
_AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model of a slot.

    Attributes:
        folder: Where it is.
        id: Its id in the catalogue, or None for a folder of the company's own.
        language: Two letters, `many`, or None where it is not known.
        grammars: Whether it can be held to a closed grammar.
        note: What a person should know about this choice, a full sentence; else empty.
    """

    slot: Slot
    engine: Engine
    folder: Path
    id: str | None = None
    language: str | None = None
    grammars: bool = False
    note: str = ""

    @property
    def name(self) -> str:
        """For people: the id, or the folder."""
        return self.id or str(self.folder)


def choose(
    settings: ModelsSettings, slot: Slot, wanted: SlotSettings, known: Catalogue | None = None
) -> ModelChoice | None:
    """The model of a slot, or None when nothing fits that is installed.

    Args:
        settings: Where models are kept.
        slot: For which questions.
        wanted: What the settings ask for; a model that is named is taken whatever its fitness.
        known: The models that count; None for the catalogue of the program.

    Raises:
        Fault: A model is named that is not installed, is none, or belongs to another engine.
    """
    models = known or catalogue()
    if wanted.model:
        return _named(settings, slot, wanted, models)
    fitting = [
        choice for choice in _installed(settings, slot, models) if wanted.engine in (_AUTO, choice.engine)
    ]
    return max(fitting, key=lambda choice: _fitness(models, choice), default=None)


def load(choice: ModelChoice, settings: ModelsSettings, alternatives: int = 0) -> Recogniser:
    """Load a chosen model. Blocks for seconds; imports what the engine needs.

    Args:
        choice: Which.
        settings: How the engines run.
        alternatives: Readings of a closed question that vosk gives besides the best one.

    Raises:
        Fault: The folder is no such model, or a broken one.
    """
    match choice.engine:
        case Engine.VOSK:
            return VoskRecogniser(choice.folder, alternatives)
        case Engine.WHISPER:
            from ivr.speech.recognition.whisper import WhisperRecogniser

            return WhisperRecogniser(choice.folder, settings.whisper)
        case Engine.ONNX:
            from ivr.speech.recognition.onnx import OnnxRecogniser

            return OnnxRecogniser(choice.folder, settings.onnx)


def _installed(settings: ModelsSettings, slot: Slot, models: Catalogue) -> Iterator[ModelChoice]:
    for model in models.models.values():
        folder = settings.folder / model.id
        if slot in model.fitness and is_installed(model, folder):
            yield ModelChoice(
                slot=slot,
                engine=model.engine,
                folder=folder,
                id=model.id,
                language=model.language,
                grammars=_takes_grammars(model.engine, folder),
                note=_note(model.engine),
            )


def _named(settings: ModelsSettings, slot: Slot, wanted: SlotSettings, models: Catalogue) -> ModelChoice:
    model = models.models.get(wanted.model)
    folder = settings.folder / model.id if model else Path(wanted.model)
    engine = engine_of(folder)
    where = f"speech.recognition.{slot}.model = {wanted.model}"
    if engine is None:
        fix = f"Run `ivr models install {model.id}`." if model else "Name a folder with a model, or an id."
        raise Fault(f"There is no model in {folder}.", where, fix)
    if wanted.engine not in (_AUTO, engine):
        raise Fault(
            f"This is a model of {engine}, not of {wanted.engine}.",
            where,
            "Set the engine to auto, or to its own.",
        )
    return ModelChoice(
        slot=slot,
        engine=engine,
        folder=folder,
        id=model.id if model else None,
        language=model.language if model else None,
        grammars=_takes_grammars(engine, folder),
    )


def _fitness(models: Catalogue, choice: ModelChoice) -> int:
    return models.models[choice.id].fitness[choice.slot] if choice.id else 0


def _takes_grammars(engine: Engine, folder: Path) -> bool:
    return engine is Engine.VOSK and takes_grammars(folder)


def _note(engine: Engine) -> str:
    if engine is not Engine.WHISPER:
        return ""
    return (
        "No Russian vosk model is installed: Whisper listens, which takes more time and no closed grammars. "
        f"Install one: `ivr models install {RECOMMENDED}`."
    )
