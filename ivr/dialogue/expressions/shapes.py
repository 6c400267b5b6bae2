"""The type of an expression, found at load: unknown names, unknown fields, kinds that do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from ivr.dialogue.expressions.functions import OF_CALENDARS
from ivr.dialogue.expressions.syntax import Binary, Call, Literal, Member, Name, Node, Unary
from ivr.dialogue.ports import Kind, Shape, Value
from ivr.dialogue.problems import closest

Known = Shape | None
"""The shape of a value; None when it is known only during a call."""

TEXT, NUMBER, BOOL = Shape(Kind.TEXT), Shape(Kind.NUMBER), Shape(Kind.BOOL)
DATE, TIME = Shape(Kind.DATE), Shape(Kind.TIME)
RECORD, LIST = Shape(Kind.RECORD), Shape(Kind.LIST)
ORDERED = frozenset({Kind.NUMBER, Kind.DATE, Kind.TIME})
RESULTS: Mapping[str, Shape] = {
    "count": NUMBER,
    "empty": BOOL,
    "min": NUMBER,
    "max": NUMBER,
    "day": NUMBER,
    "hour": NUMBER,
    "days_between": NUMBER,
    "today": DATE,
    "now": TIME,
    "open": BOOL,
    "opens": TIME,
}
ARGUMENTS: Mapping[str, frozenset[Kind]] = {
    "count": frozenset({Kind.LIST}),
    "first": frozenset({Kind.LIST}),
    "last": frozenset({Kind.LIST}),
    "empty": frozenset(Kind),
    "min": frozenset({Kind.NUMBER, Kind.LIST}),
    "max": frozenset({Kind.NUMBER, Kind.LIST}),
    "day": frozenset({Kind.DATE, Kind.TIME}),
    "hour": frozenset({Kind.TIME}),
    "days_between": frozenset({Kind.DATE, Kind.TIME}),
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """A fault of types in an expression.

    Attributes:
        code: `unknown-variable`, `unknown-field`, `unknown-calendar` or `type`.
        offset: Where in the expression, characters from its start.
    """

    code: str
    message: str
    offset: int


@dataclass(slots=True)
class Inference:
    """Finds shapes and collects misfits.

    Attributes:
        variables: Shapes of the variables in sight.
        calendars: Names of the calendars, or None when they are not known.
    """

    variables: Mapping[str, Known]
    calendars: frozenset[str] | None = None
    misfits: list[Misfit] = field(default_factory=list)

    def shape(self, node: Node) -> Known:
        """The shape of an expression; misfits inside it are noted."""
        match node:
            case Literal(value=value):
                return shape_of(value)
            case Name():
                return self._variable(node)
            case Member():
                return self._member(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Call():
                return self._call(node)

    def _note(self, code: str, message: str, node: Node) -> None:
        self.misfits.append(Misfit(code, message, node.offset))

    def _variable(self, node: Name) -> Known:
        if node.name not in self.variables:
            hint = closest(node.name, self.variables)
            self._note("unknown-variable", f"nothing sets a variable {node.name!r}{hint}", node)
            return None
        return self.variables[node.name]

    def _member(self, node: Member) -> Known:
        record = self.shape(node.record)
        if record is None:
            return None
        if record.kind is not Kind.RECORD:
            self._note("unknown-field", f"a {record.kind} has no field {node.name!r}", node)
            return None
        if record.fields and node.name not in record.fields:
            hint = closest(node.name, record.fields) or f" (there are {', '.join(record.fields)})"
            self._note("unknown-field", f"the record has no field {node.name!r}{hint}", node)
        return record.fields.get(node.name)

    def _unary(self, node: Unary) -> Shape:
        wanted = BOOL if node.operator == "not" else NUMBER
        self._want(node.operand, frozenset({wanted.kind}), f"'{node.operator}'")
        return wanted

    def _binary(self, node: Binary) -> Shape:
        sign = node.operator
        if sign in {"and", "or"}:
            return self._both(node, Kind.BOOL, BOOL)
        if sign in {"+", "-", "*", "/"}:
            return self._both(node, Kind.NUMBER, NUMBER)
        left, right = self.shape(node.left), self.shape(node.right)
        if sign == "in":
            self._look_into(node, left, right)
        elif left is not None and right is not None:
            self._compare(node, left, right)
        return BOOL

    def _both(self, node: Binary, kind: Kind, result: Shape) -> Shape:
        for operand in (node.left, node.right):
            self._want(operand, frozenset({kind}), f"'{node.operator}'")
        return result

    def _look_into(self, node: Binary, item: Known, items: Known) -> None:
        if items is None:
            return
        if items.kind is not Kind.LIST:
            self._note("type", f"'in' looks into a list, not a {items.kind}", node)
        elif item is not None and items.item is not None and item.kind is not items.item.kind:
            self._note("type", f"a {item.kind} is never in a list of {items.item.kind}s", node)

    def _compare(self, node: Binary, left: Shape, right: Shape) -> None:
        if left.kind is not right.kind:
            self._note("type", f"a {left.kind} is never compared with a {right.kind}", node)
        elif node.operator not in {"==", "!="} and left.kind not in ORDERED:
            self._note("type", f"'{node.operator}' compares numbers, dates and times, not {left.kind}s", node)

    def _want(self, node: Node, kinds: frozenset[Kind], what: str) -> Known:
        shape = self.shape(node)
        if shape is not None and shape.kind not in kinds:
            wanted = " or ".join(sorted(kinds))
            self._note("type", f"{what} takes a {wanted}, not a {shape.kind}", node)
        return shape

    def _call(self, node: Call) -> Known:
        if node.function in OF_CALENDARS:
            self._calendar(node)
            return RESULTS[node.function]
        kinds = ARGUMENTS.get(node.function, frozenset())
        shapes = [self._want(argument, kinds, f"{node.function}()") for argument in node.arguments]
        if node.function in {"first", "last"}:
            return shapes[0].item if shapes[0] is not None else None
        return RESULTS[node.function]

    def _calendar(self, node: Call) -> None:
        name = node.arguments[0]
        if isinstance(name, Name) and self.calendars is not None and name.name not in self.calendars:
            hint = closest(name.name, self.calendars)
            self._note("unknown-calendar", f"there is no calendar {name.name!r}{hint}", name)


def shape_of(value: Value) -> Known:
    """The shape of a constant."""
    match value:
        case bool():
            return BOOL
        case int() | Decimal():
            return NUMBER
        case str():
            return TEXT
        case datetime():
            return TIME
        case date():
            return DATE
    return None


def joined(shapes: Iterable[Known]) -> Known:
    """The shape of a variable that is set in several places; unknown where they differ."""
    given = [shape for shape in shapes if shape is not None]
    if not given:
        return None
    result = given[0]
    for shape in given[1:]:
        if shape.kind is not result.kind:
            return None
        result = _merged(result, shape)
    return result


def _merged(left: Shape, right: Shape) -> Shape:
    if left.kind is Kind.LIST:
        return Shape(Kind.LIST, item=joined([left.item, right.item]))
    if not left.fields or not right.fields:
        return Shape(left.kind)
    names = {**left.fields, **right.fields}
    both = {name: joined([left.fields.get(name), right.fields.get(name)]) for name in names}
    known = {name: shape for name, shape in both.items() if shape is not None}
    return Shape(left.kind, known if len(known) == len(both) else {})
