"""Days, weeks, months and quarters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kpi.papers.spans import Days, Span, after, around, before

DATES = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("span", "day", "first", "last"),
    [
        (Span.DAY, date(2026, 2, 28), date(2026, 2, 28), date(2026, 2, 28)),
        (Span.WEEK, date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
        (Span.WEEK, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        (Span.MONTH, date(2028, 2, 5), date(2028, 2, 1), date(2028, 2, 29)),
        (Span.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (Span.QUARTER, date(2026, 11, 21), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_the_one_around_a_day(span: Span, day: date, first: date, last: date) -> None:
    assert around(span, day) == Days(first, last)


@given(st.sampled_from(Span), DATES)
def test_they_follow_each_other_without_a_gap(span: Span, day: date) -> None:
    days = around(span, day)
    assert days.first <= day <= days.last
    assert around(span, days.first) == around(span, days.last) == days
    assert after(span, days).first == days.last + timedelta(days=1)
    assert before(span, after(span, days)) == days
