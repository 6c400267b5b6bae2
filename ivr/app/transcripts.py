"""Which model transcribes recordings."""

from __future__ import annotations

from ivr.errors import Fault
from ivr.quality.settings import When
from ivr.settings import Settings
from ivr.speech.models.choosing import ModelChoice, choose
from ivr.speech.recognition.ports import Slot
from ivr.speech.recognition.settings import SlotSettings


def listener(settings: Settings) -> ModelChoice | None:
    """The model that transcribes; None: none is installed, or nothing is to be transcribed.

    Raises:
        Fault: It is named and not there, or there has to be one and is none.
    """
    wanted = settings.quality.transcripts
    if wanted.when is When.OFF:
        return None
    slot = SlotSettings(model=wanted.model) if wanted.model else settings.speech.recognition.free
    found = choose(settings.speech.models, Slot.FREE, slot)
    if found is None and wanted.when is When.ON:
        raise Fault(
            "No model is installed that could transcribe recordings.",
            "quality.transcripts.when = on",
            "Install one (`ivr models list`), or set it to auto.",
        )
    return found
