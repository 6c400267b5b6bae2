"""Strings of digits as people read them: account numbers and telephone numbers in groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, chain, pairwise

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

from ivr.speech.russian.numerals import ZERO, Pieces, cardinal, numeral

PAUSE = ","
"""The piece that is a short pause."""

PLUS = "плюс"
_REGION = "RU"
_COUNTRY_CODE = 7
_SEPARATORS = re.compile(r"[\s\-/.()]")


def one_by_one(digits: str) -> Pieces:
    """Each digit by itself: «ноль» «пять»."""
    return tuple(cardinal(int(digit)) for digit in _only_digits(digits))


def account(number: str, grouping: Sequence[int]) -> Pieces:
    """Digits in the groups of the bill, a pause between them.

    A number of another length falls into threes.

    Args:
        number: Digits; spaces, hyphens, dots and slashes are dropped.
        grouping: Lengths of the groups.

    Raises:
        ValueError: There are no digits, or other characters.
    """
    digits = _only_digits(number)
    lengths = grouping if sum(grouping) == len(digits) else _threes(len(digits))
    return _with_pauses(map(_group, _cut(digits, lengths)))


def phone(number: str) -> Pieces:
    """A telephone number in the groups that are usual in its country; Russian ones begin with «восемь».

    Raises:
        ValueError: It is no telephone number.
    """
    try:
        parsed = parse(number, _REGION)
    except NumberParseException:
        raise ValueError("not a telephone number") from None
    if not is_possible_number(parsed):
        return account(number, ())
    if parsed.country_code == _COUNTRY_CODE:
        written = format_number(parsed, PhoneNumberFormat.NATIONAL)
        return _with_pauses(map(_group, re.findall(r"\d+", written)))
    groups = re.findall(r"\d+", format_number(parsed, PhoneNumberFormat.INTERNATIONAL))
    return (
        PLUS,
        *_with_pauses(map(_group, chain.from_iterable(_cut(group, _threes(len(group))) for group in groups))),
    )


def spoken_text(pieces: Iterable[str]) -> str:
    """Pieces as a line of text, pauses as commas."""
    return " ".join(pieces).replace(f" {PAUSE}", PAUSE)


def _only_digits(text: str) -> str:
    digits = _SEPARATORS.sub("", text)
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("only digits can be read out")
    return digits


@lru_cache(maxsize=2048)
def _group(digits: str) -> Pieces:
    """`005` → «ноль ноль пять», `320` → «триста двадцать»."""
    significant = digits.lstrip("0")
    zeros = (ZERO,) * (len(digits) - len(significant))
    return (*zeros, *numeral(int(significant))) if significant else zeros


def _threes(length: int) -> tuple[int, ...]:
    full, rest = divmod(length, 3)
    if rest == 1 and full:
        return (3,) * (full - 1) + (2, 2)
    return (3,) * full + ((rest,) if rest else ())


def _cut(digits: str, lengths: Iterable[int]) -> list[str]:
    ends = list(accumulate(lengths, initial=0))
    return [digits[start:end] for start, end in pairwise(ends)]


def _with_pauses(groups: Iterable[Pieces]) -> Pieces:
    first, *others = groups
    return (*first, *chain.from_iterable((PAUSE, *group) for group in others))
