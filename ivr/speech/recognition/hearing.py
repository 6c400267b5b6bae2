"""Listens to many turns at once, on threads; see `Hearing`."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from ivr.speech.recognition.clips import Clips
from ivr.speech.recognition.grammars import GrammarStore
from ivr.speech.recognition.listener import Digits, Ear, Listener
from ivr.speech.recognition.ports import Overloaded, Recogniser, Slot, TurnOrder
from ivr.speech.recognition.settings import RecognitionSettings, SlotSettings
from ivr.speech.recognition.turn import Turn
from ivr.speech.recognition.vad import DetectorModel
from ivr.speech.recognition.workers import Workers

_log = structlog.get_logger(__name__)

_CLOSING_SECONDS = 2.0


@dataclass(slots=True)
class _Room:
    """A slot at work."""

    ear: Ear
    workers: Workers
    most_turns: int
    turns: set[Turn]


class RecognitionService:
    """The recognisers of both slots with their threads.

    A slot has threads of its own, so that closed questions never wait for free speech. All methods belong to
    one event loop.
    """

    def __init__(
        self,
        recognisers: Mapping[Slot, Recogniser],
        detector: DetectorModel,
        settings: RecognitionSettings,
        digits: Digits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the threads.

        Args:
            recognisers: For each slot; both may be the same.
            detector: Detects speech.
            settings: Hearing.
            digits: Understands spoken numbers, so that one of known length ends at its last digit.
            clock: Seconds of a clock that never goes back.
        """
        self._settings = settings
        self._detector = detector
        self._clock = clock
        phrases = GrammarStore(settings.grammars_folder).get
        clips = Clips(settings.clips_folder, settings.pending_clips) if settings.keep_clips else None
        self._rooms = {
            slot: _room(
                slot,
                Ear(
                    recogniser=recognisers[slot],
                    settings=settings,
                    phrases=phrases,
                    digits=digits,
                    clips=clips,
                ),
                own,
            )
            for slot, own in ((Slot.CLOSED, settings.closed), (Slot.FREE, settings.free))
        }

    @property
    def turns(self) -> int:
        """Turns that are listened to now."""
        return sum(len(room.turns) for room in self._rooms.values())

    @property
    def lost_threads(self) -> int:
        """Threads that recognisers have not given back in time: each holds memory and perhaps a core."""
        return sum(room.workers.lost for room in self._rooms.values())

    def open(self, order: TurnOrder, call_id: str) -> Turn:
        """Begin to listen; see `Hearing`. A slot whose threads are all lost is overloaded, too."""
        room = self._rooms[order.slot]
        if len(room.turns) >= room.most_turns or room.workers.lost >= room.workers.count:
            _log.warning("hearing_overloaded", call_id=call_id, slot=order.slot, turns=len(room.turns))
            raise Overloaded
        turn = Turn(
            Listener(order, room.ear, self._detector.detector()),
            room.workers,
            work_seconds=self._settings.work_seconds,
            clock=self._clock,
            call_id=call_id,
            ended=lambda: room.turns.discard(turn),
        )
        room.turns.add(turn)
        return turn

    async def close(self) -> None:
        """End all turns and threads."""
        for room in self._rooms.values():
            for turn in tuple(room.turns):
                turn.close()
        await asyncio.gather(
            *(asyncio.to_thread(room.workers.close, _CLOSING_SECONDS) for room in self._rooms.values())
        )


def _room(slot: Slot, ear: Ear, settings: SlotSettings) -> _Room:
    workers = Workers(f"hearing-{slot}", settings.threads or os.cpu_count() or 1)
    return _Room(ear, workers, settings.most_turns, set())
