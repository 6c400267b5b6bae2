from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue.ports import Formatter, Value
from ivr.speech.russian import PAUSE, finite_pieces, formatters
from ivr.speech.russian.writing import unspeakable
from tests.unit.speech.numeral_parser import parse

TODAY = date(2026, 11, 5)
FILTERS: Mapping[str, Formatter] = formatters(lambda: TODAY, (3, 2, 2, 2))
MOSCOW = timezone(timedelta(hours=3))
PREBUILT = frozenset(finite_pieces())

SPOKEN: list[tuple[str, Value, str]] = [
    ("number", 12345, "двенадцать тысяч триста сорок пять"),
    ("number", "12345", "двенадцать тысяч триста сорок пять"),
    ("number", "00123", "сто двадцать три"),
    ("number", Decimal("7.0"), "семь"),
    ("number", Decimal("2.5"), "две целых пять десятых"),
    ("number", Decimal("1.1"), "одна целая одна десятая"),
    ("number", Decimal("21.02"), "двадцать одна целая две сотых"),
    ("number", Decimal("0.005"), "ноль целых пять тысячных"),
    ("number", Decimal("-0.25"), "минус ноль целых двадцать пять сотых"),
    ("number", Decimal("1.9996"), "два"),
    ("number", Decimal("-0.0001"), "ноль"),
    ("number", "2,5", "две целых пять десятых"),
    ("kwh", 21002, "двадцать одна тысяча два киловатт-часа"),
    ("kwh", 1, "один киловатт-час"),
    ("kwh", 0, "ноль киловатт-часов"),
    ("kwh", Decimal("12.5"), "двенадцать целых пять десятых киловатт-часа"),
    ("kwh", -3, "минус три киловатт-часа"),
    ("minutes", 21, "двадцать одна минута"),
    ("days", 5, "пять дней"),
    ("working_days", 2, "два рабочих дня"),
    ("day", 25, "двадцать пятого"),
    ("day", 3, "третьего"),
    ("amount", Decimal("121.05"), "сто двадцать один рубль пять копеек"),
    ("amount", Decimal("0.01"), "ноль рублей одна копейка"),
    ("amount", 100, "сто рублей ноль копеек"),
    ("amount", Decimal("1000000.99"), "один миллион рублей девяносто девять копеек"),
    ("amount", Decimal("12.345"), "двенадцать рублей тридцать пять копеек"),
    ("amount", Decimal("-2.52"), "минус два рубля пятьдесят две копейки"),
    ("amount", Decimal("-0.001"), "ноль рублей ноль копеек"),
    ("amount", Decimal("0.999"), "один рубль ноль копеек"),
    ("date", date(2026, 11, 5), "пятого ноября"),
    ("date", date(2025, 11, 5), "пятого ноября две тысячи двадцать пятого года"),
    ("date", date(2000, 1, 1), "первого января двухтысячного года"),
    ("date", date(1999, 12, 31), "тридцать первого декабря тысяча девятьсот девяносто девятого года"),
    ("date", date(1900, 2, 3), "третьего февраля тысяча девятисотого года"),
    ("date", date(2003, 3, 8), "восьмого марта две тысячи третьего года"),
    ("date", "2026-05-23", "двадцать третьего мая"),
    ("date", datetime(2026, 6, 10, 23, 59, tzinfo=MOSCOW), "десятого июня"),
    ("time", datetime(2026, 6, 10, 10, 5, tzinfo=MOSCOW), "десять часов пять минут"),
    ("time", "21:01", "двадцать один час одна минута"),
    ("time", "00:00", "ноль часов"),
    ("time", "18:00", "восемнадцать часов"),
    ("digits", "0075", "ноль ноль семь пять"),
    ("digits", 12, "один два"),
    ("account", "320145678", "триста двадцать, четырнадцать, пятьдесят шесть, семьдесят восемь"),
    ("account", "005000110", "ноль ноль пять, ноль ноль, ноль один, десять"),
    ("account", "32-014 5678", "триста двадцать, четырнадцать, пятьдесят шесть, семьдесят восемь"),
    ("account", "1234567890", "сто двадцать три, четыреста пятьдесят шесть, семьдесят восемь, девяносто"),
    ("account", "12345678", "сто двадцать три, четыреста пятьдесят шесть, семьдесят восемь"),
    ("account", "7", "семь"),
    ("account", "1234", "двенадцать, тридцать четыре"),
    ("phone", "+74832000001", "восемь, четыреста восемьдесят три, двести, ноль ноль, ноль один"),
    ("phone", "89161234567", "восемь, девятьсот шестнадцать, сто двадцать три, сорок пять, шестьдесят семь"),
    ("phone", "112", "сто двенадцать"),
    ("name", " Иванов  Иван ", "Иванов Иван"),
    ("text", "улица Пушкина", "улица Пушкина"),
    ("text", 5, "пять"),
]

REFUSED: list[tuple[str, Value]] = [
    ("number", None),
    ("number", True),
    ("number", "сто"),
    ("number", "1e5"),
    ("number", Decimal("NaN")),
    ("number", "٣"),
    ("amount", Decimal("Infinity")),
    ("amount", "много"),
    ("kwh", [1]),
    ("kwh", 10**12),
    ("date", 5),
    ("date", "05.11.2026"),
    ("time", "25:00"),
    ("time", 5),
    ("digits", "12a"),
    ("digits", ""),
    ("digits", -5),
    ("account", ""),
    ("account", "АБ123"),
    ("phone", "нет"),
    ("phone", None),
    ("name", "   "),
    ("text", True),
    ("text", {"a": 1}),
]


@pytest.mark.parametrize(("name", "value", "words"), SPOKEN)
def test_spoken(name: str, value: Value, words: str) -> None:
    spoken = FILTERS[name](value)
    assert spoken.text == words
    assert " ".join(spoken.pieces).replace(" ,", ",") == words


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_refused(name: str, value: Value) -> None:
    with pytest.raises(ValueError, match=r".+"):
        FILTERS[name](value)


def test_the_year_is_spoken_once_it_is_no_longer_the_current_one() -> None:
    today = date(2026, 12, 31)
    speak = formatters(lambda: today)["date"]
    assert speak(date(2026, 12, 31)).text == "тридцать первого декабря"
    today = date(2027, 1, 1)
    assert speak(date(2026, 12, 31)).text.endswith("две тысячи двадцать шестого года")


@given(st.decimals(-(10**10), 10**10, places=2))
def test_amounts_are_prebuilt_and_mean_the_amount(value: Decimal) -> None:
    spoken = FILTERS["amount"](value)
    assert set(spoken.pieces) <= PREBUILT
    words = [word for word in spoken.text.split() if word != "минус"]
    at = next(index for index, word in enumerate(words) if word.startswith("рубл"))
    said = Decimal(parse(" ".join(words[:at]))) + Decimal(parse(" ".join(words[at + 1 : -1]))) / 100
    assert said == abs(value)
    assert ("минус" in spoken.pieces) == (value < 0)


@given(st.decimals(-(10**6), 10**6, places=3))
def test_decimals_are_prebuilt(value: Decimal) -> None:
    assert set(FILTERS["kwh"](value).pieces) <= PREBUILT


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_dates_are_prebuilt(day: date) -> None:
    assert set(FILTERS["date"](day).pieces) <= PREBUILT


@given(st.times())
def test_times_are_prebuilt(moment: object) -> None:
    assert set(FILTERS["time"](f"{moment}"[:5]).pieces) <= PREBUILT


@given(st.text("0123456789", min_size=1, max_size=20))
def test_groups_of_digits_are_prebuilt_and_lose_no_digit(digits: str) -> None:
    pieces = FILTERS["account"](digits).pieces
    assert set(pieces) <= PREBUILT
    groups = " ".join(pieces).split(PAUSE)
    assert "".join(map(_digits, groups)) == digits


@given(st.integers(9_000_000_000, 9_999_999_999))
def test_phones_are_prebuilt_and_lose_no_digit(number: int) -> None:
    pieces = FILTERS["phone"](f"+7{number}").pieces
    assert set(pieces) <= PREBUILT
    groups = " ".join(pieces).split(PAUSE)
    assert "".join(map(_digits, groups)) == f"8{number}"


def test_every_piece_can_be_read_aloud() -> None:
    assert not [piece for piece in PREBUILT if unspeakable(piece)]


def _digits(group: str) -> str:
    words = group.split()
    zeros = next((index for index, word in enumerate(words) if word != "ноль"), len(words))
    return "0" * zeros + (str(parse(" ".join(words[zeros:]))) if words[zeros:] else "")
