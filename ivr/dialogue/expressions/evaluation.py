"""Tree of an expression → closure: the tree is walked once, at load, and never during a call."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ivr.dialogue.expressions.functions import (
    VALUES,
    EvaluationError,
    Surroundings,
    is_number,
    kind_of,
)
from ivr.dialogue.expressions.syntax import Binary, Call, Literal, Member, Name, Node, Unary
from ivr.dialogue.ports import Value

Evaluator = Callable[[Surroundings], Value]
"""Gives the value of an expression. Raises EvaluationError."""

LARGEST = 10**30
"""Numbers beyond it have no use in a call; a loop that multiplies must not eat the memory."""

ARITHMETIC: Mapping[str, Callable[[Any, Any], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compiled(node: Node) -> Evaluator:
    """The expression, ready to run."""
    match node:
        case Literal(value=value):
            return lambda _: value
        case Name(name=name):
            return _variable(name)
        case Member():
            return _member(node)
        case Unary():
            return _unary(node)
        case Binary():
            return _binary(node)
        case Call():
            return _call(node)


def _variable(name: str) -> Evaluator:
    def evaluate(around: Surroundings) -> Value:
        try:
            return around.variables[name]
        except KeyError:
            raise EvaluationError(f"the variable {name!r} has no value yet") from None

    return evaluate


def _member(node: Member) -> Evaluator:
    record, field = compiled(node.record), node.name

    def evaluate(around: Surroundings) -> Value:
        value = record(around)
        if not isinstance(value, Mapping):
            raise EvaluationError(f"{kind_of(value)} has no field {field!r}")
        if field not in value:
            raise EvaluationError(f"the record has no field {field!r}")
        return value[field]

    return evaluate


def _unary(node: Unary) -> Evaluator:
    operand = compiled(node.operand)
    if node.operator == "not":
        return lambda around: not truth(operand(around))
    return lambda around: -_number("-", operand(around))


def _binary(node: Binary) -> Evaluator:
    left, right, sign = compiled(node.left), compiled(node.right), node.operator
    if sign == "and":
        return lambda around: truth(left(around)) and truth(right(around))
    if sign == "or":
        return lambda around: truth(left(around)) or truth(right(around))
    apply = _operation(sign)
    return lambda around: apply(left(around), right(around))


def _operation(sign: str) -> Callable[[Value, Value], Value]:
    if sign == "==":
        return equal
    if sign == "!=":
        return lambda left, right: not equal(left, right)
    if sign == "in":
        return _contained
    if sign == "/":
        return _quotient
    if sign in ORDER:
        return _ordered(sign)
    return _arithmetic(sign)


def equal(left: Value, right: Value) -> bool:
    """Equality that keeps `true` and 1 apart."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def truth(value: Value) -> bool:
    """The value of a condition; nothing but true and false will do."""
    if not isinstance(value, bool):
        raise EvaluationError(f"a condition is true or false, not {kind_of(value)}")
    return value


def _arithmetic(sign: str) -> Callable[[Value, Value], Value]:
    apply = ARITHMETIC[sign]

    def evaluate(left: Value, right: Value) -> Value:
        return _bounded(apply(_number(sign, left), _number(sign, right)))

    return evaluate


def _quotient(left: Value, right: Value) -> Value:
    dividend, divisor = _number("/", left), _number("/", right)
    if divisor == 0:
        raise EvaluationError("division by zero")
    return _bounded(Decimal(dividend) / Decimal(divisor))


def _bounded(number: object) -> int | Decimal:
    if isinstance(number, int | Decimal) and -LARGEST < number < LARGEST:
        return number
    raise EvaluationError("the number is too large")


def _ordered(sign: str) -> Callable[[Value, Value], bool]:
    apply = ORDER[sign]

    def evaluate(left: Value, right: Value) -> bool:
        if not (is_number(left) and is_number(right)) and not _both_moments(left, right):
            raise EvaluationError(f"'{sign}' does not compare {kind_of(left)} with {kind_of(right)}")
        return apply(left, right)

    return evaluate


def _both_moments(left: Value, right: Value) -> bool:
    return isinstance(left, date) and isinstance(right, date) and _is_time(left) == _is_time(right)


def _is_time(value: Value) -> bool:
    return isinstance(value, datetime)


def _contained(item: Value, items: Value) -> bool:
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise EvaluationError(f"'in' looks into a list, not {kind_of(items)}")
    return any(equal(item, other) for other in items)


def _number(sign: str, value: Value) -> int | Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    raise EvaluationError(f"'{sign}' takes numbers, not {kind_of(value)}")


def _call(node: Call) -> Evaluator:
    match node.function:
        case "now":
            return lambda around: around.now()
        case "today":
            return lambda around: around.now().date()
        case "open":
            calendar = calendar_name(node)
            return lambda around: around.is_open(calendar)
        case "opens":
            calendar = calendar_name(node)
            return lambda around: around.opens(calendar)
    function = VALUES[node.function]
    arguments = tuple(compiled(argument) for argument in node.arguments)
    if len(arguments) == 1:
        only = arguments[0]
        return lambda around: function(only(around))
    return lambda around: function(*(argument(around) for argument in arguments))


def calendar_name(node: Call) -> str:
    """The calendar's name in `open(office)` or `opens(office)`; the parser lets nothing else pass."""
    argument = node.arguments[0]
    if not isinstance(argument, Name):
        raise TypeError(f"{node.function}() without a calendar's name")
    return argument.name
