"""What holds at each state of a kind's flows: who is on the line for certain, and what was said by then.

Sub-flows are walked with what holds at all places that call them, and what holds after them follows from how
they ended; from the most that could hold down to what does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ivr.dialogue import contents
from ivr.dialogue.documents import Place
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.control import ControlFlow, Edge, Origin
from ivr.dialogue.lint.facts import NO_EFFECT, Effect, holding
from ivr.dialogue.lint.reads import Read, reads
from ivr.dialogue.schema.states import ERROR, Call, End, Say
from ivr.dialogue.templates import Template

PERSON_FLOW = "campaign-person"
RIGHT_PERSON = "right-person"
TARGET, CAMPAIGN = "target", "campaign"
CONFIRMED = "the right person is on the line"
Facts = frozenset[str]


class Spoken(NamedTuple):
    """A value that is said: `target.amount`.

    Attributes:
        offset: Where in the text, characters.
        facts: What holds when it is said.
    """

    flow: Flow
    state: str
    place: Place
    read: Read
    offset: int
    facts: Facts


@dataclass
class Walk:
    """The flows that a talk of a kind goes through.

    Attributes:
        flows: All that there are, by id.
        start: Where a talk begins.
        personal: Whether the kind asks for the right person: then `campaign-person` finds him.
    """

    flows: Mapping[str, Flow]
    start: str
    personal: bool
    _begins: dict[str, Facts] = field(default_factory=dict)
    _ends: dict[str, dict[str, Facts]] = field(default_factory=dict)
    _said: dict[int, Facts] = field(default_factory=dict)

    @cached_property
    def reached(self) -> tuple[Flow, ...]:
        """The flows that it may come to, its own first."""
        found: dict[str, Flow] = {}
        waiting = [self.start]
        while waiting:
            flow = self.flows.get(waiting.pop(0))
            if flow is not None and flow.id not in found:
                found[flow.id] = flow
                waiting += [state.call for state in flow.states.values() if isinstance(state, Call)]
        return tuple(found.values())

    @cached_property
    def controls(self) -> Mapping[str, ControlFlow]:
        """Flow → its control flow."""
        return {flow.id: ControlFlow(flow) for flow in self.reached}

    @cached_property
    def known(self) -> Mapping[str, Mapping[str, Facts]]:
        """Flow → state → what holds there whatever way the talk took."""
        everything = frozenset({CONFIRMED, *(name for flow in self.reached for name in _said_in(flow))})
        self._begins = {flow.id: everything for flow in self.reached} | {self.start: frozenset()}
        self._ends = {flow.id: dict.fromkeys(_outcomes(flow), everything) for flow in self.reached}
        while True:
            known = {flow.id: self._within(flow) for flow in self.reached}
            begins, ends = self._beginnings(known), self._endings(known)
            if (begins, ends) == (self._begins, self._ends):
                return known
            self._begins, self._ends = begins, ends

    def spoken(self) -> Iterator[Spoken]:
        """Every value that is said, once for each place."""
        for flow in self.reached:
            for name, facts in self.known[flow.id].items():
                if name in flow.states:
                    yield from self._of_state(flow, name, facts)

    def effect(self, flow: Flow, edge: Edge) -> Effect:
        """What a way adds to what holds."""
        gained = self._said_on(flow, edge)
        state = flow.states[edge.state]
        if isinstance(state, Call) and _goes_on(edge):
            gained |= self._after(state, edge)
        return Effect(gained) if gained else NO_EFFECT

    def _said_on(self, flow: Flow, edge: Edge) -> Facts:
        """What the state that is left says, and the way."""
        if id(edge) not in self._said:
            state = flow.states[edge.state]
            said = frozenset(_values(state.say)) if isinstance(state, Say) and _goes_on(edge) else frozenset()
            self._said[id(edge)] = said | set(_values(edge.exit.say))
        return self._said[id(edge)]

    def _after(self, state: Call, edge: Edge) -> Facts:
        found = self._ends.get(state.call, {}).get(edge.label, frozenset())
        right = self.personal and (state.call, edge.label) == (PERSON_FLOW, RIGHT_PERSON)
        return found | {CONFIRMED} if right else found

    def _within(self, flow: Flow) -> Mapping[str, Facts]:
        control = self.controls[flow.id]
        return holding(control, self._begins[flow.id], lambda edge: self.effect(flow, edge))

    def _beginnings(self, known: Mapping[str, Mapping[str, Facts]]) -> dict[str, Facts]:
        begins = dict(self._begins)
        for flow in self.reached:
            for name, facts in known[flow.id].items():
                state = flow.states.get(name)
                if isinstance(state, Call) and state.call in begins:
                    begins[state.call] &= facts
        return begins

    def _endings(self, known: Mapping[str, Mapping[str, Facts]]) -> dict[str, dict[str, Facts]]:
        ends = {name: dict(outcomes) for name, outcomes in self._ends.items()}
        for flow in self.reached:
            for outcome, facts in self._ends_of(flow, known[flow.id]):
                ends[flow.id][outcome] = ends[flow.id].get(outcome, facts) & facts
        return ends

    def _ends_of(self, flow: Flow, known: Mapping[str, Facts]) -> Iterator[tuple[str, Facts]]:
        for name, facts in known.items():
            state = flow.states.get(name)
            if isinstance(state, End):
                yield state.end, facts | set(_values(state.say))
            for edge in self.controls[flow.id].edges[name]:
                if edge.exit.end is not None:
                    yield edge.exit.end, self.effect(flow, edge).after(facts)

    def _of_state(self, flow: Flow, name: str, facts: Facts) -> Iterator[Spoken]:
        state = flow.states[name]
        ways = [edge for edge in self.controls[flow.id].edges[name] if edge.origin is Origin.OWN]
        paths = [edge.path for edge in ways]
        for place, template in contents.of_kind(state, Template):
            if not any(place[: len(path)] == path for path in paths):
                yield from _each(flow, name, place, template, facts)
        for edge in ways:
            after = self.effect(flow, edge).after(facts)
            for place, template in contents.of_kind(edge.exit.say, Template):
                yield from _each(flow, name, (*edge.path, "say", *place), template, after)


def _goes_on(edge: Edge) -> bool:
    """Whether the verb of the state has been done when the way is taken."""
    return edge.origin is Origin.OWN and edge.label not in {"visits", ERROR}


def _each(flow: Flow, name: str, place: Place, template: Template, facts: Facts) -> Iterator[Spoken]:
    for hole in template.holes:
        for read in reads(hole.node):
            yield Spoken(flow, name, place, read, hole.offset, facts)


def _values(said: object) -> Iterator[str]:
    """The fields of targets and campaigns that an utterance says, as facts."""
    for _, template in contents.of_kind(said, Template):
        for hole in template.holes:
            for read in reads(hole.node):
                if read.variable in {TARGET, CAMPAIGN} and read.field is not None:
                    yield f"{read.variable}.{read.field}"


def _said_in(flow: Flow) -> Iterator[str]:
    for state in flow.states.values():
        yield from _values(state)


def _outcomes(flow: Flow) -> Iterator[str]:
    """Every outcome with which a flow may end."""
    yield from flow.file.outcomes
    for way in flow.ways.values():
        if way.end is not None:
            yield way.end
    for state in flow.states.values():
        if isinstance(state, End):
            yield state.end
        yield from (way.exit.end for way in state.ways() if way.exit.end is not None)
