"""What an expression reads: variables, and the fields right behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ivr.dialogue.expressions.functions import OF_CALENDARS
from ivr.dialogue.expressions.syntax import Binary, Call, Member, Name, Node, Unary


class Read(NamedTuple):
    """A variable that is read.

    Attributes:
        field: The field that is read of it; None where it is read as a whole.
        offset: Where in the expression, characters.
    """

    variable: str
    field: str | None
    offset: int


def reads(node: Node) -> Iterator[Read]:
    """All reads of an expression, in order; names of calendars are left out."""
    match node:
        case Name(name=name, offset=offset):
            yield Read(name, None, offset)
        case Member(record=Name(name=name, offset=offset), name=field):
            yield Read(name, field, offset)
        case Member(record=inner) | Unary(operand=inner):
            yield from reads(inner)
        case Binary(left=left, right=right):
            yield from reads(left)
            yield from reads(right)
        case Call(function=function, arguments=arguments) if function not in OF_CALENDARS:
            for argument in arguments:
                yield from reads(argument)
