"""A text of a prompt → phrases for the voice, and the pauses between them."""

from __future__ import annotations

import re

from ivr.speech.audio import Pause
from ivr.speech.russian import read_aloud
from ivr.speech.settings import AudioSettings

_SENTENCES = re.compile(r"([^.!?;:]*)([.!?;:]*)")
_LETTER = re.compile(r"[А-Яа-яЁё]")


def phrases(text: str, settings: AudioSettings) -> tuple[str | Pause, ...]:
    """Sentences and pauses in the order of speaking; nothing when the text is silent.

    Punctuation at an end of the text counts: «, верно?» begins with a pause, for it follows another prompt.
    """
    parts: list[str | Pause] = []
    for words, marks in _SENTENCES.findall(read_aloud(text)):
        if not parts and words.startswith(","):
            parts.append(Pause(settings.comma_pause_milliseconds))
        if _LETTER.search(words):
            parts.append(words.strip(", ") + marks[:1])
        pause = _pause_after(words, marks, settings)
        if pause and not (parts and isinstance(parts[-1], Pause)):
            parts.append(pause)
    return tuple(parts)


def _pause_after(words: str, marks: str, settings: AudioSettings) -> Pause | None:
    if any(mark in ".!?" for mark in marks):
        return Pause(settings.sentence_pause_milliseconds)
    if marks or words.endswith(","):
        return Pause(settings.comma_pause_milliseconds)
    return None
