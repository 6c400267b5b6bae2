from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from ivr.campaigns.forecast import Forecast, forecast

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=MOSCOW)


def hours(day: date) -> tuple[time, time] | None:
    return None if day == date(2026, 11, 25) else (time(10), time(16))


def told(left: int, per_second: float | None, last_day: date = date(2026, 11, 30)) -> Forecast:
    return forecast(left, per_second, NOW, last_day, MOSCOW, hours)


def test_hours_without_calls_are_passed_over() -> None:
    ends = told(7_200, 1.0).ends_at
    assert ends == datetime(2026, 11, 26, 11, 0, tzinfo=MOSCOW)
    assert ends is not None
    assert ends.tzinfo is UTC


def test_whether_it_ends_in_time() -> None:
    assert told(7_200, 1.0, date(2026, 11, 26)).in_time is True
    assert told(7_200, 1.0, date(2026, 11, 25)).in_time is False


def test_nobody_can_tell_without_a_pace() -> None:
    assert told(10, None) == Forecast()
    assert told(0, None) == Forecast(NOW, True)


def test_an_end_that_is_years_away_is_none() -> None:
    assert told(10**9, 0.001) == Forecast(None, False)
