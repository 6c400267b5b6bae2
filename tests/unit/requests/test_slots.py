from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ivr.requests.slots import NoOffices, starts
from tests.unit.customers.samples import MOSCOW

DAY = date(2026, 11, 25)


def test_a_break_parts_the_day() -> None:
    opening = [(time(8, 30), time(10, 0)), (time(13, 0), time(14, 15))]
    times = [f"{at:%H:%M}" for at in starts(DAY, opening, 30, MOSCOW)]
    assert times == ["08:30", "09:00", "09:30", "13:00", "13:30"]


@given(st.times(), st.times(), st.integers(5, 240))
def test_each_visit_ends_before_the_office_closes(opens: time, closes: time, minutes: int) -> None:
    found = list(starts(DAY, [(opens, closes)], minutes, MOSCOW))
    length = timedelta(minutes=minutes)
    end = datetime.combine(DAY, closes, MOSCOW)
    assert all(at + length <= end for at in found)
    assert all(after - before == length for before, after in pairwise(found))
    room = end - datetime.combine(DAY, opens, MOSCOW)
    assert len(found) == max(0, room // length)


def test_no_office_publishes_hours() -> None:
    assert NoOffices().opening("any", "private", DAY) is None
