"""Spoken dates → days of the calendar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from ivr.speech.understanding.numerals import digits, spoken
from ivr.speech.understanding.words import data, folded

WEEK = 7
LAST_DAY, LAST_MONTH = 31, 12
FIRST_YEAR, LAST_YEAR = 1900, 2100
CENTURY = 2000
_NEAREST_YEARS = (0, -1, 1)
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d\d?)[./-](\d\d?)(?:[./-](\d{4}|\d\d))?(?![\d.]*\d)")
_KEYED = re.compile(r"(\d\d)(\d\d)(\d{4}|\d\d)?")

Words = Sequence[str | int]


def date_of(text: str, today: date) -> date | None:
    """The day that was said, or None.

    Without a year it is the nearest such day; a day alone («пятого») and a weekday are the next that comes.

    Args:
        text: What was said.
        today: The day on which it is said.
    """
    found = _written(text, today)
    if found is not None:
        return found
    text = _DAY_FIRST.sub(" ", text)
    said = spoken(text)
    steps = (_relative, _with_month, _weekday, _in_numbers, _day_alone)
    return next((day for step in steps if (day := step(said, today)) is not None), _keyed(text, today))


@dataclass(frozen=True, slots=True)
class _Names:
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    days: Mapping[str, int]
    spans: Mapping[str, str]
    next_week: frozenset[str]
    last_week: frozenset[str]
    ahead: str
    ago: str
    year: frozenset[str]


@lru_cache(maxsize=1)
def _names() -> _Names:
    lists = data("calendar.yaml")
    return _Names(
        months=_by_form(lists["months"]),
        weekdays=_by_form(lists["weekdays"]),
        days=_by_form(lists["days"]),
        spans=_by_form(lists["spans"]),
        next_week=frozenset(lists["next_week"]),
        last_week=frozenset(lists["last_week"]),
        ahead=lists["ahead"],
        ago=lists["ago"],
        year=frozenset(lists["year"]),
    )


def _by_form(lists: Mapping[Any, Sequence[str]]) -> dict[str, Any]:
    return {form: value for value, forms in lists.items() for form in forms}


def _written(text: str, today: date) -> date | None:
    plain = folded(text)
    year_first = _YEAR_FIRST.search(plain)
    if year_first is not None:
        year, month, day = map(int, year_first.groups())
        return _possible(year, month, day)
    day_first = _DAY_FIRST.search(plain)
    return None if day_first is None else _of_parts(day_first, today)


def _keyed(text: str, today: date) -> date | None:
    """Digits as they would be typed: DDMM, DDMMYY, DDMMYYYY."""
    match = _KEYED.fullmatch(digits(text) or "")
    return None if match is None else _of_parts(match, today)


def _of_parts(match: re.Match[str], today: date) -> date | None:
    day, month, year = match.groups()
    if year is None:
        return _nearest(int(day), int(month), today)
    return _possible(_year(int(year)), int(month), int(day))


def _relative(said: Words, today: date) -> date | None:
    """«завтра», «через неделю», «два дня назад»."""
    names = _names()
    for place, word in enumerate(said):
        if word in names.days:
            return today + timedelta(days=names.days[str(word)])
        if word in names.spans:
            count = said[place - 1] if place and isinstance(said[place - 1], int) else 1
            if names.ahead in said[:place]:
                return _later(today, int(count), names.spans[str(word)])
            if names.ago in said[place:]:
                return _later(today, -int(count), names.spans[str(word)])
    return None


def _later(today: date, count: int, span: str) -> date | None:
    if abs(count) > LAST_YEAR:
        return None
    if span != "months":
        return today + timedelta(days=count * (WEEK if span == "weeks" else 1))
    years, month = divmod(today.month - 1 + count, LAST_MONTH)
    return _possible(today.year + years, month + 1, min(today.day, 28))


def _with_month(said: Words, today: date) -> date | None:
    """«двадцать третьего ноября», with or without a year."""
    months = _names().months
    for place, word in enumerate(said):
        if word not in months or not place or not isinstance(said[place - 1], int):
            continue
        day, month = int(said[place - 1]), months[str(word)]
        year = _year_at(said, place + 1)
        return _nearest(day, month, today) if year is None else _possible(year, month, day)
    return None


def _year_at(said: Words, place: int) -> int | None:
    if place >= len(said) or not isinstance(said[place], int):
        return None
    named = place + 1 < len(said) and said[place + 1] in _names().year
    year = _year(int(said[place]))
    return year if named or said[place] == year else None


def _year(number: int) -> int:
    return number if number >= 100 else CENTURY + number


def _weekday(said: Words, today: date) -> date | None:
    """The next such day; «в следующий» is that of the next week, «прошлый» the one before."""
    names = _names()
    named = next(
        (names.weekdays[word] for word in said if isinstance(word, str) and word in names.weekdays), None
    )
    if named is None:
        return None
    monday = today - timedelta(days=today.weekday())
    if names.next_week.intersection(word for word in said if isinstance(word, str)):
        return monday + timedelta(days=WEEK + named)
    if names.last_week.intersection(word for word in said if isinstance(word, str)):
        return monday + timedelta(days=named - WEEK)
    return today + timedelta(days=(named - today.weekday() - 1) % WEEK + 1)


def _in_numbers(said: Words, today: date) -> date | None:
    """«пятого одиннадцатого», «ноль пятое одиннадцатое двадцать шестого»."""
    given = (
        []
        if _names().months.keys() & set(said)
        else [word for word in said if isinstance(word, int) and word]
    )
    if len(given) not in {2, 3} or given[0] > LAST_DAY or given[1] > LAST_MONTH:
        return None
    day, month, *year = given
    return _possible(_year(year[0]), month, day) if year else _nearest(day, month, today)


def _day_alone(said: Words, today: date) -> date | None:
    given = [word for word in said if isinstance(word, int)]
    if len(given) != 1 or _names().months.keys() & set(said) or not 1 <= given[0] <= LAST_DAY:
        return None
    months = (
        (today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1)
        for ahead in range(3)
    )
    days = (_possible(year, month, given[0]) for year, month in months)
    return next((day for day in days if day is not None and day >= today), None)


def _nearest(day: int, month: int, today: date) -> date | None:
    found = [near for years in _NEAREST_YEARS if (near := _possible(today.year + years, month, day))]
    return min(found, key=lambda near: abs(near - today), default=None)


def _possible(year: int, month: int, day: int) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):  # thirty digits are no day, and no integer of C
        return None
