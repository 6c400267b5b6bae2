"""The variables of a flow and their shapes, found without running it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ivr.dialogue.expressions.shapes import BOOL, DATE, NUMBER, TEXT, TIME, Inference, Known, joined
from ivr.dialogue.flow import Flow
from ivr.dialogue.ports import Action, Kind, Shape
from ivr.dialogue.schema.states import Ask, Call, Choose, Do, ForEach, Set, State
from ivr.dialogue.schema.values import Exit, Expression
from ivr.dialogue.templates import FILTERS

CALL_SHAPE = Shape(
    Kind.RECORD,
    {
        "line": TEXT,
        "segment": TEXT,
        "profile": TEXT,
        "caller_number": TEXT,
        "started_at": TIME,
        "slow": BOOL,
        "account": Shape(Kind.RECORD),
        "topic": TEXT,
        "said": TEXT,
    },
)
"""The variable `call`: what is known of the call from outside, and what it remembers over all its flows."""

RESULT = "result"
"""What the action of this very state returned; in sight only on its ways out."""

ANSWERS: Mapping[str, Known] = {
    "digits": TEXT,
    "account_number": TEXT,
    "number": NUMBER,
    "amount": NUMBER,
    "date": DATE,
    "reading": NUMBER,
    "yes_no": BOOL,
    "choice": None,
    "name": None,
    "speech": TEXT,
}
MOST_PASSES = 12

Variables = dict[str, Known]


@dataclass(frozen=True, slots=True)
class World:
    """What a flow is checked against.

    Attributes:
        flows: All flows, by id.
        actions: The registered actions, or None when they are not known.
        calendars: Names of the calendars.
        filters: Names of the filters of spoken values.
    """

    flows: Mapping[str, Flow]
    actions: Mapping[str, Action] | None = None
    calendars: frozenset[str] = frozenset()
    filters: frozenset[str] = FILTERS


def shapes_of_variables(flow: Flow, world: World) -> Variables:
    """The shape of each variable that the flow sets somewhere; None where it is not known."""
    variables: Variables = {"call": CALL_SHAPE}
    for _ in range(MOST_PASSES):
        found: defaultdict[str, list[Known]] = defaultdict(list)
        for name, shape in _settings(flow, variables, world):
            found[name].append(shape)
        before, variables = variables, {name: joined(shapes) for name, shapes in found.items()}
        if variables == before:
            break
    return variables


def _settings(flow: Flow, variables: Variables, world: World) -> Iterator[tuple[str, Known]]:
    """Every place where a variable gets a value."""
    yield "call", CALL_SHAPE
    yield from ((name, Shape(kind)) for name, kind in flow.file.takes.items())
    for way in flow.ways.values():
        yield from _set_on(way, variables)
    for state in flow.states.values():
        yield from _assigned(state, variables, world)


def _assigned(state: State, variables: Variables, world: World) -> Iterator[tuple[str, Known]]:
    for way in state.ways():
        yield from _set_on(way.exit, {**variables, RESULT: result_shape(state, way.label, world)})
    for kind, setter in ASSIGNING.items():
        if isinstance(state, kind):
            yield from setter(state, variables, world)


def _set_on(way: Exit, variables: Variables) -> Iterator[tuple[str, Known]]:
    yield from _own(way.set, variables)


def _by_ask(state: Ask, _variables: Variables, _world: World) -> Iterator[tuple[str, Known]]:
    if state.save is not None:
        yield state.save, ANSWERS[state.ask.expect.kind]


def _by_choose(state: Choose, variables: Variables, _world: World) -> Iterator[tuple[str, Known]]:
    for name, value in (state.choose.among or {}).items():
        items = Inference(variables).shape(value.node)
        yield name, items.item if items is not None else None
    if state.choose.free is not None:
        yield state.choose.free.save, TEXT


def _by_do(state: Do, _variables: Variables, world: World) -> Iterator[tuple[str, Known]]:
    if state.save is not None:
        action = (world.actions or {}).get(state.do)
        yield state.save, joined(action.outcomes.values()) if action is not None else None


def _by_call(state: Call, _variables: Variables, world: World) -> Iterator[tuple[str, Known]]:
    if state.save is not None:
        yield state.save, result_shape(state, "", world)


def _by_set(state: Set, variables: Variables, _world: World) -> Iterator[tuple[str, Known]]:
    yield from _own(state.set, variables)


def _own(values: Mapping[str, Expression], variables: Variables) -> Iterator[tuple[str, Known]]:
    """The variables of the flow among what is set."""
    for name, value in values.items():
        if not name.startswith("call."):
            yield name, Inference(variables).shape(value.node)


def _by_for_each(state: ForEach, variables: Variables, _world: World) -> Iterator[tuple[str, Known]]:
    local = dict(variables)
    for name, value in state.for_each.items():
        items = Inference(local).shape(value.node)
        local[name] = items.item if items is not None else None
        yield name, local[name]


ASSIGNING: Mapping[type[State], Callable[..., Iterator[tuple[str, Known]]]] = {
    Ask: _by_ask,
    Choose: _by_choose,
    Do: _by_do,
    Call: _by_call,
    Set: _by_set,
    ForEach: _by_for_each,
}


def result_shape(state: State, outcome: str, world: World) -> Known:
    """The shape of `result` on the way out of that outcome."""
    if isinstance(state, Do) and world.actions is not None and state.do in world.actions:
        return world.actions[state.do].outcomes.get(outcome)
    if isinstance(state, Call) and state.call in world.flows:
        returns = world.flows[state.call].file.returns
        return Shape(Kind.RECORD, {name: Shape(kind) for name, kind in returns.items()})
    return None
