"""Every outcome of an action or a sub-flow leads somewhere, faults included."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.control import has_error_exit
from ivr.dialogue.lint.scope import Scope, at_key
from ivr.dialogue.problems import Problem
from ivr.dialogue.references import outcomes_of
from ivr.dialogue.schema.states import Call, Do

MISSING_OUTCOME = "missing-outcome"
NO_ERROR_EXIT = "no-error-exit"


def check(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """Outcomes that a flow forgets."""
    for name, state in flow.states.items():
        if not isinstance(state, Do | Call):
            continue
        what = state.do if isinstance(state, Do) else f"the flow {state.call!r}"
        for outcome in sorted(_declared(scope, state) - state.on.keys()):
            message = f"{what} may end with {outcome!r}: write '{outcome}: <state>' under 'on'"
            yield at_key(flow, name, ("on",), MISSING_OUTCOME, message)
        if not has_error_exit(state) and flow.file.on_error is None:
            message = (
                f"nothing says where a fault or the time limit of {what} leads: "
                "write 'error: <state>' under 'on', or 'on_error' for the whole flow"
            )
            yield at_key(flow, name, ("on",), NO_ERROR_EXIT, message)


def _declared(scope: Scope, state: Do | Call) -> frozenset[str]:
    """The outcomes with which it may end; none where it is not known."""
    declared: Collection[str] = ()
    if isinstance(state, Call):
        called = scope.flows.get(state.call)
        declared = outcomes_of(called) if called is not None else ()
    elif scope.world.actions is not None and state.do in scope.world.actions:
        declared = scope.world.actions[state.do].outcomes
    return frozenset(declared)
