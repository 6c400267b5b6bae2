"""One turn of a call at the endpoint: sound in, results out.

A telephone may send nothing while nobody speaks (silence suppression, RFC 3389): sound that does not come
counts as silence, so that an answer ends all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from ivr.asterisk.aeap.delivery import Delivery, Results
from ivr.asterisk.aeap.observer import ListeningObserver
from ivr.asterisk.aeap.results import Gone, line, results
from ivr.speech.recognition.ports import (
    FRAME_BYTES,
    FRAME_MILLISECONDS,
    Hearing,
    HearingFailed,
    OpenTurn,
    Overloaded,
    SpeechBegun,
    SpeechEnded,
    TurnEvent,
    TurnOrder,
)

log = structlog.get_logger(__name__)

_FRAME_SECONDS: Final = FRAME_MILLISECONDS / 1000
_SILENCE: Final = bytes(FRAME_BYTES)
_LATE_SECONDS: Final = 0.3
"""Sound that is so late does not come: networks delay it by less."""

_FILLED_SECONDS: Final = 30.0
"""After so long without sound nobody speaks to us any more."""

Push = Callable[[Results], Awaitable[None]]
"""Sends results to Asterisk."""


class ListenedTurn:
    """A turn from its order to the next one.

    Attributes:
        order: How it is listened to.
    """

    def __init__(
        self, order: TurnOrder, push: Push, observer: ListeningObserver, clock: Callable[[], float]
    ) -> None:
        self.order = order
        self._push = push
        self._observer = observer
        self._clock = clock
        self._delivery = Delivery()
        self._hearing: OpenTurn | None = None
        self._pump: asyncio.Task[None] | None = None
        self._filler: asyncio.Task[None] | None = None
        self._speaking = False
        self._heard_until = self._fed_at = clock()
        self._result = ""

    @property
    def state(self) -> str:
        """`waiting` before speech, `speaking`, or `ended` when the result is known."""
        if self._delivery.ended:
            return "ended"
        return "speaking" if self._speaking else "waiting"

    @property
    def result(self) -> str:
        """What it ended with, as one line (`results.line`); empty before its end."""
        return self._result

    async def begin(self, hearing: Hearing, call_id: str) -> None:
        """Begin to listen; where that is refused the result says so."""
        self._observer.turn_opened(self.order.slot.value)
        try:
            self._hearing = hearing.open(self.order, call_id)
        except Overloaded:
            await self._take(HearingFailed("overloaded"))
        except Exception:
            log.exception("aeap.turn-not-opened")
            await self._take(HearingFailed("failed"))
        else:
            self._pump = asyncio.create_task(self._report(self._hearing), name="aeap-turn")
        self._filler = asyncio.create_task(self._fill(), name="aeap-fill")

    async def feed(self, pcm: bytes) -> None:
        """Take sound of the caller."""
        self._heard_until = self._fed_at = self._clock()
        if self._hearing is not None:
            self._hearing.feed(pcm)
        await self._send(self._delivery.frame())

    def taken(self) -> None:
        """Asterisk has taken results of this turn."""
        self._delivery.taken()

    async def give_up(self) -> None:
        """End it with a result that says that nobody waits for it any more."""
        if self._pump is not None:
            self._pump.cancel()
        await self._take(Gone())

    def close(self, result: str) -> None:
        """Nobody listens any more; `result` is what it ended with, as `ListeningObserver` has it."""
        if not self._delivery.ended:
            self._delivery.offer([], last=True)
            self._observer.turn_ended(result, None)
        self._stop()

    def _stop(self) -> None:
        for task in (self._pump, self._filler):
            if task is not None:
                task.cancel()
        self._release()

    def _release(self) -> None:
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            hearing.close()

    async def _fill(self) -> None:
        """Take silence for sound that does not come."""
        while self._clock() - self._heard_until < _FILLED_SECONDS:
            await asyncio.sleep(_LATE_SECONDS / 3)
            missing = self._clock() - self._fed_at
            if missing >= _LATE_SECONDS:
                frames = int(missing / _FRAME_SECONDS)
                self._fed_at += frames * _FRAME_SECONDS
                await self._take_silence(frames)

    async def _take_silence(self, frames: int) -> None:
        if self._hearing is not None:
            self._hearing.feed(_SILENCE * frames)
        for _ in range(frames):
            await self._send(self._delivery.frame(filled=True))

    async def _report(self, turn: OpenTurn) -> None:
        try:
            async for event in turn.events():
                await self._take(event)
        except Exception:
            log.exception("aeap.turn-failed")
            await self._take(HearingFailed("failed"))
        if not self._delivery.ended:
            await self._take(HearingFailed("failed"))

    async def _take(self, event: TurnEvent | Gone) -> None:
        if self._delivery.ended:
            return
        if isinstance(event, SpeechBegun):
            self._speaking = True
        else:
            self._note_end(event)
        last = not isinstance(event, SpeechBegun)
        found = results(self.order.number, event)
        due = self._delivery.offer(found, last=last)
        if last:
            self._result = line(found)
            self._release()
        await self._send(due)

    def _note_end(self, event: SpeechEnded | HearingFailed | Gone) -> None:
        match event:
            case SpeechEnded(recognition, _, _, after_milliseconds):
                result = "heard" if recognition.text else "empty"
                self._observer.turn_ended(result, after_milliseconds / 1000)
            case HearingFailed(reason):
                self._observer.turn_ended(reason, None)
            case Gone():
                self._observer.turn_ended("gone", None)

    async def _send(self, due: Results | None) -> None:
        if due:
            with suppress(ConnectionError):  # the connection learns of it by itself
                await self._push(due)
