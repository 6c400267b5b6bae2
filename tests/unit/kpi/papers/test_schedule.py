"""Which reports are due, and what their settings refuse."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ivr.kpi.papers.schedule import due, made_at
from ivr.kpi.papers.settings import Order
from ivr.kpi.papers.spans import Days, Span, after
from ivr.kpi.settings import KpiSettings

ZONE = ZoneInfo("Asia/Krasnoyarsk")
NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))
OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))


def order(span: Span = Span.MONTH, at: time = time(7)) -> Order:
    return Order(name="monthly", period=span, at=at, folder=Path("/reports"))


def local(day: int, hour: int, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "latest", "found"),
    [
        (local(1, 6), None, [OCTOBER]),
        (local(1, 7), None, [NOVEMBER]),
        (local(1, 6), OCTOBER.first, []),
        (local(1, 7), OCTOBER.first, [NOVEMBER]),
        (local(20, 7), NOVEMBER.first, []),
        (local(20, 7), date(2026, 9, 1), [OCTOBER, NOVEMBER]),
    ],
)
def test_a_month_is_due_in_the_morning_after_it(
    now: datetime, latest: date | None, found: list[Days]
) -> None:
    assert due(order(), latest, now, ZONE, most=31) == found


def test_the_day_is_the_companys_wherever_the_clock_is() -> None:
    now = datetime(2026, 11, 30, 22, tzinfo=ZoneInfo("Europe/Moscow"))  # 02:00 of 1 December
    assert due(order(at=time(1)), None, now, ZONE, most=31) == [NOVEMBER]


def test_after_a_long_time_out_of_work_the_last_ones_are_made() -> None:
    found = due(order(Span.DAY), date(2026, 1, 1), local(10, 12), ZONE, most=3)
    assert [each.first for each in found] == [date(2026, 12, day) for day in (7, 8, 9)]


@given(
    st.sampled_from(Span),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(ZONE)),
    st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=40)), min_size=1, max_size=8),
)
def test_every_period_is_ordered_exactly_once(span: Span, start: datetime, steps: list[timedelta]) -> None:
    ordered = due(order(span), None, start, ZONE, most=400)
    now = start
    for step in steps:
        now += step
        ordered += due(order(span), ordered[-1].first, now, ZONE, most=400)
    assert all(after(span, one) == other for one, other in pairwise(ordered))
    assert made_at(order(span), ordered[-1], ZONE) <= now
    assert made_at(order(span), after(span, ordered[-1]), ZONE) > now


MAIL = {"host": "mail.example.ru", "sender": "ivr@example.ru"}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"reports": [{"name": "a"}]}, "name a folder"),
        ({"reports": [{"name": "a", "email": ["boss@example.ru"]}]}, "kpi.mail is needed"),
        ({"reports": [{"name": "a", "folder": "r"}, {"name": "a", "folder": "r"}]}, "two reports"),
        ({"reports": [{"name": "a", "email": ["x@y, z@y"]}], "mail": MAIL}, "pattern"),
        ({"reports": [{"name": "../a", "folder": "r"}]}, "pattern"),
        ({"reports": [{"name": "a", "folder": "r", "formats": []}]}, "at least 1"),
    ],
)
def test_settings_that_can_not_be(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        KpiSettings(**settings)
