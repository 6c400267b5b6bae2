"""States that no call comes to."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.scope import Scope, at_state
from ivr.dialogue.problems import Problem

UNREACHABLE = "unreachable-state"


def check(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """States to which no way leads."""
    control = scope.controls[flow.id]
    if control.start is None:
        return
    for name in flow.file.states:
        if name not in control.reached:
            message = f"no way leads to {name!r}: lead one there, or remove the state"
            yield at_state(flow, name, UNREACHABLE, message)
