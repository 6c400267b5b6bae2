"""The functions of the expression language: what they take, what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from ivr.dialogue.ports import Value

ARITY: Mapping[str, tuple[int, int]] = {
    "count": (1, 1),
    "empty": (1, 1),
    "first": (1, 1),
    "last": (1, 1),
    "min": (1, 9),
    "max": (1, 9),
    "day": (1, 1),
    "hour": (1, 1),
    "days_between": (2, 2),
    "today": (0, 0),
    "now": (0, 0),
    "open": (1, 1),
    "opens": (1, 1),
}
"""Each function with the fewest and the most arguments."""

OF_CALENDARS = frozenset({"open", "opens"})
"""Functions of a calendar: whether it is open now; when it is open next, now if it is."""


class ScenarioError(Exception):
    """A fault while a scenario runs. Its message never holds a value: it may be personal."""


class EvaluationError(ScenarioError):
    """An expression has no value: a field is missing, a kind does not fit. Leads to the error exit."""


class Surroundings(Protocol):
    """What an expression may see."""

    @property
    def variables(self) -> Mapping[str, Value]:
        """The variables in sight."""

    def now(self) -> datetime:
        """The moment, aware, in the company's time zone."""

    def is_open(self, calendar: str) -> bool:
        """Whether the calendar is open now."""

    def opens(self, calendar: str) -> datetime | None:
        """When the calendar is open next, now if it is; None when it is not within a month."""


def count(value: Value) -> int:
    """How many items a list has."""
    return len(_list("count", value))


def empty(value: Value) -> bool:
    """Whether it is null, a text without characters, or a list without items."""
    return value is None or (isinstance(value, Sequence | Mapping) and not value)


def first(value: Value) -> Value:
    """The first item of a list."""
    items = _list("first", value)
    if not items:
        raise EvaluationError("first() of an empty list")
    return items[0]


def last(value: Value) -> Value:
    """The last item of a list."""
    items = _list("last", value)
    if not items:
        raise EvaluationError("last() of an empty list")
    return items[-1]


def least(*values: Value) -> Value:
    """The least of numbers, given one by one or as a list."""
    return min(_numbers("min", values))


def greatest(*values: Value) -> Value:
    """The greatest of numbers, given one by one or as a list."""
    return max(_numbers("max", values))


def day(value: Value) -> int:
    """Day of the month, 1 to 31."""
    return as_date("day", value).day


def hour(value: Value) -> int:
    """Hour of the day, 0 to 23."""
    if not isinstance(value, datetime):
        raise EvaluationError(f"hour() takes a time, not {kind_of(value)}")
    return value.hour


def days_between(start: Value, end: Value) -> int:
    """Days from the first date to the second; negative when it is earlier."""
    return (as_date("days_between", end) - as_date("days_between", start)).days


VALUES: Mapping[str, Callable[..., Value]] = {
    "count": count,
    "empty": empty,
    "first": first,
    "last": last,
    "min": least,
    "max": greatest,
    "day": day,
    "hour": hour,
    "days_between": days_between,
}
"""Functions of their arguments alone; `today`, `now`, `open` and `opens` look around."""


def as_date(function: str, value: Value) -> date:
    """The date of a date or a time."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise EvaluationError(f"{function}() takes dates, not {kind_of(value)}")


def is_number(value: Value) -> bool:
    """Whether it is a number; true and false are not."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def kind_of(value: Value) -> str:
    """The kind of a value in words, never the value itself: it may be personal."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | Decimal():
            return "a number"
        case str():
            return "a text"
        case datetime():
            return "a time"
        case date():
            return "a date"
        case Mapping():
            return "a record"
    return "a list"


def _list(function: str, value: Value) -> Sequence[Value]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise EvaluationError(f"{function}() takes a list, not {kind_of(value)}")
    return value


def _numbers(function: str, values: Sequence[Value]) -> list[int | Decimal]:
    given = _list(function, values[0]) if len(values) == 1 and not is_number(values[0]) else values
    numbers = [value for value in given if isinstance(value, int | Decimal) and not isinstance(value, bool)]
    if not numbers or len(numbers) != len(given):
        raise EvaluationError(f"{function}() takes numbers")
    return numbers
