"""Pauses of a recording at sensitive data: each ends by itself, also over a restart of the engine."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from ivr.calls.deeds import DeedKind
from ivr.calls.legs import Leg
from ivr.calls.story import Stage, Story
from ivr.desk.ports import CallNotThere, ExchangeAway, Switchboard
from ivr.dialogue.ports import Clock

log = structlog.get_logger(__name__)


class DeedBook(Protocol):
    """The ledger, as far as deeds are noted there."""

    def note_deed(self, call_id: str, kind: str, agent: str | None) -> None:
        """Somebody did something in a call."""


class RecordingPauses:
    """Pauses that last; a listener of the ledger."""

    def __init__(self, switchboard: Switchboard, deeds: DeedBook, clock: Clock, seconds: float) -> None:
        """Args: seconds, after which a recording goes on."""
        self._switchboard = switchboard
        self._deeds = deeds
        self._clock = clock
        self._seconds = seconds
        self._ends: dict[str, asyncio.Task[None]] = {}

    async def close(self) -> None:
        """Wait no longer; the next start finds the pauses in the stories."""
        ends, self._ends = list(self._ends.values()), {}
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)

    async def pause(self, call_id: str, agent: str) -> None:
        """Keep what is said out of all recordings of the call from now on; a new pause begins the time anew.

        Raises:
            CallNotThere: The call has ended.
            ExchangeAway: The recording goes on, as far as is known.
        """
        await self._switchboard.record(call_id, False)
        self._deeds.note_deed(call_id, DeedKind.RECORDING_PAUSED, agent)
        self._end_later(call_id)

    async def resume(self, call_id: str, agent: str | None) -> None:
        """Go on with the recordings.

        Raises:
            CallNotThere: The call has ended.
            ExchangeAway: Nobody knows; it is tried again when the time is over.
        """
        await self._switchboard.record(call_id, True)
        self._forget(call_id)
        self._deeds.note_deed(call_id, DeedKind.RECORDING_RESUMED, agent)

    async def resume_before(self, call_id: str, agent: str) -> None:
        """End a pause, if there is one, before somebody else comes into the call; raises as `resume`."""
        if call_id in self._ends:
            await self.resume(call_id, agent)

    def story_changed(self, story: Story) -> None:
        """The ledger tells of a call: of a pause that an engine before this one began, or of its end."""
        if story.stage is Stage.ENDED:
            self._forget(story.call_id)
        elif story.recording_paused and story.call_id not in self._ends:
            self._end_later(story.call_id)

    def leg_changed(self, leg: Leg) -> None:
        """Legs are no concern of it."""

    def _end_later(self, call_id: str) -> None:
        self._forget(call_id)
        self._ends[call_id] = asyncio.create_task(self._end(call_id), name="recording-pause")

    def _forget(self, call_id: str) -> None:
        task = self._ends.pop(call_id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _end(self, call_id: str) -> None:
        while call_id in self._ends:
            await self._clock.sleep(self._seconds)
            try:
                await self.resume(call_id, None)
            except CallNotThere:
                self._ends.pop(call_id, None)
            except ExchangeAway:
                log.warning("recording.not-resumed", call_id=call_id)
