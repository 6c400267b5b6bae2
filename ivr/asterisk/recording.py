"""The recording of a call: it runs from the notice on, the caller's words only once the notice has ended.

bryansk п. 78 д (L905), krasnoyarsk L343, omsk L449: the caller is told of the recording at the start;
nothing that he says before is kept.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog

from ivr.asterisk.agi import AgiCaller, CommandFailed
from ivr.asterisk.ami import ActionRefused, LinkLost
from ivr.dialogue.ports import Heard, Prompt, QueueRequest, Speech, Turn

log = structlog.get_logger(__name__)

_AWAY = (ActionRefused, LinkLost, TimeoutError)


class Mute(Protocol):
    """Keeps the caller's direction out of a channel's recording, or lets it in (AMI MixMonitorMute)."""

    async def __call__(self, channel: str, on: bool) -> None:
        """Raises ActionRefused, LinkLost or TimeoutError."""


class CallRecording:
    """One recording of one channel."""

    def __init__(self, caller: AgiCaller, channel: str, file: Path, mute: Mute, notice: str) -> None:
        """Args: notice, id of the prompt with whose end the caller's words may be kept."""
        self._caller = caller
        self._channel = channel
        self._file = file
        self._mute = mute
        self._notice = notice
        self._running = False
        self._open = False

    async def begin(self) -> None:
        """Start it muted, before the call is answered.

        Where it can't be muted it is not started: it begins after the notice instead.
        """
        await self._start()
        if self._running and not await self._set_mute(True):
            await self._caller.stop_recording()
            self._file.unlink(missing_ok=True)
            self._running = False

    async def said(self, speech: Speech) -> None:
        """The utterance has ended; with the notice the caller's words begin to be recorded."""
        if not self._open and Prompt(self._notice) in speech.fragments:
            self._open = True
            await self._let_in()

    async def _let_in(self) -> None:
        if self._running and not await self._set_mute(False):
            await self._caller.stop_recording()
            with suppress(FileNotFoundError):
                self._file.rename(self._file.with_stem(f"{self._file.stem}-notice"))
            self._running = False
        if not self._running:
            await self._start()

    async def _start(self) -> None:
        try:
            await self._caller.start_recording(str(self._file))
            self._running = True
        except CommandFailed as error:
            log.error("recording.not-started", reason=str(error))

    async def _set_mute(self, on: bool) -> bool:
        try:
            await self._mute(self._channel, on)
        except _AWAY as error:
            log.warning("recording.mute-failed", on=on, reason=type(error).__name__)
            return False
        return True


class RecordedCaller:
    """A `Caller` whose recording follows what is said to him."""

    def __init__(self, caller: AgiCaller, recording: CallRecording) -> None:
        self._caller = caller
        self._recording = recording

    async def say(self, speech: Speech) -> None:
        """As `Caller.say`."""
        await self._caller.say(speech)
        if not speech.interruptible:
            await self._recording.said(speech)

    async def ask(self, turn: Turn) -> Heard:
        """As `Caller.ask`."""
        return await self._caller.ask(turn)

    async def flush(self) -> None:
        """As `Caller.flush`."""
        await self._caller.flush()

    async def enqueue(self, request: QueueRequest) -> None:
        """As `Caller.enqueue`."""
        await self._caller.enqueue(request)

    async def hang_up(self) -> None:
        """As `Caller.hang_up`."""
        await self._caller.hang_up()


async def record_after_talk(caller: AgiCaller, spool: Path, call_id: str) -> None:
    """Record what the robot and the caller say after a talk: a part of its own, `<call>-after.raw`."""
    try:
        await caller.start_recording(str(spool / f"{call_id}-after.raw"), append=True)
    except CommandFailed as error:
        log.error("recording.not-started", reason=str(error))
