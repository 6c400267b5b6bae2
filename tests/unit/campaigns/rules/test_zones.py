"""Zones: by the place first, else all in which the numbers may lie."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from ivr.campaigns.rules.zones import RUSSIA, Zones, known_zones
from ivr.campaigns.settings import CampaignsSettings

ZONES = Zones({"г. Калининград": "Europe/Kaliningrad", "Томская область": "Asia/Tomsk"}, "Europe/Moscow")


def test_a_place_of_the_settings_has_its_zone() -> None:
    assert ZONES.of_settlement("Калининград") == ("Europe/Kaliningrad",)
    assert ZONES.of_settlement("деревня Новая", "томская область") == ("Asia/Tomsk",)


def test_a_place_of_our_own_customers_is_in_the_company_s_zone() -> None:
    assert ZONES.of_settlement("Дебрянск", own=True) == ("Europe/Moscow",)
    assert ZONES.of_settlement("Калининград", own=True) == ("Europe/Kaliningrad",)


def test_of_a_place_that_nobody_knows_nothing_is_told() -> None:
    assert ZONES.of_settlement("Владивосток") == ()
    assert ZONES.of_settlement("", "") == ()


@pytest.mark.parametrize(
    ("numbers", "zones"),
    [
        (["+74951234567"], {"Europe/Moscow"}),
        (["+74012123456"], {"Europe/Kaliningrad"}),  # numbering data say Bucharest
        (["+74951234567", "+73912123456"], {"Europe/Moscow", "Asia/Krasnoyarsk"}),
        (["+79161234567"], set(RUSSIA)),
        (["+74951234567", "+79161234567"], set(RUSSIA)),
    ],
)
def test_numbers_may_lie_in_several_zones(numbers: list[str], zones: set[str]) -> None:
    assert set(ZONES.of_numbers(numbers)) == zones


def test_zones_that_nobody_knows_are_all_of_russia() -> None:
    everywhere = tuple(ZoneInfo(name) for name in RUSSIA)
    assert known_zones(()) == everywhere
    assert known_zones(("Europe/Moscow", "Nowhere/At-All")) == everywhere
    assert known_zones(("Asia/Omsk",)) == (ZoneInfo("Asia/Omsk"),)


def test_the_settings_take_no_zone_that_there_is_not() -> None:
    with pytest.raises(ValidationError, match="no time zone 'Europe/Debryansk'"):
        CampaignsSettings(zones={"Дебрянск": "Europe/Debryansk"})
