"""Working days of Russia: the years whose decrees are known, the rules of the law, terms counted in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import Fault
from ivr.requests.workdays import Own, WorkCalendar, end_of
from tests.unit.customers.samples import MOSCOW

FILE = Path(__file__).parents[3] / "metrics" / "calendars" / "ru.yaml"
RUSSIA = WorkCalendar.load(FILE, Own())
DAYS = st.dates(date(2025, 1, 1), date(2032, 12, 31))
COUNTS = st.integers(1, 40)


def year(number: int) -> list[date]:
    first = date(number, 1, 1)
    return [first + timedelta(days=each) for each in range((date(number + 1, 1, 1) - first).days)]


@pytest.mark.parametrize(
    ("number", "months"),
    [
        (2025, [17, 20, 21, 22, 18, 19, 23, 21, 22, 23, 19, 22]),
        (2026, [15, 19, 21, 22, 19, 21, 23, 21, 22, 22, 20, 22]),
        (2027, [15, 19, 22, 22, 19, 21, 22, 22, 22, 21, 20, 22]),
    ],
)
def test_working_days_of_the_production_calendar(number: int, months: list[int]) -> None:
    worked = [day for day in year(number) if RUSSIA.is_working(day)]
    assert [sum(day.month == month for day in worked) for month in range(1, 13)] == months
    assert len(worked) == 247


@pytest.mark.parametrize(
    ("moved_from", "moved_to"),
    [  # decrees of 4 October 2024 and 24 September 2025
        ("2025-01-04", "2025-05-02"),
        ("2025-01-05", "2025-12-31"),
        ("2025-02-23", "2025-05-08"),
        ("2025-03-08", "2025-06-13"),
        ("2025-11-01", "2025-11-03"),
        ("2026-01-03", "2026-01-09"),
        ("2026-01-04", "2026-12-31"),
    ],
)
def test_days_off_that_the_government_has_moved(moved_from: str, moved_to: str) -> None:
    assert not RUSSIA.is_working(date.fromisoformat(moved_to))
    assert RUSSIA.is_working(date.fromisoformat(moved_from)) is (moved_from == "2025-11-01")


def test_a_holiday_on_a_weekend_gives_the_next_working_day_off() -> None:
    assert not RUSSIA.is_working(date(2026, 3, 9))  # told by the library
    assert not RUSSIA.is_working(date(2028, 11, 6))  # no decree yet: by the law alone
    assert RUSSIA.is_working(date(2028, 11, 7))
    assert RUSSIA.is_working(date(2028, 1, 10))  # the New Year days wait for their decree


def test_days_before_holidays_are_shorter() -> None:
    shortened = [day for day in year(2026) if RUSSIA.is_shortened(day)]
    assert shortened == [date(2026, 4, 30), date(2026, 5, 8), date(2026, 6, 11), date(2026, 11, 3)]
    assert RUSSIA.is_shortened(date(2025, 11, 1))
    assert not RUSSIA.is_shortened(date(2026, 3, 6))  # a weekend lies between
    assert RUSSIA.is_shortened(date(2028, 11, 3))
    assert all(RUSSIA.is_working(day) for number in (2025, 2026, 2027, 2028) for day in year(number)
               if RUSSIA.is_shortened(day))  # fmt: skip


def test_the_company_has_days_of_its_own() -> None:
    radonitsa, saturday = date(2026, 4, 21), date(2026, 4, 25)
    own = WorkCalendar.load(FILE, Own(off=frozenset({radonitsa}), working=frozenset({saturday})))
    assert (own.is_working(radonitsa), own.is_working(saturday)) == (False, True)
    assert (RUSSIA.is_working(radonitsa), RUSSIA.is_working(saturday)) == (True, False)


@pytest.mark.parametrize(
    ("since", "days", "last"),
    [
        ("2026-11-24", 20, "2026-12-14"),
        ("2026-12-11", 20, "2027-01-11"),  # 31 December and ten days of January are off
        ("2026-02-01", 20, "2026-02-24"),  # Saturday the 21st, and a holiday
    ],
)
def test_a_term_that_ends_on_a_day_off_ends_on_the_next_working_day(since: str, days: int, last: str) -> None:
    assert RUSSIA.add_calendar_days(date.fromisoformat(since), days) == date.fromisoformat(last)


def test_working_days_are_counted_from_the_next_day() -> None:
    assert RUSSIA.add_working_days(date(2026, 11, 3), 1) == date(2026, 11, 5)
    assert RUSSIA.add_working_days(date(2026, 11, 7), 1) == date(2026, 11, 9)  # a Saturday sets it going
    assert RUSSIA.add_working_days(date(2026, 11, 7), 0) == date(2026, 11, 9)
    assert RUSSIA.working_days(date(2026, 11, 3), date(2026, 11, 9)) == 3
    assert RUSSIA.working_days(date(2026, 11, 9), date(2026, 11, 3)) == 0


@given(DAYS, COUNTS)
def test_a_term_has_so_many_working_days_and_ends_on_one(day: date, count: int) -> None:
    last = RUSSIA.add_working_days(day, count)
    assert RUSSIA.is_working(last)
    assert RUSSIA.working_days(day, last) == count


@given(DAYS, COUNTS, COUNTS)
def test_terms_add_up(day: date, first: int, second: int) -> None:
    once = RUSSIA.add_working_days(day, first + second)
    assert RUSSIA.add_working_days(RUSSIA.add_working_days(day, first), second) == once


@given(DAYS, COUNTS)
def test_calendar_days_never_end_early_nor_on_a_day_off(day: date, count: int) -> None:
    last, plain = RUSSIA.add_calendar_days(day, count), day + timedelta(days=count)
    assert last >= plain
    assert RUSSIA.is_working(last)
    assert not any(RUSSIA.is_working(plain + timedelta(days=each)) for each in range((last - plain).days))


def test_a_day_ends_in_the_zone_of_its_moment() -> None:
    at = datetime(2026, 11, 24, 0, 30, tzinfo=MOSCOW)
    assert end_of(date(2026, 11, 25), at).isoformat() == "2026-11-25T23:59:59+03:00"


@pytest.mark.parametrize("text", ["years: [1]", "years: {2026: {sources: a}}", "a: [", None])
def test_a_broken_calendar_is_told(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "ru.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(Fault, match="calendar") as fault:
        WorkCalendar.load(file, Own())
    assert fault.value.where == str(file)
