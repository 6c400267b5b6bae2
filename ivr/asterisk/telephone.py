"""Conducts a telephone call: from the FastAGI request to the ending of its scenario."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

import structlog

from ivr.asterisk.agi import AgiCaller, AgiSession
from ivr.asterisk.recording import CallRecording, RecordedCaller
from ivr.calls.ledger import CallStory, Ledger
from ivr.calls.lines import Line, Lines
from ivr.dialogue.ports import (
    Caller,
    CallerGone,
    CallFacts,
    Clock,
    Ending,
    EndingKind,
    Journal,
    Prompt,
    Speech,
)

log = structlog.get_logger(__name__)

BLOCKED: Final = "blocked"
"""Outcome of a call that was not let in."""

_ADMISSION_SECONDS: Final = 1.0
_CALL_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")

Talk = Callable[[Line, CallFacts, Caller, Journal], Awaitable[Ending]]
"""Runs the line's scenario."""

Admit = Callable[[CallFacts], Awaitable[str | None]]
"""Tells the prompt with which a caller is turned away, or None for those who are let in."""


class CallerFactory(Protocol):
    """Makes the dialogue's caller of a session."""

    def __call__(self, session: AgiSession, call_id: str) -> AgiCaller:
        """The person at the other end of this session."""


class RecordingFactory(Protocol):
    """Makes the recording of a call."""

    def __call__(self, caller: AgiCaller, channel: str, file: Path) -> CallRecording:
        """A recording into this file, not begun."""


class Continuation(Protocol):
    """Takes up a call that goes on (`ivr.asterisk.continuations`)."""

    async def __call__(self, session: AgiSession, call_id: str, name: str) -> None:
        """Conduct it until the dialplan goes on. Args: name, what follows the kind in the route."""


async def everybody(_facts: CallFacts) -> str | None:
    """Let everybody in."""
    return None


class TelephoneCalls:
    """The handler of the FastAGI server: new calls at `/line/<line>`, others by the kind in their route.

    Whatever happens here, the caller is not lost: without a result the dialplan takes him to people.
    """

    def __init__(
        self,
        *,
        lines: Lines,
        ledger: Ledger,
        talk: Talk,
        caller: CallerFactory,
        recording: RecordingFactory,
        spool: Path,
        clock: Clock,
        bind: Callable[[str, str], None],
        forget: Callable[[str], None],
        admit: Admit = everybody,
        continuations: Mapping[str, Continuation] | None = None,
    ) -> None:
        """Begin.

        Args:
            lines: Known lines.
            ledger: Is told.
            talk: Runs a line's scenario.
            caller: Makes the dialogue's caller.
            recording: Makes the recording.
            spool: Where recordings go.
            clock: The time.
            bind: Told unique id and call id of each channel.
            forget: Told the call id at the end of the scenario.
            admit: Who is turned away before the scenario.
            continuations: By the first word of the route: `waiting`, `after-talk`, `flow`.
        """
        self._lines = lines
        self._ledger = ledger
        self._talk = talk
        self._caller = caller
        self._recording = recording
        self._spool = spool
        self._clock = clock
        self._bind = bind
        self._forget = forget
        self._admit = admit
        self._ways: Mapping[str, Continuation] = {"line": self._take, **(continuations or {})}

    async def __call__(self, session: AgiSession) -> None:
        """Conduct the call of a session."""
        kind, _, name = session.environment.route.partition("/")
        way, call_id = self._ways.get(kind), self._call_id(session)
        if way is None or call_id is None:
            log.error("call.unknown-route", route=session.environment.route)
            return
        with structlog.contextvars.bound_contextvars(call_id=call_id):
            self._bind(session.environment.unique_id, call_id)
            await way(session, call_id, name)

    async def _take(self, session: AgiSession, call_id: str, name: str) -> None:
        """A new call of a line."""
        line = self._lines.by_name(name)
        if line is None:
            log.error("call.unknown-line", route=session.environment.route)
            return
        await self._conduct(session, line, self._facts(session, line, call_id))

    def _call_id(self, session: AgiSession) -> str | None:
        """The id that the dialplan gave; it becomes a file name, so nothing else is taken."""
        arguments = session.environment.arguments
        return arguments[0] if arguments and _CALL_ID.fullmatch(arguments[0]) else None

    def _facts(self, session: AgiSession, line: Line, call_id: str) -> CallFacts:
        return CallFacts(
            call_id=call_id,
            line=line.name,
            segment=line.segment,
            profile=line.profile,
            caller_number=session.environment.caller_number,
            started_at=self._clock.now(),
        )

    async def _conduct(self, session: AgiSession, line: Line, facts: CallFacts) -> None:
        dialled = session.environment.dialled or session.environment.extension
        story = self._ledger.open(facts, dialled)
        log.info("call.begun", line=line.name)
        try:
            ending = await self._converse(session, line, facts, story)
        except CallerGone:
            ending = Ending(EndingKind.HUNG_UP, "hang-up")
        except Exception:
            log.exception("call.failed", line=line.name)
            ending = Ending(EndingKind.FAILED, "fault")
        finally:
            self._forget(facts.call_id)
        if ending.kind is EndingKind.HUNG_UP and not session.hung_up:
            ending = Ending(EndingKind.FAILED, "link-lost", ending.data)
        story.ending(ending)
        if session.hung_up:
            story.closed()
        log.info("call.scenario-ended", line=line.name, kind=ending.kind.value, outcome=ending.outcome)

    async def _converse(self, session: AgiSession, line: Line, facts: CallFacts, story: CallStory) -> Ending:
        caller = self._caller(session, facts.call_id)
        if prompt := await self._refusal(facts):
            return await self._turn_away(caller, story, prompt)
        recording = self._recording(caller, session.environment.channel, self._spool / f"{facts.call_id}.raw")
        await recording.begin()
        await caller.answer()
        story.answered()
        ending = await self._talk(line, facts, RecordedCaller(caller, recording), story)
        if caller.queued is not None:
            story.handed_over(caller.queued)
        return ending

    async def _refusal(self, facts: CallFacts) -> str | None:
        """The prompt for a caller who is not let in; a check that fails or is slow lets everybody in."""
        try:
            async with asyncio.timeout(_ADMISSION_SECONDS):
                return await self._admit(facts)
        except Exception as error:
            log.warning("call.admission-unknown", reason=type(error).__name__)
            return None

    async def _turn_away(self, caller: AgiCaller, story: CallStory, prompt: str) -> Ending:
        await caller.answer()
        story.answered()
        await caller.say(Speech((Prompt(prompt),), interruptible=False, by_voice=False))
        await caller.hang_up()
        return Ending(EndingKind.ENDED, BLOCKED)
