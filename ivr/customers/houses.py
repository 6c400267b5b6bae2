"""House numbers as people, bills and lists of outages write them, made comparable."""

from __future__ import annotations

import re
from typing import NamedTuple

_LOOKALIKES = str.maketrans("ёabcehkmoptxy", "еавсенкмортху")
_NUMBER = re.compile(
    r"\s*(?:(?:домовладение|владение|дом|двлд|влд|вл|д)\.?\s*)?№?\s*0*(?P<number>[1-9]\d{0,4})(?!\d)"
)
_PART = re.compile(
    r"""[\s,.-]*(?:
        (?P<building>корпус|корп|к)\.?\s*№?\s*(?P<of_building>\d{1,3})
      | (?P<structure>строение|стр|с)\.?\s*№?\s*(?P<of_structure>\d{1,3})
      | (?P<corner>/|дробь\b)\s*(?P<of_corner>\d{1,4})
      | (?:(?:литера|литер|лит)\b\.?\s*)?[«"']?(?P<letter>[а-я])(?!(?![кс]\d)[а-я])[»"']?
    )""",
    re.VERBOSE,
)
_SIGNS = (("of_building", "к"), ("of_structure", "с"), ("of_corner", "/"), ("letter", ""))


class House(NamedTuple):
    """A house: its number, and letter, building or corner in one spelling («а», «к1», «с2», «/3»)."""

    number: int
    rest: str

    @property
    def key(self) -> str:
        """Equal for all spellings of one house."""
        return f"{self.number}{self.rest}"


def parse_house(text: str) -> House | None:
    """Read «д. 5 корп. 1», «5к1», «12-А», «7/2»; None when it is no house number."""
    plain = text.lower().translate(_LOOKALIKES).strip()
    found = _NUMBER.match(plain)
    if found is None:
        return None
    rest: list[str] = []
    at = found.end()
    while part := _PART.match(plain, at):
        rest.extend(f"{sign}{part[name]}" for name, sign in _SIGNS if part[name])
        at = part.end()
    return None if plain[at:].strip(" .,") else House(int(found["number"]), "".join(rest))


def house_key(text: str) -> str:
    """A key that is equal for all spellings of one house; what is no house number is its own key."""
    house = parse_house(text)
    return house.key if house else "".join(text.lower().split())
