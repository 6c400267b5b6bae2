"""Types of a flow: every variable has a shape, every expression fits the place where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.dialogue import contents
from ivr.dialogue.documents import Place
from ivr.dialogue.expressions.shapes import TEXT, Inference, Known
from ivr.dialogue.flow import FLOW, Flow
from ivr.dialogue.ports import Action, Kind
from ivr.dialogue.problems import Problem, closest
from ivr.dialogue.schema.states import ERROR, Ask, Choose, Do, ForEach, Queue, State, When
from ivr.dialogue.schema.turns import Reading
from ivr.dialogue.schema.values import Expression
from ivr.dialogue.templates import Hole, Template
from ivr.dialogue.variables import RESULT, Variables, World, result_shape, shapes_of_variables

SPEAKABLE: Mapping[str | None, frozenset[Kind]] = {
    None: frozenset({Kind.TEXT}),
    "text": frozenset({Kind.TEXT}),
    "name": frozenset({Kind.TEXT}),
    "whom": frozenset({Kind.TEXT}),
    "number": frozenset({Kind.NUMBER}),
    "kwh": frozenset({Kind.NUMBER}),
    "amount": frozenset({Kind.NUMBER}),
    "date": frozenset({Kind.DATE, Kind.TIME}),
    "day": frozenset({Kind.NUMBER}),
    "time": frozenset({Kind.TIME}),
    "digits": frozenset({Kind.TEXT, Kind.NUMBER}),
    "account": frozenset({Kind.TEXT}),
    "phone": frozenset({Kind.TEXT}),
}
USUAL_FILTERS = {Kind.NUMBER: "number", Kind.DATE: "date", Kind.TIME: "time"}


def check_types(flow: Flow, world: World) -> list[Problem]:
    """Unknown variables, fields, calendars, actions and arguments; kinds that do not fit."""
    check = _Check(flow, world, shapes_of_variables(flow, world))
    check.ways_of_the_flow()
    for name, state in flow.states.items():
        check.state(name, state)
    return check.problems


@dataclass(slots=True)
class _Check:
    flow: Flow
    world: World
    variables: Variables
    problems: list[Problem] = field(default_factory=list)

    def state(self, name: str, state: State) -> None:
        """Check one state: each expression by itself, then its kind where it stands."""
        for path, leaf in contents.leaves(state):
            self._leaf(name, path, leaf, self._scope(state, path))
        self._verb(name, state)

    def ways_of_the_flow(self) -> None:
        """Check `globals` and `on_error`."""
        for way_path, way in self.flow.ways.items():
            for path, leaf in contents.leaves(way, way_path):
                self._leaf(FLOW, path, leaf, self.variables)

    def _leaf(self, name: str, path: Place, leaf: contents.Leaf, scope: Variables) -> None:
        if isinstance(leaf, Expression):
            self._shape(name, path, leaf, scope)
        elif isinstance(leaf, Template):
            self._template(name, path, leaf, scope)

    def _verb(self, name: str, state: State) -> None:
        match state:
            case When():
                self._conditions(name, state)
            case ForEach():
                self._lists(name, ("for_each",), state.for_each)
            case Choose():
                self._lists(name, ("choose", "from"), state.choose.among or {})
            case Ask():
                self._meter(name, state)
            case Do():
                self._action(name, state)
            case Queue():
                self._carried(name, state)

    def _note(self, name: str, path: Place, code: str, message: str, offset: int = 0) -> None:
        self.problems.append(self.flow.problem(name, path, code, message, offset))

    def _scope(self, state: State, path: Place) -> Variables:
        """The variables in sight at a place within a state."""
        if path[0] == "on":
            return {**self.variables, RESULT: result_shape(state, str(path[1]), self.world)}
        if path[:2] == ("choose", "each"):
            return {**self.variables, "key": TEXT}
        return self.variables

    def _shape(self, name: str, path: Place, value: Expression, scope: Variables) -> Known:
        inference = Inference(scope, self.world.calendars)
        shape = inference.shape(value.node)
        for misfit in inference.misfits:
            self._note(name, path, misfit.code, misfit.message, misfit.offset + 1)
        return shape

    def _quiet_shape(self, value: Expression) -> Known:
        return Inference(self.variables).shape(value.node)

    def _template(self, name: str, path: Place, template: Template, scope: Variables) -> None:
        for hole in template.holes:
            inference = Inference(scope, self.world.calendars)
            shape = inference.shape(hole.node)
            for misfit in inference.misfits:
                self._note(name, path, misfit.code, misfit.message, hole.offset + misfit.offset)
            self._speakable(name, path, hole, shape)

    def _speakable(self, name: str, path: Place, hole: Hole, shape: Known) -> None:
        if hole.filter is not None and hole.filter not in self.world.filters:
            message = f"there is no filter {hole.filter!r}{closest(hole.filter, self.world.filters)}"
            self._note(name, path, "unknown-filter", message, hole.offset)
            return
        kinds = SPEAKABLE.get(hole.filter)
        if shape is None or kinds is None or shape.kind in kinds:
            return
        how = f"the filter {hole.filter!r} does not speak a {shape.kind}"
        message = (
            how
            if hole.filter
            else f"a {shape.kind} needs a filter: '{{value|{USUAL_FILTERS.get(shape.kind, '…')}}}'"
        )
        self._note(name, path, "type", message, hole.offset)

    def _conditions(self, name: str, state: When) -> None:
        for index, case in enumerate(state.when):
            shape = self._quiet_shape(case.condition)
            if shape is not None and shape.kind is not Kind.BOOL:
                message = f"a condition is true or false, not a {shape.kind}"
                self._note(name, ("when", index, "if"), "type", message)

    def _lists(self, name: str, path: Place, lists: Mapping[str, Expression]) -> None:
        for variable, value in lists.items():
            shape = self._quiet_shape(value)
            if shape is not None and shape.kind is not Kind.LIST:
                self._note(name, (*path, variable), "type", f"a list was expected, not a {shape.kind}")

    def _meter(self, name: str, state: Ask) -> None:
        if not isinstance(state.ask.expect, Reading):
            return
        shape = self._quiet_shape(state.ask.expect.meter)
        if shape is None:
            return
        if shape.kind is not Kind.RECORD or (shape.fields and "digits" not in shape.fields):
            message = "a meter is a record with the field 'digits'"
            self._note(name, ("ask", "expect", "meter"), "type", message)

    def _action(self, name: str, state: Do) -> None:
        if self.world.actions is None:
            return
        action = self.world.actions.get(state.do)
        if action is None:
            message = f"there is no action {state.do!r}{closest(state.do, self.world.actions)}"
            self._note(name, ("do",), "unknown-action", message)
            return
        for missing in action.inputs.keys() - state.arguments.keys():
            self._note(name, ("with",), "missing-argument", f"{action.name} takes {missing!r}")
        for argument, value in state.arguments.items():
            self._argument(name, action, argument, value)
        for outcome in state.on.keys() - action.outcomes.keys() - {ERROR}:
            message = f"{action.name} has no outcome {outcome!r}{closest(outcome, action.outcomes)}"
            self._note(name, ("on", outcome), "unknown-outcome", message)

    def _argument(self, name: str, action: Action, argument: str, value: Expression) -> None:
        wanted = action.inputs.get(argument)
        shape = self._quiet_shape(value)
        if wanted is None:
            message = f"{action.name} takes no {argument!r}{closest(argument, action.inputs)}"
            self._note(name, ("with", argument), "unknown-argument", message)
        elif shape is not None and shape.kind is not wanted.kind:
            message = f"{action.name} takes a {wanted.kind} as {argument!r}, not a {shape.kind}"
            self._note(name, ("with", argument), "type", message)

    def _carried(self, name: str, state: Queue) -> None:
        for index, variable in enumerate(state.queue.carry):
            if variable not in self.variables:
                message = f"nothing sets a variable {variable!r}{closest(variable, self.variables)}"
                self._note(name, ("queue", "carry", index), "unknown-variable", message)
