"""Flows that call each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialogue.lint.components import cycles
from ivr.dialogue.lint.scope import Scope, at_key
from ivr.dialogue.problems import Problem

RECURSION = "flow-recursion"


def check(scope: Scope) -> Iterator[Problem]:
    """Each call that belongs to such a circle."""
    followers: dict[str, list[str]] = {name: [] for name in scope.flows}
    for caller, _, called in scope.calls:
        if called in scope.flows:
            followers[caller].append(called)
    circles = list(cycles(followers))
    for caller, state, called in scope.calls:
        if any(caller in circle and called in circle for circle in circles):
            message = f"{caller!r} and {called!r} call each other in a circle: end with an outcome instead"
            yield at_key(scope.flows[caller], state, ("call",), RECURSION, message)
