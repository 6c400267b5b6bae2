"""One open turn on the event loop: takes frames, has them worked on in order, tells what happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace

import structlog

from ivr.speech.recognition.listener import Listener
from ivr.speech.recognition.ports import HearingFailed, RecogniserFailed, SpeechEnded, TurnEvent
from ivr.speech.recognition.workers import Job, Workers

_log = structlog.get_logger(__name__)

Outcome = list[TurnEvent] | Exception


class Turn:
    """See `OpenTurn`. All methods belong to one event loop; the listener works in one thread at a time."""

    def __init__(
        self,
        listener: Listener,
        workers: Workers,
        *,
        work_seconds: float,
        clock: Callable[[], float],
        call_id: str,
        ended: Callable[[], None],
    ) -> None:
        """Begin.

        Args:
            listener: Does the work.
            workers: Lend it threads.
            work_seconds: Longest wait for the listener.
            clock: Seconds of a clock that never goes back.
            call_id: Of the call, for the log.
            ended: Called once, when the turn needs nothing any more.
        """
        self._listener = listener
        self._workers = workers
        self._wanted = listener.wanted_bytes
        self._work_seconds = work_seconds
        self._clock = clock
        self._ended = ended
        self._log = _log.bind(call_id=call_id)
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[TurnEvent | None] = asyncio.Queue()
        self._frames: list[bytes] = []
        self._waiting = 0
        self._fed_at = 0.0
        self._job: Job | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._over = False

    def feed(self, pcm: bytes) -> None:
        """Sound from the caller; see `OpenTurn`."""
        if self._over:
            return
        self._frames.append(pcm)
        self._waiting += len(pcm)
        self._fed_at = self._clock()
        if self._job is None and self._waiting >= self._wanted:
            self._work()

    async def events(self) -> AsyncIterator[TurnEvent]:
        """What happens; see `OpenTurn`. Ends when the turn is closed, too."""
        while (event := await self._events.get()) is not None:
            yield event
        self._events.put_nowait(None)  # for whoever asks again

    def close(self) -> None:
        """Nobody listens any more; see `OpenTurn`."""
        self._finish()

    def _work(self) -> None:
        sound = b"".join(self._frames)
        self._frames.clear()
        self._waiting = 0
        fed_at = self._fed_at
        self._job = self._workers.submit(lambda: self._take(sound, fed_at))
        self._limit = self._loop.call_later(self._work_seconds, self._stuck)

    def _take(self, sound: bytes, fed_at: float) -> None:
        """In a worker thread."""
        outcome: Outcome
        try:
            outcome = self._listener.take(sound)
        except Exception as error:
            outcome = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(self._worked, outcome, fed_at)

    def _worked(self, outcome: Outcome, fed_at: float) -> None:
        self._job = None
        if self._limit:
            self._limit.cancel()
        if self._over:
            self._workers.submit(self._listener.release)
        elif isinstance(outcome, Exception):
            reason = str(outcome) if isinstance(outcome, RecogniserFailed) else ""
            self._log.error("recogniser_failed", error=type(outcome).__name__, reason=reason)
            self._fail()
        else:
            self._tell(outcome, fed_at)

    def _tell(self, events: list[TurnEvent], fed_at: float) -> None:
        self._wanted = self._listener.wanted_bytes
        for event in events:
            if isinstance(event, SpeechEnded):
                late = (self._clock() - fed_at) * 1000
                self._events.put_nowait(replace(event, after_milliseconds=event.after_milliseconds + late))
                self._finish()
                return
            self._events.put_nowait(event)
        if self._waiting >= self._wanted:
            self._work()

    def _stuck(self) -> None:
        """The recogniser has not come back in time; its thread may never."""
        if self._job is None:
            return
        self._log.error("recogniser_stuck", seconds=self._work_seconds)
        self._workers.give_up(self._job)
        self._fail()

    def _fail(self) -> None:
        if not self._over:
            self._events.put_nowait(HearingFailed("failed"))
            self._finish()

    def _finish(self) -> None:
        if self._over:
            return
        self._over = True
        self._frames.clear()
        self._events.put_nowait(None)
        if self._job is None:
            self._workers.submit(self._listener.release)
        self._ended()
