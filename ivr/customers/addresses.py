"""Addresses as people and bills write them, made comparable."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivr.customers.houses import house_key
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
_SETTLEMENT_TYPES = frozenset(
    {"г", "гор", "город", "с", "село", "д", "дер", "деревня", "п", "пос", "поселок", "пгт", "рп"}
    | {"ст", "станица", "станция", "х", "хутор", "снт"}
)
_IN_HONOUR = frozenset({"им", "имени"})
_BETWEEN_WORDS = re.compile(r"[^\w-]+")
_NOT_A_WORD = re.compile(r"[\W_]+")
_FLAT = re.compile(r"^\s*(?:квартира|кв)\.?\s*(?=\d)")


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


def _words(text: str) -> list[str]:
    words = _BETWEEN_WORDS.split(text.lower().replace("ё", "е"))
    return [plain for word in words if (plain := _NOT_A_WORD.sub("", word))]


def settlement_key(text: str) -> str:
    """A key that is equal for «г. Дебрянск», «город Дебрянск» and «Дебрянск»."""
    words = _words(text)
    for index in (0, -1):
        if len(words) > 1 and words[index] in _SETTLEMENT_TYPES:
            words.pop(index)
    return "".join(words)


def street_key(name: str) -> str:
    """A key of a street's name without its type; case, ё, hyphens, «им.», order of words do not count."""
    words = _words(name)
    return "".join(sorted([word for word in words if word not in _IN_HONOUR] or words))


def address_key(address: Address) -> str:
    """A key that is equal for the spellings of one address."""
    flat = "".join(_words(_FLAT.sub("", address.flat.lower())))
    return f"{house_prefix(address)}{flat}"


def house_prefix(address: Address) -> str:
    """The beginning that the keys of all addresses in one house share."""
    parts = (settlement_key(address.settlement), street_key(address.street), house_key(address.house))
    return "".join(f"{part}|" for part in parts)
