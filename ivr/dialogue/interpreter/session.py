"""What a call has, and what a run of a flow within it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ivr.dialogue.calendars import Calendars
from ivr.dialogue.expressions import EvaluationError
from ivr.dialogue.ports import Action, Caller, CallFacts, Clock, Journal, Speech, Value
from ivr.dialogue.settings import DialogueSettings

if TYPE_CHECKING:
    from ivr.dialogue.interpreter.program import Program, Way


class Understanding(Protocol):
    """Makes keys of what was said."""

    def keys(self, kind: str, words: Mapping[str, Sequence[str]], text: str) -> str | None:
        """The keys that mean the same, or None.

        Args:
            kind: Kind of the answer, `yes_no`, `choice`, `reading`, …
            words: Key → how it may be said, where the flow says so.
            text: What was recognised.
        """


class Runaway(Exception):
    """The flow runs in circles without hearing the caller."""


@dataclass(slots=True, kw_only=True)
class Session:
    """One call.

    Attributes:
        programs: Every flow of the set that the call began with, by id.
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
    reached: str | None = None
    unheard: int = 0
    full_answer: bool = False

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
        for speech in speeches:
            await self.caller.say(speech)


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
    """

    session: Session
    program: Program
    variables: dict[str, Value]
    depth: int = 0
    visits: Counter[str] = field(default_factory=Counter)
    loops: list[Loop] = field(default_factory=list)
    erring: bool = False

    def now(self) -> datetime:
        """The moment, aware, in the company's time zone."""
        return self.session.clock.now()

    def is_open(self, calendar: str) -> bool:
        """Whether the calendar is open now."""
        return self.session.calendars.is_open(calendar, self.now())

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

    def reach(self, outcome: str) -> None:
        """Note that the call has reached an outcome, if it is a complete one of the outermost flow."""
        if self.depth == 0 and self.program.flow.outcome(outcome).complete:
            self.session.reached = outcome
