"""Verbs that the caller does not notice: when, set, for_each, and the joints of a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr.dialogue.expressions import EvaluationError, Evaluator, truth
from ivr.dialogue.interpreter.program import Assignments, Finish, Left, Way
from ivr.dialogue.interpreter.session import Frame, Loop
from ivr.dialogue.ports import Value


@dataclass(frozen=True, slots=True)
class When:
    """Goes where the first condition that holds leads."""

    cases: tuple[tuple[Evaluator, Way], ...]
    otherwise: Way | None

    async def run(self, frame: Frame) -> Left | Finish:
        """Try the conditions in order."""
        for number, (condition, way) in enumerate(self.cases, start=1):
            if truth(condition(frame)):
                return Left(outcome=f"if {number}", way=way)
        return Left(outcome="else", way=self.otherwise)


@dataclass(frozen=True, slots=True)
class Set:
    """Sets variables, one after another."""

    sets: Assignments
    onward: Way | None

    async def run(self, frame: Frame) -> Left | Finish:
        """Set them."""
        for name, value in self.sets:
            frame.assign(name, value(frame))
        return Left(way=self.onward)


@dataclass(frozen=True, slots=True)
class ForEach:
    """Goes through the product of lists, each of which may depend on the items before it."""

    state: str
    lists: Assignments
    start: Way
    body: frozenset[str]
    onward: Way | None

    async def run(self, frame: Frame) -> Left | Finish:
        """Begin with the first item."""
        loop = Loop(self.state, self._items(frame, self.lists), self.start, self.body, self.onward)
        return Left(way=frame.begin(loop))

    def _items(self, frame: Frame, lists: Assignments) -> Iterator[None]:
        """Set the variables of one item after another."""
        (name, values), *inner = lists
        for item in _list(values(frame)):
            frame.variables[name] = item
            if inner:
                yield from self._items(frame, tuple(inner))
            else:
                yield


def _list(value: Value) -> Sequence[Value]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise EvaluationError("'for_each' goes through a list")
    return value


@dataclass(frozen=True, slots=True)
class FormEntry:
    """Forgets the slots of a form and asks for the first."""

    slots: tuple[str, ...]
    first: Way

    async def run(self, frame: Frame) -> Left | Finish:
        """Begin the form."""
        for slot in self.slots:
            frame.variables.pop(slot, None)
        return Left(way=self.first)


@dataclass(frozen=True, slots=True)
class FormProgress:
    """Goes to the first slot without a value, or on."""

    slots: Mapping[str, Way]
    done: Way | None

    async def run(self, frame: Frame) -> Left | Finish:
        """Look which slot is missing."""
        for slot, way in self.slots.items():
            if slot not in frame.variables:
                return Left(outcome=slot, way=way)
        return Left(way=self.done)
