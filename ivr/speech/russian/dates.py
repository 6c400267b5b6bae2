"""Dates and times of day as they are spoken: «пятого ноября», «десять часов пять минут»."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from functools import lru_cache

from ivr.speech.russian.numerals import Pieces, ordinal_genitive, quantity
from ivr.speech.russian.quantities import HOUR, MINUTE

MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
_YEAR = "года"
_CENTURIES = {19: "тысяча девятьсот", 20: "две тысячи"}


@lru_cache(maxsize=1024)
def spoken_date(day: date, current_year: int) -> Pieces:
    """Day and month, the year only when it is not the current one."""
    pieces = (ordinal_genitive(day.day), MONTHS[day.month - 1])
    return pieces if day.year == current_year else (*pieces, *_year(day.year))


def spoken_day(day: int | Decimal) -> Pieces:
    """A day of the month in the genitive: «до двадцать пятого».

    Raises:
        ValueError: There is no such day.
    """
    if day not in range(1, 32):
        raise ValueError("not a day of a month")
    return (ordinal_genitive(int(day)),)


def spoken_time(moment: time) -> Pieces:
    """Hours and, unless they are zero, minutes."""
    hours = quantity(moment.hour, HOUR)
    return (*hours, *quantity(moment.minute, MINUTE)) if moment.minute else hours


def date_pieces() -> Pieces:
    """Every piece of the dates from 1900 to 2099."""
    return (
        *(ordinal_genitive(n) for n in range(1, 100)),
        *MONTHS,
        *_CENTURIES.values(),
        *(ordinal_genitive(century * 100) for century in _CENTURIES),
        _YEAR,
    )


def _year(year: int) -> Pieces:
    century, rest = divmod(year, 100)
    if rest and century in _CENTURIES:
        return (_CENTURIES[century], ordinal_genitive(rest), _YEAR)
    return (ordinal_genitive(year), _YEAR)
