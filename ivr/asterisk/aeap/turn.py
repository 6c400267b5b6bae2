"""One turn of a call at the endpoint: sound in, results out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from ivr.asterisk.aeap.delivery import Delivery, Results
from ivr.asterisk.aeap.observer import ListeningObserver
from ivr.asterisk.aeap.results import Gone, results
from ivr.speech.recognition.ports import (
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

Push = Callable[[Results], Awaitable[None]]
"""Sends results to Asterisk."""


class ListenedTurn:
    """A turn from its order to the next one.

    Attributes:
        order: How it is listened to.
    """

    def __init__(self, order: TurnOrder, push: Push, observer: ListeningObserver) -> None:
        self.order = order
        self._push = push
        self._observer = observer
        self._delivery = Delivery()
        self._hearing: OpenTurn | None = None
        self._pump: asyncio.Task[None] | None = None
        self._speaking = False

    @property
    def state(self) -> str:
        """`waiting` before speech, `speaking`, or `ended` when the result is known."""
        if self._delivery.ended:
            return "ended"
        return "speaking" if self._speaking else "waiting"

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

    async def feed(self, pcm: bytes) -> None:
        """Take sound of the caller."""
        if self._hearing is not None:
            self._hearing.feed(pcm)
        await self._send(self._delivery.frame())

    def taken(self) -> None:
        """Asterisk has taken results of this turn."""
        self._delivery.taken()

    async def give_up(self) -> None:
        """End it with a result that says that nobody waits for it any more."""
        await self._take(Gone())
        self._stop()

    def close(self, result: str) -> None:
        """Nobody listens any more; `result` is what it ended with, as `ListeningObserver` has it."""
        if not self._delivery.ended:
            self._delivery.offer([], last=True)
            self._observer.turn_ended(result, None)
        self._stop()

    def _stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
        self._release()

    def _release(self) -> None:
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            hearing.close()

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
        due = self._delivery.offer(results(self.order.number, event), last=last)
        if last:
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
