"""Every way out is written: on, yes and no, giving up, else."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.scope import Scope, at_state
from ivr.dialogue.problems import Problem
from ivr.dialogue.schema.states import Ask, Choose, Confirm, Form, Going, State, When

NO_WAY_OUT = "no-way-out"
NO_GIVING_UP = "no-giving-up"


def check(_scope: Scope, flow: Flow) -> Iterator[Problem]:
    """States that lead nowhere, and questions without a way for a caller who does not answer."""
    for name, state in flow.file.states.items():
        for missing in _missing(state):
            yield at_state(flow, name, NO_WAY_OUT, f"{name!r} {missing}")
        if isinstance(state, Ask | Choose | Confirm | Form) and state.otherwise is None:
            message = (
                f"{name!r} does not say where a caller who is silent or not understood goes: "
                "write 'otherwise: <state>'"
            )
            yield at_state(flow, name, NO_GIVING_UP, message)


def _missing(state: State) -> Iterator[str]:
    """What the state does not say."""
    match state:
        case Choose(choose=offer):
            if offer.options is None and state.onward is None:
                yield "does not say where a chosen item leads: write 'then: <state>'"
        case Confirm():
            yield from (
                f"does not say where {answer!r} leads: write '{answer}: <state>'"
                for answer in ("yes", "no")
                if getattr(state, answer) is None
            )
        case When():
            if state.otherwise is None:
                yield "does not say where it leads when no condition holds: write 'else: <state>'"
        case Going():
            if state.onward is None:
                yield "leads nowhere: write 'then: <state>' or 'end: <outcome>'"
