"""Which variables get a value on which way.

Besides `account`, the fact `account.street` stands for a field of a record that a sub-flow returns: it is
there only with the outcomes that return it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.control import Edge, Origin
from ivr.dialogue.lint.facts import NO_EFFECT, Effect
from ivr.dialogue.schema.states import (
    ERROR,
    FREE,
    Ask,
    Call,
    Choose,
    Do,
    End,
    ForEach,
    FormEntry,
    FormProgress,
    Set,
    State,
)
from ivr.dialogue.variables import World

ON = "then"
"""The label of the way on, which an answer takes."""


def verb_effect(flow: Flow, edge: Edge, world: World) -> Effect:
    """What the verb of the state that is left has assigned, and what it has made empty."""
    state = flow.states[edge.state]
    by_verb = BY_VERB.get(type(state))
    if by_verb is None or edge.origin is not Origin.OWN:
        return NO_EFFECT
    return by_verb(state, edge.label, world)


def effect(flow: Flow, edge: Edge, world: World) -> Effect:
    """What a way assigns: by the verb, then by its own `set`."""
    by_verb = verb_effect(flow, edge, world)
    return Effect(by_verb.gained | edge.exit.set.keys(), by_verb.lost)


def returned(flow: Flow, outcome: str) -> frozenset[str]:
    """The fields that a flow returns whenever it ends with an outcome."""
    given = [
        frozenset(state.returned)
        for state in flow.states.values()
        if isinstance(state, End) and state.end == outcome
    ]
    by_the_way = any(way.exit.end == outcome for state in flow.states.values() for way in state.ways())
    if by_the_way or not given or any(way.end == outcome for way in flow.ways.values()):
        return frozenset()
    return frozenset.intersection(*given)


def _by_ask(state: Ask, label: str, _world: World) -> Effect:
    return _gained(state.save) if label == ON else NO_EFFECT


def _by_choose(state: Choose, label: str, _world: World) -> Effect:
    if label == FREE and state.choose.free is not None:
        return _gained(state.choose.free.save)
    return Effect(frozenset(state.choose.among or ())) if label == ON else NO_EFFECT


def _by_set(state: Set, label: str, _world: World) -> Effect:
    return Effect(frozenset(state.set)) if label == ON else NO_EFFECT


def _by_for_each(state: ForEach, label: str, _world: World) -> Effect:
    return Effect(frozenset(state.for_each)) if label == "each" else NO_EFFECT


def _by_form_entry(state: FormEntry, label: str, _world: World) -> Effect:
    return Effect(lost=frozenset(state.slots)) if label == "first" else NO_EFFECT


def _by_form_progress(state: FormProgress, label: str, _world: World) -> Effect:
    return Effect(frozenset(state.slots)) if label == ON else NO_EFFECT


def _by_do(state: Do, label: str, world: World) -> Effect:
    """An outcome without data leaves nothing to read."""
    if label not in state.on or label == ERROR or state.save is None:
        return NO_EFFECT
    action = (world.actions or {}).get(state.do)
    if action is not None and action.outcomes.get(label) is None:
        return Effect(lost=frozenset({state.save}))
    return _gained(state.save)


def _by_call(state: Call, label: str, world: World) -> Effect:
    if label not in state.on or label == ERROR or state.save is None:
        return NO_EFFECT
    called = world.flows.get(state.call)
    if called is None:
        return _gained(state.save)
    fields = {f"{state.save}.{field}" for field in returned(called, label)}
    every = frozenset(f"{state.save}.{field}" for field in called.file.returns)
    return Effect(frozenset({state.save, *fields}), every - fields)


BY_VERB: Mapping[type[State], Callable[[Any, str, World], Effect]] = {
    Ask: _by_ask,
    Choose: _by_choose,
    Set: _by_set,
    ForEach: _by_for_each,
    FormEntry: _by_form_entry,
    FormProgress: _by_form_progress,
    Do: _by_do,
    Call: _by_call,
}


def _gained(variable: str | None) -> Effect:
    return Effect(frozenset({variable})) if variable is not None else NO_EFFECT
