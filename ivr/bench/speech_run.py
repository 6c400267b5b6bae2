"""`ivr bench speech` from the models that are installed to its document."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ivr.bench.processes import machine
from ivr.bench.speech import NOTE, QUICK, Size, SpeechBench, measure_whisper, texts
from ivr.bench.speech_sound import speak
from ivr.errors import Fault
from ivr.speech.models.choosing import choose
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.ports import Slot
from ivr.speech.recognition.settings import SlotSettings
from ivr.speech.recognition.vosk import is_model, takes_grammars
from ivr.speech.settings import SpeechSettings

_FIX = "Install one: `ivr models install vosk-ko` is enough for a measurement."


async def measure(
    settings: SpeechSettings, wanted: str, folder: Path, tell: Callable[[str], None], *, quick: bool
) -> dict[str, object]:
    """Measure and tell.

    Args:
        settings: Of the voice that speaks, the pauses and the models.
        wanted: Id or folder of a vosk model, or empty.
        folder: Emptied, then filled with the data of the measurement.
        tell: Told of the progress.
        quick: Whether it is enough that all of it works.

    Raises:
        Fault: No fitting model is installed, the voice is missing, or the service does not start.
    """
    size = QUICK if quick else Size()
    load = os.getloadavg()[0]
    model = vosk_model(settings.models, wanted).absolute()
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    tell(f"Speech for {model.name}")
    spoken = await speak(texts()["phrases"], settings)
    bench = SpeechBench(model, spoken, settings.recognition.pauses, folder, tell)
    found = await bench.measure(size)
    whisper = choose(settings.models, Slot.FREE, SlotSettings(engine="whisper"))
    if whisper and size.whisper_seconds:
        tell("Whisper, one stream")
        place = whisper.folder.absolute()
        found["whisper"] = await measure_whisper(place, spoken, folder, size.whisper_seconds)
    return {
        "model": model.name,
        **found,
        "machine": {**machine(), "load_before": round(load, 2)},
        "note": list(NOTE),
    }


def vosk_model(settings: ModelsSettings, wanted: str) -> Path:
    """Folder of the model to measure: the one that is wanted, else a Russian one, else any.

    Raises:
        Fault: There is none that takes grammars.
    """
    choice = choose(settings, Slot.CLOSED, SlotSettings(engine="vosk", model=wanted))
    folders = [choice.folder] if choice else sorted(settings.folder.glob("*/"))
    fitting = [folder for folder in folders if is_model(folder) and takes_grammars(folder)]
    if not fitting:
        raise Fault("There is no vosk model that takes grammars.", wanted or str(settings.folder), _FIX)
    return fitting[0]
