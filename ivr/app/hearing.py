"""The recognisers that the settings name, loaded and at work."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from ivr.errors import Fault
from ivr.settings import Settings
from ivr.speech.models.choosing import RECOMMENDED, ModelChoice, choose, load
from ivr.speech.recognition.hearing import RecognitionService
from ivr.speech.recognition.ports import Recogniser, Slot
from ivr.speech.recognition.vad import Silero
from ivr.speech.understanding.numerals import digits

log = structlog.get_logger(__name__)


async def open_hearing(settings: Settings) -> RecognitionService:
    """Load the models of both slots; takes seconds, in a thread.

    Raises:
        Fault: No model is installed for a slot, or one is broken.
    """
    recognisers = await asyncio.to_thread(_load, settings)
    recognition = settings.speech.recognition
    return RecognitionService(recognisers, Silero(recognition.voice), recognition, digits)


def _load(settings: Settings) -> dict[Slot, Recogniser]:
    """A recogniser for each slot; one that serves both is loaded once."""
    chosen = {slot: _choice(settings, slot) for slot in Slot}
    loaded: dict[Path, Recogniser] = {}
    for choice in chosen.values():
        if choice.folder not in loaded:
            loaded[choice.folder] = load(choice, settings.models, settings.speech.recognition.alternatives)
        log.info("hearing.model", slot=choice.slot.value, model=choice.name, grammars=choice.grammars)
    return {slot: loaded[choice.folder] for slot, choice in chosen.items()}


def _choice(settings: Settings, slot: Slot) -> ModelChoice:
    recognition = settings.speech.recognition
    wanted = recognition.closed if slot is Slot.CLOSED else recognition.free
    choice = choose(settings.models, slot, wanted)
    if choice is None:
        raise Fault(
            "No model of speech recognition is installed.",
            str(settings.models.folder),
            f"Run `ivr models install {RECOMMENDED}`; until then callers are served by keys.",
        )
    return choice
