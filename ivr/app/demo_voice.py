"""What the demonstration's callers say, in the embedded voice: a telephone hears it as any other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.bench.sipp import Action as Deed
from ivr.bench.sipp import Speak, Wait
from ivr.settings import Settings
from ivr.speech.building import open_library


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is said.

    Attributes:
        text: The words.
        after_seconds: Silence before it: the robot thinks and speaks.
    """

    text: str
    after_seconds: float


READING_AND_QUESTION = (
    Line("Хочу передать показания.", 2.5),
    Line("Да, верно.", 6.5),
    Line("Один, два, три, четыре, пять.", 8.0),
    Line("Да, верно.", 7.5),
    Line("Какие документы нужны для заключения договора?", 7.5),
    Line("Да, помогло.", 17.0),
    Line("Нет, спасибо.", 5.5),
)
"""A reading handed in and a question answered; the answer is heard to its end."""

PERSON = (Line("Оператор.", 2.5),)


async def deeds(settings: Settings, lines: Sequence[Line], folder: Path) -> list[Deed]:
    """The lines as what a caller does, their sound in files of the folder.

    Raises:
        Fault: The voice is missing or failed.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    library = open_library(settings.speech, settings.prompts_folder, ())
    try:
        done: list[Deed] = []
        for number, line in enumerate(lines, start=1):
            file = folder / f"{number}.wav"
            sound = await library.record(library.source(None, line.text))
            await asyncio.to_thread(file.write_bytes, sound.wav)
            done += [Wait(line.after_seconds), Speak(file)]
        return done
    finally:
        await library.close()
