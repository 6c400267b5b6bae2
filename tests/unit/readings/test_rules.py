from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ivr.readings.rules import Check, Previous, Verdict, check, months_between, next_month, window_at
from ivr.readings.settings import LatePolicy, PlausibilitySettings, WindowSettings

MOSCOW = ZoneInfo("Europe/Moscow")
RULES = PlausibilitySettings(usual_factor=3, floor_kwh=500, without_usual_kwh=3_000)
TODAY = date(2026, 11, 24)
LAST_MONTH = date(2026, 10, 24)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("at", "is_open", "period"),
    [
        ("2026-11-22T23:59:59", False, date(2026, 11, 1)),  # too early: kept for the window that comes
        ("2026-11-23T00:00:00", True, date(2026, 11, 1)),
        ("2026-11-25T23:58:00", True, date(2026, 11, 1)),
        ("2026-11-25T23:59:59", True, date(2026, 11, 1)),
        ("2026-11-26T00:00:00", False, date(2026, 12, 1)),
        ("2026-12-31T12:00:00", False, date(2027, 1, 1)),
    ],
)
def test_the_window_of_three_days(at: str, is_open: bool, period: date) -> None:
    window = window_at(moment(at), WindowSettings(from_day=23, to_day=25))
    assert (window.is_open, window.period) == (is_open, period)
    assert (window.from_day, window.to_day) == (23, 25)


def test_late_readings_may_be_refused() -> None:
    settings = WindowSettings(from_day=1, to_day=25, late=LatePolicy.REFUSE)
    assert window_at(moment("2026-11-26T00:00:00"), settings).period is None
    assert window_at(moment("2026-11-25T00:00:00"), settings).period == date(2026, 11, 1)


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))
def test_a_window_of_the_whole_month_is_always_open(at: datetime) -> None:
    window = window_at(at.replace(tzinfo=MOSCOW), WindowSettings())
    assert window.is_open
    assert window.period == at.date().replace(day=1)
    assert window.to_day == (next_month(window.period) - window.period).days


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)),
    st.integers(1, 31),
    st.integers(0, 30),
)
def test_every_moment_has_a_period_of_this_month_or_the_next(at: datetime, first: int, length: int) -> None:
    window = window_at(
        at.replace(tzinfo=MOSCOW), WindowSettings(from_day=first, to_day=min(31, first + length))
    )
    this = at.date().replace(day=1)
    assert window.period in {this, next_month(this)}
    assert window.from_day <= window.to_day <= 31
    if window.is_open:
        assert window.from_day <= at.day <= window.to_day


def test_a_window_of_the_last_day_exists_in_february() -> None:
    settings = WindowSettings(from_day=28, to_day=31)
    assert window_at(moment("2027-02-28T23:58:00"), settings).is_open
    assert window_at(moment("2027-02-01T00:00:00"), settings).to_day == 28


def test_a_window_has_to_be_in_order() -> None:
    with pytest.raises(ValidationError):
        WindowSettings(from_day=25, to_day=23)


@pytest.mark.parametrize(
    ("value", "last", "usual", "verdict", "consumption"),
    [
        (12_345, 11_950, 200, Verdict.PLAUSIBLE, 395),
        (11_950, 11_950, 200, Verdict.PLAUSIBLE, 0),
        (12_550, 11_950, 200, Verdict.PLAUSIBLE, 600),
        (12_551, 11_950, 200, Verdict.TOO_HIGH, 601),
        (12_450, 11_950, 10, Verdict.PLAUSIBLE, 500),  # below the floor nothing is too high
        (12_451, 11_950, 10, Verdict.TOO_HIGH, 501),
        (14_950, 11_950, None, Verdict.PLAUSIBLE, 3_000),
        (14_951, 11_950, None, Verdict.TOO_HIGH, 3_001),
        (11_949, 11_950, 200, Verdict.BELOW_LAST, -1),
        (150, 99_900, 200, Verdict.ROLLOVER, 250),
        (500, 99_900, 200, Verdict.ROLLOVER, 600),
        (501, 99_900, 200, Verdict.BELOW_LAST, -99_399),
        (100_000, 99_900, 200, Verdict.TOO_LONG, None),
        (99_999, 99_900, 200, Verdict.PLAUSIBLE, 99),
    ],
)
def test_a_reading_beside_the_last_one(
    value: int, last: int, usual: int | None, verdict: Verdict, consumption: int | None
) -> None:
    previous = Previous(value=last, day=LAST_MONTH)
    assert check(value, 5, previous, usual, TODAY, RULES) == Check(verdict, consumption)


def test_the_first_reading_has_only_to_fit() -> None:
    assert check(99_999, 5, None, 200, TODAY, RULES) == Check(Verdict.PLAUSIBLE)
    assert check(100_000, 5, None, 200, TODAY, RULES) == Check(Verdict.TOO_LONG)


def test_months_without_a_reading_count() -> None:
    previous = Previous(value=1_000, day=date(2026, 8, 24))
    assert check(2_800, 5, previous, 200, TODAY, RULES).verdict is Verdict.PLAUSIBLE
    assert check(2_801, 5, previous, 200, TODAY, RULES).verdict is Verdict.TOO_HIGH


def test_a_large_client_does_not_make_every_mistake_a_rollover() -> None:
    previous = Previous(value=6_000, day=LAST_MONTH)
    assert check(5_000, 4, previous, 50_000, TODAY, RULES).verdict is Verdict.BELOW_LAST
    assert check(500, 4, previous, 50_000, TODAY, RULES).verdict is Verdict.ROLLOVER


@given(st.integers(4, 8), st.data())
def test_the_verdict_follows_from_the_figures(digits: int, data: st.DataObject) -> None:
    scale = 10**digits
    value = data.draw(st.integers(0, 2 * scale))
    last = data.draw(st.integers(0, scale - 1))
    usual = data.draw(st.none() | st.integers(0, scale))
    checked = check(value, digits, Previous(value=last, day=LAST_MONTH), usual, TODAY, RULES)
    assert (checked.verdict is Verdict.TOO_LONG) == (value >= scale)
    if checked.verdict in {Verdict.PLAUSIBLE, Verdict.TOO_HIGH}:
        assert checked.consumption == value - last
        assert value >= last
    if checked.verdict is Verdict.ROLLOVER:
        assert checked.consumption is not None
        assert 0 < checked.consumption <= scale / 2
        assert (last + checked.consumption) % scale == value


@pytest.mark.parametrize(
    ("since", "months"),
    [(None, 1), (date(2026, 11, 1), 1), (LAST_MONTH, 1), (date(2025, 11, 30), 12), (date(2027, 1, 1), 1)],
)
def test_months_between(since: date | None, months: int) -> None:
    assert months_between(since, TODAY) == months
