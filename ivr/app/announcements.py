"""What callers are told for a time: the voice and the rules of announcements, wired."""

from __future__ import annotations

from pathlib import Path

from ivr.announcements.announcer import Announcer
from ivr.announcements.board import Board
from ivr.app.knowledge import forbidden_phrases
from ivr.dialogue.loader import FORBIDDEN_FILE
from ivr.dialogue.ports import Clock
from ivr.dialogue.scenarios import Scenarios
from ivr.settings import Settings
from ivr.speech.library import PromptLibrary


class LibraryVoice:
    """Speaks texts into the library of prompts, where calls find them ready."""

    def __init__(self, library: PromptLibrary) -> None:
        self._library = library

    async def prepare(self, text: str) -> Path:
        """As `ivr.announcements.announcer.Voice.prepare`."""
        source = self._library.source(None, text)
        path = self._library.find(source) or await self._library.make(source)
        self._library.pin([text])
        return Path(f"{path}.wav")


def open_announcer(
    settings: Settings, board: Board, library: PromptLibrary, scenarios: Scenarios, clock: Clock
) -> Announcer:
    """Announcements over an open library.

    Raises:
        ScenarioFault: The list of forbidden phrases is broken.
    """
    return Announcer(
        board,
        LibraryVoice(library),
        settings.announcements,
        clock,
        lines=[line.name for line in settings.lines],
        forbidden=forbidden_phrases(settings.scenarios.folder / FORBIDDEN_FILE),
        prompts=lambda: {name: text for name, text in scenarios.current.texts() if name},
    )
