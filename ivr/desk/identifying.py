"""Whether a caller is who he says: the name and address that he gives, held against those of an account."""

from __future__ import annotations

import re

from rapidfuzz.fuzz import ratio

from ivr.customers.addresses import split_street
from ivr.customers.model import Account, AccountKind, Address
from ivr.customers.names import FORMS, LEAST_LETTERS, words_of

_ALIKE = 82.0
"""Least likeness (0 to 100) of a name that was heard and one that is written: «Сергеева» and «Сиргеева»."""

_FLAT = re.compile(r"^\s*(?:кв(?:артира)?\.?|оф(?:ис)?\.?)\s*(?P<flat>\d+\s*[а-я]?)\s*$", re.IGNORECASE)
_HOUSE = re.compile(
    r"^\s*(?:д(?:ом)?\.?\s*|уч(?:асток)?\.?\s*)?(?P<house>\d+[\w/ -]*?)\s*$",
    re.IGNORECASE,
)
_SETTLEMENT = re.compile(
    r"^\s*(?:г|гор|город|с|село|п|пос|поселок|посёлок|пгт|рп|дер|деревня|ст|снт)\.?\s+\S", re.IGNORECASE
)
_STREET_AND_HOUSE = re.compile(r"^(?P<street>.*\D)\s+(?:д\.?\s*)?(?P<house>\d+[\w/-]*)$")


def is_named(said: str, account: Account) -> bool:
    """Whether the name that a caller gives is the holder's.

    Of a person two of surname, name and patronymic are asked for, or the surname alone; of a company a word
    of its name.
    """
    words, holder = words_of(said), words_of(account.name)
    if account.kind is AccountKind.COMPANY:
        telling = [word for word in holder if word not in FORMS and len(word) >= LEAST_LETTERS]
        return any(_alike(word, of_holder) for word in words for of_holder in telling)
    if len(words) == 1:
        return bool(holder) and _alike(words[0], holder[0])
    agreeing = {of_holder for of_holder in holder if any(_alike(word, of_holder) for word in words)}
    return len(agreeing) >= min(2, len(holder))


def address_of(text: str, home_settlement: str) -> Address | None:
    """An address as one says it: «Дебрянск, ул. Пушкина, д. 14, кв. 37», settlement and flat may be left out.

    Returns:
        None when street or house can't be found in it.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    flat, parts = _taken(parts, _FLAT, "flat")
    house, parts = _taken(parts, _HOUSE, "house")
    if not house and parts and (together := _STREET_AND_HOUSE.match(parts[-1])):
        house, parts = together["house"], [*parts[:-1], together["street"].strip()]
    settlement = home_settlement
    if len(parts) > 1 or (parts and _SETTLEMENT.match(parts[0])):
        settlement, parts = parts[-2] if len(parts) > 1 else parts[0], parts[-1:] if len(parts) > 1 else []
    if not (house and parts and settlement):
        return None
    street_type, street = split_street(parts[-1])
    return Address(settlement, street, house, street_type, flat)


def _taken(parts: list[str], pattern: re.Pattern[str], name: str) -> tuple[str, list[str]]:
    """The last part of that form, and the other ones."""
    for index in range(len(parts) - 1, -1, -1):
        if found := pattern.match(parts[index]):
            return found[name].strip(), [*parts[:index], *parts[index + 1 :]]
    return "", parts


def _alike(said: str, written: str) -> bool:
    return len(said) >= LEAST_LETTERS and ratio(said, written) >= _ALIKE
