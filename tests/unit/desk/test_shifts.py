"""Shifts by the clock on the wall."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.desk.shifts import shift_of, spans_of

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = date(2026, 11, 24)


def at(hour: int, minute: int = 0, *, next_day: bool = False) -> datetime:
    return datetime(2026, 11, 25 if next_day else 24, hour, minute, tzinfo=MOSCOW)


def test_a_day_with_breaks() -> None:
    shift = shift_of(
        "anna", DAY, (time(8), time(20)), [(time(15), time(15, 15)), (time(12), time(13))], MOSCOW
    )
    assert (shift.begins_at, shift.ends_at) == (at(8), at(20))
    assert shift.breaks == ((at(12), at(13)), (at(15), at(15, 15)))
    assert shift.is_on(at(8))
    assert not shift.is_on(at(20))


def test_a_night_ends_on_the_next_day_and_its_break_too() -> None:
    shift = shift_of("anna", DAY, (time(20), time(8)), [(time(2), time(2, 30))], MOSCOW)
    assert shift.ends_at == at(8, next_day=True)
    assert shift.breaks == ((at(2, next_day=True), at(2, 30, next_day=True)),)


def test_a_whole_day() -> None:
    shift = shift_of("anna", DAY, (time(9), time(9)), [], MOSCOW)
    assert shift.ends_at - shift.begins_at == timedelta(days=1)


@pytest.mark.parametrize("breaks", ["19:30-20:30", "07:00-07:30", "12:00-13:00, 12:30-13:30"])
def test_breaks_lie_within_and_apart(breaks: str) -> None:
    with pytest.raises(ValueError, match="break"):
        shift_of("anna", DAY, (time(8), time(20)), spans_of(breaks), MOSCOW)


@pytest.mark.parametrize("text", ["12:00", "12-13", "25:00-26:00", "12:00-13:00; 14:00-15:00"])
def test_breaks_are_written_in_one_way(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        spans_of(text)
    assert spans_of("9:00-9:15, 12:00–13:00,") == [(time(9), time(9, 15)), (time(12), time(13))]
