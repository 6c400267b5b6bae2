"""Queues exist."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialogue.expressions.syntax import Literal
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.scope import Scope
from ivr.dialogue.problems import Problem, closest
from ivr.dialogue.schema.states import Queue

UNKNOWN = "unknown-queue"


def check(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """Queues that the company does not have; those of an expression are known only during a call."""
    if scope.queues is None:
        return
    for name, state in flow.states.items():
        if not isinstance(state, Queue) or not isinstance(state.queue.name.node, Literal):
            continue
        queue = str(state.queue.name.node.value)
        if queue not in scope.queues:
            known = closest(queue, scope.queues) or f" (there are {', '.join(sorted(scope.queues))})"
            yield flow.problem(name, ("queue", "name"), UNKNOWN, f"there is no queue {queue!r}{known}")
