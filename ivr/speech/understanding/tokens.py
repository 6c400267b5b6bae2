"""What stands in a spoken number: words of numerals, written digits, what joins, parts and corrects them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a word is within a spoken number."""

    ZERO = "zero"
    UNIT = "unit"
    TEEN = "teen"
    TEN = "ten"
    HUNDRED = "hundred"
    SCALE = "scale"
    WRITTEN = "written"  # digits
    SESQUI = "sesqui"  # «полтора»
    PLURAL = "plural"  # «тройки», counted by the unit before it
    HUNDREDFOLD = "hundredfold"
    TENFOLD = "tenfold"
    PAIR = "pair"
    AND_HALF = "and_half"
    WHOLE = "whole"
    DENOMINATOR = "denominator"
    SINGLE_DENOMINATOR = "single_denominator"
    SEPARATOR = "separator"
    JOINT = "joint"
    CHOICE = "choice"
    NOT = "not"
    BUT = "but"
    RETRACTION = "retraction"
    CORRECTION = "correction"
    COUNTED = "counted"
    NEVER = "never"
    ROUBLES = "roubles"
    KOPECKS = "kopecks"
    OTHER = "other"


NUMERALS = frozenset(
    {Sort.ZERO, Sort.UNIT, Sort.TEEN, Sort.TEN, Sort.HUNDRED, Sort.SCALE, Sort.WRITTEN, Sort.SESQUI}
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word or phrase, or one written number.

    Attributes:
        value: Of a numeral.
        text: The words; the digits of a written number, leading zeros kept.
        fraction: Decimals of a written number.
        ordinal: Whether the numeral is an ordinal, the last word of its number.
        timid: Whether it is a numeral only beside another one.
    """

    sort: Sort
    value: int = 0
    text: str = ""
    fraction: str = ""
    ordinal: bool = False
    timid: bool = False

    @property
    def numeral(self) -> bool:
        """Whether it is part of a number."""
        return self.sort in NUMERALS


def numeral(value: int, *, ordinal: bool = False, timid: bool = False) -> Token:
    """The token of a numeral of one word, 0 to 900."""
    return Token(_sort(value), value, ordinal=ordinal, timid=timid)


def _sort(value: int) -> Sort:
    if value == 0:
        return Sort.ZERO
    sizes = ((10, Sort.UNIT), (20, Sort.TEEN), (100, Sort.TEN))
    return next((sort for bound, sort in sizes if value < bound), Sort.HUNDRED)


_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:'\d{3})+")
_DECIMAL = re.compile(r"(?P<whole>\d[\d.,']*)(?P<mark>[.,])(?P<fraction>\d+)")
_MARKS = re.compile(r"\D")


def written(text: str, *, ordinal: bool = False) -> Token:
    """The token of a written number: `12,345` is 12345, `12345,6` is 12345 and 6 tenths, `1-2-3` is 123.

    Three digits after each comma or dot are thousands; one mark with anything else after it begins decimals.
    """
    whole, fraction = _parts(text)
    digits = _MARKS.sub("", whole)
    return Token(Sort.WRITTEN, int(digits), digits, fraction, ordinal)


def _parts(text: str) -> tuple[str, str]:
    if _THOUSANDS.fullmatch(text):
        return text, ""
    decimal = _DECIMAL.fullmatch(text)
    if decimal is None or not _is_whole(decimal["whole"], decimal["mark"]):
        return text, ""
    return decimal["whole"], decimal["fraction"]


def _is_whole(text: str, mark: str) -> bool:
    return text.isdigit() or (mark not in text and _THOUSANDS.fullmatch(text) is not None)
