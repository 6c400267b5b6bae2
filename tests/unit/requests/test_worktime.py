from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.requests.model import Wish
from ivr.requests.worktime import NobodyWorks, next_working, wished
from tests.unit.customers.samples import MOSCOW

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=MOSCOW)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(tzinfo=MOSCOW))


def weekdays(moment: datetime) -> bool:
    return moment.weekday() < 5 and 8 <= moment.hour < 20


def next_weekday(moment: datetime) -> datetime:
    return next_working(moment, weekdays, step_minutes=15, ahead_days=14)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOW, NOW),
        (NOW.replace(hour=7, minute=53), NOW.replace(hour=8)),
        (NOW.replace(hour=20), NOW.replace(day=25, hour=8)),
        (NOW.replace(day=27, hour=23, minute=59), NOW.replace(day=30, hour=8)),  # a Friday
    ],
)
def test_when_people_are_back(moment: datetime, expected: datetime) -> None:
    assert next_weekday(moment) == expected


@given(MOMENTS)
def test_people_are_at_work_when_they_are_said_to_be_and_never_before(moment: datetime) -> None:
    at = next_weekday(moment)
    assert weekdays(at)
    assert at >= moment
    quarters = (at - moment) // timedelta(minutes=15)
    assert not any(weekdays(moment + number * timedelta(minutes=15)) for number in range(quarters))


def test_nobody_may_ever_be_at_work() -> None:
    with pytest.raises(NobodyWorks):
        next_working(NOW, lambda moment: False, step_minutes=15, ahead_days=14)


@pytest.mark.parametrize(
    ("when", "wish", "earliest"),
    [
        ("", Wish.SOON, NOW),
        ("asap", Wish.SOON, NOW),
        ("working_hours", Wish.WORKING_HOURS, NOW),
        ("working-hours", Wish.WORKING_HOURS, NOW),
        ("15:30", Wish.TIME, NOW.replace(hour=15, minute=30)),
        ("9:00", Wish.TIME, NOW.replace(day=25, hour=9)),
        ("2026-11-26", Wish.TIME, NOW.replace(day=26, hour=0)),
        ("2026-11-24", Wish.TIME, NOW),
        ("2026-11-26T12:00", Wish.TIME, NOW.replace(day=26, hour=12)),
        ("2026-11-26T12:00+00:00", Wish.TIME, NOW.replace(day=26, hour=15)),
    ],
)
def test_what_a_caller_wishes(when: str, wish: Wish, earliest: datetime) -> None:
    assert wished(when, NOW) == (wish, earliest)


@pytest.mark.parametrize("when", ["завтра", "25:00", "2026-13-01", "12"])
def test_what_is_no_wish(when: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        wished(when, NOW)
