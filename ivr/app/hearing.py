"""The recognisers that the settings name, loaded and at work."""

from __future__ import annotations

import asyncio

from ivr.settings import Settings
from ivr.speech.recognition.building import open_service
from ivr.speech.recognition.hearing import RecognitionService
from ivr.speech.understanding.numerals import digits


async def open_hearing(settings: Settings) -> RecognitionService:
    """Load the models of both slots; takes seconds, in a thread.

    Raises:
        Fault: No model is installed for a slot, or one is broken.
    """
    return await asyncio.to_thread(open_service, settings.speech.recognition, settings.speech.models, digits)
