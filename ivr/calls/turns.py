"""What is kept of the turns of callers: of speech that was not understood, and only where that is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Final, Protocol

import structlog

from ivr.calls.settings import ReviewSettings
from ivr.dialogue.ports import HeardTurn, TurnResult
from ivr.speech.understanding.lexicon import lexicon
from ivr.speech.understanding.numerals import numbers

log = structlog.get_logger(__name__)

MASK: Final = "…"
PERSONAL_DIGITS: Final = 5
"""So many digits may be an account number, a telephone number or a reading."""


class Clips(Protocol):
    """The sound of single speeches by their ids; its methods block on the disk."""

    def keep(self, clip: str) -> object:
        """Keep a speech for review."""

    def drop(self, clip: str) -> None:
        """The speech is not needed."""


class TurnKeeper:
    """Decides on the text of each turn at once, and moves its sound in a thread."""

    def __init__(self, settings: ReviewSettings, clips: Clips | None) -> None:
        """Args: `clips` is None where no sound is stored."""
        self._settings = settings
        self._clips = clips
        self._moving: set[asyncio.Future[object]] = set()

    def keep(self, turn: HeardTurn, profile: str | None) -> HeardTurn:
        """The turn with no more of its text and its sound than may be kept."""
        kept = self._allowed(turn, profile)
        if turn.clip is not None and self._clips is not None:
            self._move(self._clips.keep if kept.clip else self._clips.drop, turn.clip)
        return kept

    async def close(self) -> None:
        """Wait until all sound has been kept or dropped."""
        await asyncio.gather(*self._moving, return_exceptions=True)

    def _allowed(self, turn: HeardTurn, profile: str | None) -> HeardTurn:
        if turn.result is not TurnResult.NO_MATCH or not self._settings.keeps(profile):
            return replace(turn, text="", clip=None)
        text = turn.text if self._settings.keep_numbers else without_numbers(turn.text)
        clip = turn.clip if self._clips is not None and text == turn.text else None
        return replace(turn, text=text, clip=clip)

    def _move(self, how: Callable[[str], object], clip: str) -> None:
        moving = asyncio.get_running_loop().run_in_executor(None, how, clip)
        self._moving.add(moving)
        moving.add_done_callback(self._moved)

    def _moved(self, moving: asyncio.Future[object]) -> None:
        self._moving.discard(moving)
        if not moving.cancelled() and (error := moving.exception()) is not None:
            log.warning("review.clip-not-moved", error=type(error).__name__)


def without_numbers(text: str) -> str:
    """The text; with its numbers masked, written or spoken, when they have five digits or more altogether."""
    tokens = lexicon().tokens(text)
    said = numbers(token for token in tokens if token.numeral)
    if sum(len(number) for number in said) < PERSONAL_DIGITS:
        return text
    runs = groupby(tokens, key=lambda token: token.numeral)
    return " ".join(MASK if numeral else " ".join(token.text for token in run) for numeral, run in runs)
