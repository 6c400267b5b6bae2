"""A flow as it runs: forms are taken apart into plain states, every name is resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ivr.dialogue.documents import Document, Place
from ivr.dialogue.forms import expanded
from ivr.dialogue.problems import Mark, Problem
from ivr.dialogue.schema.files import FlowFile, Outcome
from ivr.dialogue.schema.states import ForEach, State
from ivr.dialogue.schema.values import Exit

FLOW = ""
"""In the place of a state's name: the flow itself."""


@dataclass(frozen=True)
class Flow:
    """A flow, immutable.

    Attributes:
        file: What the file says.
        document: Where it says so.
        states: Name → state; a form `f` with a slot `s` has become `f`, `f.s`, `f.s.check`, `f.s.read_back`,
            `f.next`, `f.confirm`, `f.correct`.
        places: State → where it is written.
    """

    file: FlowFile
    document: Document
    states: Mapping[str, State]
    places: Mapping[str, Place]

    @classmethod
    def of(cls, file: FlowFile, document: Document) -> Flow:
        """The flow that a file describes."""
        states: dict[str, State] = {}
        places: dict[str, Place] = {}
        for name, state in file.states.items():
            for part, path, piece in expanded(name, state):
                states[part] = piece
                places[part] = ("states", name, *path)
        return cls(file, document, states, places)

    @property
    def id(self) -> str:
        """Its name for lines, calls and reports."""
        return self.file.id

    @cached_property
    def label(self) -> str:
        """Id and version: `meter-reading@3`."""
        return f"{self.file.id}@{self.file.version}"

    def outcome(self, name: str) -> Outcome:
        """What is declared of an outcome; one that is not declared is not complete."""
        return self.file.outcomes.get(name, Outcome())

    def mark(self, state: str, *path: str | int) -> Mark:
        """Where something of a state, or of the `FLOW`, is written; the nearest thing around it if not."""
        return self.document.find(*self.places.get(state, ()), *path)

    def problem(self, state: str, path: Place, code: str, message: str, offset: int = 0) -> Problem:
        """A problem in a state."""
        mark = self.mark(state, *path)
        return Problem(self.document.file, mark.line, mark.column + offset, code, message)

    def successors(self, state: str, *, into_body: bool = True) -> Iterator[str]:
        """The states that a state leads to, the flow's own exits (`globals`, `on_error`) left out.

        Args:
            state: Name of the state.
            into_body: Whether a `for_each` leads into its body.
        """
        for way in self.states[state].ways():
            if not into_body and way.path == ("start",):
                continue
            if way.exit.then in self.states:
                yield str(way.exit.then)

    def reachable(self, *starts: str, closed: str | None = None) -> frozenset[str]:
        """The states that can be reached from those, themselves included.

        Args:
            *starts: Names of states.
            closed: A `for_each` whose body is not entered.
        """
        seen: set[str] = set()
        waiting = [start for start in starts if start in self.states]
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting.extend(self.successors(state, into_body=state != closed))
        return frozenset(seen)

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """Where the flow can be entered: the start, and the targets of `globals` and `on_error`."""
        targets = (way.then for way in self.ways.values())
        return (self.file.start, *(then for then in targets if then is not None and then in self.states))

    @cached_property
    def reached(self) -> frozenset[str]:
        """The states that can be reached at all."""
        return self.reachable(*self.entries)

    @cached_property
    def ways(self) -> Mapping[Place, Exit]:
        """The ways out of the flow itself, `globals` and `on_error`, by where they are written."""
        ways: dict[Place, Exit] = {("globals", key): way for key, way in self.file.globals.items()}
        return ways if self.file.on_error is None else {**ways, ("on_error",): self.file.on_error}

    @cached_property
    def bodies(self) -> Mapping[str, frozenset[str]]:
        """Each `for_each` → the states that can be reached only through its items."""
        return {
            name: self.reached - self.reachable(*self.entries, closed=name)
            for name, state in self.states.items()
            if isinstance(state, ForEach)
        }
