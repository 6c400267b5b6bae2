"""The tree of an expression, and its canonical text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

Constant = str | int | Decimal | bool | None

COMPARISON = 3
UNARY_NOT = 2
NEGATION = 6
POSTFIX = 7
BINDING = {
    "or": 0,
    "and": 1,
    "==": COMPARISON,
    "!=": COMPARISON,
    "<": COMPARISON,
    "<=": COMPARISON,
    ">": COMPARISON,
    ">=": COMPARISON,
    "in": COMPARISON,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
}
"""Binary operators with their binding power; all bind to the left, comparisons do not chain."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: number, text, `true`, `false` or `null`."""

    value: Constant
    offset: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, or the name of a calendar in `open(…)`."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a record: `account.street`."""

    record: Node
    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x` or `-x`."""

    operator: str
    operand: Node
    offset: int


@dataclass(frozen=True, slots=True)
class Binary:
    """`x + y`; the offset is the operator's."""

    operator: str
    left: Node
    right: Node
    offset: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language: `count(meters)`."""

    function: str
    arguments: tuple[Node, ...]
    offset: int


Node = Literal | Name | Member | Unary | Binary | Call


def unparse(node: Node) -> str:
    """Text which parses into the same tree, offsets aside."""
    return _text(node, 0)


def _text(node: Node, floor: int) -> str:
    match node:
        case Literal(value=value):
            return _constant(value)
        case Name(name=name):
            return name
        case Member(record=record, name=name):
            return f"{_text(record, POSTFIX)}.{name}"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_text(argument, 0) for argument in arguments)})"
        case Unary() | Binary():
            return _operation(node, floor)


def _operation(node: Unary | Binary, floor: int) -> str:
    if isinstance(node, Binary):
        power = BINDING[node.operator]
        left_floor = power + 1 if power == COMPARISON else power
        text = f"{_text(node.left, left_floor)} {node.operator} {_text(node.right, power + 1)}"
    elif node.operator == "not":
        power = UNARY_NOT
        text = f"not {_text(node.operand, power)}"
    else:
        power = NEGATION
        text = f"-{_text(node.operand, power)}"
    return f"({text})" if power < floor else text


def _constant(value: Constant) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def names(node: Node) -> Iterator[Name]:
    """The variables that the expression reads, in order; names of calendars are left out."""
    match node:
        case Name():
            yield node
        case Member(record=inner) | Unary(operand=inner):
            yield from names(inner)
        case Binary(left=left, right=right):
            yield from names(left)
            yield from names(right)
        case Call(function="open" | "opens"):
            return
        case Call(arguments=arguments):
            for argument in arguments:
                yield from names(argument)


def calendars(node: Node) -> Iterator[Name]:
    """The calendars that the expression asks about."""
    match node:
        case Member(record=inner) | Unary(operand=inner):
            yield from calendars(inner)
        case Binary(left=left, right=right):
            yield from calendars(left)
            yield from calendars(right)
        case Call(function="open" | "opens", arguments=(Name() as name,)):
            yield name
        case Call(arguments=arguments):
            for argument in arguments:
                yield from calendars(argument)
