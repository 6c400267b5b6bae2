"""What a call has, and what a run of a flow within it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ivr.dialogue.calendars import Calendars
from ivr.dialogue.expressions import EvaluationError
from ivr.dialogue.interpreter.everywhere import Everywhere
from ivr.dialogue.ports import (
    Action,
    Caller,
    CallFacts,
    Clock,
    Journal,
    Speech,
    Understanding,
    Value,
)
from ivr.dialogue.schema.values import CALL_MEMORY, REACHED
from ivr.dialogue.settings import DialogueSettings

if TYPE_CHECKING:
    from ivr.dialogue.interpreter.program import Program, Way


class Runaway(Exception):
    """The flow runs in circles without hearing the caller."""


@dataclass(slots=True, kw_only=True)
class Session:
    """One call.

    Attributes:
        programs: Every flow of the set that the call began with, by id.
        everywhere: What holds at every question.
        call: The variable `call` of every flow: facts, and what the call remembers.
        reached: The complete outcome that was reached, if any.
        unheard: States visited since the caller was last heard.
        full_answer: Whether the last answer ended at its last key, so that a `#` may still follow.
    """

    caller: Caller
    clock: Clock
    journal: Journal
    facts: CallFacts
    actions: Mapping[str, Action]
    understanding: Understanding
    settings: DialogueSettings
    programs: Mapping[str, Program]
    calendars: Calendars
    everywhere: Everywhere = field(default_factory=Everywhere)
    call: dict[str, Value] = field(default_factory=dict)
    reached: str | None = None
    unheard: int = 0
    full_answer: bool = False

    def __post_init__(self) -> None:
        facts = self.facts
        self.call.update(
            line=facts.line,
            segment=facts.segment,
            profile=facts.profile,
            caller_number=facts.caller_number,
            started_at=facts.started_at,
            slow=False,
        )
        self.call.update(dict.fromkeys(CALL_MEMORY))

    def count_state(self) -> None:
        """Note that one more state is entered.

        Raises:
            Runaway: Too many since the caller was heard.
        """
        self.unheard += 1
        if self.unheard > self.settings.unheard_states_most:
            raise Runaway

    async def say(self, speeches: Sequence[Speech]) -> None:
        """Say them, one after another."""
        for speech in self.paced(speeches):
            await self.caller.say(speech)

    def slow_down(self) -> None:
        """Speak slowly from now on."""
        self.call["slow"] = True

    def paced(self, speeches: Sequence[Speech]) -> Sequence[Speech]:
        """The same at the pace that the caller asked for."""
        return [replace(speech, slow=True) for speech in speeches] if self.call["slow"] else speeches

    def remembered(self) -> Mapping[str, Value]:
        """What the call remembers, for the people it is handed to."""
        return {name: value for name in CALL_MEMORY if (value := self.call[name]) is not None}


@dataclass(slots=True)
class Loop:
    """A `for_each` that is under way; the items set their variables as they come."""

    state: str
    items: Iterator[None]
    start: Way
    body: frozenset[str]
    onward: Way | None


@dataclass(slots=True)
class Frame:
    """One run of a flow within a call, and the surroundings of its expressions.

    Attributes:
        depth: How many flows have called each other up to this one.
        visits: State → how often it was entered.
        loops: The innermost last.
        erring: Whether the flow's `on_error` has been taken.
        state: The state that is visited.
        asked: The states that have asked something, the last at the end.
    """

    session: Session
    program: Program
    variables: dict[str, Value]
    depth: int = 0
    visits: Counter[str] = field(default_factory=Counter)
    loops: list[Loop] = field(default_factory=list)
    erring: bool = False
    state: str = ""
    asked: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        """The moment, aware, in the company's time zone."""
        return self.session.clock.now()

    def is_open(self, calendar: str) -> bool:
        """Whether the calendar is open now."""
        return self.session.calendars.is_open(calendar, self.now())

    def opens(self, calendar: str) -> datetime | None:
        """When the calendar is open next."""
        return self.session.calendars.opens(calendar, self.now())

    def assign(self, name: str, value: Value) -> None:
        """Set a variable, or with `call.` before its name something that the call remembers."""
        _, of_call, remembered = name.partition("call.")
        if of_call:
            self.session.call[remembered] = value
        else:
            self.variables[name] = value

    def ask(self) -> None:
        """Note that the present state asks something."""
        if self.asked[-1:] != [self.state]:
            self.asked.append(self.state)

    def question_before(self) -> str | None:
        """The state that asked before the present one; the present one is forgotten with it."""
        if len(self.asked) < 2:
            return None
        self.asked.pop()
        return self.asked.pop()

    def begin(self, loop: Loop) -> Way | None:
        """Begin a `for_each`; one that had been left in its middle begins anew."""
        for index, running in enumerate(self.loops):
            if running.state == loop.state:
                del self.loops[index:]
                break
        self.loops.append(loop)
        return self._step(loop)

    def advance(self) -> Way | None:
        """Go on with the next item: the way into it, or the way on after the last.

        Raises:
            EvaluationError: No `for_each` is under way, or its lists are none.
        """
        if not self.loops:
            raise EvaluationError("'next' outside of a 'for_each'")
        loop = self.loops[-1]
        for state in loop.body:
            self.visits.pop(state, None)
        return self._step(loop)

    def _step(self, loop: Loop) -> Way | None:
        for _ in loop.items:
            return loop.start
        self.loops.pop()
        return loop.onward

    def reach(self, outcome: str) -> str:
        """Note that the call has reached an outcome, if it is a complete one of the outermost flow.

        Returns:
            The outcome; for `reached`, the one that the call has reached last.
        """
        if outcome == REACHED:
            return self.session.reached or REACHED
        if self.depth == 0 and self.program.flow.outcome(outcome).complete:
            self.session.reached = outcome
        return outcome


@dataclass(frozen=True, slots=True)
class Within:
    """A frame with further variables in sight: an item of a list, a word that was heard."""

    frame: Frame
    further: Mapping[str, Value]

    @property
    def variables(self) -> Mapping[str, Value]:
        """Those of the frame and the further ones."""
        return {**self.frame.variables, **self.further}

    def now(self) -> datetime:
        """The moment."""
        return self.frame.now()

    def is_open(self, calendar: str) -> bool:
        """Whether the calendar is open now."""
        return self.frame.is_open(calendar)

    def opens(self, calendar: str) -> datetime | None:
        """When the calendar is open next."""
        return self.frame.opens(calendar)
