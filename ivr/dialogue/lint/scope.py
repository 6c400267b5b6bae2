"""What the rules look at: the flows of a set, how they call each other, what the company has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ivr.dialogue.documents import Place
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.control import ControlFlow
from ivr.dialogue.loader import Loaded
from ivr.dialogue.ports import Command
from ivr.dialogue.problems import Problem, Severity
from ivr.dialogue.schema.states import Call
from ivr.dialogue.settings import DialogueSettings
from ivr.dialogue.variables import World


@dataclass(frozen=True)
class Scope:
    """A set of scenarios under examination.

    Attributes:
        lines: Flows that take the calls of lines.
        queues: Names of the queues, or None when they are not known.
        topics: Topics of the knowledge base, or None when they are not known.
    """

    loaded: Loaded
    world: World
    lines: frozenset[str] = frozenset()
    queues: frozenset[str] | None = None
    topics: frozenset[str] | None = None
    settings: DialogueSettings = field(default_factory=DialogueSettings)

    @property
    def flows(self) -> Mapping[str, Flow]:
        """The flows, by id."""
        return self.loaded.flows

    @cached_property
    def controls(self) -> Mapping[str, ControlFlow]:
        """Flow → its control flow."""
        return {name: ControlFlow(flow) for name, flow in self.flows.items()}

    @cached_property
    def calls(self) -> tuple[tuple[str, str, str], ...]:
        """Every call of a sub-flow: the calling flow, its state, the flow called."""
        return tuple(
            (flow.id, name, state.call)
            for flow in self.flows.values()
            for name, state in flow.states.items()
            if isinstance(state, Call) and name in self.controls[flow.id].reached
        )

    @cached_property
    def called(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Flow → the flows and states that call it."""
        callers: dict[str, tuple[tuple[str, str], ...]] = {}
        for flow, state, called in self.calls:
            callers[called] = (*callers.get(called, ()), (flow, state))
        return callers

    @cached_property
    def entries(self) -> frozenset[str]:
        """The flows where a call may begin: those of lines, and those that no other flow calls."""
        free = {
            name
            for name, flow in self.flows.items()
            if name not in self.called and not flow.file.takes and not flow.file.returns
        }
        return frozenset((free - self.taking_over) | self.lines & self.flows.keys())

    @cached_property
    def taking_over(self) -> frozenset[str]:
        """The flows that a word takes a call over to, from any question."""
        everywhere = self.loaded.everywhere
        commands = everywhere.commands.values() if everywhere is not None else ()
        return frozenset(one.flow for one in commands if one.flow is not None)

    @cached_property
    def person_everywhere(self) -> bool:
        """Whether a person can be called at every question."""
        everywhere = self.loaded.everywhere
        return everywhere is not None and Command.OPERATOR in everywhere.commands


def at_state(flow: Flow, name: str, code: str, message: str, severity: Severity = Severity.ERROR) -> Problem:
    """A problem at the name of a state."""
    mark = flow.document.find_key(*flow.places[name])
    return Problem(flow.document.file, mark.line, mark.column, code, message, severity)


def at_key(
    flow: Flow, name: str, path: Place, code: str, message: str, severity: Severity = Severity.ERROR
) -> Problem:
    """A problem at a key within a state."""
    mark = flow.document.find_key(*flow.places[name], *path)
    return Problem(flow.document.file, mark.line, mark.column, code, message, severity)


def states(scope: Scope, flow: Flow) -> Iterator[str]:
    """The names of the states that a call can come to, in the order of the file."""
    reached = scope.controls[flow.id].reached
    return (name for name in flow.states if name in reached)
