"""The control flow of a flow: which state may follow which, and by which way."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from ivr.dialogue.documents import Place
from ivr.dialogue.flow import Flow
from ivr.dialogue.schema.states import ERROR, Ask, Call, Choose, Confirm, Do, ForEach, State, WayOut
from ivr.dialogue.schema.values import NEXT, REPEAT, Exit

LISTENING = (Ask, Choose, Confirm)
"""The verbs that hear the caller."""


class Origin(Enum):
    """Why a way is taken."""

    OWN = "own"  # written in the state
    GLOBAL = "global"  # a key of the flow's `globals`, at a question
    FAULT = "fault"  # the flow's `on_error`


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one state to another.

    Attributes:
        state: The state that is left.
        target: The node it leads to; None when the flow ends.
        path: Where it is written: from the state's key on, or from the file's top for the flow's own ways.
        label: `then`, `yes`, an outcome of an action, a key, …
    """

    state: str
    target: str | None
    path: Place
    label: str
    exit: Exit
    origin: Origin


@dataclass(frozen=True)
class ControlFlow:
    """The nodes of a flow and the ways between them.

    A `for_each` has two nodes: its own, where a run through the items begins, and `advance(name)`, where
    `next` arrives.
    """

    flow: Flow

    @cached_property
    def edges(self) -> Mapping[str, tuple[Edge, ...]]:
        """Node → the ways out of it."""
        edges = {name: tuple(self._of_state(name)) for name in self.flow.states}
        for name, state in self.flow.states.items():
            if isinstance(state, ForEach):
                edges[advance(name)] = tuple(edge for edge in edges[name] if edge.label in {"each", "then"})
        return edges

    @cached_property
    def reached(self) -> frozenset[str]:
        """The nodes that a call can come to."""
        seen: set[str] = set()
        waiting = [start] if (start := self._known(self.flow.file.start)) else []
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting.extend(edge.target for edge in self.edges[node] if edge.target is not None)
        return frozenset(seen)

    @cached_property
    def start(self) -> str | None:
        """The node where the flow begins."""
        return self._known(self.flow.file.start)

    def _of_state(self, name: str) -> Iterator[Edge]:
        state = self.flow.states[name]
        for way in state.ways():
            yield self._edge(name, way, Origin.OWN)
        if isinstance(state, LISTENING):
            for key, exit_ in self.flow.file.globals.items():
                if exit_.then != REPEAT:
                    yield self._edge(name, WayOut(("globals", key), key, exit_), Origin.GLOBAL)
        on_error = self.flow.file.on_error
        if on_error is not None and not has_error_exit(state):
            yield self._edge(name, WayOut(("on_error",), ERROR, on_error), Origin.FAULT)

    def _edge(self, name: str, way: WayOut, origin: Origin) -> Edge:
        exit_ = way.exit
        target = self._next(name) if exit_.then == NEXT else self._known(exit_.then)
        return Edge(name, target, way.path, way.label, exit_, origin)

    def _known(self, name: str | None) -> str | None:
        """The state of that name; for a name with a slip, the one that is meant."""
        if name is None or name in self.flow.states:
            return name
        near = difflib.get_close_matches(name, self.flow.states, n=1)
        return near[0] if near else None

    def _next(self, name: str) -> str | None:
        """Where `next` leads: on with the innermost `for_each` around the state."""
        around = [(len(body), loop) for loop, body in self.flow.bodies.items() if name in body]
        return advance(min(around)[1]) if around else None


def advance(name: str) -> str:
    """The node of a `for_each` that goes on with its next item."""
    return f"{name} next"


def has_error_exit(state: State) -> bool:
    """Whether the state itself says where a fault leads."""
    return state.error is not None or (isinstance(state, Do | Call) and ERROR in state.on)
