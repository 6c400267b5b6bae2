"""The recognition service as the settings want it, its models loaded."""

from __future__ import annotations

from pathlib import Path

import structlog

from ivr.errors import Fault
from ivr.speech.models.choosing import ModelChoice, choose, load
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.hearing import RecognitionService
from ivr.speech.recognition.listener import Digits
from ivr.speech.recognition.ports import Recogniser, Slot
from ivr.speech.recognition.settings import RecognitionSettings, SlotSettings
from ivr.speech.recognition.vad import Silero

_log = structlog.get_logger(__name__)


def open_service(settings: RecognitionSettings, models: ModelsSettings, digits: Digits) -> RecognitionService:
    """Load a model per slot, once when both slots have the same. Blocks for seconds.

    Args:
        settings: Hearing.
        models: Where models are kept.
        digits: Understands spoken numbers.

    Raises:
        Fault: No model fits, or one is broken.
    """
    loaded: dict[Path, Recogniser] = {}
    recognisers: dict[Slot, Recogniser] = {}
    for slot, wanted in ((Slot.CLOSED, settings.closed), (Slot.FREE, settings.free)):
        choice = require(models, slot, wanted)
        if choice.folder not in loaded:
            loaded[choice.folder] = load(choice, models, settings.alternatives)
        recognisers[slot] = loaded[choice.folder]
        _log.info("model_listens", slot=slot, model=choice.name, engine=choice.engine, note=choice.note)
    return RecognitionService(recognisers, Silero(settings.voice), settings, digits)


def require(models: ModelsSettings, slot: Slot, wanted: SlotSettings) -> ModelChoice:
    """The model of a slot.

    Raises:
        Fault: There is none.
    """
    choice = choose(models, slot, wanted)
    if choice is None:
        raise Fault(
            f"No model is installed that can listen ({slot} questions).",
            str(models.folder),
            "Install one: `ivr models list` shows them, `ivr models install ID` fetches one.",
        )
    return choice
