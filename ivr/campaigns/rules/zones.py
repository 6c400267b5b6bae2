"""In which time zones a subscriber may be: by his settlement, else all in which his numbers may lie. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers import timezone

from ivr.customers.addresses import settlement_key

RUSSIA = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
)
"""A zone for each of the eleven hours of Russia (107-ФЗ «Об исчислении времени», art. 5), west to east."""

_SAME_OFFSET: Mapping[str, str] = {"Europe/Bucharest": "Europe/Kaliningrad"}
"""Numbering data (libphonenumber) name a zone with summer time, which Kaliningrad has not."""

_RUSSIAN = "RU"


class Zones:
    """Finds zones."""

    def __init__(self, named: Mapping[str, str], company: str) -> None:
        """Take the settings.

        Args:
            named: Settlement or region → zone.
            company: The company's zone, for settlements of its own customers that `named` leaves out.
        """
        self._named = {settlement_key(name): zone for name, zone in named.items()}
        self._company = company

    def of_settlement(self, *places: str, own: bool = False) -> tuple[str, ...]:
        """The zone of a place.

        Args:
            places: Settlement, region: the first that the settings name counts.
            own: Whether it is a place where the company has customers.

        Returns:
            IANA name; empty when nobody knows.
        """
        for place in places:
            zone = self._named.get(settlement_key(place)) if place else None
            if zone:
                return (zone,)
        return (self._company,) if own else ()

    def of_numbers(self, numbers: Iterable[str]) -> tuple[str, ...]:
        """All zones in which any of the numbers (E.164) may lie: of a Russian mobile all of Russia's."""
        return tuple(sorted({zone for number in numbers for zone in zones_of_number(number)}))


def zones_of_number(number: str) -> tuple[str, ...]:
    """The zones of a number in E.164 by the numbering data; all of Russia's where these say nothing."""
    parsed = phonenumbers.parse(number)
    russian = phonenumbers.region_code_for_number(parsed) == _RUSSIAN
    if russian and not phonenumbers.is_number_geographical(parsed):
        return RUSSIA
    told = {_SAME_OFFSET.get(zone, zone) for zone in timezone.time_zones_for_number(parsed)}
    return tuple(sorted(told & zone_names())) or RUSSIA


def known_zones(names: Collection[str]) -> tuple[ZoneInfo, ...]:
    """The zones of these names; all of Russia's where one is unknown, or none is given."""
    return _known_zones(tuple(names))


@lru_cache(maxsize=1024)
def _known_zones(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    sure = names if names and zone_names().issuperset(names) else RUSSIA
    return tuple(ZoneInfo(name) for name in sure)


@cache
def zone_names() -> frozenset[str]:
    """All names of zones (IANA); they are looked for in the file system once."""
    return frozenset(available_timezones())
