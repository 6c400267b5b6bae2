"""The filters of spoken text: `{value|kwh}` and its kin, values → Russian words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from ivr.dialogue.ports import Formatter, Spoken, Value
from ivr.speech.russian import dates, digits, names, quantities
from ivr.speech.russian.numerals import LARGEST, Noun, Pieces, numeral_pieces

_DECIMAL = re.compile(r"-?[0-9]{1,12}(?:[.,][0-9]{1,6})?")


def formatters(today: Callable[[], date], account_grouping: Sequence[int] = ()) -> Mapping[str, Formatter]:
    """The filters by name; each raises ValueError on a value that it cannot speak.

    Args:
        today: The current date in the company's time zone: dates of its year are spoken without the year.
        account_grouping: Lengths of the groups in which account numbers are printed on the bill.
    """
    grouping = tuple(account_grouping)

    def of_unit(noun: Noun) -> Formatter:
        return lambda value: _spoken(quantities.measured(_number(value), noun))

    return {
        "number": lambda value: _spoken(quantities.number(_number(value))),
        "kwh": of_unit(quantities.KILOWATT_HOUR),
        "minutes": of_unit(quantities.MINUTE),
        "days": of_unit(quantities.DAY),
        "working_days": of_unit(quantities.WORKING_DAY),
        "amount": lambda value: _spoken(quantities.amount(_number(value))),
        "date": lambda value: _spoken(dates.spoken_date(_date(value), today().year)),
        "day": lambda value: _spoken(dates.spoken_day(_number(value))),
        "time": lambda value: _spoken(dates.spoken_time(_time(value))),
        "digits": lambda value: _spoken(digits.one_by_one(_digits(value))),
        "account": lambda value: _spoken(digits.account(_digits(value), grouping)),
        "phone": lambda value: _spoken(digits.phone(_digits(value))),
        "text": _plain,
        "name": _plain,
        "whom": whom,
    }


def whom(value: Value) -> Spoken:
    """A name in the instrumental: «с Иваном Петровичем». Raises ValueError: it is no text."""
    text = names.whom(_plain(value).text)
    return Spoken(text, (text,))


def finite_pieces() -> Iterable[str]:
    """Every piece that numbers, units, dates, times and groups of digits need, each once."""
    return dict.fromkeys(
        (
            digits.PAUSE,
            digits.PLUS,
            *numeral_pieces(),
            *quantities.unit_pieces(),
            *dates.date_pieces(),
        )
    )


def _spoken(pieces: Pieces) -> Spoken:
    return Spoken(digits.spoken_text(pieces), pieces)


def _plain(value: Value) -> Spoken:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _spoken(quantities.number(_number(value)))
    if not isinstance(value, str) or not (text := " ".join(value.split())):
        raise ValueError("not a text that can be spoken")
    return Spoken(text, (text,))


def _number(value: Value) -> int | Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if Decimal(value).is_finite() and -LARGEST <= value <= LARGEST:
            return value
        raise ValueError("the number is too large to be spoken")
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value.replace(",", "."))
    raise ValueError("not a number")


def _digits(value: Value) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    if isinstance(value, str):
        return value
    raise ValueError("not a string of digits")


def _date(value: Value) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError("not a date")


def _time(value: Value) -> time:
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, str):
        return time.fromisoformat(value)
    raise ValueError("not a time of day")
