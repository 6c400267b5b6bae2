"""Numbers with and without units: plain, kilowatt-hours, money, spans of time."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

from ivr.speech.russian.numerals import MINUS, Gender, Noun, Pieces, numeral, quantity

KILOWATT_HOUR = Noun("киловатт-час", "киловатт-часа", "киловатт-часов")
ROUBLE = Noun("рубль", "рубля", "рублей")
KOPECK = Noun("копейка", "копейки", "копеек", Gender.FEMININE)
PERCENT = Noun("процент", "процента", "процентов")
SECOND = Noun("секунда", "секунды", "секунд", Gender.FEMININE)
MINUTE = Noun("минута", "минуты", "минут", Gender.FEMININE)
HOUR = Noun("час", "часа", "часов")
DAY = Noun("день", "дня", "дней")
WORKING_DAY = Noun("рабочий день", "рабочих дня", "рабочих дней")

_WHOLE = Noun("целая", "целых", "целых", Gender.FEMININE)
_PARTS = {
    1: Noun("десятая", "десятых", "десятых", Gender.FEMININE),
    2: Noun("сотая", "сотых", "сотых", Gender.FEMININE),
    3: Noun("тысячная", "тысячных", "тысячных", Gender.FEMININE),
}
_UNITS = (KILOWATT_HOUR, ROUBLE, KOPECK, PERCENT, SECOND, MINUTE, HOUR, DAY, WORKING_DAY)


def number(value: int | Decimal) -> Pieces:
    """A number alone; fractions to the third decimal: 2.5 → «две целых пять десятых»."""
    whole, digits = _split(value)
    sign = _sign(value, whole, digits)
    return (*sign, *_fraction(whole, digits)) if digits else (*sign, *numeral(whole))


def measured(value: int | Decimal, noun: Noun) -> Pieces:
    """A number with its unit: 21002 → «… два киловатт-часа», 2.5 → «… киловатт-часа»."""
    whole, digits = _split(value)
    sign = _sign(value, whole, digits)
    return (*sign, *_fraction(whole, digits), noun.few) if digits else (*sign, *quantity(whole, noun))


def amount(value: int | Decimal) -> Pieces:
    """Roubles, rounded to kopecks: 121.05 → «сто двадцать один рубль пять копеек»."""
    kopecks = int((abs(Decimal(value)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    roubles, rest = divmod(kopecks, 100)
    sign = (MINUS,) if value < 0 and kopecks else ()
    return (*sign, *quantity(roubles, ROUBLE), *quantity(rest, KOPECK))


def unit_pieces() -> Pieces:
    """Every form of the units and of the names of decimals."""
    nouns = (*_UNITS, _WHOLE, *_PARTS.values())
    return tuple(chain.from_iterable((noun.one, noun.few, noun.many) for noun in nouns))


def _split(value: int | Decimal) -> tuple[int, str]:
    """Whole part and decimals of the magnitude: 12.50 → (12, "5")."""
    if isinstance(value, int):
        return abs(value), ""
    rounded = abs(value).quantize(Decimal("0.001"), ROUND_HALF_UP)
    whole, _, digits = str(rounded).partition(".")
    return int(whole), digits.rstrip("0")


def _sign(value: int | Decimal, whole: int, digits: str) -> Pieces:
    return (MINUS,) if value < 0 and (whole or digits) else ()


def _fraction(whole: int, digits: str) -> Pieces:
    return (*quantity(whole, _WHOLE), *quantity(int(digits), _PARTS[len(digits)]))
