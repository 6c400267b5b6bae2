"""Russian cardinal and ordinal numerals, whole and in pieces that are recorded once.

num2words knows the words; what it gets wrong is mended here: it carries the gender of the counted noun over
to the millions («одна миллион»).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from num2words import num2words

Pieces = tuple[str, ...]
"""Words and short word groups, spoken one after another."""

LARGEST = 10**12 - 1
MINUS = "минус"
ZERO = "ноль"


class Gender(StrEnum):
    """Grammatical gender of the counted noun."""

    MASCULINE = "m"
    FEMININE = "f"
    NEUTER = "n"


class Case(StrEnum):
    """Grammatical case; the accusative is that of inanimate nouns."""

    NOMINATIVE = "n"
    GENITIVE = "g"
    DATIVE = "d"
    ACCUSATIVE = "a"
    INSTRUMENTAL = "i"
    PREPOSITIONAL = "p"


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted noun: its forms after 1, after 2 to 4 (and fractions), after 5 and more."""

    one: str
    few: str
    many: str
    gender: Gender = Gender.MASCULINE

    def after(self, count: int) -> str:
        """The form that follows a numeral."""
        last_two = abs(count) % 100
        if 11 <= last_two <= 14:
            return self.many
        return {1: self.one, 2: self.few, 3: self.few, 4: self.few}.get(last_two % 10, self.many)


THOUSAND = Noun("тысяча", "тысячи", "тысяч", Gender.FEMININE)
MILLION = Noun("миллион", "миллиона", "миллионов")
MILLIARD = Noun("миллиард", "миллиарда", "миллиардов")


@lru_cache(maxsize=4096)
def cardinal(number: int, gender: Gender = Gender.MASCULINE, case: Case = Case.NOMINATIVE) -> str:
    """The number in words: `21002, FEMININE` → «двадцать одна тысяча две».

    Raises:
        ValueError: The number is beyond ±999 999 999 999.
    """
    _check(number)
    if number < 0:
        return f"{MINUS} {cardinal(-number, gender, case)}"
    high, low = divmod(number, 1000)
    words = []
    if high:
        words.append(_words(high * 1000, Gender.MASCULINE, case))
    if low or not high:
        words.append(_words(low, gender, case))
    return " ".join(words)


@lru_cache(maxsize=256)
def ordinal_genitive(number: int) -> str:
    """The ordinal of dates and years: `5` → «пятого»."""
    return str(num2words(number, lang="ru", to="ordinal", case=Case.GENITIVE.value))


@lru_cache(maxsize=4096)
def numeral(number: int, gender: Gender = Gender.MASCULINE) -> Pieces:
    """The number in pieces: `12345` → («двенадцать тысяч», «триста», «сорок пять»).

    Raises:
        ValueError: The number is beyond ±999 999 999 999.
    """
    _check(number)
    if number < 0:
        return (MINUS, *numeral(-number, gender))
    if number == 0:
        return (ZERO,)
    milliards, rest = divmod(number, 10**9)
    millions, rest = divmod(rest, 10**6)
    thousands, units = divmod(rest, 1000)
    return (
        *_scaled(milliards, MILLIARD),
        *_scaled(millions, MILLION),
        *_thousands(thousands),
        *_below_thousand(units, gender),
    )


def quantity(count: int, noun: Noun) -> Pieces:
    """The number with its noun: «сто», «двадцать одна», «копейка»."""
    return (*numeral(count, noun.gender), noun.after(count))


def numeral_pieces() -> Pieces:
    """Every piece that `numeral` can return for masculine and feminine nouns."""
    feminine = (cardinal(n, Gender.FEMININE) for n in range(1, 100) if n % 10 in (1, 2) and n not in (11, 12))
    return (
        MINUS,
        *(cardinal(n) for n in range(100)),
        *feminine,
        *(cardinal(n) for n in range(100, 1000, 100)),
        *(piece for n in range(1, 100) for piece in _thousands(n)),
        THOUSAND.many,
        *(form for noun in (MILLION, MILLIARD) for form in (noun.one, noun.few, noun.many)),
    )


def _check(number: int) -> None:
    if abs(number) > LARGEST:
        raise ValueError("the number is too large to be spoken")


def _words(number: int, gender: Gender, case: Case) -> str:
    return str(num2words(number, lang="ru", case=case.value, gender=gender.value, animate=False))


def _below_thousand(number: int, gender: Gender) -> Pieces:
    rest = number % 100
    hundreds = (cardinal(number - rest),) if number >= 100 else ()
    return (*hundreds, cardinal(rest, gender)) if rest else hundreds


def _thousands(count: int) -> Pieces:
    rest = count % 100
    if not rest:
        return (*_below_thousand(count, THOUSAND.gender), THOUSAND.many) if count else ()
    group = f"{cardinal(rest, THOUSAND.gender)} {THOUSAND.after(rest)}"
    return (*_below_thousand(count - rest, THOUSAND.gender), group)


def _scaled(count: int, noun: Noun) -> Pieces:
    return (*_below_thousand(count, noun.gender), noun.after(count)) if count else ()
