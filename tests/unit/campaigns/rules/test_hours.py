"""Hours: those of the law in every zone at once, holidays, narrower settings, the first allowed moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ivr.campaigns.rules.hours import CallingHours
from ivr.campaigns.rules.zones import RUSSIA as ALL_ZONES
from ivr.campaigns.settings import Hours, HoursSettings, Weekday
from tests.unit.campaigns.rules.samples import MOSCOW, RUSSIA, moscow

LAWFUL = CallingHours(HoursSettings(), RUSSIA)
END = moscow(3, 1, 0, year=2027)
ZONES = st.sets(st.sampled_from(ALL_ZONES), min_size=1).map(lambda names: [ZoneInfo(name) for name in names])
MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2027, 1, 31)).map(
    lambda each: each.replace(tzinfo=UTC)
)


def lawful(moment: datetime, zones: Collection[ZoneInfo]) -> bool:
    """230-ФЗ, art. 7, word by word."""
    for zone in zones:
        local = moment.astimezone(zone)
        working = RUSSIA.is_working(local.date())
        forbidden = local.hour >= 22 or local.hour < 8 if working else local.hour >= 20 or local.hour < 9
        if forbidden:
            return False
    return True


def first(moment: datetime, *zones: str, hours: CallingHours = LAWFUL) -> datetime | None:
    return hours.first([ZoneInfo(zone) for zone in zones or ("Europe/Moscow",)], moment, END)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (moscow(11, 24, 7, 59), moscow(11, 24, 8)),  # a Tuesday
        (moscow(11, 24, 8), moscow(11, 24, 8)),
        (moscow(11, 24, 21, 54), moscow(11, 24, 21, 54)),
        (moscow(11, 24, 21, 55), moscow(11, 25, 8)),  # it would ring until after 22
        (moscow(11, 27, 22), moscow(11, 28, 9)),  # Friday → Saturday
        (moscow(11, 28, 19, 55), moscow(11, 29, 9)),
        (moscow(11, 4, 8), moscow(11, 4, 9)),  # a holiday on a Wednesday
        (moscow(12, 31, 8, year=2026), moscow(12, 31, 9, year=2026)),  # a day off by decree
    ],
)
def test_working_days_and_days_off(asked: datetime, allowed: datetime) -> None:
    assert first(asked) == allowed


def test_all_zones_of_russia_leave_four_hours_of_a_working_day() -> None:
    opens = first(moscow(11, 24, 0), *ALL_ZONES)
    assert opens == datetime(2026, 11, 24, 6, tzinfo=UTC)  # 8 in Kaliningrad, 18 in Kamchatka
    assert first(opens + timedelta(hours=3, minutes=54), *ALL_ZONES) == opens + timedelta(hours=3, minutes=54)
    assert first(opens + timedelta(hours=3, minutes=55), *ALL_ZONES) == opens + timedelta(days=1)


def test_on_a_day_off_they_leave_one_hour() -> None:
    saturday = first(moscow(11, 27, 22), *ALL_ZONES)
    assert saturday == datetime(2026, 11, 28, 7, tzinfo=UTC)
    assert first(saturday + timedelta(hours=1), *ALL_ZONES) == saturday + timedelta(days=1)


@given(MOMENTS, ZONES)
def test_the_first_moment_is_lawful_and_nothing_lawful_lies_before_it(
    moment: datetime, zones: list[ZoneInfo]
) -> None:
    found = LAWFUL.first(zones, moment, END)
    assert found is not None
    assert found >= moment
    assert lawful(found, zones)
    assert lawful(found + timedelta(minutes=4, seconds=59), zones)
    assert LAWFUL.first(zones, found, END) == found
    wait = found - moment
    for part in range(20):
        between = moment + wait * part / 20
        assert between == found or not all(
            lawful(between + timedelta(minutes=each), zones) for each in (0, 5)
        )


@given(MOMENTS, ZONES, st.times(), st.times())
def test_own_hours_only_narrow(moment: datetime, zones: list[ZoneInfo], opens: time, closes: time) -> None:
    found = LAWFUL.first(zones, moment, END, (opens, closes))
    if found is not None:
        assert lawful(found, zones)
        assert all(opens <= found.astimezone(zone).time() < closes for zone in zones)


def test_settings_narrow_days_and_holidays() -> None:
    settings = HoursSettings(
        working_days=Hours(opens=time(9), closes=time(21)),
        public_holidays=None,
        weekdays={Weekday.SUN: None, Weekday.FRI: Hours(opens=time(7), closes=time(18))},
        dates={date(2026, 11, 24): Hours(opens=time(12), closes=time(13)), date(2026, 11, 25): None},
    )
    hours = CallingHours(settings, RUSSIA)
    assert hours.on(date(2026, 11, 23)) == (time(9), time(21))
    assert hours.on(date(2026, 11, 24)) == (time(12), time(13))
    assert hours.on(date(2026, 11, 25)) is None
    assert hours.on(date(2026, 11, 27)) == (time(9), time(18))
    assert hours.on(date(2026, 11, 29)) is None
    assert hours.on(date(2026, 11, 4)) is None
    assert first(moscow(1, 1, 0, year=2027), hours=hours) == moscow(
        1, 9, 9, year=2027
    )  # a Saturday, no holiday


def test_dates_never_widen_what_the_law_allows() -> None:
    at_night = HoursSettings(dates={date(2026, 11, 24): Hours(opens=time(0), closes=time(23, 59))})
    assert CallingHours(at_night, RUSSIA).on(date(2026, 11, 24)) == (time(8), time(22))


@pytest.mark.parametrize(("field", "opens", "closes"), [("working_days", 7, 22), ("days_off", 9, 21)])
def test_settings_wider_than_the_law_are_refused(field: str, opens: int, closes: int) -> None:
    with pytest.raises(ValidationError, match="230-ФЗ"):
        HoursSettings.model_validate({field: {"opens": time(opens), "closes": time(closes)}})


def test_there_may_be_no_moment() -> None:
    assert LAWFUL.first([MOSCOW], moscow(11, 24, 22), moscow(11, 25, 8)) is None
    assert LAWFUL.first([MOSCOW], moscow(11, 24, 12), END, (time(22), time(23))) is None
