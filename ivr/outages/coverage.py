"""Which houses of a street a list such as «1-15, 2к1, чётные 20–40» names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from ivr.customers.houses import House, house_key, parse_house

_BETWEEN = re.compile(r"[,;\n]")
_PARITY = re.compile(r"(?:(?P<odd>не\s?ч[её]т\w*|odd)|(?P<even>ч[её]т\w*|even))\.?")
_NOISE = re.compile(r"[()]|\b(?:сторона|дома|все|all)\b")
_RANGE = re.compile(
    r"(?:с\s+)?(?:дом|д)?\.?\s*(?P<first>\d{1,5})\s*(?:[-‐–—]|по|до)\s*(?:дом|д)?\.?\s*(?P<last>\d{1,5})"
)
_LAST = 99_999


class Side(StrEnum):
    """Which side of a street: odd numbers, even numbers, or both."""

    BOTH = "both"
    ODD = "odd"
    EVEN = "even"

    def holds(self, number: int) -> bool:
        """Whether a house of this number stands there."""
        return self is Side.BOTH or (number % 2 == 1) is (self is Side.ODD)


@dataclass(frozen=True, slots=True)
class HouseRange:
    """Numbers from the first to the last, with all their letters and buildings."""

    first: int
    last: int
    side: Side = Side.BOTH

    def covers(self, house: House) -> bool:
        """Whether the house is one of them."""
        return self.first <= house.number <= self.last and self.side.holds(house.number)


@dataclass(frozen=True, slots=True)
class Houses:
    """Houses of a street: ranges, and single ones by their keys; none of both means all."""

    ranges: tuple[HouseRange, ...] = ()
    keys: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a list.

        Raises:
            ValueError: An item is neither a house nor a range; tells which and what is possible.
        """
        ranges: list[HouseRange] = []
        keys: set[str] = set()
        for item in _BETWEEN.split(text.lower()):
            if not item.strip():
                continue
            named = _item(item)
            if isinstance(named, House):
                keys.add(named.key)
            else:
                ranges.append(named)
        return cls(tuple(ranges), frozenset(keys))

    @property
    def all(self) -> bool:
        """Whether every house of the street is meant, also one without a number."""
        return (not self.ranges and not self.keys) or HouseRange(1, _LAST) in self.ranges

    def covers(self, house: str) -> bool:
        """Whether a house, as people write it, is among them. A single house is named with its letter."""
        if self.all or house_key(house) in self.keys:
            return True
        parsed = parse_house(house)
        return parsed is not None and any(each.covers(parsed) for each in self.ranges)


def _item(text: str) -> House | HouseRange:
    parity = _PARITY.search(text)
    side = Side.BOTH if parity is None else Side.ODD if parity["odd"] else Side.EVEN
    rest = " ".join(_NOISE.sub(" ", _PARITY.sub(" ", text)).split())
    if not rest:
        return HouseRange(1, _LAST, side)
    numbers = _RANGE.fullmatch(rest)
    if numbers and 0 < int(numbers["first"]) <= int(numbers["last"]):
        return HouseRange(int(numbers["first"]), int(numbers["last"]), side)
    house = parse_house(rest)
    if house is None or parity is not None:
        raise ValueError(f"{text.strip()!r} is neither a house (5, 2к1) nor a range (1-15, 2-20 чётные)")
    return house
