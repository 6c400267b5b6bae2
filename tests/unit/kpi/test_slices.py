"""Periods cut into parts."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kpi.periods import Period
from ivr.kpi.slices import slices

ZONE = ZoneInfo("Europe/Moscow")
FAR = date(2100, 1, 1)
MOST = 61


@pytest.mark.parametrize(
    ("first", "last", "parts"),
    [
        ("2026-11-21", "2026-11-22", ["2026-11-21..2026-11-21", "2026-11-22..2026-11-22"]),
        (
            "2026-10-01",
            "2026-11-08",
            [
                "2026-10-01..2026-10-04",
                "2026-10-05..2026-10-11",
                "2026-10-12..2026-10-18",
                "2026-10-19..2026-10-25",
                "2026-10-26..2026-11-01",
                "2026-11-02..2026-11-08",
            ],
        ),
    ],
)
def test_days_and_weeks(first: str, last: str, parts: list[str]) -> None:
    meant = Period(date.fromisoformat(first), date.fromisoformat(last), ZONE)
    assert [f"{each.first}..{each.last}" for each in slices(meant, FAR)] == parts


def test_a_year_is_cut_into_months() -> None:
    parts = slices(Period(date(2024, 1, 1), date(2024, 12, 31), ZONE), FAR)
    assert [each.last.day for each in parts] == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_what_has_not_begun_is_left_out() -> None:
    parts = slices(Period(date(2026, 11, 1), date(2026, 11, 30), ZONE), date(2026, 11, 21))
    assert parts[-1].last == date(2026, 11, 21)


@given(first=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(1, 5 * 366))
def test_the_parts_are_the_whole(first: date, days: int) -> None:
    period = Period(first, first + timedelta(days=days - 1), ZONE)
    parts = slices(period, FAR)
    assert [day for part in parts for day in part.dates()] == list(period.dates())
    assert len(parts) <= MOST
