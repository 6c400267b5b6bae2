"""Building ahead: every text that is known before a call becomes a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ivr.errors import Fault
from ivr.speech.audio import intact
from ivr.speech.cache import StorageFault, write_whole
from ivr.speech.library import PromptLibrary, Source
from ivr.speech.melody import hold_music
from ivr.speech.recordings import PIECES, slug
from ivr.speech.russian import finite_pieces, unspeakable
from ivr.speech.settings import SpeechSettings
from ivr.speech.voices import Voice, VoiceMissing
from ivr.speech.voices.festival import FestivalVoice

StaticText = tuple[str | None, str]
"""A prompt of the catalogue (id, text), or a text of a scenario (None, text)."""


class State(StrEnum):
    """Where a prompt comes from."""

    RECORDED = "recorded"
    BUILT = "built"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Item:
    """One prompt to be built.

    Attributes:
        prompt_id: Its id in the catalogue, or None.
        text: What is said.
        recording: File, relative to the folder of recordings, that a studio would deliver for it.
        state: Whether it is there.
    """

    prompt_id: str | None
    text: str
    recording: str
    state: State

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.prompt_id or f"«{self.text}»"


@dataclass(slots=True)
class Report:
    """What a build did: numbers of prompts, and reasons by the name of the prompt."""

    present: int = 0
    made: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def open_library(
    settings: SpeechSettings, folder: Path, texts: Iterable[StaticText], voice: Voice | None = None
) -> PromptLibrary:
    """The library over a scenario set, its texts and the pieces of numbers pinned.

    Args:
        settings: The robot's voice.
        folder: The prompts folder.
        texts: All static texts of the scenario set.
        voice: Another voice than the one in the settings.
    """
    statics = tuple(texts)
    library = PromptLibrary(voice or FestivalVoice(settings.festival), settings, folder, catalogue(statics))
    library.pin((*(text for prompt_id, text in statics if prompt_id is None), *finite_pieces()))
    return library


def catalogue(texts: Iterable[StaticText]) -> Mapping[str, str]:
    """The prompts that have an id."""
    return {prompt_id: text for prompt_id, text in texts if prompt_id}


def inventory(library: PromptLibrary, texts: Iterable[StaticText]) -> list[Item]:
    """Every prompt that can be built ahead: the catalogue, the scenarios' texts, the pieces of numbers."""
    unique = dict.fromkeys((*texts, *((None, piece) for piece in finite_pieces())))
    listed = ((prompt_id, text, library.source(prompt_id, text)) for prompt_id, text in unique)
    return [
        Item(prompt_id, text, f"{prompt_id or f'{PIECES}/{slug(text)}'}.wav", _state(library, source))
        for prompt_id, text, source in listed
        if source.parts or source.recording
    ]


async def build(
    library: PromptLibrary, texts: Iterable[StaticText], on_item: Callable[[Item], None] = lambda item: None
) -> Report:
    """Make what is missing; what is there is kept, so that an interrupted build goes on where it was.

    Args:
        library: Opened over the same texts.
        texts: All static texts of the scenario set.
        on_item: Told of every prompt that is dealt with.

    Raises:
        StorageFault: The disk refuses.
        VoiceMissing: The voice is not installed.
    """
    report = Report()
    for item in inventory(library, texts):
        await _build_item(library, item, report)
        on_item(item)
    await asyncio.to_thread(_write_hold_music, library.folder / "moh" / "hold")
    return report


async def _build_item(library: PromptLibrary, item: Item, report: Report) -> None:
    source = library.source(item.prompt_id, item.text)
    try:
        _demand_speakable(item, source)
        if library.find(source):
            report.present += 1
        else:
            await library.make(source)
            report.made += 1
        if item.prompt_id:
            library.publish(item.prompt_id)
    except (StorageFault, VoiceMissing):
        raise
    except Fault as fault:
        report.failed[item.name] = str(fault)


def _demand_speakable(item: Item, source: Source) -> None:
    foreign = unspeakable(item.text)
    if foreign and not source.recording:
        raise Fault(f"The voice can't say {' '.join(foreign)}.", "", "Write it in words.")


def _state(library: PromptLibrary, source: Source) -> State:
    if source.recording:
        return State.RECORDED
    return State.BUILT if library.find(source) else State.MISSING


def _write_hold_music(base: Path) -> None:
    if intact(base):
        return
    music = hold_music()
    base.parent.mkdir(parents=True, exist_ok=True)
    write_whole(base.with_suffix(".alaw"), music.alaw)
    write_whole(base.with_suffix(".wav"), music.wav)
