"""The notice that the law requires is said before a caller gives or hears personal data.

A prompt of the catalogue with `law: true` is such a notice. What holds in a sub-flow follows from its
callers, and what its callers may rely on afterwards from how it ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ivr.dialogue import contents
from ivr.dialogue.flow import Flow
from ivr.dialogue.interpreter.answers import answer_of
from ivr.dialogue.lint.control import Edge, Origin
from ivr.dialogue.lint.facts import NO_EFFECT, Effect, holding
from ivr.dialogue.lint.scope import Scope, at_key, states
from ivr.dialogue.problems import Problem
from ivr.dialogue.schema.states import ERROR, Ask, Call, Choose, Confirm, Do, End, Queue, Say, State
from ivr.dialogue.schema.values import PromptId, Utterance

BEFORE_NOTICE = "before-notice"
NOTICE = "notice"
GIVEN = Effect(frozenset({NOTICE}))
Facts = Mapping[str, frozenset[str]]
Ends = dict[str, bool]
"""Outcome of a flow → whether the notice has been said whenever it ends so."""


def check(scope: Scope) -> Iterator[Problem]:
    """States that ask for personal data, or handle them, before the notice."""
    known = _Notices(scope).solve()
    for flow in scope.flows.values():
        for name in states(scope, flow):
            state = flow.states[name]
            if _is_personal(scope, state) and NOTICE not in known[flow.id][name] and not _says(scope, state):
                message = (
                    "this deals with personal data, and on some way to here no prompt with 'law: true' "
                    "is said: say the notice first"
                )
                yield at_key(flow, name, (state.verb,), BEFORE_NOTICE, message)


class _Notices:
    """Where the notice has been said for certain, in all flows at once."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._begins = {name: name not in scope.entries for name in scope.flows}
        self._ends: dict[str, Ends] = {name: defaultdict(lambda: True) for name in scope.flows}

    def solve(self) -> Mapping[str, Facts]:
        """Flow → state → the facts; from the most that could hold down to what does."""
        known: dict[str, Facts] = {}
        changed = True
        while changed:
            known = {name: self._within(flow) for name, flow in self._scope.flows.items()}
            begins = self._beginnings(known)
            ends = {name: self._endings(flow, known[name]) for name, flow in self._scope.flows.items()}
            changed = (begins, ends) != (self._begins, self._ends)
            self._begins, self._ends = begins, ends
        return known

    def _within(self, flow: Flow) -> Facts:
        at_start = {NOTICE} if self._begins[flow.id] else set()
        return holding(self._scope.controls[flow.id], at_start, lambda edge: self._effect(flow, edge))

    def _effect(self, flow: Flow, edge: Edge) -> Effect:
        state = flow.states[edge.state]
        said = _holds_notice(self._scope, edge.exit.say)
        if edge.origin is not Origin.FAULT and edge.label not in {"visits", ERROR}:
            said = said or _says(self._scope, state)
            if isinstance(state, Call) and edge.origin is Origin.OWN:
                said = said or self._ends.get(state.call, {}).get(edge.label, False)
        return GIVEN if said else NO_EFFECT

    def _beginnings(self, known: Mapping[str, Facts]) -> dict[str, bool]:
        begins = {name: name not in self._scope.entries for name in self._scope.flows}
        for caller, state, called in self._scope.calls:
            if called in begins and NOTICE not in known[caller][state]:
                begins[called] = False
        return begins

    def _endings(self, flow: Flow, known: Facts) -> Ends:
        ends: Ends = {}
        for name in known:
            state = flow.states.get(name)
            if isinstance(state, End):
                said = NOTICE in known[name] or _says(self._scope, state)
                ends[state.end] = ends.get(state.end, True) and said
            for edge in self._scope.controls[flow.id].edges[name]:
                if edge.exit.end is not None:
                    said = NOTICE in self._effect(flow, edge).after(known[name])
                    ends[edge.exit.end] = ends.get(edge.exit.end, True) and said
        return ends


def _is_personal(scope: Scope, state: State) -> bool:
    """Whether the caller gives or hears personal data in that state."""
    match state:
        case Ask(ask=question):
            by_kind = answer_of(question.expect, scope.settings).personal
            return by_kind if question.personal is None else question.personal
        case Choose(choose=turn) | Confirm(confirm=turn):
            return turn.personal is True
        case Do(do=name):
            action = (scope.world.actions or {}).get(name)
            return action is not None and action.personal
    return False


def _says(scope: Scope, state: State) -> bool:
    """Whether the state says the notice before anything else can happen in it."""
    match state:
        case Say(say=utterance) | Queue(say=utterance) | End(say=utterance):
            return _holds_notice(scope, utterance)
        case Ask(ask=turn) | Choose(choose=turn) | Confirm(confirm=turn):
            return _holds_notice(scope, turn.prompt)
    return False


def _holds_notice(scope: Scope, utterance: Utterance) -> bool:
    prompts = scope.loaded.prompts
    return any(
        leaf.id in prompts and prompts[leaf.id].law for _, leaf in contents.of_kind(utterance, PromptId)
    )
