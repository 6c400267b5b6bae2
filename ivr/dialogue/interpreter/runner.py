"""Walks a program: one state after another, every visit a step in the journal, every fault a way out."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from ivr.dialogue.calendars import Calendars
from ivr.dialogue.expressions import ScenarioError
from ivr.dialogue.interpreter.everywhere import Elsewhere, Everywhere
from ivr.dialogue.interpreter.program import Finish, Left, Node, Program, Way
from ivr.dialogue.interpreter.session import Frame, Runaway, Session
from ivr.dialogue.ports import (
    Action,
    Caller,
    CallerGone,
    CallerTaken,
    CallFacts,
    Clock,
    Ending,
    EndingKind,
    Journal,
    Step,
    Understanding,
    Value,
)
from ivr.dialogue.schema.values import NEXT
from ivr.dialogue.settings import DialogueSettings

log = structlog.get_logger(__name__)

ERROR = "error"
HANGUP = "hangup"
TAKEN = "taken"
VISITS = "visits"
CANCELLED = "cancelled"


class FlowFailed(ScenarioError):
    """A fault for which the flow has no way out."""


class NoWayOut(ScenarioError):
    """The flow does not say where this outcome leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """Runs scenarios for calls; one for the whole process."""

    actions: Mapping[str, Action]
    clock: Clock
    understanding: Understanding
    settings: DialogueSettings = field(default_factory=DialogueSettings)

    async def run(
        self,
        programs: Mapping[str, Program],
        flow: str,
        *,
        calendars: Calendars,
        caller: Caller,
        journal: Journal,
        facts: CallFacts,
        everywhere: Everywhere | None = None,
        given: Mapping[str, Value] | None = None,
    ) -> Ending:
        """Talk with the caller until the scenario ends; never raises but when it is cancelled.

        Args:
            programs: The compiled flows of a scenario set; the call keeps them to its end.
            flow: Id of the flow to begin with.
            calendars: Those of the set.
            caller: The person on the line.
            journal: Takes the steps.
            facts: What is known of the call.
            everywhere: What holds at every question of the set.
            given: What a flow that `takes` something is given; it is not part of the ending's data.
        """
        session = Session(
            caller=caller,
            clock=self.clock,
            journal=journal,
            facts=facts,
            actions=self.actions,
            understanding=self.understanding,
            settings=self.settings,
            programs=programs,
            calendars=calendars,
            everywhere=everywhere or Everywhere(),
        )
        outermost = _Outermost(Frame(session, programs[flow], dict(given or {})))
        kind, outcome = await _ended(session, outermost)
        known = {"call", *(given or ())}
        data = {name: value for name, value in outermost.frame.variables.items() if name not in known}
        topic = session.call.get("topic")
        return Ending(kind, outcome, data, str(topic) if topic else None)


@dataclass(slots=True)
class _Outermost:
    """The flow that the call is in, whatever sub-flows it has called; another one may take over."""

    frame: Frame

    async def run(self) -> Finish:
        while True:
            try:
                return await run_flow(self.frame)
            except Elsewhere as elsewhere:
                session = self.frame.session
                self.frame = Frame(session, session.programs[elsewhere.flow], {})


async def _ended(session: Session, outermost: _Outermost) -> tuple[EndingKind, str]:
    try:
        finish = await outermost.run()
    except CallerGone as gone:
        if session.reached is not None:
            return EndingKind.COMPLETED, session.reached
        return EndingKind.ENDED if isinstance(gone, CallerTaken) else EndingKind.HUNG_UP, _why(gone)
    except (FlowFailed, Runaway):
        return EndingKind.FAILED, "failed"
    if finish.queued:
        return EndingKind.QUEUED, finish.outcome
    await _hang_up(session)
    flow = outermost.frame.program.flow
    complete = finish.outcome == session.reached or flow.outcome(finish.outcome).complete
    return EndingKind.COMPLETED if complete else EndingKind.ENDED, finish.outcome


def _why(gone: CallerGone | Runaway) -> str:
    if isinstance(gone, Runaway):
        return ERROR
    return TAKEN if isinstance(gone, CallerTaken) else HANGUP


async def _hang_up(session: Session) -> None:
    try:
        await session.caller.flush()
        await session.caller.hang_up()
    except CallerGone:
        log.debug("caller hung up first")
    except Exception:
        log.exception("hanging up failed")


async def run_flow(frame: Frame) -> Finish:
    """Run a flow to its end.

    Raises:
        CallerGone: The caller hung up.
        FlowFailed: A fault for which the flow has no way out.
        Runaway: It runs in circles.
        Elsewhere: A word of the caller leads out of it.
    """
    frame.variables["call"] = frame.session.call
    place: str | Finish = frame.program.flow.file.start
    while not isinstance(place, Finish):
        frame.session.count_state()
        place = await _visit(frame, place)
    return place


async def _visit(frame: Frame, state: str) -> str | Finish:
    """Visit a state and take the way out of it."""
    node = frame.program.nodes[state]
    frame.state = state
    step = _Visit(frame, state, node)
    try:
        return await step.through()
    except Elsewhere as elsewhere:
        step.outcome = elsewhere.command
        raise
    except (CallerGone, Runaway) as gone:
        step.outcome = _why(gone)
        raise
    except Exception as fault:
        step.outcome = ERROR
        return await step.recover(fault)
    finally:
        step.note()


class _Visit:
    """One visit of a state, timed for the journal."""

    def __init__(self, frame: Frame, state: str, node: Node) -> None:
        self._frame = frame
        self._state = state
        self._node = node
        clock = frame.session.clock
        self._started_at = clock.now()
        self._started = clock.monotonic()
        self._heard: str | None = None
        self._personal = False
        self.outcome = CANCELLED

    async def through(self) -> str | Finish:
        """Do what the state does and take its way out."""
        left = await self._left()
        if isinstance(left, Finish):
            self.outcome = left.outcome
            return left
        self.outcome, self._heard, self._personal = left.outcome, left.heard, left.personal
        return await _take(self._frame, left)

    async def _left(self) -> Left | Finish:
        frame, node = self._frame, self._node
        if node.visits is not None:
            most, onward = node.visits
            if frame.visits[self._state] >= most:
                return Left(outcome=VISITS, way=onward)
            frame.visits[self._state] += 1
        if node.reached is not None:
            frame.reach(node.reached)
        return await node.verb.run(frame)

    async def recover(self, fault: Exception) -> str | Finish:
        """Take the way out for faults: the state's own, else the flow's, once.

        Raises:
            FlowFailed: There is none, or it fails too.
        """
        frame = self._frame
        place = {"flow": frame.program.flow.label, "state": self._state, "error": type(fault).__name__}
        log.warning("fault in a scenario", **place, reason=_reason(fault))
        for way in self._error_ways():
            try:
                return await _take(frame, Left(way=way))
            except (CallerGone, Runaway):
                raise
            except Exception as another:
                log.warning("the error exit failed too", **place, another=type(another).__name__)
        raise FlowFailed(f"the flow {place['flow']} has failed") from fault

    def _error_ways(self) -> list[Way]:
        frame, ways = self._frame, []
        if self._node.error is not None:
            ways.append(self._node.error)
        if frame.program.on_error is not None and not frame.erring:
            frame.erring = self._node.error is None
            ways.append(frame.program.on_error)
        return ways

    def note(self) -> None:
        """Tell the journal."""
        frame = self._frame
        clock = frame.session.clock
        step = Step(
            flow=frame.program.flow.label,
            state=self._state,
            verb=self._node.name,
            started_at=self._started_at,
            seconds=clock.monotonic() - self._started,
            outcome=self.outcome,
            heard=self._heard,
            personal=self._personal,
        )
        frame.session.journal.step(step)


async def _take(frame: Frame, left: Left) -> str | Finish:
    """Go a way: set, say, and arrive at a state or the end; `next` goes on with the loop."""
    way = left.way
    if left.result is not None:
        frame.variables["result"] = left.result
    try:
        while True:
            if way is None:
                raise NoWayOut(f"the flow does not say where {left.outcome!r} leads")
            await _say_and_set(frame, way)
            if way.end is not None:
                return Finish(frame.reach(way.end))
            if way.target != NEXT:
                return str(way.target)
            way = frame.advance()
    finally:
        frame.variables.pop("result", None)


async def _say_and_set(frame: Frame, way: Way) -> None:
    for name, value in way.sets:
        frame.assign(name, value(frame))
    if way.say is not None:
        await frame.session.say(way.say.speeches(frame))


def _reason(fault: Exception) -> str:
    """What went wrong, without values: our own message, or the place of a foreign fault."""
    if isinstance(fault, ScenarioError):
        return str(fault)
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{frames[-1].name}, line {frames[-1].lineno}" if frames else ""
