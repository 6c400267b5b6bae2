"""Conducts a telephone call: from the FastAGI request to the ending of its scenario."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol

import structlog

from ivr.asterisk.agi import AgiCaller, AgiSession
from ivr.asterisk.recording import CallRecording, RecordedCaller
from ivr.calls.ledger import CallStory, Ledger
from ivr.calls.lines import Line, Lines
from ivr.dialogue.ports import Caller, CallerGone, CallFacts, Clock, Ending, EndingKind, Journal

log = structlog.get_logger(__name__)

_ROUTE: Final = "line/"
_CALL_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")

Talk = Callable[[Line, CallFacts, Caller, Journal], Awaitable[Ending]]
"""Runs the line's scenario."""


class CallerFactory(Protocol):
    """Makes the dialogue's caller of a session."""

    def __call__(self, session: AgiSession, call_id: str) -> AgiCaller:
        """The person at the other end of this session."""


class RecordingFactory(Protocol):
    """Makes the recording of a call."""

    def __call__(self, caller: AgiCaller, channel: str, file: Path) -> CallRecording:
        """A recording into this file, not begun."""


class TelephoneCalls:
    """The handler of the FastAGI server.

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
    ) -> None:
        """Args: `bind` is told unique id and call id of each channel, `forget` the call id at the end."""
        self._lines = lines
        self._ledger = ledger
        self._talk = talk
        self._caller = caller
        self._recording = recording
        self._spool = spool
        self._clock = clock
        self._bind = bind
        self._forget = forget

    async def __call__(self, session: AgiSession) -> None:
        """Conduct the call of a session."""
        line = self._line(session)
        call_id = self._call_id(session)
        if line is None or call_id is None:
            log.error("call.unknown-route", route=session.environment.route)
            return
        with structlog.contextvars.bound_contextvars(call_id=call_id):
            self._bind(session.environment.unique_id, call_id)
            await self._conduct(session, line, self._facts(session, line, call_id))

    def _line(self, session: AgiSession) -> Line | None:
        route = session.environment.route
        return self._lines.by_name(route.removeprefix(_ROUTE)) if route.startswith(_ROUTE) else None

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
        recording = self._recording(caller, session.environment.channel, self._spool / f"{facts.call_id}.wav")
        await recording.begin()
        await caller.answer()
        story.answered()
        return await self._talk(line, facts, RecordedCaller(caller, recording), story)
