"""A `Hearing` that recognises by rules: loud frames are speech, a stretch of silence ends it.

What was said is told by the first sample of the loud frames, so that a test chooses the text by the sound.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from ivr.speech.recognition.ports import (
    BargeIn,
    HearingFailed,
    Overloaded,
    Recognition,
    SpeechBegun,
    SpeechEnded,
    TurnEvent,
    TurnOrder,
)

LOUD = 1000
BEGIN_FRAMES = 5
END_FRAMES = 15
GREETING_END_FRAMES, BRIEF_FRAMES = 30, 90
SILENCE = bytes(320)


def frame(level: int) -> bytes:
    """20 ms of one level; from LOUD on it is speech."""
    return struct.pack("<160h", *[level] * 160)


class ScriptedTurn:
    """One turn, with what is fed noted."""

    def __init__(self, order: TurnOrder, call_id: str, say: Callable[[int], str]) -> None:
        self.order = order
        self.call_id = call_id
        self.closed = False
        self.frames = 0
        self._say = say
        self._loud = self._silent = self._level = 0
        self.speaking = False
        self._events: asyncio.Queue[TurnEvent] = asyncio.Queue()

    def feed(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), len(SILENCE)):
            self._frame(pcm[start : start + len(SILENCE)])

    def _frame(self, pcm: bytes) -> None:
        self.frames += 1
        level = abs(struct.unpack_from("<h", pcm, len(pcm) // 4 * 2)[0])
        if level >= LOUD:
            self._loud, self._silent = self._loud + 1, 0
            self._level = max(self._level, level)
        else:
            self._silent += 1
        self._decide()

    def _decide(self) -> None:
        playing = self.frames * 20 < self.order.prompt_milliseconds
        if not self.speaking and self._loud >= BEGIN_FRAMES:
            if playing and self.order.barge_in is BargeIn.NEVER:
                self._loud = self._level = 0
                return
            self.speaking = True
            self.tell(SpeechBegun())
        greeting = self.order.kind == "greeting"
        if self.speaking and self._silent == (GREETING_END_FRAMES if greeting else END_FRAMES):
            brief = greeting and self._loud <= BRIEF_FRAMES
            text = "" if brief else self._say(self._level)
            self.tell(SpeechEnded(Recognition(text, 0.9), after_milliseconds=300))

    def tell(self, event: TurnEvent) -> None:
        self._events.put_nowait(event)

    async def events(self) -> AsyncIterator[TurnEvent]:
        while True:
            event = await self._events.get()
            yield event
            if not isinstance(event, SpeechBegun):
                return

    def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedHearing:
    """Says the text that belongs to a loudness; refuses or breaks on demand."""

    texts: Mapping[int, str] = field(default_factory=dict)
    full: bool = False
    broken: bool = False
    turns: list[ScriptedTurn] = field(default_factory=list)

    def open(self, order: TurnOrder, call_id: str) -> ScriptedTurn:
        if self.full:
            raise Overloaded
        if self.broken:
            raise RuntimeError("the model is broken")
        turn = ScriptedTurn(order, call_id, self._text)
        self.turns.append(turn)
        return turn

    def _text(self, level: int) -> str:
        """The text of the loudness that is the nearest: A-law rounds."""
        return self.texts[min(self.texts, key=lambda known: abs(known - level))] if self.texts else "да"

    def fail(self, reason: str = "failed") -> None:
        """The turn that is listened to fails."""
        self.turns[-1].tell(HearingFailed(reason))

    async def close(self) -> None:
        """Nothing is held."""
