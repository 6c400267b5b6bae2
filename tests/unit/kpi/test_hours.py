from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from ivr.kpi.profiles import Profile, Segment, Silence, load_profiles, opening
from ivr.requests.workdays import Own, WorkCalendar

METRICS = Path(__file__).parents[3] / "metrics"
CALENDAR = WorkCalendar.load(METRICS / "calendars" / "ru.yaml", Own())
PROFILES = load_profiles(METRICS / "standards")

PRIVATE, CORPORATE = Segment.PRIVATE, Segment.CORPORATE
FRIDAY, SATURDAY, SUNDAY = date(2026, 6, 5), date(2026, 6, 6), date(2026, 6, 7)
RUSSIA_DAY = date(2026, 6, 12)  # a Friday
EVE = date(2026, 6, 11)


def length(
    name: str, segment: Segment, day: date, silence: Silence | None = None, calendar: WorkCalendar = CALENDAR
) -> float | None:
    profile: Profile = PROFILES[name]
    found = opening(profile, segment, day, calendar, silence or Silence())
    return found.at_least / timedelta(hours=1) if found else None


@pytest.mark.parametrize(
    ("name", "segment", "lengths"),
    [
        ("krasnoyarsk", PRIVATE, (8, None, None, None)),
        ("krasnoyarsk", CORPORATE, (8, None, None, None)),
        ("omsk", PRIVATE, (10, 6, None, None)),
        ("omsk", CORPORATE, (8, None, None, None)),
        ("kostroma", PRIVATE, (None, None, None, None)),
        ("bryansk", PRIVATE, (12, 10, 10, 12)),
        ("vladimir", CORPORATE, (12, 12, 12, 12)),
    ],
)
def test_friday_saturday_sunday_and_a_holiday(
    name: str, segment: Segment, lengths: tuple[float | None, ...]
) -> None:
    assert tuple(length(name, segment, day) for day in (FRIDAY, SATURDAY, SUNDAY, RUSSIA_DAY)) == lengths


def test_where_the_standard_is_silent_of_holidays_the_company_decides() -> None:
    assert length("bryansk", PRIVATE, RUSSIA_DAY, Silence(holidays_count=False)) is None
    assert length("omsk", PRIVATE, RUSSIA_DAY, Silence(holidays_count=True)) is None


def test_no_standard_shortens_the_day_before_a_holiday_but_the_company_may() -> None:
    an_hour = Silence(shortened_by=timedelta(hours=1))
    assert CALENDAR.is_shortened(EVE)
    assert (length("omsk", PRIVATE, EVE), length("omsk", PRIVATE, EVE, an_hour)) == (10, 9)
    shorter = opening(PROFILES["bryansk"], PRIVATE, EVE, CALENDAR, an_hour)
    assert shorter is not None
    assert (shorter.opens, shorter.closes, shorter.rule.source.line) == (time(8), time(19), 934)
    assert length("omsk", PRIVATE, FRIDAY, an_hour) == 10


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        (date(2026, 1, 9), True),  # made up for 3 January by decree
        (date(2026, 5, 11), True),  # made up for 9 May, a Saturday, by law
        (date(2026, 5, 9), True),
        (date(2026, 5, 10), False),  # a plain Sunday
        (date(2025, 11, 1), False),  # a Saturday that is worked
        (date(2025, 11, 3), True),
        (date(2030, 5, 9), True),
        (date(2028, 2, 29), False),
    ],
)
def test_public_holidays_and_the_days_they_are_made_up_for(day: date, holiday: bool) -> None:
    assert CALENDAR.is_public_holiday(day) is holiday


def test_a_company_that_works_on_a_holiday_has_none() -> None:
    works = WorkCalendar.load(METRICS / "calendars" / "ru.yaml", Own(working=frozenset({RUSSIA_DAY})))
    assert length("omsk", CORPORATE, RUSSIA_DAY, calendar=works) == 8
