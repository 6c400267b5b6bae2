"""Addresses as people and bills write them, made comparable."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivr.customers.model import Address

_ABBREVIATIONS: Mapping[str, tuple[str, ...]] = {
    "улица": ("ул",),
    "проспект": ("пр-т", "просп", "пр-кт"),
    "переулок": ("пер",),
    "площадь": ("пл",),
    "бульвар": ("б-р", "бул"),
    "шоссе": ("ш",),
    "набережная": ("наб",),
    "проезд": ("пр-д",),
    "тупик": ("туп",),
    "микрорайон": ("мкр", "мкрн"),
    "аллея": ("ал",),
}
_TYPES = {spelling: name for name, short in _ABBREVIATIONS.items() for spelling in (name, *short)}
_NOT_A_WORD = re.compile(r"[\W_]+")


def split_street(text: str) -> tuple[str, str]:
    """Part a street as written on a bill into its type, in full, and its name.

    The type may stand before or after the name; it is empty when there is none.
    """
    words = text.split()
    for index in (0, -1) if len(words) > 1 else ():
        found = _TYPES.get(words[index].lower().rstrip("."))
        if found:
            return found, " ".join(words[1:] if index == 0 else words[:-1])
    head, dot, tail = text.strip().partition(".")
    if dot and tail.strip() and head.lower() in _TYPES:
        return _TYPES[head.lower()], tail.strip()
    return "", text.strip()


def _plain(text: str) -> str:
    return _NOT_A_WORD.sub("", text.lower().replace("ё", "е"))


def address_key(address: Address) -> str:
    """A key that is equal for two spellings of one address (case, ё, punctuation, spaces)."""
    parts = (address.settlement, address.street, address.house, address.flat)
    return "|".join(_plain(part) for part in parts)
