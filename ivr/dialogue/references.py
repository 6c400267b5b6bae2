"""Names that a flow uses must exist: states, outcomes, prompts, flows, items to go on with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ivr.dialogue import contents
from ivr.dialogue.contents import Leaf
from ivr.dialogue.documents import Place
from ivr.dialogue.flow import FLOW, Flow
from ivr.dialogue.forms import ACCEPT, AGAIN, RESERVED_SLOTS
from ivr.dialogue.loader import EVERYWHERE_FILE, Loaded
from ivr.dialogue.problems import Problem, closest
from ivr.dialogue.schema.files import PromptText
from ivr.dialogue.schema.states import ERROR, Call, End, Form
from ivr.dialogue.schema.values import NEXT, REACHED, REPEAT, Exit, PromptId

RESERVED_STATES = frozenset({NEXT, REPEAT})
RESERVED_BESIDE_FORMS = RESERVED_STATES | {ACCEPT, AGAIN}


def check_references(
    flow: Flow, flows: Mapping[str, Flow], prompts: Mapping[str, PromptText]
) -> Iterator[Problem]:
    """Names without a thing behind them.

    Args:
        flow: The flow to check.
        flows: All flows that it may call.
        prompts: The catalogue.
    """
    yield from _flow_wide(flow)
    for path, way in flow.ways.items():
        yield from _prompts(flow, FLOW, contents.leaves(way, path), prompts)
    for name, state in flow.states.items():
        yield from _state_ways(flow, name)
        yield from _prompts(flow, name, contents.leaves(state), prompts)
    for name, state in flow.states.items():
        if isinstance(state, Call):
            yield from _call(flow, name, state, flows)
        elif isinstance(state, End):
            yield from _returned(flow, name, state)
    has_forms = any(isinstance(state, Form) for state in flow.file.states.values())
    reserved = RESERVED_BESIDE_FORMS if has_forms else RESERVED_STATES
    for name in flow.file.states:
        yield from _written_state(flow, name, reserved)


def check_everywhere(loaded: Loaded) -> Iterator[Problem]:
    """Flows and prompts that `everywhere.yaml` names, and which must exist."""
    if loaded.everywhere is None:
        return
    document = loaded.documents[EVERYWHERE_FILE]
    for command, anywhere in loaded.everywhere.commands.items():
        path = ("commands", command.value, "flow")
        flow = loaded.flows.get(anywhere.flow or "")
        if anywhere.flow is not None and flow is None:
            message = f"there is no flow {anywhere.flow!r}{closest(anywhere.flow, loaded.flows)}"
            yield document.problem(path, "unknown-flow", message)
        elif flow is not None and flow.file.takes:
            message = f"the flow {flow.id!r} takes arguments: it can't take a call over"
            yield document.problem(path, "missing-argument", message)
    for place, leaf in contents.of_kind(loaded.everywhere, PromptId):
        if leaf.id not in loaded.prompts:
            message = f"there is no prompt {leaf.id!r} in the catalogue{closest(leaf.id, loaded.prompts)}"
            yield document.problem(place, "missing-prompt", message)


def _flow_wide(flow: Flow) -> Iterator[Problem]:
    file = flow.file
    if file.start not in flow.states:
        hint = closest(file.start, flow.states)
        yield flow.document.problem(("start",), "unknown-state", f"there is no state {file.start!r}{hint}")
    for path, way in flow.ways.items():
        if way.then != REPEAT or path == ("on_error",):
            yield from _flow_way(flow, path, way)


def _flow_way(flow: Flow, path: Place, way: Exit) -> Iterator[Problem]:
    for code, message in _wrong(flow, way, in_body=False):
        yield flow.document.problem((*path, "end" if way.end else "then"), code, message)


def _state_ways(flow: Flow, name: str) -> Iterator[Problem]:
    in_body = any(name in body for body in flow.bodies.values()) or name not in flow.reached
    for way in flow.states[name].ways():
        for code, message in _wrong(flow, way.exit, in_body=in_body):
            yield flow.problem(name, (*way.path, "end" if way.exit.end else "then"), code, message)
    state = flow.states[name]
    if state.reached is not None:
        yield from _outcome(flow, name, state.reached)


def _wrong(flow: Flow, way: Exit, *, in_body: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with the end of a way: code and message."""
    declared = flow.file.outcomes
    if way.end not in {None, REACHED} and declared and way.end not in declared:
        yield "unknown-outcome", f"the outcome {way.end!r} is not declared{closest(way.end, declared)}"
    if way.then == NEXT:
        if not in_body:
            yield "next-outside", "'next' has a meaning only within the items of a 'for_each'"
    elif way.then is not None and way.then not in flow.states:
        yield "unknown-state", f"there is no state {way.then!r}{closest(way.then, flow.states)}"


def _outcome(flow: Flow, name: str, outcome: str) -> Iterator[Problem]:
    declared = flow.file.outcomes
    if outcome not in declared:
        message = f"the outcome {outcome!r} is not declared under 'outcomes'{closest(outcome, declared)}"
        yield flow.problem(name, ("reached",), "unknown-outcome", message)


def _prompts(
    flow: Flow, name: str, leaves: Iterable[tuple[Place, Leaf]], prompts: Mapping[str, PromptText]
) -> Iterator[Problem]:
    for path, leaf in leaves:
        if isinstance(leaf, PromptId) and leaf.id not in prompts:
            hint = closest(leaf.id, prompts)
            message = f"there is no prompt {leaf.id!r} in the catalogue{hint}"
            yield flow.problem(name, path, "missing-prompt", message)


def _call(flow: Flow, name: str, state: Call, flows: Mapping[str, Flow]) -> Iterator[Problem]:
    called = flows.get(state.call)
    if called is None:
        message = f"there is no flow {state.call!r}{closest(state.call, flows)}"
        yield flow.problem(name, ("call",), "unknown-flow", message)
        return
    takes = called.file.takes
    for missing in takes.keys() - state.arguments.keys():
        yield flow.problem(name, ("with",), "missing-argument", f"the flow {called.id!r} takes {missing!r}")
    for extra in state.arguments.keys() - takes.keys():
        message = f"the flow {called.id!r} takes no {extra!r}{closest(extra, takes)}"
        yield flow.problem(name, ("with", extra), "unknown-argument", message)
    outcomes = outcomes_of(called)
    for outcome in state.on.keys() - outcomes - {ERROR}:
        message = f"the flow {called.id!r} never ends with {outcome!r}{closest(outcome, outcomes)}"
        yield flow.problem(name, ("on", outcome), "unknown-outcome", message)


def outcomes_of(flow: Flow) -> frozenset[str]:
    """The outcomes with which the flow may end."""
    ways = (way.exit.end for state in flow.states.values() for way in state.ways())
    ends = (state.end for state in flow.states.values() if isinstance(state, End))
    flow_wide = (way.end for way in flow.ways.values())
    return frozenset(end for end in (*ways, *ends, *flow_wide) if end is not None)


def _returned(flow: Flow, name: str, state: End) -> Iterator[Problem]:
    declared, returns = flow.file.outcomes, flow.file.returns
    if declared and state.end not in {*declared, REACHED}:
        message = f"the outcome {state.end!r} is not declared{closest(state.end, declared)}"
        yield flow.problem(name, ("end",), "unknown-outcome", message)
    for value in state.returned.keys() - returns.keys():
        message = f"{value!r} is not declared under 'returns'{closest(value, returns)}"
        yield flow.problem(name, ("return", value), "unknown-return", message)


def _written_state(flow: Flow, name: str, reserved: frozenset[str]) -> Iterator[Problem]:
    state = flow.file.states[name]
    if name in reserved:
        mark = flow.document.find_key("states", name)
        message = f"{name!r} has a meaning of its own: give the state another name"
        yield Problem(flow.document.file, mark.line, mark.column, "reserved-name", message)
    if isinstance(state, Form):
        for slot in state.form.slots.keys() & RESERVED_SLOTS:
            mark = flow.document.find_key("states", name, "form", "slots", slot)
            message = f"{slot!r} has a meaning of its own: give the slot another name"
            yield Problem(flow.document.file, mark.line, mark.column, "reserved-name", message)
