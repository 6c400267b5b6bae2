"""Transcripts of calls in text, for authors of scenarios and the demonstration; they hold personal data."""

from __future__ import annotations

import json
from pathlib import Path

import structlog

from ivr.dialogue.ports import (
    Caller,
    Fragment,
    Heard,
    Keys,
    Prompt,
    QueueRequest,
    Said,
    Speech,
    Turn,
)
from ivr.dialogue.scenarios import ScenarioSet
from ivr.dialogue.wording import run_on

log = structlog.get_logger(__name__)


class TranscribedCaller:
    """A `Caller` of whom all that is said, and all that he answers, is written to a file as it happens.

    What can't be written is missing there; the call goes on.
    """

    def __init__(self, caller: Caller, file: Path, scenarios: ScenarioSet) -> None:
        """Args: file, one JSON object a line: `who` (robot or caller) and `text`."""
        self._caller = caller
        self._file = file
        self._scenarios = scenarios

    async def say(self, speech: Speech) -> None:
        """As `Caller.say`."""
        self._robot(speech)
        await self._caller.say(speech)

    async def ask(self, turn: Turn) -> Heard:
        """As `Caller.ask`."""
        self._robot(turn.speech)
        heard = await self._caller.ask(turn)
        self._write("caller", _answer(heard))
        return heard

    async def flush(self) -> None:
        """As `Caller.flush`."""
        await self._caller.flush()

    async def enqueue(self, request: QueueRequest) -> None:
        """As `Caller.enqueue`."""
        await self._caller.enqueue(request)
        self._write("robot", f"→ {request.queue}")

    async def hang_up(self) -> None:
        """As `Caller.hang_up`."""
        await self._caller.hang_up()

    def _robot(self, speech: Speech) -> None:
        if speech.fragments:
            self._write("robot", run_on(self._text(fragment) for fragment in speech.fragments))

    def _text(self, fragment: Fragment) -> str:
        return self._scenarios.prompts[fragment.id].text if isinstance(fragment, Prompt) else fragment.text

    def _write(self, who: str, text: str) -> None:
        line = json.dumps({"who": who, "text": text}, ensure_ascii=False) + "\n"
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(line)
        except OSError as error:
            log.warning("transcript.not-written", reason=error.strerror)


def _answer(heard: Heard) -> str:
    match heard:
        case Keys(digits):
            return f"[{digits or '#'}]"
        case Said(text):
            return text
        case _:
            return "…"
