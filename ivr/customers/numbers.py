"""Account numbers: length and check digit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle

from ivr.customers.settings import AccountNumberSettings, CheckDigit


def luhn(digits: str) -> bool:
    """Whether the last digit is right by Luhn's rule (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mod11(digits: str) -> bool:
    """Whether the last digit makes the sum with weights 2 to 7, from the right, a multiple of eleven."""
    weights = cycle(range(2, 8))
    total = sum(int(digit) * weight for digit, weight in zip(reversed(digits[:-1]), weights, strict=False))
    return -total % 11 == int(digits[-1])


_RULES: Mapping[CheckDigit, Callable[[str], bool]] = {
    CheckDigit.NONE: lambda digits: True,
    CheckDigit.LUHN: luhn,
    CheckDigit.MOD11: mod11,
}


def is_well_formed(number: str, settings: AccountNumberSettings) -> bool:
    """Whether a number can be an account's: its length and its check digit."""
    digits_only = number.isascii() and number.isdigit()
    return digits_only and len(number) in settings.lengths and _RULES[settings.check](number)
