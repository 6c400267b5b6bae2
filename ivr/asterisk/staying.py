"""Callers who stay on the line when a flow ends: who wait, or whose talk is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import structlog

from ivr.asterisk.agi import AgiCaller
from ivr.dialogue.ports import CallerTaken, Deaf, Heard, QueueRequest, Silence, Speech, Turn

log = structlog.get_logger(__name__)

T = TypeVar("T")

Press = Callable[[], Awaitable[None]]
"""Presses `CALL_AWAY` in the caller's place."""


class StayingCaller:
    """A `Caller` who stays on the line when the flow ends: how his call goes on is decided afterwards."""

    def __init__(self, caller: AgiCaller) -> None:
        self._caller = caller

    async def say(self, speech: Speech) -> None:
        """As `Caller.say`."""
        await self._caller.say(speech)

    async def ask(self, turn: Turn) -> Heard:
        """As `Caller.ask`."""
        return await self._caller.ask(turn)

    async def flush(self) -> None:
        """As `Caller.flush`."""
        await self._caller.flush()

    async def enqueue(self, _request: QueueRequest) -> None:
        """End the flow: he is on his way to people already."""
        await self.flush()

    async def hang_up(self) -> None:
        """End the flow."""
        await self.flush()


class YieldingCaller(StayingCaller):
    """One who can be called away while he only listens; who has begun to answer is left to it.

    Every method raises `CallerTaken` once he is called away.

    Attributes:
        playing: Whether he is told or asked something now.
    """

    def __init__(self, caller: AgiCaller, press: Press, *, answered: bool) -> None:
        """Args: `answered` tells whether he has come because of something that he wants of the robot."""
        super().__init__(caller)
        self._press = press
        self._answered = answered
        self._wanted = False
        self.playing = False
        self._pressing: asyncio.Task[None] | None = None
        caller.yields = not answered

    def call_away(self) -> None:
        """Somebody is there for him. Does not wait."""
        if self._answered or self._wanted:
            return
        self._wanted = True
        if self.playing and not self._caller.answering:
            self._pressing = asyncio.create_task(self._end_what_plays(), name="call-away")

    async def close(self) -> None:
        """The flow has ended: nothing is pressed any more."""
        self._caller.yields = False
        self._wanted = True
        if self._pressing is not None:
            await asyncio.wait({self._pressing})

    async def say(self, speech: Speech) -> None:
        """As `Caller.say`."""
        await self._listens(partial(self._caller.say, speech))

    async def ask(self, turn: Turn) -> Heard:
        """As `Caller.ask`."""
        heard = await self._listens(partial(self._caller.ask, turn))
        if not isinstance(heard, Silence | Deaf):
            self._answered = True
            self._caller.yields = False
        return heard

    async def flush(self) -> None:
        """As `Caller.flush`."""
        await self._listens(self._caller.flush)

    async def _listens(self, command: Callable[[], Awaitable[T]]) -> T:
        """Do what he listens to, unless he is wanted elsewhere and has not begun to answer."""
        if self._wanted and not self._answered and not self._caller.answering:
            self._caller.fall_silent()
            raise CallerTaken
        self.playing = True
        try:
            return await command()
        finally:
            self.playing = False

    async def _end_what_plays(self) -> None:
        try:
            await self._press()
        except Exception as error:  # he hears it to its end then
            log.info("waiting.not-called-away", error=type(error).__name__)
