"""A person can be reached from every question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.control import LISTENING
from ivr.dialogue.lint.scope import Scope, at_state, states
from ivr.dialogue.problems import Problem, Severity
from ivr.dialogue.schema.states import Call, End, Queue

NO_PERSON = "no-person"
Node = tuple[str, str]
"""A flow and a node of it."""

UNKNOWN_CALLER: Node = ("", "")
"""Stands for the callers of a sub-flow that are not among the files; they may well have a queue."""


def check(scope: Scope) -> Iterator[Problem]:
    """The first question of each flow from which no way leads to a queue."""
    if scope.person_everywhere:
        return
    leading = _leading_to_people(scope)
    for flow in scope.flows.values():
        for name in states(scope, flow):
            if isinstance(flow.states[name], LISTENING) and (flow.id, name) not in leading:
                message = (
                    "from this question no way leads to a person: give the flow a global key '0' "
                    "to a state with 'queue', or lead 'otherwise' there"
                )
                yield at_state(flow, name, NO_PERSON, message, Severity.WARNING)
                break


def _leading_to_people(scope: Scope) -> set[Node]:
    """The nodes from which a queue can be reached."""
    before: defaultdict[Node, list[Node]] = defaultdict(list)
    waiting: list[Node] = []
    for flow in scope.flows.values():
        for name in scope.controls[flow.id].edges:
            for follower in _onward(scope, flow, name):
                before[follower].append((flow.id, name))
            if isinstance(flow.states.get(name), Queue):
                waiting.append((flow.id, name))
    waiting.extend(before[UNKNOWN_CALLER])
    leading: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node not in leading:
            leading.add(node)
            waiting.extend(before[node])
    return leading


def _onward(scope: Scope, flow: Flow, name: str) -> Iterator[Node]:
    """Where a call may go from a node; the end of a sub-flow goes on in the flows that call it."""
    state = flow.states.get(name)
    ends = {state.end} if isinstance(state, End) else set()
    for edge in scope.controls[flow.id].edges[name]:
        if edge.target is not None:
            yield flow.id, edge.target
        elif edge.exit.end is not None:
            ends.add(edge.exit.end)
    for end in ends:
        yield from _after(scope, flow, end)
    if isinstance(state, Call) and state.call in scope.flows and (start := scope.controls[state.call].start):
        yield state.call, start


def _after(scope: Scope, flow: Flow, end: str) -> Iterator[Node]:
    """Where the callers of a flow go on after it has ended so."""
    if flow.id not in scope.entries and flow.id not in scope.called:
        yield UNKNOWN_CALLER
    for caller, name in scope.called.get(flow.id, ()):
        for edge in scope.controls[caller].edges[name]:
            if edge.label == end and edge.target is not None:
                yield caller, edge.target
