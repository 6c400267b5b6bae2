from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.russian.dates import spoken_date, spoken_time
from ivr.speech.russian.digits import spoken_text
from ivr.speech.russian.quantities import amount as amount_in_words
from ivr.speech.understanding.dates import date_of
from ivr.speech.understanding.quantities import amount
from ivr.speech.understanding.times import time_of

TODAY = date(2026, 11, 21)  # a Saturday


@given(st.integers(0, 99_999_999))
def test_an_amount_that_the_robot_says_is_understood(kopecks: int) -> None:
    value = Decimal(kopecks) / 100
    assert amount(spoken_text(amount_in_words(value))) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("тысяча двести рублей пятьдесят копеек", "1200.50"),
        ("двести с половиной", "200.50"),
        ("1 200 руб. 50 коп.", "1200.50"),
        ("1200,50", "1200.50"),
        ("пятьдесят копеек", "0.50"),
        ("1 200 ₽", "1200.00"),
        ("сто целых пять десятых рубля", "100.50"),
        ("полторы тысячи рублей", "1500.00"),
        ("двести, ой нет, триста рублей", "300.00"),
        ("12,345 рублей", "12345.00"),
    ],
)
def test_amounts(text: str, expected: str) -> None:
    assert amount(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["денег нет", "1" * 40, f"{'1' * 40} рублей", f"{'1' * 40} копеек"])
def test_no_amount(text: str) -> None:
    assert amount(text) is None


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)))
def test_a_date_that_the_robot_says_is_understood(day: date) -> None:
    assert date_of(spoken_text(spoken_date(day, TODAY.year - 200)), TODAY) == day


@given(st.integers(-180, 180))
def test_a_date_without_a_year_is_the_nearest(days: int) -> None:
    day = TODAY + timedelta(days=days)
    assert date_of(spoken_text(spoken_date(day, day.year)), TODAY) == day
    assert date_of(f"{day:%d.%m}", TODAY) == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("завтра", "2026-11-22"),
        ("послезавтра", "2026-11-23"),
        ("в понедельник", "2026-11-23"),
        ("в субботу", "2026-11-28"),
        ("в следующую среду", "2026-11-25"),
        ("через неделю", "2026-11-28"),
        ("через три дня", "2026-11-24"),
        ("два дня назад", "2026-11-19"),
        ("пятого", "2026-12-05"),
        ("25-го", "2026-11-25"),
        ("пятого одиннадцатого", "2026-11-05"),
        ("ноль пять двенадцать", "2026-12-05"),
        ("двадцатого, ой нет, двадцать второго декабря", "2026-12-22"),
        ("2026-12-01", "2026-12-01"),
    ],
)
def test_dates(text: str, expected: str) -> None:
    assert date_of(text, TODAY) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    "text", ["тридцать первое февраля", "не знаю", "31.02", "как-нибудь потом", f"{'1' * 40} мая"]
)
def test_no_date(text: str) -> None:
    assert date_of(text, TODAY) is None


@given(st.times())
def test_a_working_hour_that_the_robot_says_is_understood(moment: time) -> None:
    moment = moment.replace(hour=8 + moment.hour % 12, second=0, microsecond=0)
    assert time_of(spoken_text(spoken_time(moment))) == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("в три часа дня", time(15)),
        ("в час дня", time(13)),
        ("полдесятого", time(9, 30)),
        ("половина десятого утра", time(9, 30)),
        ("15:30", time(15, 30)),
        ("без пятнадцати три", time(14, 45)),
        ("без четверти пять", time(16, 45)),
        ("четверть четвёртого", time(15, 15)),
        ("в два часа ночи", time(2)),
        ("семь вечера", time(19)),
        ("в полдень", time(12)),
        ("после обеда", None),
        ("двадцать пять часов", None),
    ],
)
def test_times(text: str, expected: time | None) -> None:
    assert time_of(text) == expected
