"""Global keys that a question takes for an answer."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialogue.flow import Flow
from ivr.dialogue.interpreter.answers import NO, YES, answer_of
from ivr.dialogue.interpreter.names import ITEM_KEYS
from ivr.dialogue.lint.scope import Scope, at_key, states
from ivr.dialogue.problems import Problem, Severity
from ivr.dialogue.schema.states import Ask, Choose, Confirm, State
from ivr.dialogue.schema.turns import Choice
from ivr.dialogue.schema.values import Exit

CLASH = "key-clash"


def check(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """Keys that would lead elsewhere at one question than everywhere else."""
    for name in states(scope, flow):
        state = flow.states[name]
        for key, way in flow.file.globals.items():
            if _claims(scope, state, key) and not _leads_there(state, key, way):
                severity = Severity.ERROR if _is_written(state) else Severity.WARNING
                message = (
                    f"here the key {key} is an answer, everywhere else it leads to "
                    f"'{way.then or way.end}': take another key"
                )
                path = ("choose", "options", key) if isinstance(state, Choose) else (state.verb,)
                yield at_key(flow, name, path, CLASH, message, severity)


def _claims(scope: Scope, state: State, key: str) -> bool:
    """Whether that key alone is an answer."""
    match state:
        case Ask(ask=question):
            return answer_of(question.expect, scope.settings).claims(key)
        case Confirm():
            return key in {YES, NO}
        case Choose(choose=offer):
            return key in (ITEM_KEYS if offer.options is None else offer.options)
    return False


def _leads_there(state: State, key: str, way: Exit) -> bool:
    """Whether the answer leads where the global key leads."""
    if not isinstance(state, Choose) or state.choose.options is None:
        return False
    option = state.choose.options[key]
    return (option.then, option.end) == (way.then, way.end)


def _is_written(state: State) -> bool:
    """Whether the author has given the key to an answer himself."""
    if isinstance(state, Ask):
        return isinstance(state.ask.expect, Choice)
    return isinstance(state, Confirm) or (isinstance(state, Choose) and state.choose.options is not None)
