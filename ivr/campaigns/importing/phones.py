"""Telephone numbers as people write them, checked and brought into one form. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from ivr.campaigns.importing.reasons import Reason

_BETWEEN = re.compile(r"[,;/\n]|\s\|\s")
_SPOILT = re.compile(r"\d[.,]\d+e\+?\d+", re.IGNORECASE)
_HOME = "RU"
_SERVICE = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)


class BadNumber(Exception):
    """It can't be called; `reason` tells why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def parts(text: str) -> list[str]:
    """The numbers of a cell that may hold several; one that a table has spoilt stays whole."""
    if _SPOILT.search(text):
        return [text]
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def e164(text: str, countries: Collection[str]) -> str:
    """A number in E.164; one without a country is Russian.

    Args:
        text: As it is written.
        countries: ISO 3166, those that may be called.

    Raises:
        BadNumber: It is none, or none of a subscriber who may be called.
    """
    if _SPOILT.search(text):
        raise BadNumber(Reason.NUMBER_SPOILT)
    try:
        number = phonenumbers.parse(text, _HOME)
    except phonenumbers.NumberParseException as error:
        raise BadNumber(Reason.NUMBER) from error
    reason = _against(number, countries)
    if reason is not None:
        raise BadNumber(reason)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _against(number: PhoneNumber, countries: Collection[str]) -> Reason | None:
    if not phonenumbers.is_valid_number(number):
        return Reason.NUMBER
    if number.extension:
        return Reason.EXTENSION
    if phonenumbers.region_code_for_number(number) not in countries:
        return Reason.FOREIGN
    return Reason.SERVICE_NUMBER if phonenumbers.number_type(number) in _SERVICE else None
