"""Days, weeks, months and quarters of the calendar. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

_DAY = timedelta(days=1)
_MONTHS = {"month": 1, "quarter": 3}


class Span(StrEnum):
    """A length of the calendar."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Days(NamedTuple):
    """From a first day to a last one."""

    first: date
    last: date


def around(span: Span, day: date) -> Days:
    """The one that a day belongs to; weeks begin on Monday."""
    if span is Span.DAY:
        return Days(day, day)
    if span is Span.WEEK:
        monday = day - day.weekday() * _DAY
        return Days(monday, monday + 6 * _DAY)
    months = _MONTHS[span]
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    return Days(first, _after(first, months) - _DAY)


def after(span: Span, days: Days) -> Days:
    """The next one."""
    return around(span, days.last + _DAY)


def before(span: Span, days: Days) -> Days:
    """The one before."""
    return around(span, days.first - _DAY)


def _after(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
