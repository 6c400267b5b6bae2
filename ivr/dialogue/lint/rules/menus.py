"""Menus that are too broad or too deep to be kept in mind."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.scope import Scope, at_state, states
from ivr.dialogue.problems import Problem, Severity
from ivr.dialogue.schema.states import Ask, Call, Choose
from ivr.dialogue.schema.turns import Choice

LONG = "long-menu"
DEEP = "deep-menu"
MOST_CHOICES = 5
MOST_LEVELS = 3
Node = tuple[str, str]
"""A flow and a node of it."""


def check_breadth(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """Menus with too many choices."""
    for name in states(scope, flow):
        choices = _choices(flow, name)
        if choices > MOST_CHOICES:
            message = (
                f"{choices} choices: a caller keeps {MOST_CHOICES} in mind, the most frequent come first"
            )
            yield at_state(flow, name, LONG, message, Severity.WARNING)


def check_depth(scope: Scope) -> Iterator[Problem]:
    """Menus behind too many others."""
    for (flow, name), passed in _levels(scope).items():
        if _is_menu(scope.flows[flow], name) and passed >= MOST_LEVELS:
            message = f"this menu is on level {passed + 1}: a caller finds his way through {MOST_LEVELS}"
            yield at_state(scope.flows[flow], name, DEEP, message, Severity.WARNING)


def _choices(flow: Flow, name: str) -> int:
    match flow.states[name]:
        case Choose(choose=offer):
            return len(offer.options or ())
        case Ask(ask=question) if isinstance(question.expect, Choice):
            return len(question.expect.options)
    return 0


def _is_menu(flow: Flow, name: str) -> bool:
    state = flow.states.get(name)
    return isinstance(state, Choose) and state.choose.options is not None


def _levels(scope: Scope) -> Mapping[Node, int]:
    """The fewest menus in which a caller has chosen before he comes to a node.

    Breadth first; a choice is a step of one, everything else of none.
    """
    found: dict[Node, int] = {}
    waiting = deque(
        ((flow, start), 0) for flow in sorted(scope.entries) if (start := scope.controls[flow].start)
    )
    while waiting:
        node, passed = waiting.popleft()
        if node in found:
            continue
        found[node] = passed
        for target, step in _onward(scope, *node):
            (waiting.append if step else waiting.appendleft)((target, passed + step))
    return found


def _onward(scope: Scope, flow_id: str, name: str) -> Iterator[tuple[Node, int]]:
    flow, control = scope.flows[flow_id], scope.controls[flow_id]
    for edge in control.edges[name]:
        if edge.target is not None:
            chosen = _is_menu(flow, name) and edge.path[:2] == ("choose", "options")
            yield (flow_id, edge.target), int(chosen)
    state = flow.states.get(name)
    if isinstance(state, Call) and state.call in scope.flows and (start := scope.controls[state.call].start):
        yield (state.call, start), 0
