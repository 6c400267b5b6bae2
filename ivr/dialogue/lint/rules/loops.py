"""Loops: each has a bound, and in each the caller is heard.

`visits` is the bound: the ways out of a state that has it are taken only so often, but for the one that
`visits` itself names. The items of a `for_each` are bounded by its list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.components import cycles
from ivr.dialogue.lint.control import LISTENING, Edge, Origin
from ivr.dialogue.lint.scope import Scope, at_state
from ivr.dialogue.problems import Problem
from ivr.dialogue.schema.states import Ask

SILENT = "silent-loop"
UNBOUNDED = "unbounded-loop"
MOST_NAMED = 5


def check(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """Loops that may go round without end."""
    control = scope.controls[flow.id]
    endless = {node: _endless(flow, node, control.edges[node]) for node in control.reached}
    unheard = {node: () if _listens(flow, node) else followers for node, followers in endless.items()}
    silent = list(cycles(unheard))
    for loop in silent:
        message = "go round without hearing the caller: ask something on the way, or bound it with 'visits'"
        yield _problem(flow, loop, SILENT, message)
    for loop in cycles(_without(endless, silent)):
        message = "may go round without end: give one of them 'visits: {most: 3, then: <state>}'"
        yield _problem(flow, loop, UNBOUNDED, message)


def _endless(flow: Flow, node: str, edges: tuple[Edge, ...]) -> Collection[str]:
    """Where a call may go from a node any number of times."""
    if node not in flow.states:
        edges = tuple(edge for edge in edges if edge.label != "each")
    elif _is_bounded(flow, node):
        edges = tuple(edge for edge in edges if edge.label == "visits")
    return [edge.target for edge in edges if edge.target is not None and edge.origin is not Origin.FAULT]


def _is_bounded(flow: Flow, node: str) -> bool:
    """Whether it is entered only so often; a slot of a form always is, by its `rounds`."""
    state = flow.states[node]
    return state.visits is not None or (isinstance(state, Ask) and "slots" in flow.places[node])


def _listens(flow: Flow, node: str) -> bool:
    return isinstance(flow.states.get(node), LISTENING)


def _without(
    followers: Mapping[str, Collection[str]], loops: list[frozenset[str]]
) -> dict[str, Collection[str]]:
    """The graph without the nodes of loops that are already told."""
    told = frozenset().union(*loops)
    return {
        node: [target for target in targets if target not in told]
        for node, targets in followers.items()
        if node not in told
    }


def _problem(flow: Flow, loop: frozenset[str], code: str, message: str) -> Problem:
    names = [name for name in flow.states if name in loop]
    shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    subject = f"the states {shown}" if len(names) > 1 else f"the state {shown}"
    verb = message if len(names) > 1 else message.replace("go round", "goes round", 1)
    return at_state(flow, names[0], code, f"{subject} {verb}")
