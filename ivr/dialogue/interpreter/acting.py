"""Verbs that reach beyond the talk: do, call, queue, end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.dialogue.expressions import EvaluationError, Evaluator, ScenarioError
from ivr.dialogue.interpreter.patience import Patience
from ivr.dialogue.interpreter.program import Assignments, Finish, Left, Way
from ivr.dialogue.interpreter.runner import run_flow
from ivr.dialogue.interpreter.session import Frame
from ivr.dialogue.interpreter.utterances import Compiled
from ivr.dialogue.ports import Action, QueueRequest, Result

DEEPEST = 8


class Undeclared(ScenarioError):
    """An action is missing, or ended with an outcome that it does not declare or the flow does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """Calls a registered action."""

    action: str
    arguments: Assignments
    within: float
    filler_after: float
    meanwhile: Compiled | None
    save: str | None
    ways: Mapping[str, Way]

    async def run(self, frame: Frame) -> Left | Finish:
        """Call it and wait, with a filler when it is slow."""
        action = frame.session.actions.get(self.action)
        if action is None:
            raise Undeclared(f"there is no action {self.action!r}")
        result = await self._result(action, frame)
        if result.outcome not in action.outcomes or result.outcome not in self.ways:
            raise Undeclared(f"{self.action} ended with {result.outcome!r}")
        if self.save is not None:
            frame.variables[self.save] = result.data
        return Left(outcome=result.outcome, way=self.ways[result.outcome], result=result.data)

    async def _result(self, action: Action, frame: Frame) -> Result:
        session, meanwhile = frame.session, self.meanwhile
        arguments = {name: value(frame) for name, value in self.arguments}

        async def deed() -> Result:
            return await action.run(session.facts, **arguments)

        async def filler() -> None:
            if meanwhile is not None:
                await session.say(meanwhile.speeches(frame))
            await session.caller.flush()

        patience = Patience(session.clock, self.within, self.filler_after, finish=action.commits)
        return await patience.wait(deed(), filler if meanwhile is not None else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Runs another flow."""

    flow: str
    arguments: Assignments
    save: str | None
    ways: Mapping[str, Way]

    async def run(self, frame: Frame) -> Left | Finish:
        """Run it to its end; a queue in it ends the call."""
        if frame.depth >= DEEPEST:
            raise EvaluationError("flows call each other too deeply")
        arguments = {name: value(frame) for name, value in self.arguments}
        program = frame.session.programs[self.flow]
        finish = await run_flow(Frame(frame.session, program, arguments, depth=frame.depth + 1))
        if finish.queued:
            return finish
        if finish.outcome not in self.ways:
            raise Undeclared(f"{self.flow} ended with {finish.outcome!r}")
        if self.save is not None:
            frame.variables[self.save] = finish.returned
        return Left(outcome=finish.outcome, way=self.ways[finish.outcome], result=finish.returned)


@dataclass(frozen=True, slots=True)
class Queue:
    """Hands the caller to people."""

    say: Compiled | None
    name: Evaluator
    topic: str | None
    carry: tuple[str, ...]

    async def run(self, frame: Frame) -> Left | Finish:
        """Play what is held back, then hand over."""
        session = frame.session
        name = self.name(frame)
        if not isinstance(name, str):
            raise EvaluationError("the name of a queue is a text")
        if self.say is not None:
            await session.say(self.say.speeches(frame))
        await session.caller.flush()
        carried = {key: frame.variables[key] for key in self.carry if key in frame.variables}
        remembered = session.remembered()
        topic = self.topic or remembered.get("topic")
        request = QueueRequest(name, str(topic) if topic else None, {**remembered, **carried})
        await session.caller.enqueue(request)
        return Finish(name, queued=True)


@dataclass(frozen=True, slots=True)
class End:
    """Ends the flow."""

    say: Compiled | None
    outcome: str
    returned: Assignments

    async def run(self, frame: Frame) -> Left | Finish:
        """Say what is to be said; a complete outcome is reached from its beginning on."""
        returned = {name: value(frame) for name, value in self.returned}
        outcome = frame.reach(self.outcome)
        if self.say is not None:
            await frame.session.say(self.say.speeches(frame))
        return Finish(outcome, returned=returned)
