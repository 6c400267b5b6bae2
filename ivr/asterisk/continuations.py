"""Calls that go on: the robot speaks between two slices of waiting, after a talk, in a flow of its own.

The dialplan (asterisk-conf/extensions.conf.j2: people, after-talk, robot) comes back with the caller by
FastAGI. What becomes of him is left in IVR_NEXT as the last act; where none is left, because the caller
hung up, we fail or we die, the dialplan knows a way without us. What is said is recorded, waiting is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from ivr.asterisk.agi import CALL_AWAY, AgiCaller, AgiSession
from ivr.asterisk.recording import record_after_talk
from ivr.asterisk.staying import StayingCaller, YieldingCaller
from ivr.asterisk.telephone import CallerFactory, Continuation
from ivr.calls.ledger import CallStory, Ledger
from ivr.calls.lines import Lines
from ivr.calls.story import Story
from ivr.desk.ports_calls import AfterTalk, Leave, QueueEnd, QueueKeeper, Return, Slice, Survey, Visit
from ivr.dialogue.ports import (
    Caller,
    CallerGone,
    CallFacts,
    Clock,
    Ending,
    EndingKind,
    Journal,
)

log = structlog.get_logger(__name__)

WAITING_FLOW: Final = "waiting"
"""Flow that is run with a caller before each slice of waiting."""

_DECISION_SECONDS: Final = 3.0
_STORY_SECONDS: Final = 2.0
_STORY_POLL_SECONDS: Final = 0.02

FlowTalk = Callable[[str, CallFacts, Caller, Journal], Awaitable[Ending]]
"""Runs a flow, named by its id, with a caller."""

PressKey = Callable[[str, str], Awaitable[None]]
"""Presses a key on a channel, in the place of who is at its other end."""


class StoryUnknown(Exception):
    """The ledger can't tell of the call now."""


@dataclass(frozen=True, slots=True)
class Ongoing:
    """A call that we were led back to."""

    session: AgiSession
    story: CallStory
    facts: CallFacts
    caller: AgiCaller


Work = Callable[[Ongoing, str], Awaitable[None]]


class Continued:
    """Takes calls up again and does one kind of work with them."""

    def __init__(self, *, lines: Lines, ledger: Ledger, caller: CallerFactory, clock: Clock) -> None:
        self._lines = lines
        self._ledger = ledger
        self._caller = caller
        self._clock = clock

    def by(self, work: Work) -> Continuation:
        """A continuation that does this work; a fault in it is logged, and leaves no word."""

        async def continuation(session: AgiSession, call_id: str, name: str) -> None:
            try:
                call = await self._take_up(session, call_id)
                await work(call, name)
            except CallerGone:
                log.info("call.gone", route=session.environment.route)
            except Exception:
                log.exception("call.continuation-failed", route=session.environment.route)
            if session.hung_up and (story := self._ledger.find(call_id)):
                story.closed()

        return continuation

    async def _take_up(self, session: AgiSession, call_id: str) -> Ongoing:
        """The call as the ledger knows it, also when this engine has not seen it before.

        Raises:
            StoryUnknown: The ledger can't be asked now.
        """
        story = self._ledger.find(call_id) or await self._stranger(session, call_id)
        facts = self._facts(story.story, session)
        return Ongoing(session, story, facts, self._caller(session, call_id))

    async def _stranger(self, session: AgiSession, call_id: str) -> CallStory:
        line = await session.get_variable("IVR_LINE") or ""
        known = self._lines.by_name(line)
        self._ledger.notice(
            CallFacts(
                call_id=call_id,
                line=line,
                segment=known.segment if known else "any",
                profile=known.profile if known else "",
                caller_number=session.environment.caller_number,
                started_at=self._clock.now(),
            )
        )
        limit = self._clock.monotonic() + _STORY_SECONDS
        while (story := self._ledger.find(call_id)) is None:
            if self._clock.monotonic() > limit:
                raise StoryUnknown
            await self._clock.sleep(_STORY_POLL_SECONDS)
        return story

    def _facts(self, story: Story, session: AgiSession) -> CallFacts:
        return CallFacts(
            call_id=story.call_id,
            line=story.line or "",
            segment=story.segment or "any",
            profile=story.profile or "",
            caller_number=story.caller_number or session.environment.caller_number,
            started_at=story.came_at,
        )


class WaitingCalls:
    """`/waiting/<queue>`: the robot's word to a caller who waits, then his next slice."""

    def __init__(self, ledger: Ledger, talk: FlowTalk, keeper: QueueKeeper, press: PressKey) -> None:
        self._ledger = ledger
        self._talk = talk
        self._keeper = keeper
        self._press = press

    async def __call__(self, call: Ongoing, queue: str) -> None:
        """Talk, then leave word of the slice, or that he waits no longer."""
        try:
            visit = await _visit(call, queue)
            if visit.first:
                self._ledger.queue_joined(visit.call_id, queue)
            outcome = await self._told(call, visit)
            async with asyncio.timeout(_DECISION_SECONDS):
                decision = await self._keeper.next(visit, outcome)
            await _leave_word(call.caller, decision)
        finally:
            if call.session.hung_up:
                self._ledger.queue_abandoned(call.facts.call_id)

    async def _told(self, call: Ongoing, visit: Visit) -> str:
        """The robot speaks to him, for as long as nobody else is there; the flow's outcome."""
        press = partial(self._press, call.session.environment.channel, CALL_AWAY)
        caller = YieldingCaller(call.caller, press, answered=bool(visit.key))
        self._keeper.arrived(call.facts, visit, caller.call_away)
        try:
            return await _run(self._talk, WAITING_FLOW, call, caller)
        finally:
            await caller.close()


class TalkedCalls:
    """`/after-talk`: the operator is gone and the caller is not."""

    def __init__(self, ledger: Ledger, talk: FlowTalk, after: AfterTalk, spool: Path) -> None:
        self._ledger = ledger
        self._talk = talk
        self._after = after
        self._spool = spool

    async def __call__(self, call: Ongoing, _name: str) -> None:
        """Ask him, or lead him back to the queue; without word the dialplan ends the call."""
        async with asyncio.timeout(_DECISION_SECONDS):
            decision = await self._after.next(call.facts.call_id)
        match decision:
            case Survey(flow):
                await record_after_talk(call.caller, self._spool, call.facts.call_id)
                await _run(self._talk, flow, call, StayingCaller(call.caller))
            case Return(slice_, flow):
                await self._return(call, slice_, flow)

    async def _return(self, call: Ongoing, slice_: Slice, flow: str) -> None:
        try:
            await record_after_talk(call.caller, self._spool, call.facts.call_id)
            await _run(self._talk, flow, call, StayingCaller(call.caller))
            await _leave_word(call.caller, slice_)
        finally:
            if call.session.hung_up:
                self._ledger.queue_abandoned(call.facts.call_id)


class FlowCalls:
    """`/flow/<flow>`: a person sent the caller to the robot; IVR_RESULT tells the end, as for a line."""

    def __init__(self, talk: FlowTalk, forget: Callable[[str], None]) -> None:
        self._talk = talk
        self._forget = forget

    async def __call__(self, call: Ongoing, flow: str) -> None:
        """Run it as a scenario of its own."""
        try:
            call.story.ending(await self._talk(flow, call.facts, call.caller, call.story))
            if call.caller.queued is not None:
                call.story.handed_over(call.caller.queued)
        finally:
            self._forget(call.facts.call_id)


def continuations(
    *,
    lines: Lines,
    ledger: Ledger,
    talk: FlowTalk,
    caller: CallerFactory,
    clock: Clock,
    keeper: QueueKeeper,
    after: AfterTalk,
    forget: Callable[[str], None],
    press: PressKey,
    spool: Path,
) -> dict[str, Continuation]:
    """What `TelephoneCalls` leads calls to that go on, by the first word of the route.

    Args:
        lines: Known lines.
        ledger: Knows the calls, and is told.
        talk: Runs a flow by its id.
        caller: Makes the dialogue's caller.
        clock: The time.
        keeper: Keeps the callers who wait.
        after: Decides after a talk.
        forget: Told the call id when a flow that may have identified the caller has ended.
        press: Ends what the robot says to a caller who waits.
        spool: Folder into which Asterisk records.
    """
    continued = Continued(lines=lines, ledger=ledger, caller=caller, clock=clock)
    return {
        "waiting": continued.by(WaitingCalls(ledger, talk, keeper, press)),
        "after-talk": continued.by(TalkedCalls(ledger, talk, after, spool)),
        "flow": continued.by(FlowCalls(talk, forget)),
    }


async def _run(talk: FlowTalk, flow: str, call: Ongoing, caller: Caller) -> str:
    """Run a flow; its outcome, or an empty string when it failed.

    Raises:
        CallerGone: The caller hung up, whatever the flow made of it.
    """
    try:
        ending = await talk(flow, call.facts, caller, call.story)
    except CallerGone:
        raise
    except Exception:
        log.exception("call.flow-failed", flow=flow)
        ending = Ending(EndingKind.FAILED, "")
    if ending.kind is EndingKind.COMPLETED:
        call.story.ending(ending)
    if call.session.gone.is_set():
        raise CallerGone
    return "" if ending.kind is EndingKind.FAILED else ending.outcome


async def _visit(call: Ongoing, queue: str) -> Visit:
    end, _, key = (await call.session.evaluate("${IVR_QUEUE_END}:${IVR_KEY}")).partition(":")
    return Visit(
        call_id=call.facts.call_id,
        queue=queue,
        first=not end and not key,
        end=QueueEnd(end) if end in set(QueueEnd) else None,
        key=key,
    )


async def _leave_word(caller: AgiCaller, decision: Slice | Leave) -> None:
    if isinstance(decision, Leave):
        await caller.leave_word(IVR_NEXT="hangup")
        return
    await caller.leave_word(
        IVR_QUEUE=decision.queue,
        IVR_SLICE=str(max(decision.seconds, 1)),  # Queue() takes 0 for no limit
        IVR_PRIORITY=str(decision.priority),
        IVR_POSITION="" if decision.position is None else str(decision.position),
        IVR_NEXT="queue",
    )
