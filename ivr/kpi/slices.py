"""A period cut into parts, for figures that are counted of a whole period alone. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from ivr.kpi.periods import Period

_DAY = timedelta(days=1)
_MOST = 31
_WEEK = 7


def slices(period: Period, today: date) -> list[Period]:
    """The days of a period; of a longer one its weeks, its months. What has not begun is left out."""
    if period.days <= _MOST:
        cut = _cut(period, lambda day: day)
    elif period.days <= _MOST * _WEEK:
        cut = _cut(period, _sunday)
    else:
        cut = _cut(period, _month_end)
    return [each for each in cut if each.first <= today]


def _cut(period: Period, end: Callable[[date], date]) -> Iterator[Period]:
    first = period.first
    while first <= period.last:
        last = min(end(first), period.last)
        yield replace(period, first=first, last=last)
        first = last + _DAY


def _sunday(day: date) -> date:
    return day + (_WEEK - day.isoweekday()) * _DAY


def _month_end(day: date) -> date:
    return (day.replace(day=1) + _MOST * _DAY).replace(day=1) - _DAY
