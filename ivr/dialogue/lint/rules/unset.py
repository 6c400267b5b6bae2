"""Variables that have no value on some way to the place where they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ivr.dialogue import contents
from ivr.dialogue.documents import Place
from ivr.dialogue.expressions import Node
from ivr.dialogue.flow import FLOW, Flow
from ivr.dialogue.lint.assignments import effect, verb_effect
from ivr.dialogue.lint.control import Edge, Origin
from ivr.dialogue.lint.facts import holding
from ivr.dialogue.lint.reads import Read, reads
from ivr.dialogue.lint.scope import Scope, states
from ivr.dialogue.problems import Problem
from ivr.dialogue.schema.states import Ask, Call, Choose, Do, ForEach, Set, State
from ivr.dialogue.schema.values import Expression
from ivr.dialogue.templates import Template
from ivr.dialogue.variables import RESULT, shapes_of_variables

UNSET = "unset-variable"
Facts = frozenset[str]


class _Place(NamedTuple):
    """An expression, with the facts that hold when it is worked out.

    Attributes:
        offset: From the beginning of the text to the expression, characters.
    """

    path: Place
    offset: int
    node: Node
    facts: Facts


def check(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """Reads of variables that may have no value yet."""
    yield from _Check(scope, flow).problems()


class _Check:
    def __init__(self, scope: Scope, flow: Flow) -> None:
        self._scope, self._flow = scope, flow
        self._edges = scope.controls[flow.id].edges
        world = scope.world
        self._known = holding(
            scope.controls[flow.id],
            {"call", *flow.file.takes},
            lambda edge: effect(flow, edge, world),
        )
        self._assigned = shapes_of_variables(flow, world).keys() - {RESULT}
        self._returned = _records(scope, flow)

    def problems(self) -> Iterator[Problem]:
        for name in states(self._scope, self._flow):
            for place in self._places(name):
                yield from self._unset(name, place)
        for edge, facts in self._ways_of_the_flow().values():
            for place in self._on_way(edge, facts):
                yield from self._unset(FLOW, place)

    def _places(self, name: str) -> Iterator[_Place]:
        """The expressions of a state and of its own ways out."""
        state, facts = self._flow.states[name], self._known[name]
        own = [edge for edge in self._edges[name] if edge.origin is Origin.OWN]
        yield from _inside(state, [edge.path for edge in own], facts)
        for edge in own:
            yield from self._on_way(edge, facts)

    def _ways_of_the_flow(self) -> dict[Place, tuple[Edge, Facts]]:
        """`globals` and `on_error` with what holds in every state from which they are taken."""
        ways: dict[Place, tuple[Edge, Facts]] = {}
        for node, facts in self._known.items():
            for edge in self._edges[node]:
                if edge.origin is not Origin.OWN:
                    _, known = ways.get(edge.path, (edge, facts))
                    ways[edge.path] = edge, known & facts
        return ways

    def _on_way(self, edge: Edge, facts: Facts) -> Iterator[_Place]:
        """What is set on a way, one after another, then what is said."""
        facts = verb_effect(self._flow, edge, self._scope.world).after(facts)
        for variable, value in edge.exit.set.items():
            yield _Place((*edge.path, "set", variable), 1, value.node, facts)
            facts |= {variable}
        for path, leaf in contents.leaves(edge.exit.say, (*edge.path, "say")):
            yield from _of_leaf(path, leaf, facts)

    def _unset(self, name: str, place: _Place) -> Iterator[Problem]:
        for read in reads(place.node):
            missing = self._missing(read, place.facts)
            if missing is not None:
                message = (
                    f"{missing!r} has no value on some way to here: set it on every way, "
                    "or lead the ways without it elsewhere"
                )
                offset = place.offset + read.offset
                yield self._flow.problem(name, place.path, UNSET, message, offset)

    def _missing(self, read: Read, facts: Facts) -> str | None:
        """What may have no value; variables that nothing sets are another fault."""
        if read.variable not in facts:
            return read.variable if read.variable in self._assigned else None
        field = f"{read.variable}.{read.field}"
        return field if field in self._returned and field not in facts else None


def _records(scope: Scope, flow: Flow) -> frozenset[str]:
    """Fields of variables that hold nothing but what sub-flows returned."""
    others: set[str] = set(flow.file.takes)
    fields: set[str] = set()
    for state in flow.states.values():
        others.update(variable for way in state.ways() for variable in way.exit.set)
        if isinstance(state, Call):
            called = scope.flows.get(state.call)
            returns: Iterable[str] = called.file.returns if called is not None else ()
            fields.update(f"{state.save}.{field}" for field in returns)
        else:
            others.update(_set_by(state))
    return frozenset(field for field in fields if field.partition(".")[0] not in others)


def _set_by(state: State) -> Iterable[str]:
    match state:
        case Set(set=names) | ForEach(for_each=names):
            return names
        case Choose(choose=offer):
            return offer.among or ()
        case Ask(save=str(name)) | Do(save=str(name)):
            return (name,)
    return ()


def _inside(state: State, ways: list[Place], facts: Facts) -> Iterator[_Place]:
    """The expressions of a state that are not on its ways out."""
    for path, leaf in contents.leaves(state):
        if not any(path[: len(way)] == way for way in ways):
            yield from _of_leaf(path, leaf, facts | _in_sight(state, path))


def _in_sight(state: State, path: Place) -> Facts:
    """Variables that the state itself has set before that place."""
    match state:
        case Choose(choose=offer) if path[:2] == ("choose", "each"):
            return frozenset({"key", *(offer.among or {})})
        case Set(set=values) | ForEach(for_each=values):
            return _before(values, path[1]) if len(path) > 1 else frozenset()
    return frozenset()


def _before(values: Mapping[str, object], name: str | int) -> Facts:
    names = list(values)
    return frozenset(names[: names.index(str(name))] if name in values else names)


def _of_leaf(path: Place, leaf: contents.Leaf, facts: Facts) -> Iterator[_Place]:
    if isinstance(leaf, Expression) and leaf.source.startswith("="):
        yield _Place(path, 1, leaf.node, facts)
    elif isinstance(leaf, Template):
        yield from (_Place(path, hole.offset, hole.node, facts) for hole in leaf.holes)
