"""Periods are whole days of the company."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.errors import Fault
from ivr.kpi.periods import Period, period

NOW = datetime(2026, 11, 30, 18, 30, tzinfo=UTC)
MOSCOW, KRASNOYARSK = ZoneInfo("Europe/Moscow"), ZoneInfo("Asia/Krasnoyarsk")


def test_a_period_begins_and_ends_at_the_companys_midnight() -> None:
    november = Period(date(2026, 11, 1), date(2026, 11, 30), KRASNOYARSK)
    assert november.since == datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
    assert november.until == datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
    assert november.days == len(list(november.dates())) == 30


def test_a_day_on_which_the_offset_changed_is_longer() -> None:
    zone = ZoneInfo("Europe/Volgograd")
    day = Period(date(2020, 12, 27), date(2020, 12, 27), zone)
    assert day.until - day.since == timedelta(hours=25)


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ("2026-11-01", "2026-11-30", ("2026-10-01", "2026-10-31")),
        ("2026-01-01", "2026-03-31", ("2025-10-01", "2025-12-31")),
        ("2024-02-01", "2024-02-29", ("2024-01-01", "2024-01-31")),
        ("2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31")),
        ("2026-11-09", "2026-11-15", ("2026-11-02", "2026-11-08")),
        ("2026-03-01", "2026-03-01", ("2026-02-28", "2026-02-28")),
    ],
)
def test_the_period_before(first: str, last: str, before: tuple[str, str]) -> None:
    found = Period(date.fromisoformat(first), date.fromisoformat(last), MOSCOW).before()
    assert (found.first.isoformat(), found.last.isoformat()) == before


@pytest.mark.parametrize(
    ("first", "last", "today", "before"),
    [
        ("2026-11-01", "2026-11-30", "2026-11-21", ("2026-10-01", "2026-10-21")),
        ("2026-11-01", "2026-11-30", "2026-11-30", ("2026-10-01", "2026-10-31")),
        ("2026-03-01", "2026-03-31", "2026-03-30", ("2026-02-01", "2026-02-28")),
        ("2026-11-16", "2026-11-22", "2026-11-18", ("2026-11-09", "2026-11-11")),
        ("2026-11-21", "2026-11-21", "2026-11-21", ("2026-11-20", "2026-11-20")),
        ("2026-10-01", "2026-12-31", "2026-10-01", ("2026-07-01", "2026-07-01")),
    ],
)
def test_a_period_that_goes_on_is_compared_with_as_many_days(
    first: str, last: str, today: str, before: tuple[str, str]
) -> None:
    meant = Period(date.fromisoformat(first), date.fromisoformat(last), MOSCOW)
    found = meant.comparable(date.fromisoformat(today))
    assert (found.first.isoformat(), found.last.isoformat()) == before


def test_the_future_is_the_companys() -> None:
    tomorrow = date(2026, 12, 1)
    assert period(tomorrow, tomorrow, KRASNOYARSK, NOW).first == tomorrow  # 01:30 there
    with pytest.raises(Fault, match="in the future; today is 2026-11-30"):
        period(tomorrow, tomorrow, MOSCOW, NOW)


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(Fault, match="ends before that"):
        period(date(2026, 11, 2), date(2026, 11, 1), MOSCOW, NOW)
